// The options of `runner kill`, `stop`, `pause` and `resume`, with the words that --help prints.
import type { Argv } from 'yargs';

const text = (describe: string) => ({ type: 'string' as const, describe, requiresArg: true });

function controlOptions(argv: Argv): Argv {
  return argv
    .option('exchange', text('Exchange of the account; sim: paper'))
    .option('account', text('Name of the account; default: main, and paper for sim'))
    .option('reason', { ...text('Why, in your words; kept'), demandOption: true })
    .option('json', { type: 'boolean', describe: 'Print one JSON document', default: false });
}

function onOneAccount(argv: Argv): Argv {
  return controlOptions(argv).demandOption('exchange');
}

const STAYS = 'It stays up over restarts and needs neither network nor a running process.';

export function killOptions(argv: Argv): Argv {
  return controlOptions(argv)
    .option('reset', {
      type: 'boolean',
      describe: 'Take the kill back; only while no process runs the account',
      default: false,
    })
    .option('bundle', {
      type: 'boolean',
      describe: 'Where nothing runs, pack the newest session of the account',
      default: true,
    })
    .option('sessions', text('Where that is (RUNNER_SESSIONS, default ./sessions)'))
    .option('config', text('With --all: the file that names the accounts'))
    .option('all', {
      type: 'boolean',
      describe: 'Every account of the config file; one that fails stops no other',
      default: false,
    })
    .check(checkKill, false)
    .epilogue(
      `Entries are cancelled and refused; positions and their stops stay. ${STAYS} It closes no ` +
        'position and does not look at the venue: see docs/RUNBOOK.md for that.',
    )
    .example('$0 kill --exchange binanceusdm --reason "wrong prices"', 'at once, from anywhere')
    .example('$0 kill --config runs.json --all --reason "wrong prices"', 'every account of a file');
}

function checkKill(args: Readonly<Record<string, unknown>>): true {
  const { exchange, account, config, reset, all } = args;
  if (all !== true) {
    if (config !== undefined) throw new Error('--config goes with --all');
    if (exchange !== undefined) return true;
    throw new Error('Missing required argument: exchange (or --config <file> --all).');
  }
  if (config === undefined) throw new Error('--all needs --config, which names the accounts');
  if (exchange !== undefined || account !== undefined) {
    throw new Error('--all is every account of the file, and --exchange or --account names one');
  }
  if (reset === true) throw new Error('--reset takes back one kill at a time');
  return true;
}

export function stopOptions(argv: Argv): Argv {
  return onOneAccount(argv).epilogue(`No new entries; exits go on. ${STAYS}`);
}

export function pauseOptions(argv: Argv): Argv {
  return onOneAccount(argv).epilogue(`Entries wait while the run goes on. ${STAYS}`);
}

export function resumeOptions(argv: Argv): Argv {
  return onOneAccount(argv)
    .option('ack', text('Acknowledge a hold by its trade id or divergence; nothing else changes'))
    .epilogue('Takes pause and stop back, never a kill.')
    .example('$0 resume --exchange binanceusdm --reason "news is over"', 'entries again');
}
