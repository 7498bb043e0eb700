// A backtest as a function: from what the user said to a finished run and its collected result.
import {
  type BacktestRun,
  type Clock,
  type EngineConfig,
  type SimVenueParts,
  runBacktest,
} from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';
import { InlineRuntime, type PluginLog } from '../plugin-runtime/inline.js';
import { RunCollector } from '../report/run-warnings.js';
import { isoOf } from './start-session.js';
import { engineConfigOf, instanceIdOf } from './engine-config.js';
import { type Setup, type SetupOptions, setUp } from './setup.js';

export interface BacktestOptions extends SetupOptions {
  readonly sessionId: string;
  readonly clock: Clock;
  readonly onLog?: PluginLog;
  readonly onProgress?: (done: number, total: number) => boolean;
}

export interface BacktestResult {
  readonly setup: Setup;
  readonly engineConfig: EngineConfig;
  readonly run: BacktestRun;
  readonly collector: RunCollector;
  readonly startedAt: string;
  readonly wallMs: number;
}

export async function backtest(options: BacktestOptions): Promise<BacktestResult> {
  const setup = await setUp(options);
  return runSetup(setup, options);
}

export function simPartsOf(setup: Setup): Omit<SimVenueParts, 'instruments' | 'cash'> {
  const { config } = setup;
  const engine = engineConfigOf(setup, '', 0);
  return {
    costs: engine.costs,
    fillOnTouch: config.simulation.fill_on_touch,
    volumeShareBps: config.simulation.volume_share_bps,
  };
}

export type RunOptions = Pick<
  BacktestOptions,
  'sessionId' | 'clock' | 'fromMs' | 'onLog' | 'onProgress'
>;

export function runSetup(setup: Setup, options: RunOptions): BacktestResult {
  const engineConfig = engineConfigOf(setup, options.sessionId, options.fromMs ?? 0);
  const collector = new RunCollector();
  const startedAt = isoOf(options.clock.now());
  const startMs = performance.now();
  const plugin = {
    instance: instanceIdOf(setup),
    definition: setup.plugin.definition,
    config: setup.plugin.config,
  };
  const log: PluginLog = options.onLog ?? (() => undefined);
  const run = runBacktest({
    config: engineConfig,
    columns: setup.bars.columns,
    funding: setup.funding,
    sim: simPartsOf(setup),
    sink: collector,
    runtime: (view) => startRuntime(() => new InlineRuntime(view, [plugin], log), setup.plugin.id),
    ...(options.onProgress === undefined
      ? {}
      : { onProgress: options.onProgress, progressEvery: 100_000 }),
  });
  const wallMs = performance.now() - startMs;
  return { setup, engineConfig, run, collector, startedAt, wallMs };
}

/** A plugin that cannot start fails the session before its first bar, and is named. */
export function startRuntime(start: () => InlineRuntime, plugin: string): InlineRuntime {
  try {
    return start();
  } catch (error) {
    throw new RunnerError({
      code: 'PLUGIN_INVALID',
      exitCode: EXIT.configuration,
      message: `[plugin ${plugin}] create: ${(error as Error).message}`,
      next: 'correct the plugin or its config (--set name=value)',
      cause: error,
    });
  }
}
