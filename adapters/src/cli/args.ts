// The command line: one table of commands, each loaded only when it is the one that was typed.
import yargs, { type Argv } from 'yargs';
import { EXIT, RunnerError } from '../errors.js';
import { didYouMean } from '../plugin-source/closest-name.js';
import { HOST_VERSION } from '../version.js';
import type { ControlArgs, ControlCommand } from './commands/control.js';
import type { TypedLiveArgs } from './live-args.js';
import type { StatusArgs } from './commands/status.js';
import type { RunStatusArgs } from './commands/status-runs.js';
import type { KillAllArgs } from './commands/kill-all.js';
import type { VenueArgs } from './commands/venue.js';
import type { VenueDiffArgs } from './commands/venue-diff.js';
import { killOptions, pauseOptions, resumeOptions, stopOptions } from './control-options.js';
import {
  backtestOptions,
  bundleOptions,
  compareOptions,
  explainOptions,
  exportOptions,
  journalOptions,
  liveOptions,
  reconcileOptions,
  replayOptions,
  sessionOptions,
  slippageOptions,
  statusOptions,
  venueOptions,
} from './options.js';
import { StopSignals } from './stop-signals.js';

type Run = (args: never) => Promise<number>;

interface Command {
  readonly usage: string;
  readonly about: string;
  readonly options: (argv: Argv) => Argv;
  readonly load: () => Promise<Run>;
}

const COMMANDS: readonly Command[] = [
  {
    usage: 'backtest',
    about: 'Run a strategy over bars from a file',
    options: backtestOptions,
    load: async () => (await import('./commands/backtest.js')).runBacktestCommand,
  },
  {
    usage: 'live',
    about: 'Run a strategy bar by bar into a session, on paper unless told otherwise',
    options: liveOptions,
    load: async () => {
      // Before the command itself is loaded, which takes longest of all.
      const signals = new StopSignals();
      const { runLiveAsTyped } = await import('./commands/live-runs.js');
      return (args: TypedLiveArgs) =>
        runLiveAsTyped(args, signals).finally(() => signals.release());
    },
  },
  {
    usage: 'sessions',
    about: 'List the sessions in the sessions folder',
    options: sessionOptions,
    load: async () => (await import('./commands/sessions.js')).runSessionsCommand,
  },
  {
    usage: 'status [session]',
    about: 'Show where a session stands: positions, working orders, pending entries',
    options: statusOptions,
    load: loadStatus,
  },
  {
    usage: 'compare <session> [other]',
    about: 'Why a session and its backtest differ, to the cent; or why two sessions do',
    options: compareOptions,
    load: async () => (await import('./commands/compare.js')).runCompareCommand,
  },
  {
    usage: 'slippage <session..>',
    about: 'What orders cost against the market, and how long they took; fit: a model of it',
    options: slippageOptions,
    load: async () => (await import('./commands/slippage.js')).runSlippageCommand,
  },
  {
    usage: 'reconcile [session]',
    about: 'Hold a session against its account: what differs, and what would be done',
    options: reconcileOptions,
    load: async () => (await import('./commands/reconcile.js')).runReconcileCommand,
  },
  {
    usage: 'replay <session>',
    about: 'Run a session again from its journal: do engine and plugin decide the same?',
    options: replayOptions,
    load: async () => (await import('./commands/replay.js')).runReplayCommand,
  },
  {
    usage: 'explain <id>',
    about: 'Tell why: an intent, order, fill or position, from its bar to its end',
    options: explainOptions,
    load: async () => (await import('./commands/explain.js')).runExplainCommand,
  },
  {
    usage: 'bundle <session>',
    about: 'Put a session into one file for somebody else, without secrets',
    options: bundleOptions,
    load: async () => (await import('./commands/bundle.js')).runBundleCommand,
  },
  {
    usage: 'export <session>',
    about: "A session's trades, fills, cash flows or exchange messages as CSV",
    options: exportOptions,
    load: async () => (await import('./commands/export.js')).runExportCommand,
  },
  {
    usage: 'journal <action> <session>',
    about: 'Check that a session is what it was when it was written',
    options: journalOptions,
    load: async () => (await import('./commands/journal.js')).runJournalVerifyCommand,
  },
  control('kill', 'Take back and refuse every entry of an account, until it is reset', killOptions),
  control('stop', 'Take no new entries on an account; exits go on', stopOptions),
  control('pause', 'Hold entries of an account back while its run goes on', pauseOptions),
  control('resume', 'Take pause and stop back, or acknowledge a hold', resumeOptions),
  {
    usage: 'migrate [session]',
    about: 'Bring the stores of sessions up to date',
    options: sessionOptions,
    load: async () => (await import('./commands/migrate.js')).runMigrateCommand,
  },
  {
    usage: 'venue [action]',
    about: 'Run a local exchange to rehearse on: loopback, made-up money, faults on demand',
    options: venueOptions,
    load: loadVenue,
  },
];

