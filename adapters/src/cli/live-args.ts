// What `runner live` understands, on a file and on an exchange: as it was typed, or as a run of the
// config file has it.
import type { UntrackedPolicy } from '@strategy-runner/core';
import { pick } from '../api/pick.js';
import type { Mode } from './compose.js';
import type { NamedRun } from './fleet/run-entry.js';
import type { RunArgs } from './run-args.js';

export interface LiveArgs extends RunArgs {
  readonly exchange: string;
  readonly account?: string;
  readonly mode: Mode;
  readonly speed: string;
  readonly session?: string;
  readonly start: 'auto' | 'warm' | 'cold';
  readonly onUntracked: UntrackedPolicy;
  readonly force: boolean;
  readonly startPaused: boolean;
  readonly resetKill: boolean;
  readonly reason?: string;
  readonly shadow: boolean;
  readonly maxDrift?: number;
  /** Whether the run writes bundles of its session at a kill and at its end. */
  readonly endBundle: boolean;
  /** Between two snapshots of the metrics, seconds. */
  readonly metricsInterval: number;
}

/** What is meant where nothing is said. */
export const LIVE_DEFAULTS = {
  exchange: 'sim',
  mode: 'paper',
  speed: 'max',
  onUntracked: 'block',
} as const satisfies Partial<LiveArgs>;

type Defaulted = keyof typeof LIVE_DEFAULTS | 'strategy';

/** A run of the config file says most of it itself. */
export interface TypedLiveArgs
  extends Omit<LiveArgs, Defaulted | 'run'>, Partial<Pick<LiveArgs, Defaulted>> {
  readonly run?: readonly string[];
  readonly all: boolean;
}

export function liveArgsOf({ run: _run, all: _all, ...typed }: TypedLiveArgs): LiveArgs {
  return { ...LIVE_DEFAULTS, strategy: '', ...given(typed) };
}

/** What a run of the config file says, and what is said for once beside it. */
export function liveArgsOfRun(typed: TypedLiveArgs, { name, entry }: NamedRun): LiveArgs {
  const { set, time_is, on_untracked, start_paused, max_drift, config: _config, ...same } = entry;
  const { run: _run, all: _all, ...beside } = typed;
  return {
    ...LIVE_DEFAULTS,
    ...given(beside),
    ...same,
    run: name,
    ...pick('set', set && Object.entries(set).map(setText)),
    ...pick('timeIs', time_is),
    ...pick('onUntracked', on_untracked),
    ...pick('startPaused', start_paused),
    ...pick('maxDrift', max_drift),
  };
}

function setText([name, value]: readonly [string, unknown]): string {
  return `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
}

function given<Values extends object>(values: Values): Values {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as Values;
}
