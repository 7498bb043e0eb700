import { type BarEvent, appendBar, emptySeries } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { aConfig, anInstance } from '../../../support/world-config.js';

const HOUR_MS = 3_600_000;
/** Monday 2024-01-01. */
const MONDAY_MS = 1_704_067_200_000;

function aBar(openMs: number, close: number, volume = 1): BarEvent {
  const [open, high, low] = [close - 1, close + 2, close - 3];
  const closeMs = openMs + HOUR_MS;
  const time = { openMs, closeMs, ts: closeMs };
  return {
    kind: 'bar',
    symbol: 'X/USDT',
    timeframe: '1h',
    ...time,
    open,
    high,
    low,
    close,
    volume,
  };
}

function book(informative: readonly string[]) {
  const instance = { ...anInstance({ symbol: 'X/USDT' }), timeframe: '1h', informative };
  const series = emptySeries(aConfig({ instances: [instance] }));
  return { series, all: [...series.values()] };
}

describe('longer timeframes made of base bars', () => {
  test('a longer bar appears when its last base bar closes, and not before', () => {
    const { series, all } = book(['4h']);
    const longer = series.get('X/USDT|4h')!;
    for (let i = 0; i < 3; i += 1) appendBar(all, aBar(MONDAY_MS + i * HOUR_MS, 100 + i));
    expect(longer.length).toBe(0);
    appendBar(all, aBar(MONDAY_MS + 3 * HOUR_MS, 103));
    expect(longer.length).toBe(1);
    expect([
      longer.openMs(0),
      longer.open(0),
      longer.high(0),
      longer.low(0),
      longer.close(0),
    ]).toEqual([MONDAY_MS, 99, 105, 97, 103]);
    expect(longer.volume(0)).toBe(4);
  });

  test('leaves out what is missing: a gap makes the bar of what there is', () => {
    const { series, all } = book(['4h']);
    appendBar(all, aBar(MONDAY_MS + HOUR_MS, 50));
    appendBar(all, aBar(MONDAY_MS + 3 * HOUR_MS, 60));
    const longer = series.get('X/USDT|4h')!;
    expect([longer.openMs(0), longer.open(0), longer.volume(0)]).toEqual([MONDAY_MS, 49, 2]);
  });

  test('a week opens on Monday', () => {
    const { series, all } = book(['1w']);
    for (let i = 0; i < 168; i += 1) appendBar(all, aBar(MONDAY_MS + i * HOUR_MS, 100));
    const week = series.get('X/USDT|1w')!;
    expect([week.length, week.openMs(0)]).toEqual([1, MONDAY_MS]);
  });

  test('takes no bar of another symbol or timeframe', () => {
    const { all } = book(['4h']);
    appendBar(all, { ...aBar(MONDAY_MS, 100), symbol: 'Y/USDT' });
    appendBar(all, { ...aBar(MONDAY_MS, 100), timeframe: '5m' });
    expect(all.map(({ length }) => length)).toEqual([0, 0]);
  });
});
