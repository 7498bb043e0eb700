// Recorded runs to replay and to recover: a bundled plugin over the sample bars, and a life of the
// faulty simulation with restarts.
import { type EngineConfig, type JournalRow, runBacktest } from '@strategy-runner/core';
import { simPartsOf } from '../../adapters/src/api/backtest.js';
import { engineConfigOf, instanceIdOf } from '../../adapters/src/api/engine-config.js';
import { setUp } from '../../adapters/src/api/setup.js';
import { InlineRuntime } from '../../adapters/src/plugin-runtime/inline.js';
import { JournalSink } from '../../adapters/src/store/journal.js';
import { crashPoints } from '../simulation/world/seeds.js';
import { type Simulated, type SimulationOptions, simulate } from '../simulation/world/simulate.js';

export interface Recorded {
  readonly config: EngineConfig;
  readonly rows: readonly JournalRow[];
}

export async function recordPlugin(strategy: string): Promise<Recorded> {
  const setup = await setUp({ cwd: process.cwd(), strategy, data: 'sample' });
  const config = engineConfigOf(setup, `replay-${strategy}`, 0);
  const sink = new JournalSink({ sessionId: config.sessionId });
  const { definition, config: pluginConfig } = setup.plugin;
  const plugin = { instance: instanceIdOf(setup), definition, config: pluginConfig };
  runBacktest({
    config,
    columns: setup.bars.columns,
    funding: setup.funding,
    sim: simPartsOf(setup),
    sink,
    runtime: (view) => new InlineRuntime(view, [plugin], () => undefined),
  });
  return { config, rows: sink.take() };
}

export function lifeOf(seed: number): SimulationOptions {
  return { seed, crashAt: crashPoints(seed) };
}

/** A life that died at least once. */
export async function recordLife(seed: number): Promise<Simulated> {
  const life = await simulate(lifeOf(seed));
  if (life.runs < 2) throw new Error(`seed ${seed} never dies; take another one`);
  return life;
}

export function countOf(rows: readonly JournalRow[], kind: string): number {
  return rows.filter((row) => row.kind === kind).length;
}
