import { BarSeries } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { hasNewBars } from '../../../../adapters/src/api/resume-data.js';
import { loadBarsCsv } from '../../../../adapters/src/market-data/csv-bars.js';
import { aCsv } from '../market-data/a-file.js';

const START_MS = Date.UTC(2025, 0, 1);
const DAY_MS = 86_400_000;

interface Range {
  readonly from: number;
  readonly to: number;
  readonly stepMs?: number;
  /** Bar whose close is another. */
  readonly changed?: number;
  readonly without?: number;
}

function aFile({ from, to, stepMs = 60_000, changed, without }: Range) {
  const rows: string[] = [];
  for (let i = from; i < to; i += 1) {
    if (i === without) continue;
    const time = new Date(START_MS + i * stepMs).toISOString();
    rows.push(`${time},${100 + i},${101 + i},${99 + i},${i === changed ? 100.5 + i : 100 + i},1`);
  }
  return loadBarsCsv(aCsv(rows), { gaps: 'allow', timeframe: stepMs === DAY_MS ? '1d' : '1m' });
}

/** The bars 10 to 19 have been played. */
function played(stepMs = 60_000): BarSeries {
  const series = new BarSeries('BTC/USDT', stepMs === DAY_MS ? '1d' : '1m', 100);
  for (let i = 10; i < 20; i += 1) {
    const openMs = START_MS + i * stepMs;
    const prices = { open: 100 + i, high: 101 + i, low: 99 + i, close: 100 + i };
    series.append({ openMs, closeMs: openMs + stepMs, ...prices, volume: 1 });
  }
  return series;
}

const hasNew = (range: Range, gaps: 'refuse' | 'allow' = 'refuse') =>
  hasNewBars({ bars: aFile(range), recorded: played(range.stepMs), gaps });

describe('bars that go on from those that were played', () => {
  test.each<[string, Range, boolean]>([
    ['the same file, longer', { from: 0, to: 30 }, true],
    ['a file that begins later', { from: 15, to: 30 }, true],
    ['a file of the new bars only', { from: 20, to: 30 }, true],
    ['the same file', { from: 0, to: 20 }, false],
    ['a shorter file', { from: 0, to: 15 }, false],
    ['a file of older bars only', { from: 0, to: 5 }, false],
  ])('%s is taken', (_what, range, expected) => {
    expect(hasNew(range)).toBe(expected);
  });

  test('anything is new where nothing was played', () => {
    const recorded = new BarSeries('BTC/USDT', '1m', 100);
    expect(hasNewBars({ bars: aFile({ from: 0, to: 3 }), recorded, gaps: 'refuse' })).toBe(true);
  });
});

describe('bars that do not go on from them', () => {
  test.each<[string, Range, string, string]>([
    [
      'another price of the last bar',
      { from: 0, to: 30, changed: 19 },
      '2025-01-01T00:19:00.000Z',
      'Its close was 119, now it is 119.5',
    ],
    [
      'another price of a bar further back',
      { from: 0, to: 30, changed: 12 },
      '2025-01-01T00:12:00.000Z',
      'Its close was 112, now it is 112.5',
    ],
    [
      'another price in a shorter file',
      { from: 0, to: 15, changed: 14 },
      '2025-01-01T00:14:00.000Z',
      'Its close was 114, now it is 114.5',
    ],
    [
      'a file without the last bar',
      { from: 0, to: 30, without: 19 },
      '2025-01-01T00:19:00.000Z',
      'The file lacks it',
    ],
  ])('%s is refused, naming the bar', (_what, range, at, why) => {
    expect(() => hasNew(range)).toThrow(
      expect.objectContaining({
        code: 'DATA_CHANGED',
        exitCode: 65,
        message: expect.stringContaining(at),
        why,
      }),
    );
  });

  test('a file whose bars open at other seconds is refused', () => {
    const bars = loadBarsCsv(
      aCsv(['2025-01-01T00:19:30Z,1,1,1,1,1', '2025-01-01T00:20:30Z,1,1,1,1,1']),
    );
    expect(() => hasNewBars({ bars, recorded: played(), gaps: 'allow' })).toThrow(
      expect.objectContaining({ code: 'DATA_CHANGED' }),
    );
  });

  test('a hole before the first new bar is refused unless gaps are allowed', () => {
    const range = { from: 22, to: 30 };
    expect(() => hasNew(range)).toThrow(expect.objectContaining({ code: 'DATA_GAP' }));
    expect(hasNew(range, 'allow')).toBe(true);
    expect(hasNew({ ...range, stepMs: DAY_MS })).toBe(true);
  });
});
