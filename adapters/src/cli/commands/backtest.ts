// `runner backtest`: the report on stdout, progress and warnings of the run on stderr.
import { type BacktestResult, runSetup } from '../../api/backtest.js';
import { inputsOf } from '../../api/backtest-inputs.js';
import { setUp } from '../../api/setup.js';
import { newSessionId } from '../../api/start-session.js';
import { SystemClock } from '../../clock/system-clock.js';
import { EXIT } from '../../errors.js';
import { buildReport, resultHash } from '../../report/build-report.js';
import { textSummary } from '../../report/text-summary.js';
import { type SessionTarget, writeBacktestSession } from '../../report/backtest-session.js';
import { assertSessionsWritable } from '../../store/session-folder.js';
import { createLog, pluginLog } from '../../log/log.js';
import { progressLine } from '../progress.js';
import { type RunArgs, contextOf, sessionsDirOf, setupOptionsOf } from '../run-args.js';
import { RunWatch } from '../run-watch.js';

export interface BacktestArgs extends RunArgs {
  readonly session: boolean;
  readonly compare?: undefined;
}

/** A session that its backtest is held against, instead of a report. */
interface AgainstSession extends Pick<RunArgs, 'data' | 'sessions' | 'json'> {
  readonly compare: string;
  readonly strategy?: string;
}

export async function runBacktestCommand(args: BacktestArgs | AgainstSession): Promise<number> {
  if (args.compare !== undefined) return compareWith(args);
  const clock = new SystemClock();
  const options = setupOptionsOf(args);
  const watch = new RunWatch(createLog(args.logLevel ?? 'warn'));
  try {
    const setup = await setUp(options);
    const { shortName } = setup.plugin;
    const sessionId = args.session ? newSessionId(clock, shortName, setup.symbol) : null;
    const sessionsDir = sessionsDirOf(args.sessions);
    // Said before a run that may take long, not after it.
    if (sessionId !== null) await assertSessionsWritable(sessionsDir);
    watch.log = watch.log.child({
      ...(sessionId === null ? {} : { session: sessionId }),
      ...contextOf(setup, 'sim'),
    });
    const result = runSetup(setup, {
      ...options,
      clock,
      sessionId: 'backtest',
      onLog: pluginLog(watch.log),
      onProgress: progressLine(clock),
    });
    result.collector.faults.push(...(await watch.settled()));
    const hash = resultHash(result);
    const kept = { sessionsDir, inputs: inputsOf(setup, options), resultHash: hash };
    const place = await keepSession(result, { ...kept, sessionId });
    const report = buildReport(result, place, hash);
    watch.release();
    process.stdout.write(args.json ? `${JSON.stringify(report)}\n` : textSummary(report));
    // The result is told before the failure: a full disk must not cost the run that it follows.
    if (place.failure !== undefined) throw place.failure;
    return EXIT.ok;
  } finally {
    watch.release();
  }
}

async function compareWith(args: AgainstSession): Promise<number> {
  const { runCompareCommand } = await import('./compare.js');
  const { compare: session, data, strategy, sessions, json } = args;
  return runCompareCommand({
    session,
    order: 'forward',
    json,
    ...(strategy === undefined ? {} : { strategy }),
    ...(data === undefined ? {} : { data }),
    ...(sessions === undefined ? {} : { sessions }),
  });
}

interface Kept {
  readonly sessionId: string | null;
  readonly sessionDir: string | null;
  readonly failure?: unknown;
}

interface Wanted extends Omit<SessionTarget, 'sessionId'> {
  readonly sessionId: string | null;
}

async function keepSession(
  result: BacktestResult,
  { sessionId, ...target }: Wanted,
): Promise<Kept> {
  if (sessionId === null) return { sessionId, sessionDir: null };
  try {
    const sessionDir = await writeBacktestSession(result, { ...target, sessionId });
    return { sessionId, sessionDir };
  } catch (failure) {
    return { sessionId: null, sessionDir: null, failure };
  }
}
