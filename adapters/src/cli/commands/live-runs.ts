// `runner live` as it was typed: one run, one run of a config file in this process, or several of
// them as processes of their own under this one.
import type { Logger } from 'pino';
import { readConfig } from '../../api/run-config.js';
import type { RunConfig } from '../../api/run-config.js';
import { pause, steadyMs } from '../../venue/ccxt/pause.js';
import { TOKENS, compose } from '../compose.js';
import { environmentOf } from '../fleet/child-environment.js';
import { type StartedRun, startChild } from '../fleet/child-process.js';
import { endDocument, endText, summaryOf, tableOf } from '../fleet/fleet-text.js';
import { type NamedRun, namesIn, readRuns } from '../fleet/run-entry.js';
import { type PlannedRun, planRuns } from '../fleet/run-plan.js';
import { Supervisor } from '../fleet/supervisor.js';
import { type TypedLiveArgs, liveArgsOf, liveArgsOfRun } from '../live-args.js';
import type { StopSignals } from '../stop-signals.js';

export async function runLiveAsTyped(args: TypedLiveArgs, signals: StopSignals): Promise<number> {
  const { run, all, config } = args;
  if (config === undefined || (run === undefined && !all)) {
    const { runLiveCommand } = await import('./live.js');
    return runLiveCommand(liveArgsOf(args), signals);
  }
  const runs = await readRuns(config, all ? 'all' : namesIn(run ?? []));
  const [only] = runs;
  if (!all && runs.length === 1 && only !== undefined) {
    const { runLiveCommand } = await import('./live.js');
    return runLiveCommand(liveArgsOfRun(args, only), signals);
  }
  return supervise(runs, { args, config, signals });
}

interface Supervision {
  readonly args: TypedLiveArgs;
  readonly config: string;
  readonly signals: StopSignals;
}

async function supervise(
  runs: readonly NamedRun[],
  { args, config, signals }: Supervision,
): Promise<number> {
  const { accounts = {} } = (await readConfig(config)) as Partial<Pick<RunConfig, 'accounts'>>;
  const planned = planRuns(runs, { accounts, env: process.env });
  const log = compose('paper', { logLevel: args.logLevel, context: {} }).resolve<Logger>(
    TOKENS.log,
  );
  // Nobody reads the log any more: no reason to stop trading.
  process.stderr.on('error', () => undefined);
  const start = (run: PlannedRun, onSession: (session: string) => void): StartedRun =>
    startChild({
      name: run.name,
      args: childArgs(args, config, run.name),
      env: environmentOf(keysOf(run, accounts), process.env),
      isJson: args.json,
      write: (line) => void process.stderr.write(line),
      onSession,
    });
  const supervisor = new Supervisor(planned, { start, now: steadyMs, pause, log });
  tellStart(supervisor, args, log);
  await signals.during(
    (cause) => supervisor.stop(cause === 'sigint' ? 'SIGINT' : 'SIGTERM'),
    () => supervisor.run(),
  );
  const { standings, status } = supervisor;
  process.stdout.write(args.json ? endDocument(standings, status) : endText(standings));
  return status;
}

function tellStart({ standings }: Supervisor, { json }: TypedLiveArgs, log: Logger): void {
  const runs = standings.map(summaryOf);
  if (json) log.info({ event: 'runs_start', runs }, 'the runs of the config file are started');
  else process.stderr.write(tableOf(standings));
}

// What may be said beside a run holds for each of them.
function childArgs(
  { sessions, logLevel, force, metricsInterval, endBundle }: TypedLiveArgs,
  config: string,
  name: string,
): readonly string[] {
  return [
    'live',
    '--config',
    config,
    '--run',
    name,
    '--json',
    ...(sessions === undefined ? [] : ['--sessions', sessions]),
    ...(logLevel === undefined ? [] : ['--log-level', logLevel]),
    ...(force ? ['--force'] : []),
    ...(endBundle ? [] : ['--no-end-bundle']),
    '--metrics-interval',
    String(metricsInterval),
  ];
}

function keysOf(
  { account, sendsOrders }: PlannedRun,
  accounts: RunConfig['accounts'],
): Parameters<typeof environmentOf>[0] {
  const named = Object.entries(accounts).map(([name, { lock }]) => {
    const variable = lock?.postgres_url_env;
    return [name, variable === undefined ? [] : [variable]] as const;
  });
  return { account: sendsOrders ? account : null, named: Object.fromEntries(named) };
}
