// The metrics of a whole run, from the equity curve of the independent backtest and formulas
// written out here from their definitions: days by Date, whole arrays, one line per number. No code
// of core is in it.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { PlainBacktest } from './independent-backtester.js';
import { type Ran, aFolder, readBars, runCross } from './independent-run.js';
import { crossWish } from './independent-signals.js';
import type { PlainBar } from './independent-terms.js';

const SAMPLE = fileURLToPath(
  new URL('../../adapters/data/sample-btc-usdt-1h.csv', import.meta.url),
);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CASH = 20_000;
const SLOW = 30;

const add = (xs: readonly number[]): number => xs.reduce((total, x) => total + x, 0);
const mean = (xs: readonly number[]): number => add(xs) / xs.length;
const deviation = (xs: readonly number[]): number =>
  Math.sqrt(add(xs.map((x) => (x - mean(xs)) ** 2)) / (xs.length - 1));

let ran: Ran;
let bars: readonly PlainBar[];
let plain: PlainBacktest;
/** Equity at the close of each bar that could be traded, the starting cash before it. */
let curve: readonly number[];
let pnls: readonly number[];

beforeAll(async () => {
  const lengths = { fast: 10, slow: SLOW, side: 'both' } as const;
  const common = { cash: String(CASH), feeBps: '5', slippageBps: '1', tick: '0.1' };
  ran = await runCross(join(aFolder()), {
    ...common,
    data: SAMPLE,
    symbol: 'BTC/USDT:USDT',
    timeframe: '1h',
    lot: '0.001',
    set: ['fast=10', `slow=${SLOW}`, 'side=both', 'qty=0.1'],
  });
  bars = readBars(SAMPLE);
  const rules = { ...common, market: 'swap', quantity: '0.1', timeframeMs: HOUR_MS } as const;
  plain = new PlainBacktest(bars, rules, crossWish(bars, lengths));
  curve = [CASH, ...plain.equity.slice(SLOW).map(Number)];
  pnls = plain.trades.map(({ pnl }) => Number(pnl));
});

function metric(name: keyof Ran['report']['metrics']): number {
  return ran.report.metrics[name] as number;
}

/** Close-to-close returns of UTC days; a bar that closes at midnight belongs to the day it ends. */
function dailyReturns(): readonly number[] {
  const closes = new Map<string, number>();
  for (const [i, { openMs }] of bars.slice(SLOW).entries()) {
    closes.set(new Date(openMs).toISOString().slice(0, 10), curve[i + 1]!);
  }
  const ends = [CASH, ...closes.values()];
  return ends.slice(1).map((end, i) => end / ends[i]! - 1);
}

const growthPerYear = (): number => {
  const days = ((curve.length - 1) * HOUR_MS) / DAY_MS;
  return (curve.at(-1)! / CASH) ** (365.25 / days) - 1;
};

const drawdowns = (): readonly number[] => {
  let peak = -Infinity;
  return curve.map((value) => {
    peak = Math.max(peak, value);
    return 1 - value / peak;
  });
};

describe('metrics of a run against formulas on an independent equity curve', () => {
  test('the equity curve is the same at every bar', () => {
    const { run } = ran.result;
    expect(run.length).toBe(curve.length - 1);
    const worst = Math.max(...curve.slice(1).map((value, i) => Math.abs(value - run.equity[i]!)));
    expect(worst).toBeLessThan(1e-6);
  });

  test('Sharpe: mean over sample deviation of daily returns, times √365', () => {
    const returns = dailyReturns();
    expect(metric('sharpe')).toBeCloseTo((mean(returns) / deviation(returns)) * 365 ** 0.5, 8);
  });

  test('Sortino: mean over downside deviation, all days counted, times √365', () => {
    const returns = dailyReturns();
    const downside = Math.sqrt(mean(returns.map((r) => Math.min(r, 0) ** 2)));
    expect(metric('sortino')).toBeCloseTo((mean(returns) / downside) * 365 ** 0.5, 8);
  });

  test('CAGR over 365.25 days a year, and Calmar as CAGR over the largest drawdown', () => {
    expect(metric('cagr')).toBeCloseTo(growthPerYear(), 9);
    expect(metric('calmar')).toBeCloseTo(growthPerYear() / Math.max(...drawdowns()), 8);
  });

  test('largest drawdown on every bar, and the longest time under a peak', () => {
    expect(metric('max_drawdown')).toBeCloseTo(Math.max(...drawdowns()), 10);
    let longest = 0;
    let peakAt = 0;
    for (let i = 1; i < curve.length; i += 1) {
      const isUnder = curve[i]! < curve[peakAt]!;
      const wasUnder = i - 1 > peakAt;
      if (isUnder || wasUnder) longest = Math.max(longest, i - peakAt);
      if (!isUnder) peakAt = i;
    }
    expect(metric('max_drawdown_duration_ms')).toBe(longest * HOUR_MS);
  });

  test('exposure: the share of bars that closed in a position', () => {
    const held = plain.isHolding.slice(SLOW).filter(Boolean).length;
    expect(metric('exposure')).toBeCloseTo(held / (curve.length - 1), 12);
  });

  test('profit factor, expectancy and win rate of the trades', () => {
    const won = pnls.filter((pnl) => pnl > 0);
    const lost = pnls.filter((pnl) => pnl < 0);
    expect(metric('trades')).toBe(pnls.length);
    expect(metric('win_rate')).toBeCloseTo(won.length / pnls.length, 12);
    expect(metric('profit_factor')).toBeCloseTo(add(won) / -add(lost), 9);
    expect(metric('expectancy')).toBeCloseTo(mean(pnls), 8);
  });

  test('SQN: √100 at most, times mean over deviation of the results', () => {
    expect(pnls.length).toBeGreaterThan(100);
    expect(metric('sqn')).toBeCloseTo((10 * mean(pnls)) / deviation(pnls), 8);
  });

  test('return, profit and costs', () => {
    const final = curve.at(-1)!;
    expect(metric('net_profit')).toBeCloseTo(final - CASH, 7);
    expect(metric('total_return')).toBeCloseTo(final / CASH - 1, 10);
    expect(metric('fees')).toBeCloseTo(Number(plain.paid.fees), 8);
  });
});
