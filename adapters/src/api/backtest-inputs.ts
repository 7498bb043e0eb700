// What a backtest was run on, kept in its trace: enough to run it again and to see that nothing has
// changed. Bars and plugin stay where they were and are known by their hashes, so that a backtest
// writes no more than its result.
import { join, resolve } from 'node:path';
import { EXIT, RunnerError } from '../errors.js';
import { BUNDLED_DATASETS, resolveData } from '../market-data/dataset.js';
import { loadBarsCsv } from '../market-data/csv-bars.js';
import { type SessionFolder, readSessionFile } from '../store/session-folder.js';
import { damaged } from '../store/store-error.js';
import { HOST_VERSION } from '../version.js';
import { instrumentOf } from './instrument-rules.js';
import { pick } from './pick.js';
import type { RunConfig } from './run-config.js';
import { type KnownBars, type Setup, type SetupOptions, completeSetup } from './setup.js';

export const TRACE_FILE = 'trace.json';

/** Paths are absolute, or names that mean the same from `cwd`. */
export interface BacktestInputs {
  readonly cwd: string;
  readonly strategy: string;
  readonly data: string;
  readonly timeframe: string | null;
  readonly time_is: 'open' | 'close' | null;
  readonly gaps: 'refuse' | 'allow' | null;
  readonly to_ms: number | null;
  readonly trade_from_ms: number | null;
  readonly funding: { readonly path: string; readonly hash: string } | null;
  /** Its hash is one of the settings. */
  readonly slippage_model: string | null;
  /** What `config_hash` covers. */
  readonly config: unknown;
}

export function inputsOf(setup: Setup, options: SetupOptions): BacktestInputs {
  const { cwd, strategy, data, timeframe, timeIs, gaps, toMs, fromMs } = options;
  const { config, fundingHash, pinned } = setup;
  const { funding, slippage_model: model } = config;
  const isFunded = funding !== undefined && fundingHash !== null;
  return {
    cwd: resolve(cwd),
    strategy,
    data: BUNDLED_DATASETS.includes(data) ? data : resolve(cwd, data),
    timeframe: timeframe ?? null,
    time_is: timeIs ?? null,
    gaps: gaps ?? null,
    to_ms: toMs ?? null,
    trade_from_ms: fromMs ?? null,
    funding: isFunded ? { path: resolve(cwd, funding), hash: fundingHash } : null,
    slippage_model: model === undefined ? null : resolve(cwd, model),
    config: pinned,
  };
}

export interface Trace {
  /** Absent in a trace of an older version. */
  readonly inputs?: BacktestInputs;
  readonly result_hash?: string;
  readonly fills: { readonly order: readonly string[]; readonly position: readonly string[] };
}

/** Undefined where there is none. Errors: STORE_DAMAGED (65). */
export async function readTrace(folder: SessionFolder): Promise<Trace | undefined> {
  const text = await readSessionFile(folder, TRACE_FILE);
  if (text === undefined) return undefined;
  const path = join(folder.path, TRACE_FILE);
  try {
    const trace = JSON.parse(text) as Partial<Trace> | null;
    if (Array.isArray(trace?.fills?.order)) return trace as Trace;
  } catch (error) {
    throw damaged(path, 'It is not JSON', error);
  }
  throw damaged(path, 'It has no fills');
}

/** Errors: as `readTrace`, SESSION_NOT_FOUND (66). */
export async function readInputs(
  folder: SessionFolder,
): Promise<{ readonly inputs: BacktestInputs; readonly resultHash: string }> {
  const { inputs, result_hash: resultHash } = (await readTrace(folder)) ?? {};
  if (inputs !== undefined && resultHash !== undefined) return { inputs, resultHash };
  throw new RunnerError({
    code: 'SESSION_NOT_FOUND',
    exitCode: EXIT.missingInput,
    message: `session ${folder.id} does not hold what it was run on`,
    why: 'An older version of the host wrote it',
    next: 'run the backtest again: runner backtest',
  });
}

