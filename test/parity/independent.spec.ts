// The engine's money against plain arithmetic that shares no code with it: market orders at the
// next open, a fixed quantity, proportional fees. Equal means every digit: fills, fees, trades,
// final equity.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { PlainBacktest } from './independent-backtester.js';
import {
  type CrossRun,
  aFolder,
  outcomeOf,
  plainOutcome,
  readBars,
  readTime,
  runCross,
} from './independent-run.js';
import { crossWish } from './independent-signals.js';
import type { PlainBar, PlainRules } from './independent-terms.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const SAMPLE = fileOf('../../adapters/data/sample-btc-usdt-1h.csv');
const BTC = fileOf('../../../shared/data/btc-perp-1m-2022-01.csv');
const XRP = fileOf('../../../shared/data/xrp-usdt-perp-5m-2021-11.csv');
const XRP_FUNDING = fileOf('../../../shared/data/xrp-usdt-perp-funding-8h-2021-11.csv');

interface Case {
  readonly run: CrossRun;
  readonly market: PlainRules['market'];
  readonly timeframeMs: number;
  readonly fast: number;
  readonly slow: number;
  readonly side: 'long' | 'both';
  readonly quantity: string;
  readonly funding?: PlainRules['funding'];
}

async function bothWays(one: Case) {
  const { run, fast, slow, side, quantity, market, timeframeMs, funding } = one;
  const set = [`fast=${fast}`, `slow=${slow}`, `side=${side}`, `qty=${quantity}`];
  const ran = await runCross(aFolder(), { ...run, set });
  const bars = readBars(run.data);
  const { cash, feeBps, slippageBps, tick } = run;
  const rules = { market, cash, quantity, feeBps, slippageBps, tick, timeframeMs };
  const plain = new PlainBacktest(
    bars,
    { ...rules, ...(funding === undefined ? {} : { funding }) },
    crossWish(bars, { fast, slow, side }),
  );
  return { ran, plain, engine: outcomeOf(ran), independent: plainOutcome(plain) };
}

const SAMPLE_RUN: CrossRun = {
  data: SAMPLE,
  symbol: 'BTC/USDT:USDT',
  timeframe: '1h',
  cash: '1000000',
  feeBps: '5',
  slippageBps: '0',
  tick: '0.1',
  lot: '0.001',
  set: [],
};

const SAMPLE_CASE: Case = {
  run: SAMPLE_RUN,
  market: 'swap',
  timeframeMs: HOUR_MS,
  fast: 10,
  slow: 30,
  side: 'long',
  quantity: '0.123',
};

describe('engine and independent arithmetic agree on the sample data', () => {
  test.each([
    ['long only, no slippage', {}],
    ['turning from long to short', { side: 'both' as const }],
    ['slippage that rounds adversely to the tick', { run: { ...SAMPLE_RUN, slippageBps: '1.7' } }],
    [
      'turning with slippage on a coarse tick',
      { side: 'both' as const, run: { ...SAMPLE_RUN, slippageBps: '3', tick: '0.5' } },
    ],
    ['fees of a fraction of a basis point', { run: { ...SAMPLE_RUN, feeBps: '0.377' } }],
    ['a spot account', { market: 'spot' as const, run: { ...SAMPLE_RUN, symbol: 'BTC/USDT' } }],
  ])('%s', async (_what, change: Partial<Case>) => {
    const { engine, independent } = await bothWays({ ...SAMPLE_CASE, ...change });
    expect(independent.trades.length).toBeGreaterThan(30);
    expect(engine).toEqual(independent);
  });

  test('funding of each eight hours, on the position that was carried into the bar', async () => {
    const bars = readBars(SAMPLE);
    const due = bars.filter(({ openMs }) => openMs % (8 * HOUR_MS) === 0);
    const funding = due.map(({ openMs }, i) => {
      return { timeMs: openMs + (i % 3), rate: `${i % 4 === 0 ? '-' : ''}0.000${1 + (i % 7)}3` };
    });
    const path = join(aFolder(), 'funding.csv');
    const lines = funding.map(({ timeMs, rate }) => `${timeMs},${rate}`);
    writeFileSync(path, `timestamp,funding_rate\n${lines.join('\n')}\n`);
    const { engine, independent } = await bothWays({
      ...SAMPLE_CASE,
      side: 'both',
      run: { ...SAMPLE_RUN, funding: path },
      funding,
    });
    expect(independent.funding).not.toBe('0');
    expect(engine).toEqual(independent);
  });
});

