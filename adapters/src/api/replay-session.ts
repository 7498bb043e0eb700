// A session run again from its own journal, at two levels: the engine takes in the recorded events
// and must decide the same; the plugin is asked what it was asked and must answer the same. The
// first place where either does not is named, with its cause.
import {
  type AnswerDivergence,
  type Divergence,
  type EngineConfig,
  type EngineView,
  type RunStarted,
  decode,
  replayEvents,
  replayStrategy,
} from '@strategy-runner/core';
import { InlineRuntime } from '../plugin-runtime/inline.js';
import type { SessionFolder } from '../store/session-folder.js';
import { SqliteStore } from '../store/sqlite/sqlite-store.js';
import { HOST_VERSION } from '../version.js';
import { type OtherStrategy, type SessionStrategy, sessionStrategy } from './kept-plugin.js';
import { readPremises } from './premises.js';

export type ReplayLevel = 'engine' | 'strategy';

export type DivergenceCause = 'plugin_code' | 'host_version' | 'nondeterminism';

export interface ReplayReport {
  readonly isSame: boolean;
  readonly rows: number;
  readonly plugin: { readonly id: string; readonly version: string; readonly code_hash: string };
  readonly host: { readonly recorded: string; readonly now: string };
  /** How records were compared: byte for byte within a minor version of the host. */
  readonly comparison: 'bytes' | 'meaning';
  readonly divergence?: {
    readonly level: ReplayLevel;
    readonly seq: number;
    readonly cause: DivergenceCause;
    readonly instance: string | null;
    readonly hook: string | null;
    readonly trigger: string | null;
    readonly recorded: unknown;
    readonly produced: unknown;
  };
}

export interface ReplayOptions {
  readonly folder: SessionFolder;
  readonly levels: readonly ReplayLevel[];
  /** Another plugin in place of the session's own, as typed after --strategy. */
  readonly strategy?: OtherStrategy;
}

/** Errors: SESSION_NOT_FOUND (66), PLUGIN_* of the plugin given. */
export async function replaySession(options: ReplayOptions): Promise<ReplayReport> {
  const { folder, levels } = options;
  const premises = await readPremises(folder);
  const plugin = await sessionStrategy(premises, options.strategy);
  const store = await SqliteStore.openReader(folder.databasePath);
  try {
    const recorded = folder.metadata.host_version;
    const comparison = minorOf(recorded) === minorOf(HOST_VERSION) ? 'bytes' : 'meaning';
    const base = {
      rows: (await store.head())?.seq ?? 0,
      plugin: { id: plugin.id, version: plugin.version, code_hash: plugin.codeHash },
      host: { recorded, now: HOST_VERSION },
      comparison,
    } as const;
    const { config } = premises;
    if (levels.includes('engine')) {
      const found = await replayEvents(config, store.readJournal(1), comparison);
      if (found !== undefined) return { ...base, isSame: false, divergence: ofEngine(found, base) };
    }
    if (levels.includes('strategy')) {
      const runtimeFor = (view: EngineView) => runtimeOf(view, plugin, config);
      const restoredFrom = await restoredRows(store);
      const parts = { config, runtimeFor, restoredFrom };
      const found = await replayStrategy(parts, store.readJournal(1));
      if (found !== undefined) {
        const isSameCode = plugin.codeHash === premises.plugin.code_hash;
        return { ...base, isSame: false, divergence: ofStrategy(found, isSameCode) };
      }
    }
    return { ...base, isSame: true };
  } finally {
    await store.close();
  }
}

function runtimeOf(view: EngineView, plugin: SessionStrategy, config: EngineConfig): InlineRuntime {
  const plugins = config.instances.map(({ id }) => ({
    instance: id,
    definition: plugin.definition,
    config: plugin.config,
  }));
  return new InlineRuntime(view, plugins, () => undefined);
}

async function restoredRows(store: SqliteStore): Promise<ReadonlySet<number>> {
  const rows = new Set<number>();
  for (const payload of await store.payloadsOf('run_started')) {
    const { start, restoredFrom } = decode(payload) as RunStarted;
    if (start === 'warm') rows.add(restoredFrom ?? 0);
  }
  return rows;
}

function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

type Found = NonNullable<ReplayReport['divergence']>;

function parsed(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}

function ofEngine(found: Divergence, { host }: Pick<ReplayReport, 'host'>): Found {
  return {
    level: 'engine',
    seq: found.seq,
    // The engine is a function of its events: another decision is another engine.
    cause: host.recorded === host.now ? 'nondeterminism' : 'host_version',
    instance: null,
    hook: null,
    trigger: null,
    recorded: parsed(found.recorded),
    produced: parsed(found.produced),
  };
}

function ofStrategy(found: AnswerDivergence, isSameCode: boolean): Found {
  const { seq, instance, hook, trigger, recorded, produced } = found;
  const cause = isSameCode ? 'nondeterminism' : 'plugin_code';
  return { level: 'strategy', seq, cause, instance, hook, trigger, recorded, produced };
}
