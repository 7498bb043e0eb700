// A session that is written down: opened or resumed, recovered, run until its feed ends or it is
// told to stop, and left so that the next start goes on where this one stopped.
import {
  type Clock,
  type Engine,
  LiveDriver,
  type Recovered,
  type RunStarted,
  decode,
} from '@strategy-runner/core';
import type { AccountStore } from '../account-store/account-store.js';
import { FileFeed } from '../market-data/file-feed.js';
import type { SqliteStore } from '../store/sqlite/sqlite-store.js';
import { PaperVenue } from '../venue/paper/paper-venue.js';
import { RunCollector } from '../report/run-warnings.js';
import { simPartsOf } from './backtest.js';
import { engineConfigOf } from './engine-config.js';
import { runHeard } from './operator.js';
import { hasNewBars } from './resume-data.js';
import { type SessionEngineOptions, sessionEngine, startFields } from './session-engine.js';
import type { Setup } from './setup.js';

export interface LiveOptions extends Omit<SessionEngineOptions, 'plugin'> {
  readonly setup: Setup;
  readonly fromMs: number;
  readonly gaps: 'refuse' | 'allow';
  readonly speed: number;
  readonly clock: Clock;
  /** Where an operator's kill, stop and pause are found. */
  readonly accountStore: AccountStore;
  /** Entries wait until an operator releases them (B10). */
  readonly isPausedAtStart?: boolean;
}

/** A session ready to run, and the handle by which it is stopped. */
export interface LiveRun {
  readonly engine: Engine;
  readonly start: 'cold' | 'warm';
  readonly run: number;
  /** The file holds no bar that the session has not played, so that there is nothing to run. */
  readonly isNothingNew: boolean;
  /** Resolves with why it ended: `end_of_data`, or the cause given to `stop`. */
  finish(): Promise<string>;
  stop(cause: string): void;
}

export async function startLive(options: LiveOptions): Promise<LiveRun> {
  const { setup, metadata, store, log } = options;
  const sessionId = metadata.session_id;
  const config = engineConfigOf(setup, sessionId, options.fromMs);
  const parts = await sessionEngine({ ...options, plugin: setup.plugin }, config);
  const { engine, runtime, rows, start, recovered } = parts;
  const { state } = recovered;
  const isNothingNew = hasNothingNew(recovered, options);
  const { instruments } = config;
  const cash = () => state.cash;
  const venue = new PaperVenue({ ...simPartsOf(setup), instruments, cash });
  venue.restore(engine);
  const driver = new LiveDriver({
    engine,
    runtime,
    venue,
    store,
    rows,
    clock: options.clock,
    onAlert: (code, text) => log.warn({ event: 'alert', code, event_ms: engine.now }, text),
  });
  const measured = { engine, driver, rows, marketNow: () => engine.now };
  options.metrics?.follow({ ...measured, hasAccount: false });
  const run = isNothingNew ? state.run : state.run + 1;
  const { restoredFrom } = recovered;
  const started = {
    kind: 'run_started',
    ts: firstMs(engine, setup),
    run,
    start,
    ...(restoredFrom === null ? {} : { restoredFrom }),
  } as const;
  const event = isNothingNew ? 'nothing_new' : `${start}_start`;
  log.info({ event, run, ...startFields(parts), event_ms: started.ts });
  return {
    engine,
    start,
    run,
    isNothingNew,
    stop: (cause) => driver.stop(cause),
    finish: () => finish(driver, engine, options, started),
  };
}

async function finish(
  driver: LiveDriver,
  engine: Engine,
  { setup, speed, clock, log, accountStore, isPausedAtStart }: LiveOptions,
  started: RunStarted,
): Promise<string> {
  const { bars, symbol, funding } = setup;
  const { timeframe, timeframeMs, columns } = bars;
  const afterMs = started.start === 'cold' ? 0 : started.ts;
  const parts = { columns, symbol, timeframe, timeframeMs, funding, afterMs, speed, clock };
  const now = (): number => engine.now;
  const isKilled = (): boolean => engine.state.gates.killed;
  const operator = { accountStore, now, log, isPausedAtStart, isKilled };
  const cause = await runHeard({ driver, feed: new FileFeed(parts), started, operator });
  log.info({ event: 'loop_shutdown', cause, event_ms: engine.now });
  return cause;
}

// A run that was cut off behind its last bar is closed by another one, although that plays nothing.
function hasNothingNew(
  { series, state }: Recovered,
  { setup, metadata, gaps }: LiveOptions,
): boolean {
  const { bars, symbol } = setup;
  const recorded = series.get(`${symbol}|${bars.timeframe}`)!;
  if (hasNewBars({ bars, recorded, gaps })) return false;
  const closedMs = state.market.get(symbol)?.closeMs ?? 0;
  const isCutOff = metadata.runs.at(-1)?.ended_at === null;
  return !isCutOff || closedMs < (metadata.data.to_ms ?? 0);
}

// A new session starts when its first bar opens, a resumed one where its last bar closed.
function firstMs(engine: Engine, setup: Setup): number {
  const market = engine.state.market.get(setup.symbol);
  return market?.closeMs ?? setup.bars.columns.openMs[0]!;
}

/** The result of a session, read back from its journal. */
export async function collectResult(store: SqliteStore): Promise<RunCollector> {
  const collector = new RunCollector();
  for await (const row of store.readJournal(1)) {
    if (row.class === 'record') collector.record(decode(row.payload) as never);
  }
  return collector;
}
