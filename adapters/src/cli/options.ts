// The options of each command, with the words that --help prints.
import type { Argv } from 'yargs';
import { RUN_NAMES, checkStatusOptions, withRuns } from './fleet/run-options.js';
import { LIVE_DEFAULTS } from './live-args.js';

const text = (describe: string) => ({ type: 'string' as const, describe, requiresArg: true });

const ON_UNTRACKED = {
  choices: ['block', 'adopt', 'cancel'] as const,
  default: 'block' as const,
  describe: 'What to do about open orders at the exchange that are not ours',
};

const FORCE = {
  type: 'boolean' as const,
  default: false,
  describe: 'Skip the question before real orders, and no gate',
};

function runOptions(argv: Argv): Argv {
  return argv
    .option('strategy', text('Plugin: a bundled name, a package, a folder, or a .ts/.mjs/.js file'))
    .option('data', text('CSV file of bars, or a bundled data set (sample)'))
    .option('symbol', text('Unified symbol, such as BTC/USDT:USDT'))
    .option('timeframe', text('Bar length: 1m, 5m, 1h, 4h, 1d …; taken from the data if absent'))
    .option('funding', text('CSV file of funding rates'))
    .option('cash', text('Starting cash in the settle currency'))
    .option('fee-bps', text('Fee of every fill in bps of notional'))
    .option('slippage-bps', text('Adverse move of a taker price in bps'))
    .option('slippage-model', text('Fitted model of that move: runner slippage fit makes one'))
    .option('config', text('JSON file with instrument rules, costs, risk limits, policy'))
    .option('set', {
      ...text('A parameter of the strategy, such as --set fast=5'),
      type: 'array',
      string: true,
    })
    .option('seed', { type: 'number', describe: 'Seed of every random draw', requiresArg: true })
    .option('gaps', {
      choices: ['refuse', 'allow'] as const,
      describe: 'What to do about missing bars below one day',
    })
    .option('time-is', {
      choices: ['open', 'close'] as const,
      describe: 'Whether the time column is a bar\u2019s open or close',
    })
    .option('json', { type: 'boolean', describe: 'Print one JSON document', default: false })
    .option('log-level', {
      choices: ['debug', 'info', 'warn', 'error', 'silent'] as const,
      describe: 'Least important log line to print on stderr',
    })
    .option('sessions', text('Sessions folder (RUNNER_SESSIONS, default ./sessions)'));
}

const SAID_BY_THE_SESSION =
  'symbol timeframe funding cash fee-bps slippage-bps slippage-model config set seed gaps ' +
  'time-is from to';

export function backtestOptions(argv: Argv): Argv {
  return (
    runOptions(argv)
      .option('from', text('First tradable bar (ISO date or time); earlier bars warm up'))
      .option('to', text('First bar that is left out (ISO date or time)'))
      .option('session', {
        type: 'boolean',
        describe: 'Write a session; --no-session skips it',
        default: true,
      })
      .option('compare', text('Hold it against this session; --data then says on which other bars'))
      // The session says these itself.
      .conflicts('compare', SAID_BY_THE_SESSION.split(' '))
      .check(({ compare, strategy }) => {
        if (compare !== undefined || strategy !== undefined) return true;
        throw new Error('Missing required argument: strategy.');
      }, false)
      .example('$0 backtest --strategy sma-cross --data sample', 'the bundled data')
      .example('$0 backtest --strategy ./mine.ts --data btc.csv --symbol BTC/USDT:USDT', 'your own')
  );
}

// Said in --help and put in later: what was typed must be told from what was not.
function meaning(word: string) {
  return { default: undefined, defaultDescription: word };
}

