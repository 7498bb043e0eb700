// What a session keeps to be run again by itself: the engine's config and the plugin as it was
// bundled. Replay, compare and explain need nothing else, not even the plugin's sources.
import { type EngineConfig, decode, encode } from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';
import { type SessionFolder, readSessionFile } from '../store/session-folder.js';
import type { Setup } from './setup.js';

const ENGINE_FILE = 'engine.json';
const BUNDLE_FILE = 'plugin.mjs';
const PLUGIN_FILE = 'plugin.json';

/** How the bundle becomes a strategy again. */
export interface KeptPlugin {
  readonly id: string;
  readonly version: string;
  readonly code_hash: string;
  readonly manifest: unknown;
  readonly config: Readonly<Record<string, unknown>>;
  /** Name of the export that holds the definition; null = the default one. */
  readonly export_name: string | null;
}

export interface Premises {
  readonly config: EngineConfig;
  readonly plugin: KeptPlugin;
  readonly bundleText: string;
}

export function premiseFiles(
  { plugin }: Pick<Setup, 'plugin'>,
  config: EngineConfig,
): Readonly<Record<string, string>> {
  const kept: KeptPlugin = {
    id: plugin.id,
    version: plugin.version,
    code_hash: plugin.codeHash,
    manifest: plugin.manifest,
    config: plugin.config,
    export_name: plugin.exportName ?? null,
  };
  return {
    [ENGINE_FILE]: `${encode(config)}\n`,
    [PLUGIN_FILE]: `${JSON.stringify(kept, null, 2)}\n`,
    [BUNDLE_FILE]: plugin.bundleText,
  };
}

/** Errors: SESSION_NOT_FOUND (66) for a session that kept no plugin. */
export async function readPremises(folder: SessionFolder): Promise<Premises> {
  const [engine, plugin, bundleText] = [
    await readSessionFile(folder, ENGINE_FILE),
    await readSessionFile(folder, PLUGIN_FILE),
    await readSessionFile(folder, BUNDLE_FILE),
  ];
  if (engine === undefined || plugin === undefined || bundleText === undefined) {
    throw new RunnerError({
      code: 'SESSION_NOT_FOUND',
      exitCode: EXIT.missingInput,
      message: `session ${folder.id} does not hold its plugin and engine config`,
      why: 'It is a bundle without its plugin, or older than this version of the host',
      next: 'give a session that runner live or runner backtest has begun',
    });
  }
  return {
    config: decode(engine) as EngineConfig,
    plugin: JSON.parse(plugin) as KeptPlugin,
    bundleText,
  };
}
