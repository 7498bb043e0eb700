import { describe, expect, test } from 'vitest';
import {
  formatDuration,
  formatTimeframe,
  isStandardTimeframe,
  parseTimeframe,
  STANDARD_TIMEFRAMES,
} from '../../../../adapters/src/market-data/timeframe.js';
import { errorOf } from './a-file.js';

describe('parseTimeframe', () => {
  test.each([
    ['1s', 1000],
    ['1m', 60_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['4h', 14_400_000],
    ['1d', 86_400_000],
    ['1w', 604_800_000],
  ])('reads %s as %d ms', (text, timeframeMs) => {
    expect(parseTimeframe(text)).toBe(timeframeMs);
  });

  test('refuses a month, because it has no fixed length', () => {
    const error = errorOf(() => parseTimeframe('1M'));
    expect(error).toMatchObject({ code: 'USAGE', exitCode: 64 });
    expect(error.why).toContain('month has no fixed length');
  });

  test.each(['', '0m', 'm', '1', '1.5h', '-1m', '1H', 'hourly', '1m '])('refuses "%s"', (text) => {
    const error = errorOf(() => parseTimeframe(text));
    expect(error.code).toBe('USAGE');
    expect(error.next).toContain('1m, 3m, 5m');
  });
});

test('a standard timeframe survives parse and format', () => {
  expect(STANDARD_TIMEFRAMES.map((name) => formatTimeframe(parseTimeframe(name)))).toEqual([
    ...STANDARD_TIMEFRAMES,
  ]);
});

test('formats in the largest unit that divides', () => {
  expect(formatTimeframe(parseTimeframe('60m'))).toBe('1h');
  expect(formatTimeframe(parseTimeframe('90m'))).toBe('90m');
  expect(() => formatTimeframe(1500)).toThrow('1500 ms');
});

test('knows which lengths exchanges offer', () => {
  expect(isStandardTimeframe(60_000)).toBe(true);
  expect(isStandardTimeframe(420_000)).toBe(false);
});

test.each([
  [250, '250ms'],
  [61_000, '1m 1s'],
  [90_000_000, '1d 1h'],
  [604_800_000, '7d'],
])('tells %d ms as %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});
