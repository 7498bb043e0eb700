// From parsed options to what a setup needs; the same for backtest and live.
import type { Setup, SetupOptions } from '../api/setup.js';
import type { LogContext, LogLevel } from '../log/log.js';
import { EXIT, RunnerError } from '../errors.js';
import { resolveSessionsDir } from '../store/session-folder.js';
import { parseInstant } from './times.js';

export interface RunArgs {
  readonly strategy: string;
  readonly data?: string;
  readonly symbol?: string;
  readonly timeframe?: string;
  readonly funding?: string;
  readonly cash?: string;
  readonly feeBps?: string;
  readonly slippageBps?: string;
  readonly slippageModel?: string;
  readonly config?: string;
  /** Which of the runs of the config file this is. */
  readonly run?: string;
  readonly set?: readonly string[];
  readonly seed?: number;
  readonly gaps?: 'refuse' | 'allow';
  readonly timeIs?: 'open' | 'close';
  readonly from?: string;
  readonly to?: string;
  readonly json: boolean;
  readonly logLevel?: LogLevel;
  readonly sessions?: string;
}

export function setupOptionsOf(args: RunArgs): SetupOptions {
  if (args.data === undefined) {
    throw new RunnerError({
      code: 'USAGE',
      exitCode: EXIT.usage,
      message: 'there are no bars to play',
      next: 'add --data <file.csv>, or --data sample',
    });
  }
  const { symbol, timeframe, funding, cash, feeBps, slippageBps, seed, set, gaps, timeIs } = args;
  const { slippageModel } = args;
  checkSeed(seed);
  const fromMs = parseInstant('--from', args.from);
  const toMs = parseInstant('--to', args.to);
  const given = {
    symbol,
    timeframe,
    funding,
    cash,
    feeBps,
    slippageBps,
    slippageModel,
    seed,
    set,
    gaps,
    timeIs,
    fromMs,
    toMs,
    configPath: args.config,
    run: args.run,
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    cwd: process.cwd(),
    strategy: args.strategy,
    data: args.data,
    ...(Object.fromEntries(known) as Partial<SetupOptions>),
  };
}

function checkSeed(seed: number | undefined): void {
  if (seed === undefined || (Number.isSafeInteger(seed) && seed >= 0)) return;
  throw new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: '--seed is not a whole number from 0',
    next: 'give it as --seed 7',
  });
}

/** Whose run it is, for every line of its log; the session comes on top where there is one. */
export function contextOf(setup: Setup, exchange: string): LogContext {
  const { symbol, plugin, bars } = setup;
  return { symbol, strategy: plugin.shortName, exchange, frame: bars.timeframe };
}

/** `--sessions`, RUNNER_SESSIONS, or ./sessions. */
export function sessionsDirOf(flag: string | undefined): string {
  const variable = process.env['RUNNER_SESSIONS'];
  return resolveSessionsDir({ flag, variable, workingFolder: process.cwd() });
}

/** The backtest that starts from the same premises as this run, as one can type it. */
export function comparisonCommand(args: RunArgs, symbol: string): string {
  const flags: readonly (readonly [string, string | undefined])[] = [
    ['strategy', args.strategy],
    ['data', args.data],
    ['symbol', symbol],
    ['timeframe', args.timeframe],
    ['funding', args.funding],
    ['cash', args.cash],
    ['fee-bps', args.feeBps],
    ['slippage-bps', args.slippageBps],
    ['slippage-model', args.slippageModel],
    ['config', args.config],
    ['seed', args.seed?.toString()],
    ['gaps', args.gaps],
    ['time-is', args.timeIs],
    ['from', args.from],
    ['to', args.to],
    ...(args.set ?? []).map((item) => ['set', item] as const),
  ];
  const given = flags.flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${quoted(value)}`],
  );
  return `runner backtest ${given.join(' ')}`;
}

function quoted(value: string): string {
  return /^[\w./:@=,+-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
