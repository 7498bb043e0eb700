// From a finished run to the `runner.report/1` document. Everything but `run` depends on the
// inputs only.
import { createHash } from 'node:crypto';
import type { Report } from '@strategy-runner/contracts';
import {
  type ClosedRow,
  type Position,
  abs,
  averageEntry,
  computeMetrics,
  divide,
  equity,
  format,
  fromNumber,
  resultLine,
  roundHalfEvenTo,
  toNumber,
  unrealized,
} from '@strategy-runner/core';
import type { BacktestResult } from '../api/backtest.js';
import type { Warning } from '../api/setup.js';
import { equityWarnings, runWarnings } from './run-warnings.js';

export interface SessionPlace {
  /** Null where no session was written. */
  readonly sessionId: string | null;
  readonly sessionDir: string | null;
}

export function buildReport(
  result: BacktestResult,
  place: SessionPlace,
  hash = resultHash(result),
): Report {
  const { setup, run, collector } = result;
  const { state } = run.engine;
  const { columns } = setup.bars;
  const last = columns.length - 1;
  const metrics = metricsOf(result);
  return {
    schema: 'runner.report/1',
    strategy: {
      id: setup.plugin.id,
      version: setup.plugin.version,
      code_hash: setup.plugin.codeHash,
    },
    data: {
      // A backtest plays a file, and a file has one.
      hash: setup.bars.hash!,
      symbol: setup.symbol,
      timeframe: setup.bars.timeframe,
      bars: run.bars,
      from_ms: columns.openMs[0]!,
      to_ms: columns.openMs[last]! + setup.bars.timeframeMs,
    },
    config_hash: setup.configHash,
    result_hash: hash,
    initial_equity: format(result.engineConfig.initialCash),
    final_equity: format(equity(run.engine)),
    metrics: metrics.metrics,
    metrics_na: metrics.na as Report['metrics_na'],
    costs: {
      fees: format(state.fees),
      funding: format(state.funding),
      slippage: format(state.slippage),
    },
    trades: closedPositions(result).map(tradeOf),
    open_positions: openPositions(result),
    intents: { accepted: collector.accepted, denied: Object.fromEntries(collector.denied) },
    warnings: warningsOf(result),
    run: {
      session_id: place.sessionId,
      session_dir: place.sessionDir,
      data_path: setup.bars.path,
      started_at: result.startedAt,
      wall_ms: Math.round(result.wallMs),
      node: process.version,
    },
  };
}

/**
 * SHA-256 over the canonical lines of intents, orders, fills and ledger; no float metric is in it.
 */
export function resultHash({ collector }: Pick<BacktestResult, 'collector'>): string {
  const hash = createHash('sha256');
  for (const row of collector.rows) hash.update(`${resultLine(row)}\n`);
  return hash.digest('hex');
}

function closedPositions({ collector }: BacktestResult): readonly ClosedRow[] {
  return collector.rows.filter((row) => row.kind === 'closed');
}

const PRICE_PLACES = 10n ** 6n;

/**
 * Average prices are shown to twelve decimals; profits come from exact notionals, not from them.
 */
function averagePrice(notional: bigint, quantity: bigint): string {
  return format(roundHalfEvenTo(divide(notional, quantity), PRICE_PLACES));
}

function tradeOf({ position, ts, reason }: ClosedRow): Report['trades'][number] {
  const { id, symbol, side, enteredQuantity, grossPnl, fees, funding } = position;
  return {
    id,
    symbol,
    side,
    qty: format(enteredQuantity),
    entry_time_ms: position.openedMs,
    entry_price: averagePrice(position.enteredNotional, enteredQuantity),
    exit_time_ms: ts,
    exit_price: averagePrice(position.exitedNotional, position.exitedQuantity),
    gross_pnl: format(grossPnl),
    fees: format(fees),
    funding: format(funding),
    pnl: format(grossPnl - fees + funding),
    exit_reason: reason,
  };
}

function openPositions({ run, setup }: BacktestResult): Report['open_positions'] {
  const market = run.engine.state.market.get(setup.symbol);
  const mark = fromNumber(market?.last ?? 0);
  return ([...run.engine.state.positions.values()] as Position[]).map((position) => ({
    symbol: position.symbol,
    side: position.side,
    qty: format(position.quantity),
    entry_price: format(roundHalfEvenTo(averageEntry(position), PRICE_PLACES)),
    mark_price: format(mark),
    unrealized_pnl: format(unrealized(position, mark)),
    fees: format(position.fees),
    funding: format(position.funding),
  }));
}

function metricsOf(result: BacktestResult): ReturnType<typeof computeMetrics> {
  const { run, setup, engineConfig } = result;
  const { state } = run.engine;
  return computeMetrics({
    initialEquity: toNumber(engineConfig.initialCash),
    times: run.times,
    equity: run.equity,
    length: run.length,
    barsInPosition: run.barsInPosition,
    trades: closedPositions(result).map(({ position, ts }) => ({
      pnl: toNumber(position.grossPnl - position.fees + position.funding),
      grossPnl: toNumber(position.grossPnl),
      fees: toNumber(position.fees),
      funding: toNumber(position.funding),
      entryNotional: toNumber(abs(position.enteredNotional)),
      initialRisk: position.initialRisk === null ? null : toNumber(position.initialRisk),
      entryMs: position.openedMs,
      exitMs: ts,
      side: position.side,
    })),
    costs: {
      fees: toNumber(state.fees),
      funding: toNumber(state.funding),
      slippage: toNumber(state.slippage),
    },
    timeframeMs: setup.bars.timeframeMs,
    turnover: toNumber(state.traded),
    grossExposureMax: run.grossExposureMax,
  });
}

function warningsOf({ setup, collector, run }: BacktestResult): Report['warnings'] {
  const warnings: Warning[] = [
    ...setup.warnings,
    ...runWarnings(collector),
    ...equityWarnings(run),
  ];
  if (!run.isComplete) warnings.push({ code: 'USAGE', message: 'the run was stopped early' });
  return warnings;
}