// What is kept of a run beside its journal, while it goes on and at its end.
function recordOptions(argv: Argv): Argv {
  return argv
    .option('shadow', {
      type: 'boolean',
      default: false,
      describe: 'Run the backtest beside it on the same bars, and record how far they are apart',
    })
    .option('max-drift', {
      type: 'number',
      describe: 'With --shadow: pause entries beyond this, bps of the starting cash',
      requiresArg: true,
      implies: 'shadow',
    })
    .option('metrics-interval', {
      type: 'number',
      default: 15,
      describe: 'Seconds between two snapshots of the metrics (runner status --metrics)',
      requiresArg: true,
    })
    .option('end-bundle', {
      type: 'boolean',
      default: true,
      describe: 'On an exchange: write a bundle of the session at a kill and at the end',
    });
}

// How a run begins.
function startOptions(argv: Argv): Argv {
  return argv
    .option('start-paused', {
      type: 'boolean',
      default: false,
      describe: 'Hold entries until runner resume',
    })
    .option('reset-kill', {
      type: 'boolean',
      default: false,
      describe: 'Take back a raised kill at a cold start; needs --reason',
    })
    .option('reason', text('Why, for --reset-kill; kept with the session'));
}

export function liveOptions(argv: Argv): Argv {
  return withRuns(startOptions(recordOptions(runOptions(argv))))
    .option('exchange', {
      ...text('Where orders go: sim plays a file; an exchange such as binanceusdm'),
      ...meaning(LIVE_DEFAULTS.exchange),
    })
    .option('account', text('Account of the config; default: the only one of the exchange'))
    .option('on-untracked', { ...ON_UNTRACKED, ...meaning(LIVE_DEFAULTS.onUntracked) })
    .option('force', FORCE)
    .option('mode', {
      choices: ['paper', 'live'] as const,
      ...meaning(LIVE_DEFAULTS.mode),
      describe: 'paper: simulated fills; live: real orders',
    })
    .option('speed', {
      ...text('Pace of a played file: 1, 60, … times real time, or max'),
      ...meaning(LIVE_DEFAULTS.speed),
    })
    .option('from', text('First tradable bar (ISO date or time); earlier bars warm up'))
    .option('to', text('First bar that is left out (ISO date or time)'))
    .option('session', text('Session to resume; default: the last unfinished one'))
    .option('start', {
      choices: ['auto', 'warm', 'cold'] as const,
      default: 'auto' as const,
      describe: 'auto: resume if there is something to resume',
    })
    .example('$0 live --strategy sma-cross --exchange sim --data sample --speed max', 'on paper');
}

export function sessionOptions(argv: Argv): Argv {
  return argv
    .positional('session', { type: 'string', describe: 'Session id; default: all or the last' })
    .option('sessions', text('Sessions folder (RUNNER_SESSIONS, default ./sessions)'))
    .option('json', { type: 'boolean', describe: 'Print one JSON document', default: false });
}

export function compareOptions(argv: Argv): Argv {
  return argv
    .positional('session', { type: 'string', describe: 'Session id or its folder' })
    .positional('other', { type: 'string', describe: 'Another session on the same premises' })
    .option('data', text('Bars of the backtest; default: as the session recorded them'))
    .option('strategy', text('Another plugin in the backtest than the session kept'))
    .option('order', {
      choices: ['forward', 'reverse'] as const,
      default: 'forward' as const,
      describe: 'Order of the causes; the other one shows how far they act together',
    })
    .option('max-drift', {
      type: 'number',
      describe: 'Exit status 2 where the difference exceeds this, bps of the starting cash',
      requiresArg: true,
    })
    .option('slippage-model', text('Hold what this model predicts against what live has paid'))
    .option('html', text('Write a page with curves and waterfall to this file'))
    .option('sessions', text('Sessions folder (RUNNER_SESSIONS, default ./sessions)'))
    .option('json', { type: 'boolean', describe: 'Print one JSON document', default: false })
    .example('$0 compare <session>', 'the causes and the residual')
    .example('$0 compare <session> --data fresh.csv', 'against freshly loaded bars');
}

