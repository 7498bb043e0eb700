// A backtest's session: its metadata and one columnar trace, written once at the end (L22).
import type { SessionMetadata } from '@strategy-runner/contracts';
import { CONTRACT_VERSION } from '@strategy-runner/contracts';
import { type FillRow, filtersOf, format } from '@strategy-runner/core';
import type { BacktestResult } from '../api/backtest.js';
import { type BacktestInputs, TRACE_FILE } from '../api/backtest-inputs.js';
import { pick } from '../api/pick.js';
import type { Setup } from '../api/setup.js';
import { isoOf } from '../api/start-session.js';
import { addSessionFiles, createSession } from '../store/session-folder.js';
import { HOST_VERSION } from '../version.js';

export interface SessionTarget {
  readonly sessionId: string;
  readonly sessionsDir: string;
  /** What it takes to run it again, for its journal. */
  readonly inputs: BacktestInputs;
  readonly resultHash: string;
}

/** Writes the session and answers its folder. Errors: SESSIONS_UNWRITABLE, STORE_WRITE_FAILED. */
export async function writeBacktestSession(
  result: BacktestResult,
  { sessionId, sessionsDir, inputs, resultHash }: SessionTarget,
): Promise<string> {
  const { setup, startedAt, run } = result;
  const endedAt = isoOf(Date.parse(startedAt) + Math.round(result.wallMs));
  const metadata = {
    ...metadataOf(setup, { sessionId, kind: 'backtest', exchange: 'sim', startedAt }),
    ended_at: endedAt,
    runs: [
      {
        run: 1,
        started_at: startedAt,
        ended_at: endedAt,
        start: 'cold' as const,
        exit: run.isComplete ? 'end_of_data' : 'stopped',
      },
    ],
  };
  const folder = await createSession({ sessionsDir, metadata });
  const trace = { ...traceOf(result), inputs, result_hash: resultHash };
  await addSessionFiles(folder, { [TRACE_FILE]: JSON.stringify(trace) });
  return folder.path;
}

export interface SessionIdentity {
  readonly sessionId: string;
  readonly kind: SessionMetadata['kind'];
  readonly exchange: string;
  /** Name of the account; omitted = simulated. */
  readonly account?: string;
  readonly startedAt: string;
}

/** R5: everything that says what ran, on what, with what. */
export function metadataOf(setup: Setup, identity: SessionIdentity): SessionMetadata {
  const { plugin, bars, symbol, config, instrument } = setup;
  const { columns } = bars;
  const rules = filtersOf(instrument);
  const { base, quote, settle, market } = instrument;
  return {
    schema: 'runner.session/1',
    session_id: identity.sessionId,
    kind: identity.kind,
    host_version: HOST_VERSION,
    contract_version: CONTRACT_VERSION,
    config_hash: setup.configHash,
    strategy: { id: plugin.id, version: plugin.version, code_hash: plugin.codeHash },
    data: {
      source: bars.path,
      hash: bars.hash,
      symbol,
      timeframe: bars.timeframe,
      bars: columns.length,
      from_ms: columns.openMs[0]!,
      to_ms: columns.openMs[columns.length - 1]! + bars.timeframeMs,
    },
    exchange: identity.exchange,
    account: identity.account ?? 'paper',
    symbols: [symbol],
    timeframe: bars.timeframe,
    started_at: identity.startedAt,
    ended_at: null,
    seed: config.seed,
    node: process.version,
    instruments: [
      {
        symbol,
        market,
        base,
        quote,
        settle,
        contract_size: rules.contract_size!,
        tick_size: rules.tick_size,
        lot_size: rules.lot_size,
        min_quantity: rules.min_quantity!,
        min_notional: rules.min_notional!,
        ...pick('max_quantity', rules.max_quantity),
        ...pick('max_market_quantity', rules.max_market_quantity),
      },
    ],
    costs: config.costs,
    start_state: startState(setup),
    journal_head: null,
    runs: [],
  };
}

function startState({
  bars,
  warmupBars,
  config,
  instrument,
}: Setup): SessionMetadata['start_state'] {
  const first = Math.min(warmupBars, bars.columns.length - 1);
  return {
    bar_ms: bars.columns.openMs[first]!,
    lots: [],
    orders: [],
    cash: { [instrument.settle]: config.cash },
    plugin_snapshot: null,
  };
}

// Columns, not rows: a tenth of the size, and read by column anyway.
function traceOf({ collector, run }: BacktestResult) {
  const fills = collector.rows.filter((row): row is FillRow => row.kind === 'fill');
  const column = <Value>(read: (row: FillRow) => Value): Value[] => fills.map(read);
  return {
    schema: 'runner.trace/1',
    fills: {
      ts: column(({ ts }) => ts),
      order: column(({ order }) => order),
      position: column(({ positionId }) => positionId),
      side: column(({ side }) => side),
      price: column(({ price }) => format(price)),
      quantity: column(({ quantity }) => format(quantity)),
      fee: column(({ fee }) => format(fee)),
      realized: column(({ realized }) => format(realized)),
      liquidity: column(({ liquidity }) => liquidity),
    },
    equity: dailyEquity(run.times, run.equity, run.length),
  };
}

const DAY_MS = 86_400_000;

// The last mark of each UTC day; every bar's mark can be had again by running the backtest again.
function dailyEquity(times: Float64Array, equity: Float64Array, length: number): unknown {
  const days: { ts: number[]; value: number[] } = { ts: [], value: [] };
  for (let i = 0; i < length; i += 1) {
    const day = Math.floor((times[i]! - 1) / DAY_MS);
    const isLast = i + 1 === length || Math.floor((times[i + 1]! - 1) / DAY_MS) !== day;
    if (!isLast) continue;
    days.ts.push(times[i]!);
    days.value.push(equity[i]!);
  }
  return days;
}
