// The engine of a session that is written down, as its journal left it: recovered, with its plugin
// brought along. Paper and live start from here; they differ in venue, feed and clock only.
import type { SessionMetadata, StrategyDefinition } from '@strategy-runner/contracts';
import type { Logger } from 'pino';
import {
  Engine,
  type EngineConfig,
  type Recovered,
  type SessionStore,
  type Sink,
  type StrategyRuntime,
  recover,
} from '@strategy-runner/core';
import { pluginLog } from '../log/log.js';
import type { RunMetrics } from '../metrics/run-metrics.js';
import { InlineRuntime } from '../plugin-runtime/inline.js';
import { JournalSink } from '../store/journal.js';
import { verified } from '../store/verified-journal.js';
import { startRuntime } from './backtest.js';

/** The plugin of a session, as it was loaded now or as the session has kept it. */
export interface SessionPlugin {
  readonly id: string;
  readonly definition: StrategyDefinition;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface SessionEngineOptions {
  readonly plugin: SessionPlugin;
  /** The session as its session.json has it. */
  readonly metadata: SessionMetadata;
  readonly store: SessionStore & { readonly path: string };
  readonly log: Logger;
  /** Counts what happens in the run. */
  readonly metrics?: RunMetrics;
}

export interface SessionEngine {
  readonly engine: Engine;
  readonly runtime: StrategyRuntime;
  readonly rows: JournalSink;
  readonly start: 'cold' | 'warm';
  readonly recovered: Recovered;
}

/** Errors: STORE_DAMAGED, and whatever the plugin's start ends in. */
export async function sessionEngine(
  { plugin, metadata, store, log, metrics }: SessionEngineOptions,
  config: EngineConfig,
): Promise<SessionEngine> {
  const { definition, config: pluginConfig } = plugin;
  const plugins = config.instances.map(({ id }) => ({
    instance: id,
    definition,
    config: pluginConfig,
  }));
  const { session_id: sessionId, journal_head: anchor } = metadata;
  const trusted = verified({ store, path: store.path, sessionId, anchor });
  const recovered = await recover(config, trusted, (view) =>
    startRuntime(() => new InlineRuntime(view, plugins, pluginLog(log)), plugin.id),
  );
  const { state, series, runtime, head, diverged } = recovered;
  for (const ask of diverged.slice(0, 1)) {
    const count = diverged.length;
    log.error({ event: 'plugin_state_diverged', trigger: ask.trigger, count }, 'answers differ');
  }
  const rows = new JournalSink({ sessionId, head });
  const sink = metrics === undefined ? rows : seenBy(metrics, rows);
  const engine = new Engine({ config, sink, series, state });
  return { engine, runtime, rows, start: head === undefined ? 'cold' : 'warm', recovered };
}

// The journal first: nothing is counted that was not written down.
function seenBy(observer: Sink, rows: Sink): Sink {
  return {
    event(event) {
      rows.event(event);
      observer.event(event);
    },
    record(record) {
      rows.record(record);
      observer.record(record);
    },
  };
}

/** What a start of a session says in the log: what it has found, none of it at a cold one. */
export function startFields({ engine, recovered }: SessionEngine) {
  const { positions, orders, intents, holds, gates } = engine.state;
  const unknown = [...orders.values()].filter(({ status }) => status === 'unknown');
  return {
    rows: recovered.rows,
    restored_from: recovered.restoredFrom,
    positions: positions.size,
    orders: orders.size,
    unknown_orders: unknown.length,
    intents: intents.size,
    holds: holds.size,
    killed: gates.killed,
  };
}