async function loadStatus(): Promise<Run> {
  return async (args: StatusArgs & Partial<RunStatusArgs>) => {
    const { config } = args;
    return config === undefined
      ? (await import('./commands/status.js')).runStatusCommand(args)
      : (await import('./commands/status-runs.js')).runStatusOfRuns({ ...args, config });
  };
}

async function loadVenue(): Promise<Run> {
  return async (args: VenueArgs & VenueDiffArgs & { readonly action: 'run' | 'diff' }) =>
    args.action === 'diff'
      ? (await import('./commands/venue-diff.js')).runVenueDiffCommand(args)
      : (await import('./commands/venue.js')).runVenueCommand(args);
}

function control(command: ControlCommand, about: string, options: Command['options']): Command {
  return {
    usage: command,
    about,
    options,
    load: async () => {
      const { runControlCommand } = await import('./commands/control.js');
      return async (args: ControlArgs & Partial<KillAllArgs>) =>
        args.config === undefined
          ? runControlCommand(command, args)
          : (await import('./commands/kill-all.js')).runKillAllCommand({
              ...args,
              config: args.config,
            });
    },
  };
}

/**
 * Parses, runs, and answers with the exit status. Throws RunnerError for what the user must know.
 */
export async function parseAndRun(argv: readonly string[]): Promise<number> {
  let status: number = EXIT.ok;
  const parser = yargs([...argv])
    .scriptName('runner')
    .usage('$0 <command>\n\nRuns strategy plugins in a backtest and live through one pipeline.')
    .version(HOST_VERSION)
    .strict()
    .recommendCommands()
    .demandCommand(1, 'name a command')
    .check(assertNumbers)
    .help()
    .wrap(100)
    .exitProcess(false)
    .fail((message, error) => {
      if (error instanceof RunnerError) throw error;
      throw new NotUnderstood(message ?? error?.message ?? 'the command was not understood');
    });
  for (const command of COMMANDS) {
    parser.command(command.usage, command.about, command.options, async (args) => {
      const run = await command.load();
      status = await run(args as never);
    });
  }
  try {
    await parser.parseAsync();
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    throw usageError(error.message, { argv, help: await parser.getHelp() });
  }
  return status;
}

/** What the parser says in its own words, before it is put into ours. */
class NotUnderstood extends Error {}

/** The parser makes NaN of what is no number, with which no comparison holds. */
function assertNumbers(args: Readonly<Record<string, unknown>>): true {
  for (const [name, value] of Object.entries(args)) {
    if (Number.isNaN(value)) throw new NotUnderstood(`--${name} is not a number`);
  }
  return true;
}

interface Typed {
  readonly argv: readonly string[];
  /** Help of the command that was typed: the options that it knows. */
  readonly help: string;
}

function usageError(message: string, typed: Typed): RunnerError {
  return new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: unknownWord(message, typed) ?? message.replaceAll(/\s*\n\s*/g, ' '),
    next: 'runner --help lists the commands, runner <command> --help their options',
  });
}

/**
 * The parser names an unknown option twice, as typed and in camel case, and suggests nothing for
 * it.
 */
function unknownWord(message: string, { argv, help }: Typed): string | undefined {
  if (message.startsWith('Did you mean')) return `there is no command ${argv[0]}. ${message}`;
  const [, list] = /^Unknown arguments?: (.*)$/s.exec(message) ?? [];
  if (list === undefined) return undefined;
  const name = list.split(', ')[0]!;
  if (!argv.some((word) => word.startsWith(`--${name}`))) {
    return `${name} is neither a command nor an argument here`;
  }
  const known = [...help.matchAll(/^ +(--[a-z-]+)/gm)].map((match) => match[1]!);
  return `there is no option --${name} here.${didYouMean(`--${name}`, known)}`;
}
