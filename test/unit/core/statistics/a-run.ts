// Builders for the specs of statistics: a run is described by what matters to the spec.
import type { MetricsInput, TradeStat } from '../../../../core/src/statistics/index.js';

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
/** Midnight UTC. */
export const START_MS = Date.UTC(2024, 0, 1);

export function aRun(overrides: Partial<MetricsInput> = {}): MetricsInput {
  const equity = overrides.equity ?? new Float64Array([100]);
  const timeframeMs = overrides.timeframeMs ?? DAY_MS;
  return {
    initialEquity: 100,
    times: equity.map((_, i) => START_MS + (i + 1) * timeframeMs),
    equity,
    length: equity.length,
    barsInPosition: 0,
    trades: [],
    costs: { fees: 0, funding: 0, slippage: 0 },
    timeframeMs,
    turnover: 0,
    grossExposureMax: 0,
    ...overrides,
  };
}

export function aTrade(overrides: Partial<TradeStat> = {}): TradeStat {
  return {
    pnl: 1,
    grossPnl: 1,
    fees: 0,
    funding: 0,
    entryNotional: 100,
    initialRisk: null,
    entryMs: START_MS,
    exitMs: START_MS + HOUR_MS,
    side: 'long',
    ...overrides,
  };
}

export function tradesOf(...pnls: number[]): TradeStat[] {
  return pnls.map((pnl) => aTrade({ pnl }));
}

/** Equity that starts from 100 and earns these returns, bar by bar. */
export function compounded(returns: readonly number[]): Float64Array {
  let equity = 100;
  return Float64Array.from(returns, (r) => (equity *= 1 + r));
}

export function repeated(values: readonly number[], times: number): number[] {
  return Array.from({ length: times }, () => values).flat();
}
