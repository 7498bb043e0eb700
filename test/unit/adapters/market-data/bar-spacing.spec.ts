// Order, timeframe and gaps, as a user meets them when loading a file.
import { describe, expect, test } from 'vitest';
import { loadBarsCsv } from '../../../../adapters/src/market-data/csv-bars.js';
import { aCsv, fault, someRows } from './a-file.js';

const NEW_YEAR = Date.UTC(2025, 0, 1);
const HOUR_MS = 3_600_000;

describe('times that are wrong', () => {
  const rows = someRows(4);
  const [first = '', second = '', third = '', fourth = ''] = rows;

  test('unsorted rows are named with both times', () => {
    const error = fault(aCsv([first, third, second, fourth]));
    expect(error).toMatchObject({ code: 'DATA_UNSORTED', exitCode: 65 });
    expect(error.message).toContain(
      'line 4: time 2025-01-01T00:01:00Z is before 2025-01-01T00:02:00Z on line 3',
    );
  });

  test('a file that runs newest first is told so', () => {
    expect(fault(aCsv(rows.toReversed())).why).toBe('The file runs newest first');
  });

  test('a time that is there twice is named with both lines', () => {
    const error = fault(aCsv([first, second, second, third]));
    expect(error).toMatchObject({ code: 'DATA_DUPLICATE_TIME', exitCode: 65 });
    expect(error.message).toContain('line 4: time 2025-01-01T00:01:00Z was already on line 3');
  });

  test('a bar off the grid is refused', () => {
    const odd = second.replace('00:01:00', '00:01:30');
    const error = fault(aCsv([first, odd, third, fourth]), { timeframe: '1m' });
    expect(error.code).toBe('DATA_MALFORMED');
    expect(error.message).toContain('line 3: time 2025-01-01T00:01:30Z is 1m 30s after');
  });
});

describe('timeframe', () => {
  test.each([
    [60_000, '1m'],
    [HOUR_MS, '1h'],
    [4 * HOUR_MS, '4h'],
    [24 * HOUR_MS, '1d'],
    [168 * HOUR_MS, '1w'],
  ])('is inferred from bars %d ms apart', (stepMs, timeframe) => {
    expect(loadBarsCsv(aCsv(someRows(5, stepMs))).timeframe).toBe(timeframe);
  });

  test('is inferred from the usual distance, not from the first', () => {
    const rows = someRows(9).filter((_, index) => index !== 1);
    expect(loadBarsCsv(aCsv(rows), { gaps: 'allow' }).timeframe).toBe('1m');
  });

  test('cannot be inferred from one bar, or from an odd distance', () => {
    const one = fault(aCsv(someRows(1)));
    expect(one).toMatchObject({ code: 'DATA_MALFORMED', next: 'say it: --timeframe 1h' });
    const odd = fault(aCsv(someRows(5, 7 * 60_000)));
    expect(odd.message).toContain('usually 7m apart');
    expect(loadBarsCsv(aCsv(someRows(5, 7 * 60_000)), { timeframe: '7m' }).timeframe).toBe('7m');
  });

  test('that the bars do not have is refused, with the one they have', () => {
    for (const timeframe of ['5m', '1s']) {
      const error = fault(aCsv(someRows(5)), { timeframe });
      expect(error).toMatchObject({ code: 'DATA_MALFORMED', exitCode: 65 });
      expect(error.message).toContain(`bars are 1m apart, the timeframe is ${timeframe}`);
      expect(error.next).toContain('--timeframe 1m');
    }
  });

  test('that is no timeframe is a usage error', () => {
    expect(fault(aCsv(someRows(5)), { timeframe: '1M' })).toMatchObject({ code: 'USAGE' });
  });
});

describe('gaps', () => {
  const holed = someRows(20).filter((_, index) => ![5, 10, 11, 12].includes(index));

  test('inside a day are refused, naming the first, its length and how many there are', () => {
    const error = fault(aCsv(holed));
    expect(error).toMatchObject({ code: 'DATA_GAP', exitCode: 65 });
    expect(error.message).toContain('line 7: 1 bar is missing from 2025-01-01T00:05:00Z (1m)');
    expect(error.why).toBe(
      'The file has 2 gaps, 4 bars in all, the longest 3m. ' +
        'The timeframe 1m was taken from how far bars are usually apart',
    );
    expect(error.next).toContain('--gaps allow; or say another --timeframe');
    const said = fault(aCsv(holed), { timeframe: '1m' });
    expect(said.why).toBe('The file has 2 gaps, 4 bars in all, the longest 3m');
  });

  test('inside a day are reported where they are allowed', () => {
    const file = loadBarsCsv(aCsv(holed), { gaps: 'allow' });
    expect(file.columns.length).toBe(16);
    expect(file.gaps).toEqual({
      count: 2,
      missingBars: 4,
      largestMs: 180_000,
      firstMs: NEW_YEAR + 300_000,
    });
  });

  test('outside the chosen range do not matter', () => {
    const file = loadBarsCsv(aCsv(holed), { fromMs: NEW_YEAR + 13 * 60_000 });
    expect(file.gaps.count).toBe(0);
  });

  test('between days, such as weekends, are normal and reported', () => {
    const days = someRows(12, 24 * HOUR_MS).filter((_, index) => ![3, 4, 10].includes(index));
    const file = loadBarsCsv(aCsv(days));
    expect(file.timeframe).toBe('1d');
    expect(file.gaps).toMatchObject({ count: 2, missingBars: 3, largestMs: 48 * HOUR_MS });
  });
});
