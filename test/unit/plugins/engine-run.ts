// Runs a bundled plugin over bars in the real engine and simulated venue, as a backtest does.
import type { Intent, StrategyDefinition, StrategyInstance } from '@strategy-runner/contracts';
import { type BarColumns, type EngineRecord, decimal, runBacktest } from '@strategy-runner/core';
import { InlineRuntime } from '../../../adapters/src/plugin-runtime/inline.js';
import { aConfig, anInstance, anInstrument } from '../../support/world-config.js';
import type { Bundled } from './bundled.js';

export type RecordOf<Type extends EngineRecord['type']> = Extract<EngineRecord, { type: Type }>;

export interface EngineRun {
  readonly intents: readonly Intent[];
  readonly denied: readonly RecordOf<'intent_denied'>[];
  readonly fills: readonly RecordOf<'fill'>[];
  readonly records: readonly EngineRecord[];
  recordsOf<Type extends EngineRecord['type']>(type: Type): readonly RecordOf<Type>[];
}

export interface RunOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly cash?: string;
  /** Wraps the plugin, for a test that restarts it. */
  readonly wrap?: (definition: StrategyDefinition) => StrategyDefinition;
}

export function runInEngine(
  plugin: Bundled,
  columns: BarColumns,
  options: RunOptions = {},
): EngineRun {
  const { manifest, schema } = plugin;
  const definition = options.wrap?.(plugin.definition) ?? plugin.definition;
  const fields = Object.entries(schema.properties).filter(([, field]) => 'default' in field);
  const defaults = Object.fromEntries(fields.map(([name, field]) => [name, field.default]));
  const pluginConfig = Object.freeze({ ...defaults, ...options.config });
  const { warmup_bars: warmup } = manifest.data;
  const instance = anInstance({
    capabilities: manifest.capabilities,
    execution: definition.execution ?? {},
    warmupBars: typeof warmup === 'number' ? warmup : Number(pluginConfig[warmup.config]),
  });
  const config = aConfig({
    instances: [instance],
    instruments: [anInstrument()],
    cash: options.cash ?? '10000',
    positionMode: manifest.capabilities.position_mode === 'hedge' ? 'hedge' : 'one_way',
    costs: { takerFeeBps: '5', makerFeeBps: '2', slippageBps: '1' },
    config: { historyBars: 5000 },
  });
  const records: EngineRecord[] = [];
  runBacktest({
    config,
    columns,
    funding: [],
    sim: {
      costs: {
        takerFeeBps: decimal('5'),
        makerFeeBps: decimal('2'),
        slippageBps: decimal('1'),
      },
    },
    sink: {
      event: () => undefined,
      record: (record) => void records.push(structuredClone(record)),
    },
    runtime: (view) =>
      new InlineRuntime(
        view,
        [{ instance: instance.id, definition, config: pluginConfig }],
        () => undefined,
      ),
  });
  const recordsOf = <Type extends EngineRecord['type']>(type: Type) =>
    records.filter((record) => record.type === type) as unknown as readonly RecordOf<Type>[];
  return {
    intents: recordsOf('intent_accepted').map(({ intent }) => intent),
    denied: recordsOf('intent_denied'),
    fills: recordsOf('fill'),
    records,
    recordsOf,
  };
}

/** The plugin, replaced by a new instance from its snapshot before a bar where `isNow` says so. */
export function restarting(
  isNow: () => boolean,
): (given: StrategyDefinition) => StrategyDefinition {
  return (given) => ({
    ...given,
    create(ctx) {
      let running: StrategyInstance = given.create(ctx);
      const restart = (): void => {
        const state: unknown = JSON.parse(JSON.stringify(running.snapshot?.()));
        running = given.create(ctx);
        running.restore?.(state);
      };
      return {
        onBar(bar) {
          if (isNow()) restart();
          return running.onBar(bar);
        },
        onFill: (fill) => running.onFill?.(fill),
        onIntentEvent: (event) => running.onIntentEvent?.(event),
      };
    },
  });
}