/** Errors: SESSION_PREMISES_CHANGED (78), which says what of it has changed. */
export async function setUpAgain(folder: SessionFolder, inputs: BacktestInputs): Promise<Setup> {
  const { data, strategy, config_hash: configHash } = folder.metadata;
  const names = namesOf(inputs);
  const bars = await unchanged(folder, () => names.bars, barsOf(inputs));
  refuseOther(folder, names.bars, [data.hash, bars.hash]);
  const culprit = ({ code }: RunnerError) =>
    code.startsWith('SLIPPAGE_') ? names.model : isPlugins(code) ? names.plugin : names.funding;
  const setup = await unchanged(folder, culprit, completed(folder, inputs, bars));
  refuseOther(folder, names.plugin, [strategy.code_hash, setup.plugin.codeHash]);
  refuseOther(folder, names.funding, [inputs.funding?.hash, setup.fundingHash ?? undefined]);
  const { slippage_model: model } = inputs.config as RunConfig;
  refuseOther(folder, names.model, [model, setup.slippageModel?.hash]);
  if (setup.configHash !== configHash) throw otherwise(folder, 'its settings mean something else');
  return setup;
}

function namesOf({ data, strategy, funding, slippage_model: model }: BacktestInputs) {
  return {
    bars: `its bars in ${data}`,
    plugin: `its plugin ${strategy}`,
    funding: `its funding in ${funding?.path ?? 'no file'}`,
    model: `its slippage model in ${model ?? 'no file'}`,
  };
}

function isPlugins(code: string): boolean {
  return code.startsWith('PLUGIN_') || code === 'CONFIG_INVALID' || code === 'USAGE';
}

async function barsOf(inputs: BacktestInputs): Promise<KnownBars> {
  return loadBarsCsv(resolveData(inputs.data).path, {
    ...pick('timeframe', inputs.timeframe ?? undefined),
    ...pick('timeIs', inputs.time_is ?? undefined),
    ...pick('gaps', inputs.gaps ?? undefined),
    ...pick('toMs', inputs.to_ms ?? undefined),
  });
}

function completed(folder: SessionFolder, inputs: BacktestInputs, bars: KnownBars): Promise<Setup> {
  const { cwd, strategy, trade_from_ms: fromMs } = inputs;
  const { symbol } = folder.metadata.data;
  const { slippage_model: _hash, ...settings } = inputs.config as RunConfig;
  const config: RunConfig = {
    ...settings,
    accounts: {},
    ...pick('funding', inputs.funding?.path),
    ...pick('slippage_model', inputs.slippage_model ?? undefined),
  };
  return completeSetup(
    { cwd, strategy, ...pick('fromMs', fromMs ?? undefined) },
    {
      resolved: { config, areCostsDefaulted: false },
      timeframe: bars.timeframe,
      barsFor: () => Promise.resolve(bars),
      symbol,
      choice: instrumentOf(symbol, config, {}),
    },
  );
}

/** What cannot be read any more has changed as well. */
async function unchanged<Value>(
  folder: SessionFolder,
  culprit: (error: RunnerError) => string,
  reading: Promise<Value>,
): Promise<Value> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    throw changed(folder, culprit(error), error.message, error);
  }
}

type Hash = string | null | undefined;

function refuseOther(folder: SessionFolder, what: string, [was, is]: readonly [Hash, Hash]): void {
  if (was === is) return;
  const shown = (hash: Hash) => hash?.slice(0, 16) ?? 'none';
  throw changed(folder, what, `Hash ${shown(was)} then, ${shown(is)} now`);
}

function changed(folder: SessionFolder, what: string, why: string, cause?: unknown): RunnerError {
  return new RunnerError({
    code: 'SESSION_PREMISES_CHANGED',
    exitCode: EXIT.configuration,
    message: `backtest ${folder.id} cannot be run again for its journal: ${what} has changed`,
    why,
    next: 'put it back as it was, or run the backtest again and ask about that one',
    cause,
  });
}

/** Same inputs, another outcome: the host has changed, or the plugin is not a function of them. */
export function otherwise(folder: SessionFolder, what: string): RunnerError {
  const { host_version: recorded } = folder.metadata;
  if (recorded !== HOST_VERSION) {
    return changed(folder, 'the version of the host', `${recorded} then, ${HOST_VERSION} now`);
  }
  return new RunnerError({
    code: 'SESSION_PREMISES_CHANGED',
    exitCode: EXIT.configuration,
    message: `backtest ${folder.id} came out otherwise when it was run again: ${what}`,
    why: 'Bars, plugin, settings and host are the same: the plugin uses a clock or chance',
    next: 'use ctx.now and ctx.random in the plugin, then run the backtest again',
  });
}
