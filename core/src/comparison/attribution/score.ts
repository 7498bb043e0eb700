// How alike two runs are, in figures: of their returns, their slippage, and how fast the gap
// between their equities grows. docs/COMPARISON.md defines each figure.
import { type Decimal, toNumber } from '../../decimal.js';
import type { FillBooked } from '../../records.js';
import { dtwDistance } from './dtw.js';

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly count: number;
}

export interface Score {
  /** Pearson's, of returns per bar; null below two bars or where one curve never moves. */
  readonly returnsCorrelation: number | null;
  /** Mean distance of the warped returns per bar, times bars per year; null below two bars. */
  readonly annualDtwDistance: number | null;
  /** Against the decision price in bps, positive = worse; null without fills. */
  readonly liveSlippageBps: Percentiles | null;
  readonly backtestSlippageBps: Percentiles | null;
  /** Slope of the gap in bps of the first equity, per day; null below two bars. */
  readonly driftBpsPerDay: number | null;
}

export interface Curve {
  readonly times: readonly number[];
  readonly equity: readonly Decimal[];
  readonly fills: readonly Pick<FillBooked, 'slippageBps'>[];
}

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

export function scoreOf(live: Curve, backtest: Curve, timeframeMs: number): Score {
  const { times, a, b } = common(live, backtest);
  const returnsA = returnsOf(a);
  const returnsB = returnsOf(b);
  const distance = dtwDistance(returnsA, returnsB);
  return {
    returnsCorrelation: correlation(returnsA, returnsB),
    annualDtwDistance: distance === null ? null : (distance * YEAR_MS) / timeframeMs,
    liveSlippageBps: percentiles(live.fills.map(({ slippageBps }) => slippageBps)),
    backtestSlippageBps: percentiles(backtest.fills.map(({ slippageBps }) => slippageBps)),
    driftBpsPerDay: driftOf(times, a, b),
  };
}

// Only bars that both have can be held against each other.
function common(live: Curve, backtest: Curve) {
  const other = new Map(backtest.times.map((time, i) => [time, backtest.equity[i]!]));
  const times: number[] = [];
  const a: number[] = [];
  const b: number[] = [];
  live.times.forEach((time, i) => {
    const found = other.get(time);
    if (found === undefined) return;
    times.push(time);
    a.push(toNumber(live.equity[i]!));
    b.push(toNumber(found));
  });
  return { times, a, b };
}

function returnsOf(equity: readonly number[]): readonly number[] {
  return equity.slice(1).map((value, i) => (equity[i] === 0 ? 0 : value / equity[i]! - 1));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Null where there is nothing to correlate. */
export function correlation(a: readonly number[], b: readonly number[]): number | null {
  if (a.length < 2 || a.length !== b.length) return null;
  const meanA = mean(a);
  const meanB = mean(b);
  let [both, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    const fromA = a[i]! - meanA;
    const fromB = b[i]! - meanB;
    both += fromA * fromB;
    squareA += fromA * fromA;
    squareB += fromB * fromB;
  }
  if (squareA === 0 || squareB === 0) return null;
  return Math.max(-1, Math.min(1, both / Math.sqrt(squareA * squareB)));
}

/** By nearest rank; null without values. */
export function percentiles(values: readonly number[]): Percentiles | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1]!;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), count: values.length };
}

function driftOf(
  times: readonly number[],
  live: readonly number[],
  backtest: readonly number[],
): number | null {
  const base = backtest[0];
  if (times.length < 2 || base === undefined || base <= 0) return null;
  const days = times.map((time) => (time - times[0]!) / DAY_MS);
  const gaps = live.map((value, i) => ((value - backtest[i]!) / base) * 10_000);
  const meanDay = mean(days);
  const meanGap = mean(gaps);
  let [both, square] = [0, 0];
  days.forEach((day, i) => {
    both += (day - meanDay) * (gaps[i]! - meanGap);
    square += (day - meanDay) ** 2;
  });
  return square === 0 ? null : both / square;
}
