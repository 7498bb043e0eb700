import { describe, expect, test } from 'vitest';
import { loadBarsCsv } from '../../../../adapters/src/market-data/csv-bars.js';
import { aCsv, faultOfBar } from './a-file.js';

describe('the precision of prices', () => {
  test.each([
    ['10,12,8,10.123456789012345,5', 'close 10.123456789012344 has more than 15 digits'],
    ['10,12345678901234567,8,10,5', 'high 12345678901234568 has more than 15 digits'],
    ['10,12,8,10.0000000000001234,5', 'close 10.000000000000123 has more than 15 digits'],
  ])('a price of more than 15 digits: %s', (prices, message) => {
    const error = faultOfBar(prices);
    expect(error).toMatchObject({ code: 'DATA_PRECISION', exitCode: 65 });
    expect(error.message).toContain(`line 3: ${message}`);
  });

  test('a float residue is removed before the bar is judged, and counted', () => {
    const clean = aCsv(['2025-01-01,1.2065,1.2087,0.3,1.2087,1']);
    const noisy = aCsv([
      '2025-01-01,1.2065000000000001,1.2086999999999999,0.30000000000000004,1.2087,1',
    ]);
    const file = loadBarsCsv(noisy, { timeframe: '1d' });
    expect(file).toMatchObject({ cleanedPrices: 3, priceDecimals: 4 });
    expect(file.columns.high[0]).toBe(1.2087);
    expect(file.hash).toBe(loadBarsCsv(clean, { timeframe: '1d' }).hash);
  });

  test('digits that do not change the float64, and long volumes, are accepted', () => {
    const file = loadBarsCsv(
      aCsv(['2025-01-01,0.1000000000000000055,1,0.1,1,0.30000000000000004']),
      {
        timeframe: '1d',
      },
    );
    expect(file.priceDecimals).toBe(1);
    expect(file.columns.volume[0]).toBe(0.30000000000000004);
  });

  test.each([
    ['0.00001234,0.00001300,0.00001,0.000012', 8],
    ['100,200,50,150', 0],
    ['1e-10,1e-9,1e-10,1e-9', 10],
    ['123456.5,123456.75,0.000001,2', 6],
  ])('the prices %s have %d decimals', (prices, decimals) => {
    const file = loadBarsCsv(aCsv([`2025-01-01,${prices},1`]), { timeframe: '1d' });
    expect(file.priceDecimals).toBe(decimals);
  });
});
