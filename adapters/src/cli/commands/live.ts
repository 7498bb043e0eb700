// `runner live`: paper by default. Resumes the session that was left unfinished, and leaves this
// one so that it can be resumed. SIGINT and SIGTERM end it after the bar under way, exit status 0
// (L12).
import type { Clock } from '@strategy-runner/core';
import { equity, format } from '@strategy-runner/core';
import type { Logger } from 'pino';
import { type LiveRun, collectResult, startLive } from '../../api/live.js';
import { findOrCreate, lockSession } from '../../api/open-session.js';
import { type Setup, setUp } from '../../api/setup.js';
import { isoOf, newSessionId } from '../../api/start-session.js';
import { EXIT, RunnerError } from '../../errors.js';
import { parseSpeed } from '../../market-data/file-feed.js';
import { metadataOf } from '../../report/backtest-session.js';
import { resultHash } from '../../report/build-report.js';
import { type LiveEnd, liveText } from '../../report/live-text.js';
import { runWarnings } from '../../report/run-warnings.js';
import { type SessionFolder, updateMetadata } from '../../store/session-folder.js';
import { SqliteStore } from '../../store/sqlite/sqlite-store.js';
import { type Mode, TOKENS, compose } from '../compose.js';
import { type RunArgs, comparisonCommand, sessionsDirOf, setupOptionsOf } from '../run-args.js';

export interface LiveArgs extends RunArgs {
  readonly exchange: string;
  readonly mode: Mode;
  readonly speed: string;
  readonly session?: string;
  readonly start: 'auto' | 'warm' | 'cold';
}

export async function runLiveCommand(args: LiveArgs): Promise<number> {
  const speed = parseSpeed(args.speed);
  const run = compose(args.mode, { logLevel: args.logLevel, context: {} });
  const clock = run.resolve<Clock>(TOKENS.clock);
  checkExchange(args.exchange);
  const options = setupOptionsOf(args);
  const setup = await setUp(options);
  const folder = await sessionFor(args, setup, clock);
  const context = {
    session: folder.id,
    symbol: setup.symbol,
    strategy: setup.plugin.shortName,
    exchange: args.exchange,
    frame: setup.bars.timeframe,
  };
  const log = run.resolve<Logger>(TOKENS.log).child(context);
  const release = await lockSession(folder);
  try {
    const end = await runSession({ setup, folder, clock, log, speed, fromMs: options.fromMs ?? 0 });
    const comparison = comparisonCommand(args, setup.symbol);
    const shown = { ...end, comparison };
    process.stdout.write(args.json ? `${JSON.stringify(shown)}\n` : liveText(shown));
    return EXIT.ok;
  } finally {
    await release();
  }
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

async function sessionFor(args: LiveArgs, setup: Setup, clock: Clock): Promise<SessionFolder> {
  const { shortName } = setup.plugin;
  const metadata = metadataOf(setup, {
    sessionId: newSessionId(clock, shortName, setup.symbol),
    kind: 'paper',
    exchange: args.exchange,
    startedAt: isoOf(clock.now()),
  });
  return findOrCreate({
    sessionsDir: sessionsDirOf(args.sessions),
    start: args.start,
    metadata,
    ...(args.session === undefined ? {} : { session: args.session }),
  });
}

interface SessionRun {
  readonly setup: Setup;
  readonly folder: SessionFolder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly speed: number;
  readonly fromMs: number;
}

async function runSession(session: SessionRun): Promise<Omit<LiveEnd, 'comparison'>> {
  const { setup, folder, clock, log } = session;
  const { config, symbol, instrument } = setup;
  const spotSymbols = instrument.market === 'spot' ? [symbol] : [];
  const store = await SqliteStore.open({
    path: folder.databasePath,
    session: { sessionId: folder.id, initialCash: config.cash, spotSymbols },
    onProjectionFault: (fault) => log.error({ event: 'projection_fault' }, String(fault)),
  });
  try {
    const live = await startLive({ ...session, sessionId: folder.id, store });
    await noteRun(folder, live, clock);
    const cause = await untilSignalled(live);
    const end = await describe(session, live, store);
    await noteEnd(folder, { cause, head: await store.head(), clock });
    return { ...end, cause };
  } finally {
    await store.close();
  }
}

async function untilSignalled(live: LiveRun): Promise<string> {
  const onSignal = (signal: string): void => live.stop(signal.toLowerCase());
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    return await live.finish();
  } finally {
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
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
  readonly head: { readonly seq: number; readonly hash: string } | undefined;
  readonly clock: Clock;
}

async function noteEnd(folder: SessionFolder, { cause, head, clock }: Ending): Promise<void> {
  const now = isoOf(clock.now());
  const current = await updateMetadata(folder, {});
  const runs = current.metadata.runs.map((run, place, all) =>
    place === all.length - 1 ? { ...run, ended_at: now, exit: cause } : run,
  );
  // A feed that has ended cannot be resumed; a run that was stopped can.
  const ended_at = cause === 'end_of_data' ? now : null;
  await updateMetadata(folder, { runs, ended_at, journal_head: head ?? null });
}

async function describe(
  { setup, folder }: SessionRun,
  live: LiveRun,
  store: SqliteStore,
): Promise<Omit<LiveEnd, 'cause' | 'comparison'>> {
  const { state } = live.engine;
  const collector = await collectResult(store);
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
