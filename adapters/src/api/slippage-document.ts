// Slippage telemetry as the `runner.slippage/1` document. Money as decimal strings, bps as numbers.
import {
  type PredictedAgainstRealised,
  QUANTILE_SAMPLES,
  type Quantiles,
  type SlippageGroup,
  type SlippageModel,
  figuresOf,
  format,
  predictedAgainstRealised,
} from '@strategy-runner/core';
import { loadModelFor } from './slippage-model-file.js';
import type { SessionLeg, SlippageRows } from './slippage-rows.js';

export interface SlippageView {
  readonly rows: SlippageRows;
  readonly groups: readonly SlippageGroup[];
  readonly against?: ModelAgainst;
}

export interface ModelAgainst {
  readonly model: SlippageModel;
  readonly result: PredictedAgainstRealised;
}

/** Errors: those of a model file that cannot be used with bars of this length. */
export function modelAgainst(path: string, { legs, timeframe }: SlippageRows): ModelAgainst {
  const model = loadModelFor(path, timeframe);
  const rows = legs.map(({ row }) => row);
  return { model, result: predictedAgainstRealised(rows, model) };
}

export function slippageDocument({ rows, groups, against }: SlippageView): object {
  return {
    schema: 'runner.slippage/1',
    sessions: rows.sessions,
    timeframe: rows.timeframe,
    samples_min: QUANTILE_SAMPLES,
    groups: groups.map(({ group, orders, figures }) => ({
      group,
      orders,
      figures: mapped(figures, quantilesJson),
    })),
    legs: rows.legs.map(legJson),
    ...(against === undefined ? {} : { predicted: againstJson(against) }),
  };
}

function legJson({ session, row }: SessionLeg): object {
  const { decided, sent, acked, venue, filled } = row.times;
  return {
    session_id: session,
    intent_id: row.intentId,
    leg: row.leg,
    attempt: row.attempt,
    symbol: row.symbol,
    side: row.side,
    type: row.type,
    liquidity: row.liquidity,
    hour: row.hour,
    qty: format(row.quantity),
    prices: mapped(row.prices, format),
    decided_ms: decided,
    sent_ms: sent,
    acked_ms: acked,
    venue_ms: venue,
    filled_ms: filled,
    ...mapped(figuresOf(row), (value) => (value === null ? null : short(value))),
    participation: row.participation,
    volatility_bps: short(row.volatilityBps),
  };
}

export function againstJson({ model, result }: ModelAgainst): object {
  return {
    model_hash: model.hash,
    orders: result.legs.length,
    predicted_bps: quantilesJson(result.predicted),
    realised_bps: quantilesJson(result.realised),
    mean_predicted_bps: shortOrNull(result.meanPredictedBps),
    mean_realised_bps: shortOrNull(result.meanRealisedBps),
    bias_bps: shortOrNull(result.biasBps),
    mae_bps: shortOrNull(result.maeBps),
    constant_mae_bps: shortOrNull(result.constantMaeBps),
    legs: result.legs.map(({ row, predictedBps, realisedBps }) => ({
      intent_id: row.intentId,
      leg: row.leg,
      attempt: row.attempt,
      predicted_bps: short(predictedBps),
      realised_bps: short(realisedBps),
    })),
  };
}

function quantilesJson({ n, p50, p95, p99 }: Quantiles): object {
  return { n, p50: shortOrNull(p50), p95: shortOrNull(p95), p99: shortOrNull(p99) };
}

function mapped<Key extends string, From, To>(
  of: Readonly<Record<Key, From>>,
  change: (value: From) => To,
): Record<string, To> {
  const entries = Object.entries(of) as [string, From][];
  return Object.fromEntries(entries.map(([key, value]) => [key, change(value)]));
}

function shortOrNull(value: number | null): number | null {
  return value === null ? null : short(value);
}

// Adding zero turns a rounded −0 into 0.
function short(value: number): number {
  return Number(value.toFixed(4)) + 0;
}
