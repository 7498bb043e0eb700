// The options of `runner kill`, `stop`, `pause` and `resume`, with the words that --help prints.
import type { Argv } from 'yargs';

const text = (describe: string) => ({ type: 'string' as const, describe, requiresArg: true });

function controlOptions(argv: Argv): Argv {
  return argv
    .option('exchange', { ...text('Exchange of the account; sim: paper'), demandOption: true })
    .option('account', text('Name of the account; default: main, and paper for sim'))
    .option('reason', { ...text('Why, in your words; kept'), demandOption: true })
    .option('json', { type: 'boolean', describe: 'Print one JSON document', default: false });
}

const STAYS = 'It stays up over restarts and needs neither network nor a running process.';

export function killOptions(argv: Argv): Argv {
  return controlOptions(argv)
    .option('reset', {
      type: 'boolean',
      describe: 'Take the kill back; only while no process runs the account',
      default: false,
    })
    .epilogue(
      `Entries are cancelled and refused; positions and their stops stay. ${STAYS} It closes no ` +
        'position and does not look at the venue: see docs/RUNBOOK.md for that.',
    )
    .example('$0 kill --exchange binanceusdm --reason "wrong prices"', 'at once, from anywhere');
}

export function stopOptions(argv: Argv): Argv {
  return controlOptions(argv).epilogue(`No new entries; exits go on. ${STAYS}`);
}

export function pauseOptions(argv: Argv): Argv {
  return controlOptions(argv).epilogue(`Entries wait while the run goes on. ${STAYS}`);
}

export function resumeOptions(argv: Argv): Argv {
  return controlOptions(argv)
    .option('ack', text('Acknowledge a hold by its trade id or divergence; nothing else changes'))
    .epilogue('Takes pause and stop back, never a kill.')
    .example('$0 resume --exchange binanceusdm --reason "news is over"', 'entries again');
}
