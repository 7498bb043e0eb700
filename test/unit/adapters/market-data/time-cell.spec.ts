import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTime, TimeReader } from '../../../../adapters/src/market-data/time-cell.js';

const NEW_YEAR = Date.UTC(2025, 0, 1);

/** The fast reader's value, or undefined where it leaves the cell to parseTime. */
function readFast(text: string, reader = new TimeReader()): number | undefined {
  const bytes = new TextEncoder().encode(`#${text},1`);
  const out = new Float64Array(1);
  const next = reader.read(bytes, 1, out, 0);
  return next === text.length + 1 ? out[0] : undefined;
}

const SAME_INSTANT = [
  '2025-01-01',
  '2025-01-01 00:00:00',
  '2025-01-01T00:00:00',
  '2025-01-01T00:00:00Z',
  '2025-01-01T00:00:00+00:00',
  '2025-01-01 00:00:00.000000',
  '2025-01-01T00:00:00.000000000Z',
  '2025-01-01 00:00:00.000+00:00',
];

describe('times', () => {
  test.each([
    ...SAME_INSTANT,
    '2025-01-01T00:00',
    '2025-01-01 00:00:00 UTC',
    '2025-01-01T01:00:00+01:00',
    '2024-12-31T19:00:00-0500',
    String(NEW_YEAR / 1000),
    `${NEW_YEAR / 1000}.0`,
    String(NEW_YEAR),
    `${NEW_YEAR}000`,
    `${NEW_YEAR}000000`,
    '1.7356896e9',
  ])('%s is the first instant of 2025 in UTC', (text) => {
    expect(parseTime(text)).toBe(NEW_YEAR);
  });

  test.each([...SAME_INSTANT, String(NEW_YEAR / 1000), String(NEW_YEAR), `${NEW_YEAR}000`])(
    'the fast reader takes %s',
    (text) => {
      expect(readFast(text)).toBe(NEW_YEAR);
    },
  );

  test('text without a zone is UTC whatever the zone of the machine', () => {
    const before = process.env['TZ'];
    process.env['TZ'] = 'America/New_York';
    try {
      expect(new Date(NEW_YEAR).getTimezoneOffset()).toBe(300);
      expect(parseTime('2025-01-01 00:00:00')).toBe(NEW_YEAR);
      expect(readFast('2025-01-01 00:00:00')).toBe(NEW_YEAR);
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });

  test('milliseconds are kept and what is smaller is dropped', () => {
    expect(parseTime('2025-01-01T00:00:00.017Z')).toBe(NEW_YEAR + 17);
    expect(parseTime('2025-01-01T00:00:00.0179Z')).toBe(NEW_YEAR + 17);
    expect(parseTime(`${NEW_YEAR}017`)).toBe(NEW_YEAR);
    expect(parseTime('2025-01-01T00:00:00.5')).toBe(NEW_YEAR + 500);
  });

  test.each([
    '',
    '0',
    '42',
    '20250101',
    '-1735689600',
    '2025-02-29',
    '2025-13-01',
    '2025-00-10',
    '2025-01-32',
    '2025-01-01T24:00:00',
    '2025-01-01T12:60:00',
    '2025-01-01T12:00:60',
    '2025-1-1',
    '01/02/2025',
    '2025/01/02',
    '2025-01-01T00:00:00+99:00',
    '2025-01-01 00:00:00 PST',
    '0025-01-01',
    '9'.repeat(25),
    'NaT',
  ])('"%s" is no time', (text) => {
    expect(parseTime(text)).toBeNaN();
    expect(readFast(text)).toBeUndefined();
  });
});

test('the fast reader agrees with Date on every second of two centuries', () => {
  const reader = new TimeReader();
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(1900, 0, 1) / 1000, max: Date.UTC(2100, 0, 1) / 1000 }),
      (seconds) => {
        const text = new Date(seconds * 1000).toISOString();
        expect(readFast(text, reader)).toBe(seconds * 1000);
        expect(parseTime(text)).toBe(seconds * 1000);
      },
    ),
    { numRuns: 3000 },
  );
});

test('the fast reader never takes what the general one refuses', () => {
  const almost = fc
    .tuple(fc.constantFrom(...SAME_INSTANT), fc.nat(), fc.constantFrom(...'019-:T Z.+x'))
    .map(([text, at, character]) => {
      const position = at % text.length;
      return text.slice(0, position) + character + text.slice(position + 1);
    });
  fc.assert(
    fc.property(almost, (text) => {
      const fast = readFast(text);
      if (fast !== undefined) expect(parseTime(text)).toBe(fast);
    }),
    { numRuns: 5000 },
  );
});
