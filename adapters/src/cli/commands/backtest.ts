// `runner backtest`: the report on stdout, progress and warnings of the run on stderr.
import { backtest } from '../../api/backtest.js';
import { newSessionId } from '../../api/start-session.js';
import { SystemClock } from '../../clock/system-clock.js';
import { EXIT } from '../../errors.js';
import { buildReport } from '../../report/build-report.js';
import { textSummary } from '../../report/text-summary.js';
import { writeBacktestSession } from '../../report/backtest-session.js';
import { createLog, pluginLog } from '../../log/log.js';
import { progressLine } from '../progress.js';
import { type RunArgs, sessionsDirOf, setupOptionsOf } from '../run-args.js';

export interface BacktestArgs extends RunArgs {
  readonly session: boolean;
}

export async function runBacktestCommand(args: BacktestArgs): Promise<number> {
  const clock = new SystemClock();
  const options = setupOptionsOf(args);
  const log = createLog(args.logLevel ?? 'warn');
  const onProgress = progressLine(clock);
  const result = await backtest({
    ...options,
    clock,
    sessionId: 'backtest',
    onLog: pluginLog(log),
    onProgress,
  });
  const { setup } = result;
  const sessionId = newSessionId(clock, setup.plugin.shortName, setup.symbol);
  const place = { sessionId, sessionsDir: sessionsDirOf(args.sessions) };
  const sessionDir = args.session ? await writeBacktestSession(result, place) : null;
  const report = buildReport(result, { sessionId: args.session ? sessionId : null, sessionDir });
  process.stdout.write(args.json ? `${JSON.stringify(report)}\n` : textSummary(report));
  return EXIT.ok;
}
