// The engine of a session that is written down, as its journal left it: recovered, with its plugin
// brought along. Paper and live start from here; they differ in venue, feed and clock only.
import type { SessionMetadata } from '@strategy-runner/contracts';
import type { Logger } from 'pino';
import {
  Engine,
  type EngineConfig,
  type Recovered,
  type StrategyRuntime,
  recover,
} from '@strategy-runner/core';
import { pluginLog } from '../log/log.js';
import { InlineRuntime } from '../plugin-runtime/inline.js';
import { JournalSink } from '../store/journal.js';
import type { SqliteStore } from '../store/sqlite/sqlite-store.js';
import { verified } from '../store/verified-journal.js';
import { startRuntime } from './backtest.js';
import { instanceIdOf } from './engine-config.js';
import type { Setup } from './setup.js';

export interface SessionEngineOptions {
  readonly setup: Setup;
  /** The session as its session.json has it. */
  readonly metadata: SessionMetadata;
  readonly store: SqliteStore;
  readonly log: Logger;
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
  { setup, metadata, store, log }: SessionEngineOptions,
  config: EngineConfig,
): Promise<SessionEngine> {
  const plugin = {
    instance: instanceIdOf(setup),
    definition: setup.plugin.definition,
    config: setup.plugin.config,
  };
  const { session_id: sessionId, journal_head: anchor } = metadata;
  const trusted = verified({ store, path: store.path, sessionId, anchor });
  const recovered = await recover(config, trusted, (view) =>
    startRuntime(() => new InlineRuntime(view, [plugin], pluginLog(log)), setup),
  );
  const { state, series, runtime, head, diverged } = recovered;
  for (const ask of diverged.slice(0, 1)) {
    const count = diverged.length;
    log.error({ event: 'plugin_state_diverged', trigger: ask.trigger, count }, 'answers differ');
  }
  const rows = new JournalSink({ sessionId, head });
  const engine = new Engine({ config, sink: rows, series, state });
  return { engine, runtime, rows, start: head === undefined ? 'cold' : 'warm', recovered };
}
