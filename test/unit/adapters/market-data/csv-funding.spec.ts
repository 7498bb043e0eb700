import { describe, expect, test } from 'vitest';
import { loadFundingCsv } from '../../../../adapters/src/market-data/csv-funding.js';
import { aCsv, aFile, errorOf } from './a-file.js';

const NEW_YEAR = Date.UTC(2025, 0, 1);
const HEADER = 'timestamp,funding_rate';

describe('loadFundingCsv', () => {
  test('keeps each rate exactly as it was written', () => {
    const path = aCsv(
      [
        '2025-01-01T00:00:00.017Z,0.00010',
        '2025-01-01T08:00:00.007Z,-3.75e-05',
        '2025-01-01T16:00:00Z,0',
      ],
      HEADER,
    );
    const file = loadFundingCsv(path);
    expect(file).toMatchObject({ path, rateText: ['0.00010', '-0.0000375', '0'] });
    expect(file.times).toEqual(
      Float64Array.of(NEW_YEAR + 17, NEW_YEAR + 28_800_007, NEW_YEAR + 57_600_000),
    );
    expect(file.rates).toEqual(Float64Array.of(0.0001, -0.0000375, 0));
    expect(file.markPriceText).toBeUndefined();
    expect(file.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([
    'time,rate',
    'date,fundingRate',
    'fundingTime,fundingRate',
    'Timestamp,Funding_Rate',
    ',rate',
  ])('accepts the header %s', (header) => {
    expect(loadFundingCsv(aCsv([`${NEW_YEAR},0.0001`], header)).rateText).toEqual(['0.0001']);
  });

  test('keeps mark prices where the file has them', () => {
    const file = loadFundingCsv(aCsv([`${NEW_YEAR},0.0001,93500.10`], 'timestamp,rate,mark_price'));
    expect(file.markPriceText).toEqual(['93500.10']);
  });

  test('has another hash when one rate is another', () => {
    const one = loadFundingCsv(aCsv([`${NEW_YEAR},0.0001`], HEADER));
    const same = loadFundingCsv(aFile(`time,rate,x\r\n"2025-01-01",1e-4,9`));
    const other = loadFundingCsv(aCsv([`${NEW_YEAR},0.0002`], HEADER));
    expect(same.hash).toBe(one.hash);
    expect(other.hash).not.toBe(one.hash);
  });

  test.each([
    ['', 'DATA_EMPTY', 'no funding rate'],
    [`${HEADER}\n`, 'DATA_EMPTY', 'no funding rate'],
    ['timestamp,price\n1,2\n', 'DATA_HEADER', 'lacks funding_rate'],
    [`${HEADER}\nsoon,0.1\n`, 'DATA_MALFORMED', 'line 2: time "soon" is not a time'],
    [`${HEADER}\n\n2025-01-01,x\n`, 'DATA_MALFORMED', 'line 3: rate "x" is not a number'],
    [`${HEADER}\n2025-01-01\n`, 'DATA_MALFORMED', 'line 2: rate "" is not a number'],
    [`${HEADER}\n2025-01-01,1.5\n`, 'DATA_MALFORMED', 'line 2: rate 1.5 is 100 % or more'],
    [`${HEADER}\n"2025-01-01,1\n`, 'DATA_MALFORMED', 'line 2: a quoted cell is not closed'],
    [`${HEADER},mark_price\n2025-01-01,0.1,0\n`, 'DATA_MALFORMED', 'mark_price "0" is not a price'],
    [`${HEADER}\n2025-01-02,0.1\n2025-01-01,0.1\n`, 'DATA_UNSORTED', 'line 3'],
    [`${HEADER}\n2025-01-02,0.1\n\n2025-01-02,0.1\n`, 'DATA_DUPLICATE_TIME', 'line 4'],
  ])('refuses %j with %s', (content, code, message) => {
    const error = errorOf(() => loadFundingCsv(aFile(content)));
    expect(error).toMatchObject({ code, exitCode: 65 });
    expect(error.message).toContain(message);
  });

  test('refuses a missing file with exit status 66', () => {
    expect(errorOf(() => loadFundingCsv('/nowhere/funding.csv'))).toMatchObject({
      code: 'FILE_NOT_FOUND',
      exitCode: 66,
    });
  });
});
