// What a session's metadata learns of a run, and what the command says of it at its end: the same
// for a run on a file and one on an exchange.
import type { Clock } from '@strategy-runner/core';
import { type Engine, equity, format } from '@strategy-runner/core';
import { collectResult } from '../api/live.js';
import type { Setup } from '../api/setup.js';
import { isoOf } from '../api/start-session.js';
import { resultHash } from '../report/build-report.js';
import type { LiveEnd } from '../report/live-text.js';
import type { GateDecision } from '../safety/gates.js';
import { runWarnings } from '../report/run-warnings.js';
import { type SessionFolder, updateMetadata } from '../store/session-folder.js';
import type { SqliteStore } from '../store/sqlite/sqlite-store.js';
import type { RunWatch } from './run-watch.js';

export interface RunHandle {
  readonly engine: Engine;
  readonly start: 'cold' | 'warm';
  readonly run: number;
}

/** `gates`: what was decided about real orders, where an exchange was reached (P8). */
export async function noteRun(
  folder: SessionFolder,
  live: RunHandle,
  clock: Clock,
  gates?: GateDecision,
): Promise<void> {
  const runs = folder.metadata.runs.map((run) =>
    run.ended_at === null ? { ...run, exit: 'crashed' } : run,
  );
  const started = { run: live.run, started_at: isoOf(clock.now()), start: live.start } as const;
  const decided = gates === undefined ? {} : { gates };
  const next = { ...started, ended_at: null, exit: null, ...decided };
  await updateMetadata(folder, { runs: [...runs, next] });
}

export interface DescribedRun {
  readonly setup: Setup;
  readonly folder: SessionFolder;
  readonly watch: RunWatch;
}

export interface Ending {
  readonly cause: string;
  /** It has played at least what the session began with. */
  readonly isWhole: boolean;
  readonly head: { readonly seq: number; readonly hash: string } | undefined;
  readonly clock: Clock;
}

export async function noteEnd(folder: SessionFolder, ending: Ending): Promise<void> {
  const { cause, isWhole, head, clock } = ending;
  const now = isoOf(clock.now());
  const current = await updateMetadata(folder, {});
  const runs = current.metadata.runs.map((run, place, all) =>
    place === all.length - 1 ? { ...run, ended_at: now, exit: cause } : run,
  );
  // A feed that has ended cannot be resumed; a run that was stopped, or had a shorter file, can.
  const ended_at = cause === 'end_of_data' && isWhole ? now : null;
  await updateMetadata(folder, { runs, ended_at, journal_head: head ?? null });
}

export async function describe(
  { setup, folder, watch }: DescribedRun,
  live: RunHandle,
  store: SqliteStore,
): Promise<Omit<LiveEnd, 'cause' | 'comparison'>> {
  const { state } = live.engine;
  const collector = await collectResult(store);
  collector.faults.push(...(await watch.settled()));
  return {
    schema: 'runner.live/1',
    session_id: folder.id,
    session_dir: folder.path,
    strategy: setup.plugin.id,
    symbol: setup.symbol,
    timeframe: setup.bars.timeframe,
    start: live.start,
    bars: state.market.get(setup.symbol)?.bars ?? 0,
    last_bar_ms: state.market.get(setup.symbol)?.closeMs ?? null,
    final_equity: format(equity(live.engine)),
    fees: format(state.fees),
    funding: format(state.funding),
    closed_positions: state.closedPositions,
    open_positions: [...state.positions.values()].map(({ side, quantity }) => ({
      side,
      qty: format(quantity),
    })),
    working_orders: state.orders.size,
    intents: { accepted: collector.accepted, denied: Object.fromEntries(collector.denied) },
    warnings: [...setup.warnings, ...runWarnings(collector)],
    result_hash: resultHash({ collector }),
    config_hash: setup.configHash,
  };
}
