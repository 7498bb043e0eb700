// `runner live`: paper by default. Resumes the session that was left unfinished, and leaves this
// one so that it can be resumed. SIGINT and SIGTERM end it after the bar under way, exit status 0
// (L12).
import type { Clock } from '@strategy-runner/core';
import { equity, format } from '@strategy-runner/core';
import type { Logger } from 'pino';
import { engineConfigOf } from '../../api/engine-config.js';
import { type LiveRun, collectResult, startLive } from '../../api/live.js';
import { findOrCreate, settingsOf } from '../../api/open-session.js';
import { premiseFiles } from '../../api/premises.js';
import { type Setup, setUp } from '../../api/setup.js';
import { isoOf, newSessionId } from '../../api/start-session.js';
import { EXIT, RunnerError } from '../../errors.js';
import { parseSpeed } from '../../market-data/file-feed.js';
import { metadataOf } from '../../report/backtest-session.js';
import { resultHash } from '../../report/build-report.js';
import { type LiveEnd, liveText } from '../../report/live-text.js';
import { runWarnings } from '../../report/run-warnings.js';
import {
  type SessionFolder,
  readSessionFolder,
  updateMetadata,
} from '../../store/session-folder.js';
import { lockSession } from '../../store/session-lock.js';
import { SqliteStore } from '../../store/sqlite/sqlite-store.js';
import { type Mode, TOKENS, compose } from '../compose.js';
import {
  type RunArgs,
  comparisonCommand,
  contextOf,
  sessionsDirOf,
  setupOptionsOf,
} from '../run-args.js';
import { RunWatch } from '../run-watch.js';
import type { StopSignals } from '../stop-signals.js';

export interface LiveArgs extends RunArgs {
  readonly exchange: string;
  readonly mode: Mode;
  readonly speed: string;
  readonly session?: string;
  readonly start: 'auto' | 'warm' | 'cold';
}

export async function runLiveCommand(args: LiveArgs, signals: StopSignals): Promise<number> {
  const speed = parseSpeed(args.speed);
  const run = compose(args.mode, { logLevel: args.logLevel, context: {} });
  const clock = run.resolve<Clock>(TOKENS.clock);
  checkExchange(args.exchange);
  const options = setupOptionsOf(args);
  const watch = new RunWatch(run.resolve<Logger>(TOKENS.log));
  try {
    const setup = await setUp(options);
    const early = await signals.cause();
    if (early !== undefined) return sayStopped(early, args, watch);
    const found = await sessionFor(args, { setup, clock, fromMs: options.fromMs });
    const context = { session: found.id, ...contextOf(setup, args.exchange) };
    watch.log = watch.log.child(context);
    const release = await lockSession(found, isoOf(clock.now()));
    try {
      // Read again: whoever held it may have gone on with it meanwhile.
      const folder = await readSessionFolder(found.path);
      const { fromMs = 0, gaps = 'refuse' } = options;
      const end = await runSession({ setup, folder, clock, watch, signals, speed, fromMs, gaps });
      if (end === undefined) return sayStopped((await signals.cause())!, args, watch);
      const shown = { ...end, comparison: comparisonCommand(args, setup.symbol) };
      watch.release();
      process.stdout.write(args.json ? `${JSON.stringify(shown)}\n` : liveText(shown));
      return EXIT.ok;
    } finally {
      await release();
    }
  } finally {
    watch.release();
    signals.release();
  }
}

// Asked to stop before the first event: nothing was written into a session.
function sayStopped(cause: string, { json }: LiveArgs, watch: RunWatch): number {
  watch.log.info({ event: 'loop_shutdown', cause }, 'stopped before the run began');
  watch.release();
  const shown = { schema: 'runner.live/1', session_id: null, cause, bars: 0 };
  const text = `stopped by ${cause} before the run began; no session was changed\n`;
  process.stdout.write(json ? `${JSON.stringify(shown)}\n` : text);
  return EXIT.ok;
}

function checkExchange(exchange: string): void {
  if (exchange === 'sim') return;
  throw new RunnerError({
    code: 'EXCHANGE_UNKNOWN',
    exitCode: EXIT.usage,
    message: `no exchange ${exchange} in this version`,
    next: 'use --exchange sim with --data <file> to play bars from a file',
  });
}

interface Wanted {
  readonly setup: Setup;
  readonly clock: Clock;
  readonly fromMs: number | undefined;
}

async function sessionFor(
  args: LiveArgs,
  { setup, clock, fromMs }: Wanted,
): Promise<SessionFolder> {
  const { shortName } = setup.plugin;
  const sessionId = newSessionId(clock, shortName, setup.symbol);
  const metadata = metadataOf(setup, {
    sessionId,
    kind: 'paper',
    exchange: args.exchange,
    startedAt: isoOf(clock.now()),
  });
  return findOrCreate({
    sessionsDir: sessionsDirOf(args.sessions),
    start: args.start,
    metadata,
    settings: settingsOf(fromMs, setup.pinned),
    files: premiseFiles(setup, engineConfigOf(setup, sessionId, fromMs ?? 0)),
    ...(args.session === undefined ? {} : { session: args.session }),
  });
}

interface SessionRun {
  readonly setup: Setup;
  readonly folder: SessionFolder;
  readonly clock: Clock;
  readonly watch: RunWatch;
  readonly signals: StopSignals;
  readonly speed: number;
  readonly fromMs: number;
  readonly gaps: 'refuse' | 'allow';
}

type Ran = Omit<LiveEnd, 'comparison'>;

/** Undefined where a signal came before the loop ran. */
async function runSession(session: SessionRun): Promise<Ran | undefined> {
  const { setup, folder, clock, watch, signals } = session;
  const { config, symbol, instrument } = setup;
  const spotSymbols = instrument.market === 'spot' ? [symbol] : [];
  const { log } = watch;
  const store = await SqliteStore.open({
    path: folder.databasePath,
    session: { sessionId: folder.id, initialCash: config.cash, spotSymbols },
    onProjectionFault: (fault) => log.error({ event: 'projection_fault' }, String(fault)),
  });
  try {
    const live = await startLive({ ...session, log, metadata: folder.metadata, store });
    if ((await signals.cause()) !== undefined) return undefined;
    if (live.isNothingNew) {
      return { ...(await describe(session, live, store)), cause: 'nothing_new' };
    }
    await noteRun(folder, live, clock);
    const stop = (cause: string): void => live.stop(cause);
    const cause = await signals.during(stop, () => live.finish());
    const end = await describe(session, live, store);
    const isWhole = (end.last_bar_ms ?? 0) >= (folder.metadata.data.to_ms ?? 0);
    await noteEnd(folder, { cause, isWhole, head: await store.head(), clock });
    return { ...end, cause };
  } finally {
    await store.close();
  }
}

async function noteRun(folder: SessionFolder, live: LiveRun, clock: Clock): Promise<void> {
  const runs = folder.metadata.runs.map((run) =>
    run.ended_at === null ? { ...run, exit: 'crashed' } : run,
  );
  const started = { run: live.run, started_at: isoOf(clock.now()), start: live.start } as const;
  const next = { ...started, ended_at: null, exit: null };
  await updateMetadata(folder, { runs: [...runs, next] });
}

interface Ending {
  readonly cause: string;
  /** It has played at least what the session began with. */
  readonly isWhole: boolean;
  readonly head: { readonly seq: number; readonly hash: string } | undefined;
  readonly clock: Clock;
}

async function noteEnd(folder: SessionFolder, ending: Ending): Promise<void> {
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

async function describe(
  { setup, folder, watch }: SessionRun,
  live: LiveRun,
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
