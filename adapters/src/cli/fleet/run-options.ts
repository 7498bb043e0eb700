// `--run` and `--all` of `runner live`: what may be said beside them, and what the run says itself.
import type { Argv } from 'yargs';
import { namesIn } from './run-entry.js';

export const RUN_NAMES = {
  type: 'array' as const,
  string: true as const,
  requiresArg: true,
  describe: 'Runs of the config file by name, such as --run btc,eth',
};

export function withRuns(argv: Argv): Argv {
  return argv
    .option('run', { ...RUN_NAMES, describe: `${RUN_NAMES.describe}; one runs in this process` })
    .option('all', {
      type: 'boolean',
      default: false,
      describe: 'Every run of the config file, each as a process of its own',
    })
    .check(checkRunOptions, false)
    .example('$0 live --config runs.json --all', 'every run of the file, each on its own');
}

const SAID_BY_THE_RUN =
  'strategy exchange account symbol timeframe mode data speed from to gaps time-is funding cash ' +
  'fee-bps slippage-bps slippage-model set seed on-untracked shadow max-drift start-paused';

/** What is for one session only. A supervisor that restarts would say it again and again. */
const OF_ONE_RUN = ['session', 'reset-kill', 'reason'];

/** Throws what the command line says of it, or answers true. */
function checkRunOptions(args: Readonly<Record<string, unknown>>): true {
  const run = args['run'] as readonly string[] | undefined;
  const all = args['all'] === true;
  if (run === undefined && !all) {
    if (args['strategy'] === undefined) throw new Error('Missing required argument: strategy.');
    return true;
  }
  const what = all ? '--all' : '--run';
  if (run !== undefined && all) throw new Error('--all is every run, and --run names some');
  if (args['config'] === undefined) throw new Error(`${what} needs --config, which names the runs`);
  const own = SAID_BY_THE_RUN.split(' ').find((name) => isSaid(args[name]));
  if (own !== undefined) throw new Error(`--${own} is said by the run itself, in the config file`);
  const names = namesIn(run ?? []);
  if (!all && names.length === 0) throw new Error('--run names no run');
  if (!all && names.length === 1) return true;
  const single = OF_ONE_RUN.find((name) => isSaid(args[name]));
  if (single !== undefined) throw new Error(`--${single} goes with one --run only`);
  if (args['start'] === 'auto') return true;
  throw new Error('--start goes with one --run only: each is resumed where it has a session');
}

/** What speaks of one session does not speak of the runs of a file. */
export function checkStatusOptions(args: Readonly<Record<string, unknown>>): true {
  if (args['config'] === undefined) {
    if (args['run'] === undefined) return true;
    throw new Error('--run needs --config, which names the runs');
  }
  const other = ['session', 'pending', 'metrics'].find((name) => isSaid(args[name]));
  if (other === undefined) return true;
  throw new Error(`--config shows the runs of a file, and ${other} is of one session`);
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== false;
}
