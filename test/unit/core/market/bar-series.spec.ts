import { describe, expect, test } from 'vitest';
import { type BarColumns, BarSeries } from '@strategy-runner/core';
import { MINUTE_MS, START_MS, aBar } from '../../../support/world.js';

/** Bar n closes at n; its high is n + 0.5, its low n − 0.5. */
function bar(n: number) {
  const openMs = START_MS + n * MINUTE_MS;
  return aBar({ openMs, open: n, close: n, high: n + 0.5, low: n - 0.5, volume: n * 10 });
}

function columnsOf(count: number, capacity = count): BarColumns {
  const bars = Array.from({ length: count }, (_unused, n) => bar(n));
  const column = (read: (row: ReturnType<typeof bar>) => number) => {
    const values = new Float64Array(capacity);
    values.set(bars.map(read));
    return values;
  };
  return {
    length: count,
    openMs: column(({ openMs }) => openMs),
    open: column(({ open }) => open),
    high: column(({ high }) => high),
    low: column(({ low }) => low),
    close: column(({ close }) => close),
    volume: column(({ volume }) => volume),
  };
}

function fed(count: number, limit = 100, preloaded?: BarColumns) {
  const series = new BarSeries('BTC/USDT:USDT', '1m', limit, preloaded);
  for (let n = 0; n < count; n += 1) series.append(bar(n));
  return series;
}

describe.each([
  ['fed bar by bar', undefined],
  ['over preloaded columns', columnsOf(50)],
])('a series %s', (_how, preloaded) => {
  const series = fed(10, 100, preloaded);

  test('answers every column by how many bars ago', () => {
    expect(series.length).toBe(10);
    expect([series.close(0), series.close(1), series.close(9)]).toEqual([9, 8, 0]);
    expect(series.openMs(0)).toBe(START_MS + 9 * MINUTE_MS);
    const row = [series.open(2), series.high(2), series.low(2), series.volume(2)];
    expect(row).toEqual([7, 7.5, 6.5, 70]);
  });

  test.each([-1, -0.5, -10, -Infinity, Number.NaN, 0.5, 10, 10_000, Infinity])(
    'answers NaN at %d: no future, no past that never was, nothing between',
    (ago) => {
      const read = [series.close(ago), series.open(ago), series.high(ago), series.openMs(ago)];
      expect([...read, series.low(ago), series.volume(ago)].every(Number.isNaN)).toBe(true);
    },
  );

  test('highest and lowest look at the last bars only', () => {
    expect([series.highest(3), series.lowest(3)]).toEqual([9.5, 6.5]);
    expect([series.highest(3, 2), series.lowest(3, 2)]).toEqual([7.5, 4.5]);
    expect([series.highest(10), series.lowest(10)]).toEqual([9.5, -0.5]);
  });

  test.each([
    [11, 0],
    [10, 1],
    [3, -1],
    [0, 0],
    [-2, 0],
    [2.5, 0],
    [Number.NaN, 0],
    [3, Number.NaN],
    [1, 0.5],
    [Infinity, 0],
  ])('highest and lowest of %d bars, %d back, are NaN', (count, ago) => {
    expect(series.highest(count, ago)).toBeNaN();
    expect(series.lowest(count, ago)).toBeNaN();
  });

  test('closes are a copy of the last ones, oldest first, at most what there is', () => {
    expect([...series.closes(3)]).toEqual([7, 8, 9]);
    expect(series.closes(1000)).toHaveLength(10);
    for (const none of [0, -3, Number.NaN]) expect([...series.closes(none)]).toEqual([]);
  });

  test('the buffer of the closes holds no future, and writing to it changes nothing', () => {
    const closes = series.closes(3);
    expect(closes.buffer.byteLength).toBe(3 * 8);
    closes.fill(-1);
    expect(series.close(0)).toBe(9);
  });
});

describe('the limit', () => {
  test.each([
    ['fed bar by bar', undefined],
    ['over preloaded columns', columnsOf(3000)],
  ])('hides what lies further back, %s', (_how, preloaded) => {
    const series = fed(3000, 20, preloaded);
    expect(series.length).toBe(20);
    expect([series.close(19), series.close(20)]).toEqual([2980, Number.NaN]);
    expect([series.highest(20), series.highest(21)]).toEqual([2999.5, Number.NaN]);
    expect(series.lowest(1, 20)).toBeNaN();
    expect(series.closes(100)).toHaveLength(20);
  });

  test('compaction keeps the last bars, whatever the number of bars', () => {
    const series = new BarSeries('BTC/USDT:USDT', '1m', 700);
    for (let n = 0; n < 5000; n += 1) {
      series.append(bar(n));
      const oldest = Math.max(0, n - 699);
      if (series.close(0) !== n || series.close(series.length - 1) !== oldest) {
        throw new Error(`after bar ${n} the series shows ${series.close(0)}`);
      }
    }
    expect(series.length).toBe(700);
    expect(series.highest(700)).toBe(4999.5);
    expect(series.lowest(700)).toBe(4299.5);
  });
});

describe('preloaded columns', () => {
  test('are not copied while the bars are theirs', () => {
    const columns = columnsOf(5);
    const series = fed(3, 100, columns);
    columns.close[2] = 77;
    expect(series.close(0)).toBe(77);
  });

  test('are left as they are by a bar that is none of theirs', () => {
    const columns = columnsOf(5);
    const before = [...columns.close];
    const series = fed(3, 100, columns);
    series.append({ ...bar(40), close: 123 });
    expect([...columns.close]).toEqual(before);
    expect([series.close(0), series.close(1), series.length]).toEqual([123, 2, 4]);
    series.append(bar(41));
    expect([series.close(0), series.close(1)]).toEqual([41, 123]);
  });

  test('may be gone beyond, without touching the spare room behind them', () => {
    const columns = columnsOf(5, 8);
    const series = fed(7, 100, columns);
    expect([series.length, series.close(0), series.close(6)]).toEqual([7, 6, 0]);
    expect([...columns.close]).toEqual([0, 1, 2, 3, 4, 0, 0, 0]);
  });
});
