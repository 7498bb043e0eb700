// The runs of a config file: what `runner live` is to run beside each other, by name. An entry
// holds the options of the command; what it leaves out has the command's own defaults.
import type { UntrackedPolicy } from '@strategy-runner/core';
import { readConfig } from '../../api/run-config.js';
import { EXIT, RunnerError } from '../../errors.js';
import { didYouMean } from '../../plugin-source/closest-name.js';
import type { Mode } from '../compose.js';

/** As the schema of the config file has it. */
export interface RunEntry {
  readonly strategy: string;
  readonly exchange?: string;
  readonly account?: string;
  readonly symbol?: string;
  readonly timeframe?: string;
  readonly mode?: Exclude<Mode, 'backtest'>;
  readonly data?: string;
  readonly speed?: string;
  readonly from?: string;
  readonly to?: string;
  readonly gaps?: 'refuse' | 'allow';
  readonly time_is?: 'open' | 'close';
  readonly on_untracked?: UntrackedPolicy;
  readonly start_paused?: boolean;
  readonly shadow?: boolean;
  readonly max_drift?: number;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly config?: object;
}

export interface NamedRun {
  readonly name: string;
  readonly entry: RunEntry;
}

/**
 * The named ones in the order of the file, or all. Errors: FILE_NOT_FOUND (66),
 * CONFIG_INVALID (78), RUN_UNKNOWN (78).
 */
export async function readRuns(
  path: string,
  names: readonly string[] | 'all',
): Promise<readonly NamedRun[]> {
  const { runs = {} } = (await readConfig(path)) as {
    readonly runs?: Readonly<Record<string, RunEntry>>;
  };
  const all = Object.entries(runs).map(([name, entry]) => ({ name, entry }));
  if (all.length === 0) throw unknown(`${path} has no runs`, 'add runs to it, see docs/LIVE.md');
  if (names === 'all') return all;
  const missing = names.find((name) => !Object.hasOwn(runs, name));
  if (missing === undefined) return all.filter(({ name }) => names.includes(name));
  const known = all.map(({ name }) => name);
  const hint = didYouMean(missing, known);
  throw unknown(`${path} has no run ${missing}.${hint}`, `name one of ${known.join(', ')}`);
}

/** `--run a,b --run c`, as names; each once. */
export function namesIn(run: readonly string[]): readonly string[] {
  const names = run.flatMap((text) => text.split(',')).map((name) => name.trim());
  return [...new Set(names)].filter((name) => name !== '');
}

function unknown(message: string, next: string): RunnerError {
  return new RunnerError({ code: 'RUN_UNKNOWN', exitCode: EXIT.configuration, message, next });
}