export function slippageOptions(argv: Argv): Argv {
  return argv
    .positional('session', {
      type: 'string',
      array: true,
      describe: 'Session ids, folders or bundles; first the word fit to fit a model',
    })
    .option('by', {
      choices: ['symbol', 'side', 'type', 'hour', 'liquidity'] as const,
      describe: 'Further lines by what orders have in common',
    })
    .option('out', text('Of fit: file to write the model into'))
    .option('model', text('A model, to hold what it predicts against what was paid'))
    .option('sessions', text('Sessions folder (RUNNER_SESSIONS, default ./sessions)'))
    .option('json', { type: 'boolean', describe: 'Print one JSON document', default: false })
    .example('$0 slippage <session> --by side', 'slippage and latency of its orders')
    .example('$0 slippage fit <session> <session> --out model.json', 'exit status 65: too few')
    .example(
      '$0 backtest --strategy sma-cross --data sample --slippage-model model.json',
      'use it',
    );
}

export function reconcileOptions(argv: Argv): Argv {
  return argv
    .positional('session', { type: 'string', describe: 'Session; default: the last live one' })
    .option('config', text('JSON file with the account of the session'))
    .option('dry-run', {
      type: 'boolean',
      describe: 'Show the plan and change nothing (the default)',
      conflicts: 'apply',
    })
    .option('apply', { type: 'boolean', describe: 'Carry the plan out' })
    .option('on-untracked', ON_UNTRACKED)
    .option('force', FORCE)
    .option('sessions', text('Sessions folder (RUNNER_SESSIONS, default ./sessions)'))
    .option('log-level', {
      choices: ['debug', 'info', 'warn', 'error', 'silent'] as const,
      describe: 'Least important log line to print on stderr',
    })
    .option('json', { type: 'boolean', describe: 'Print one JSON document', default: false })
    .example(
      '$0 reconcile --dry-run --config live.json',
      'exit status 2 when the plan is not empty',
    );
}

export function replayOptions(argv: Argv): Argv {
  return argv
    .positional('session', { type: 'string', describe: 'Session id, its folder, or a bundle' })
    .option('level', {
      choices: ['engine', 'strategy', 'both'] as const,
      default: 'both' as const,
      describe: 'engine: on the recorded answers; strategy: the plugin is asked again',
    })
    .option('strategy', text('Another plugin in place of the one that the session kept'))
    .option('sessions', text('Sessions folder (RUNNER_SESSIONS, default ./sessions)'))
    .option('json', { type: 'boolean', describe: 'Print one JSON document', default: false })
    .example('$0 replay <session>', 'exit status 2 with the first difference');
}

export function explainOptions(argv: Argv): Argv {
  return argv
    .positional('id', { type: 'string', describe: 'Of an intent, order, fill or position' })
    .option('session', text('Session id, its folder, or a bundle; default: the last that has it'))
    .option('sessions', text('Sessions folder (RUNNER_SESSIONS, default ./sessions)'))
    .option('json', { type: 'boolean', describe: 'Print one JSON document', default: false })
    .example('$0 explain <id>', 'from the bar over each check to fills and cash');
}

export function bundleOptions(argv: Argv): Argv {
  return argv
    .positional('session', { type: 'string', describe: 'Session id or its folder' })
    .option('out', text('File to write; default: <session>.tar.gz here'))
    .option('plugin', {
      type: 'boolean',
      describe: 'Put the plugin in; --no-plugin leaves it and its settings out',
      default: true,
    })
    .option('sessions', text('Sessions folder (RUNNER_SESSIONS, default ./sessions)'))
    .option('json', { type: 'boolean', describe: 'Print one JSON document', default: false })
    .example('$0 bundle <session>', 'then: runner replay <session>.tar.gz');
}

export function exportOptions(argv: Argv): Argv {
  return argv
    .positional('session', { type: 'string', describe: 'Session id or its folder' })
    .option('what', {
      choices: ['trades', 'fills', 'flows', 'messages'] as const,
      default: 'trades' as const,
      describe:
        'trades: closed positions; flows: funding, transfers; messages: what the exchange said',
    })
    .option('out', text('File to write; default: stdout'))
    .option('sessions', text('Sessions folder (RUNNER_SESSIONS, default ./sessions)'))
    .example('$0 export <session> --what fills --out fills.csv', 'for a tax return');
}

