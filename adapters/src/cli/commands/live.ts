// `runner live`: paper by default. Resumes the session that was left unfinished, and leaves this
// one so that it can be resumed. SIGINT and SIGTERM end it after the bar under way, exit status 0
// (L12).
import type { Clock } from '@strategy-runner/core';
import type { Logger } from 'pino';
import { engineConfigOf } from '../../api/engine-config.js';
import { startLive } from '../../api/live.js';
import { findOrCreate, settingsOf } from '../../api/open-session.js';
import { premiseFiles } from '../../api/premises.js';
import { type Setup, setUp } from '../../api/setup.js';
import { isoOf, newSessionId } from '../../api/start-session.js';
import { EXIT, RunnerError } from '../../errors.js';
import type { LogOutput } from '../../log/log-output.js';
import { parseSpeed } from '../../market-data/file-feed.js';
import { metadataOf } from '../../report/backtest-session.js';
import { type LiveEnd, liveText } from '../../report/live-text.js';
import { type SessionFolder, readSessionFolder } from '../../store/session-folder.js';
import { lockSession } from '../../store/session-lock.js';
import { SqliteStore } from '../../store/sqlite/sqlite-store.js';
import { TOKENS, compose, sendsOrders } from '../compose.js';
import { accountStoreOf } from '../state-dir.js';
import type { LiveArgs } from '../live-args.js';
import { MeasuredRun, checkMetricsInterval } from '../measured-run.js';
import { announceSession } from '../fleet/announce-session.js';
import { comparisonCommand, contextOf, sessionsDirOf, setupOptionsOf } from '../run-args.js';
import { RunWatch } from '../run-watch.js';
import { describe, noteEnd, noteRun } from '../session-end.js';
import type { StopSignals } from '../stop-signals.js';

export async function runLiveCommand(args: LiveArgs, signals: StopSignals): Promise<number> {
  if (args.resetKill && (args.start !== 'cold' || !sendsOrders(args.mode))) throw noReset();
  checkMetricsInterval(args.metricsInterval);
  if (args.exchange !== 'sim') {
    // ccxt takes as long to load as everything else together: only who needs it waits for it.
    const { runExchangeCommand } = await import('./live-exchange.js');
    return runExchangeCommand(args, signals);
  }
  if (sendsOrders(args.mode)) throw noOrdersThere();
  const speed = parseSpeed(args.speed);
  const run = compose(args.mode, { logLevel: args.logLevel, context: {} });
  const clock = run.resolve<Clock>(TOKENS.clock);
  const options = setupOptionsOf(args);
  const watch = new RunWatch(
    run.resolve<Logger>(TOKENS.log),
    run.resolve<LogOutput>(TOKENS.logOutput),
  );
  try {
    const setup = await setUp(options);
    const early = await signals.cause();
    if (early !== undefined) return sayStopped(early, args, watch);
    const found = await sessionFor(args, { setup, clock, fromMs: options.fromMs });
    const release = await lockSession(found, isoOf(clock.now()));
    watch.isOf(found, contextOf(setup, args.exchange));
    try {
      await announceSession(found, args.run);
      // Read again: whoever held it may have gone on with it meanwhile.
      const folder = await readSessionFolder(found.path);
      const { fromMs = 0, gaps = 'refuse' } = options;
      const session = { setup, folder, clock, watch, signals, speed, fromMs, gaps };
      const more = { isPausedAtStart: args.startPaused, intervalSeconds: args.metricsInterval };
      const end = await runSession({ ...session, ...more });
      if (end === undefined) return sayStopped((await signals.cause())!, args, watch);
      const { run } = args;
      // The settings of a run are those of its session; no flags say the same.
      const comparison =
        run === undefined ? comparisonCommand(args, setup.symbol) : `runner compare ${folder.path}`;
      const shown = { ...end, comparison };
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

// Passed over in silence it would leave the kill up, and its user in the belief that it is not.
function noReset(): RunnerError {
  return new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: '--reset-kill goes with --start cold --mode live only',
    next: 'runner kill --reset --exchange <id> --account <name> --reason <why> takes a kill back',
  });
}

function noOrdersThere(): RunnerError {
  return new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: 'a played file takes no real orders',
    next: 'leave --mode out, or name an exchange, such as --exchange binanceusdm',
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
    ofRun: { run: args.run },
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
  readonly isPausedAtStart: boolean;
  readonly intervalSeconds: number;
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
    const { metadata } = folder;
    const accountStore = accountStoreOf(metadata, clock);
    const measured = new MeasuredRun({ ...session, log });
    const { metrics } = measured;
    const live = await startLive({ ...session, log, metadata, store, accountStore, metrics });
    if ((await signals.cause()) !== undefined) return undefined;
    if (live.isNothingNew) {
      return { ...(await describe(session, live, store)), cause: 'nothing_new' };
    }
    await noteRun(folder, live, clock);
    const stop = (cause: string): void => live.stop(cause);
    const finish = (): Promise<string> => measured.during(live, () => live.finish());
    const cause = await signals.during(stop, finish);
    const end = await describe(session, live, store);
    const isWhole = (end.last_bar_ms ?? 0) >= (folder.metadata.data.to_ms ?? 0);
    await noteEnd(folder, { cause, isWhole, head: await store.head(), clock });
    return { ...end, cause };
  } finally {
    await store.close();
  }
}
