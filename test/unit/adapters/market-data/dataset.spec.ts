// The meaning of --data, and the bundled sample: its bytes come from its generator and nowhere
// else.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadBarsCsv } from '../../../../adapters/src/market-data/csv-bars.js';
import { BUNDLED_DATASETS, resolveData } from '../../../../adapters/src/market-data/dataset.js';
import { aCsv, errorOf, someRows } from './a-file.js';

describe('resolveData', () => {
  test('takes a path as it is', () => {
    const path = aCsv(someRows(2));
    expect(resolveData(path)).toEqual({ path });
  });

  test('finds every bundled data set by name', () => {
    expect(BUNDLED_DATASETS).toContain('sample');
    for (const name of BUNDLED_DATASETS) {
      const { path, dataset } = resolveData(name);
      expect(dataset).toBe(name);
      expect(statSync(path).isFile()).toBe(true);
    }
  });

  test.each(['smaple', '', 'toString', '__proto__'])('lists what there is for "%s"', (spec) => {
    const error = errorOf(() => resolveData(spec));
    expect(error).toMatchObject({ code: 'FILE_NOT_FOUND', exitCode: 66, why: 'Bundled: sample' });
    expect(error.next).toContain('--data sample');
  });
});

describe('the sample', () => {
  const { path } = resolveData('sample');

  test('loads as six months of hourly bars and is said to be synthetic', () => {
    const file = loadBarsCsv(path);
    expect(file).toMatchObject({
      symbol: 'BTC/USDT:USDT',
      timeframe: '1h',
      synthetic: true,
      priceDecimals: 1,
      rows: 4344,
      gaps: { count: 0 },
      hasVolume: true,
      filters: { tickSize: '0.1', lotSize: '0.001', minNotional: '5' },
    });
    expect(statSync(path).size).toBeLessThan(300_000);
  });

  test('comes out of its generator byte for byte', () => {
    const folder = mkdtempSync(join(tmpdir(), 'runner-sample-'));
    try {
      const generator = join(dirname(path), 'generate-sample.mjs');
      execFileSync(process.execPath, [generator, '--out', folder]);
      for (const file of [path, `${path}.json`]) {
        expect(readFileSync(join(folder, basename(file))).equals(readFileSync(file))).toBe(true);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('trends and turns often enough for crossings, breakouts and dips to occur', () => {
    const { close, high, length } = loadBarsCsv(path).columns;
    let crossings = 0;
    let breakouts = 0;
    let dips = 0;
    let wasAbove: boolean | undefined;
    for (let row = 60; row < length; row++) {
      const isAbove = mean(close.subarray(row - 20, row)) > mean(close.subarray(row - 50, row));
      if (wasAbove !== undefined && isAbove !== wasAbove) crossings++;
      wasAbove = isAbove;
      const price = close[row] as number;
      if (price > Math.max(...high.subarray(row - 55, row))) breakouts++;
      if (price < 0.97 * Math.max(...close.subarray(row - 48, row))) dips++;
    }
    expect(crossings).toBeGreaterThan(50);
    expect(breakouts).toBeGreaterThan(50);
    expect(dips).toBeGreaterThan(50);
  });
});

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
