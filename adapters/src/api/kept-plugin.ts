// The plugin of a session as it was bundled then, or another one in its place.
import type { StrategyDefinition } from '@strategy-runner/contracts';
import type { EngineConfig } from '@strategy-runner/core';
import { importDefinition } from '../plugin-source/import-bundle.js';
import { loadPlugin } from '../plugin-source/load-plugin.js';
import type { Premises } from './premises.js';

export interface SessionStrategy {
  readonly id: string;
  readonly version: string;
  readonly codeHash: string;
  readonly definition: StrategyDefinition;
  readonly config: Readonly<Record<string, unknown>>;
}

/** As typed after --strategy. */
export interface OtherStrategy {
  readonly spec: string;
  readonly cwd: string;
}

/** Errors: PLUGIN_* of the plugin given. */
export async function sessionStrategy(
  { plugin, bundleText, config }: Premises,
  other?: OtherStrategy,
): Promise<SessionStrategy> {
  if (other !== undefined) {
    const [{ timeframe, symbol }] = config.instances as [EngineConfig['instances'][number]];
    const { market } = config.instruments.get(symbol)!;
    return loadPlugin(other.spec, { cwd: other.cwd, config: plugin.config, timeframe, market });
  }
  const exportName = plugin.export_name ?? undefined;
  const definition = await importDefinition({ plugin: plugin.id, text: bundleText, exportName });
  const { id, version, code_hash: codeHash, config: own } = plugin;
  return { id, version, codeHash, definition, config: own };
}