export function journalOptions(argv: Argv): Argv {
  return argv
    .positional('action', { choices: ['verify'] as const, describe: 'What to do' })
    .positional('session', { type: 'string', describe: 'Session id, its folder, or a bundle' })
    .option('sessions', text('Sessions folder (RUNNER_SESSIONS, default ./sessions)'))
    .option('json', { type: 'boolean', describe: 'Print one JSON document', default: false })
    .example('$0 journal verify <session>', 'chain, anchor, telemetry and tables');
}

export function statusOptions(argv: Argv): Argv {
  return sessionOptions(argv)
    .option('pending', {
      type: 'boolean',
      describe: 'Only the entries that still work',
      default: false,
    })
    .option('check', {
      type: 'boolean',
      describe: 'Exit status 2 where something holds entries',
      default: false,
    })
    .option('metrics', {
      type: 'boolean',
      describe: 'The last snapshot of its metrics, and how old that is',
      default: false,
    })
    .option('config', text('The runs of this file, a line each'))
    .option('run', RUN_NAMES)
    .check(checkStatusOptions, false);
}

export function venueOptions(argv: Argv): Argv {
  return argv
    .positional('action', {
      choices: ['run', 'diff'] as const,
      default: 'run' as const,
      describe: 'run it, or hold a session against what it says has happened (diff)',
    })
    .option('data', text('CSV file of bars to play'))
    .option('symbol', text('Unified symbol of the file, such as BTC/USDT:USDT'))
    .option('timeframe', text('Bar length: 1m, 5m, 1h …; taken from the data if absent'))
    .option('funding', text('CSV file of funding rates; default: a fixed rate every 8 hours'))
    .option('walk', {
      ...text('A symbol on a seeded walk, such as ETH/USDT:USDT=3000; may be repeated'),
      type: 'array',
      string: true,
    })
    .option('history', { type: 'number', default: 100, describe: 'Bars closed before it opens' })
    .option('speed', { ...text('Times real time, max, or step (admin port)'), default: 'step' })
    .option('time', {
      choices: ['file', 'now'] as const,
      default: 'file' as const,
      describe: 'Times of the file, or shifted so that it opens now',
    })
    .option('port', { type: 'number', default: 0, describe: 'Port on 127.0.0.1; 0: a free one' })
    .option('cash', { ...text('USDT in each wallet, futures and spot'), default: '10000' })
    .option('spot-base', text('Of the base coin of each spot symbol, such as 0.5; default none'))
    .option('seed', { type: 'number', default: 1, describe: 'Seed of every random draw' })
    .option('tick', text('Price step; default: the last decimal of the file'))
    .option('lot', text('Quantity step; default 0.001, on spot 0.00001'))
    .option('max-quantity', text('Largest quantity of one order; default 10,000,000 steps'))
    .option('max-market-quantity', text('Of one order at market; default --max-quantity'))
    .option('log', text('File that the log of what happened is appended to'))
    .option('write-config', text('File to put the accounts into that runner live reaches it by'))
    .option('session', text('Of diff: session id or its folder'))
    .option('truth', text('Of diff: address of the local exchange, or a file of its truth'))
    .option('sessions', text('Sessions folder (RUNNER_SESSIONS, default ./sessions)'))
    .option('json', { type: 'boolean', describe: 'Print one JSON document', default: false })
    .example('$0 venue --data btc.csv --symbol BTC/USDT:USDT --speed 60', 'a minute per second')
    .example('$0 venue --walk BTC/USDT=50000 --write-config venue.json', 'spot, ready for live')
    .example(
      '$0 venue diff --session <id> --truth http://127.0.0.1:<port>',
      'status 2 if not alike',
    );
}
