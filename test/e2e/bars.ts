// Bars for the tests of the command line: the data at hand, and seeded files of any length.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { aFile } from './run-runner.js';

const sharedFile = (name: string) => {
  const path = fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url));
  return { path, isAbsent: !existsSync(path) };
};

/** Real bars that are not part of the project; tests on them are skipped where they are absent. */
export const BTC_1M = sharedFile('btc-perp-1m-2022-01.csv');
export const XRP_5M = sharedFile('xrp-usdt-perp-5m-2021-11.csv');
export const XRP_FUNDING = sharedFile('xrp-usdt-perp-funding-8h-2021-11.csv');

export const HEADER = 'timestamp,open,high,low,close,volume';
const START_MS = Date.UTC(2024, 0, 1);
const MINUTE_MS = 60_000;

export const minute = (index: number): string =>
  new Date(START_MS + index * MINUTE_MS).toISOString();

/** A linear congruential generator: small, and the same on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** One-minute bars of a random walk around 40 000 that stays above half of it. */
export function aSeededWalk(folder: string, bars: number, seed: number): string {
  const random = seeded(seed);
  const lines = [HEADER];
  let price = 400_000;
  for (let i = 0; i < bars; i += 1) {
    const open = price;
    const close = Math.max(200_000, open + Math.round((random() - 0.5) * 800));
    const high = Math.max(open, close) + Math.round(random() * 200);
    const low = Math.min(open, close) - Math.round(random() * 200);
    const prices = [open, high, low, close].map((tenths) => (tenths / 10).toFixed(1));
    lines.push(`${minute(i)},${prices.join(',')},${(1 + random() * 50).toFixed(3)}`);
    price = close;
  }
  return aFile(folder, `walk-${seed}.csv`, `${lines.join('\n')}\n`);
}

/** One-minute bars that open, move and close where the rows say: [open, high, low, close]. */
export function aMinuteFile(
  folder: string,
  rows: readonly (readonly [number, number, number, number])[],
): string {
  const lines = rows.map((prices, i) => `${minute(i)},${prices.join(',')},100`);
  return aFile(folder, 'minutes.csv', `${[HEADER, ...lines].join('\n')}\n`);
}
