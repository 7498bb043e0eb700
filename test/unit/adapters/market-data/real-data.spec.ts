// Files as real sources write them. They lie beside the project and not in it, so where they are
// absent these tests are skipped and say so in their title.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadBarsCsv } from '../../../../adapters/src/market-data/csv-bars.js';
import { loadFundingCsv } from '../../../../adapters/src/market-data/csv-funding.js';

const folder = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));
const isAbsent = !existsSync(folder);
const note = isAbsent ? ' (skipped: the real data are not beside the project)' : '';

test.skipIf(isAbsent)(`loads a month of real one-minute bars${note}`, () => {
  const file = loadBarsCsv(`${folder}btc-perp-1m-2022-01.csv`);
  expect(file).toMatchObject({ timeframe: '1m', rows: 45_031, priceDecimals: 3, synthetic: false });
  expect(file.gaps.count).toBe(0);
  const { columns } = file;
  expect(columns.openMs[0]).toBe(Date.UTC(2021, 11, 31, 23, 1));
  expect(columns.openMs[45_030]).toBe(Date.UTC(2022, 1, 1, 5, 31));
  expect(columns.open[0]).toBe(46_319);
  expect(columns.volume[45_030]).toBe(685_906.9735);
});

test.skipIf(isAbsent)(`loads real five-minute bars and removes their float residues${note}`, () => {
  const file = loadBarsCsv(`${folder}xrp-usdt-perp-5m-2021-11.csv`);
  expect(file).toMatchObject({ timeframe: '5m', rows: 1999, priceDecimals: 4, gaps: { count: 0 } });
  expect(file.columns.close[1998]).toBe(1.0713);
  // Line 24 opens at 1.2065000000000001.
  expect(file.columns.open[22]).toBe(1.2065);
  expect(file.cleanedPrices).toBeGreaterThan(100);
});

test.skipIf(isAbsent)(`loads real funding rates${note}`, () => {
  const file = loadFundingCsv(`${folder}xrp-usdt-perp-funding-8h-2021-11.csv`);
  expect(file.rateText).toHaveLength(91);
  expect(file.rateText[0]).toBe('0.0001');
  expect(file.times[90]).toBe(Date.UTC(2021, 11, 18) + 14);
});