describe('engine and independent arithmetic agree on daily bars of a stock', () => {
  test.each([
    ['held long in a cash account', 'spot', 'long', '0'],
    ['held long with slippage', 'spot', 'long', '2.5'],
    ['turned long and short on margin', 'swap', 'both', '2.5'],
    ['with funding on weekends and within the day', 'swap', 'both', '2.5', '0.0001'],
  ] as const)('%s, across weekends', async (_what, market, side, slippageBps, rate?: string) => {
    const symbol = market === 'spot' ? 'GOOG/USD' : 'GOOG/USD:USD';
    const folder = aFolder();
    const data = join(folder, 'goog.csv');
    const bars = stockBars(1500);
    const rows = bars.map(({ openMs, open, high, low, close }) => {
      return [new Date(openMs).toISOString().slice(0, 10), open, high, low, close, 1000].join(',');
    });
    writeFileSync(data, `date,open,high,low,close,volume\n${rows.join('\n')}\n`);
    const common = { data, symbol, timeframe: '1d', cash: '100000', tick: '0.01', lot: '1' };
    const due = rate === undefined ? undefined : aFundingFile(folder, bars, rate);
    const path = due === undefined ? {} : { funding: due.path };
    const { engine, independent } = await bothWays({
      run: { ...common, ...path, feeBps: '20', slippageBps, set: [] },
      ...(due === undefined ? {} : { funding: due.rows }),
      market,
      side,
      timeframeMs: DAY_MS,
      fast: 5,
      slow: 20,
      quantity: '37',
    });
    expect(independent.trades.length).toBeGreaterThan(15);
    expect(independent.funding === '0').toBe(rate === undefined);
    expect(engine).toEqual(independent);
  });
});

const HAS_REAL = existsSync(BTC) && existsSync(XRP) && existsSync(XRP_FUNDING);

describe('engine and independent arithmetic agree on real bars', () => {
  test.skipIf(!HAS_REAL)('a month of BTC minutes (skipped without the data folder)', async () => {
    const { engine, independent } = await bothWays({
      run: { ...SAMPLE_RUN, data: BTC, timeframe: '1m', slippageBps: '1', tick: '1' },
      market: 'swap',
      timeframeMs: 60_000,
      fast: 10,
      slow: 30,
      side: 'both',
      quantity: '0.5',
    });
    expect(independent.trades.length).toBeGreaterThan(1000);
    expect(engine).toEqual(independent);
  });

  test.skipIf(!HAS_REAL)('XRP with its real funding (skipped without the data)', async () => {
    const rows = readCells(XRP_FUNDING);
    const funding = rows.map(([time = '', rate = '']) => ({ timeMs: readTime(time), rate }));
    const symbol = 'XRP/USDT:USDT';
    const rules = { tick: '0.0001', lot: '0.1', slippageBps: '1', funding: XRP_FUNDING };
    const { engine, independent } = await bothWays({
      run: { ...SAMPLE_RUN, data: XRP, symbol, timeframe: '5m', ...rules },
      market: 'swap',
      timeframeMs: 300_000,
      fast: 20,
      slow: 90,
      side: 'both',
      quantity: '1234.5',
      funding,
    });
    expect(independent.funding).not.toBe('0');
    expect(engine).toEqual(independent);
  });
});

/** Every eight hours from the first bar to the last, also on days without a bar. */
function aFundingFile(folder: string, bars: readonly PlainBar[], rate: string) {
  const path = join(folder, 'funding.csv');
  const rows: { readonly timeMs: number; readonly rate: string }[] = [];
  for (let ms = bars[0]!.openMs; ms <= bars.at(-1)!.openMs; ms += 8 * HOUR_MS) {
    rows.push({ timeMs: ms + (rows.length % 20), rate });
  }
  const lines = rows.map(({ timeMs }) => `${timeMs},${rate}`);
  writeFileSync(path, `timestamp,funding_rate\n${lines.join('\n')}\n`);
  return { path, rows };
}

function readCells(path: string): readonly (readonly string[])[] {
  const [, ...lines] = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  return lines.map((line) => line.split(','));
}

/** Weekdays only, in whole cents: trends that last for weeks, and gaps between the days. */
function stockBars(count: number): readonly PlainBar[] {
  const bars: PlainBar[] = [];
  let seed = 20_240;
  const draw = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  };
  const price = (cents: number): string => (cents / 100).toFixed(2);
  let last = 14_000;
  for (let ms = Date.UTC(2015, 0, 1); bars.length < count; ms += DAY_MS) {
    if ([0, 6].includes(new Date(ms).getUTCDay())) continue;
    const drift = Math.sin(bars.length / 23) * 60;
    const open = last + Math.round(draw() * 120);
    const close = open + Math.round(drift + draw() * 300);
    const high = Math.max(open, close) + Math.round((draw() + 0.5) * 90);
    const low = Math.min(open, close) - Math.round((draw() + 0.5) * 90);
    bars.push({
      openMs: ms,
      open: price(open),
      high: price(high),
      low: price(low),
      close: price(close),
    });
    last = close;
  }
  return bars;
}
