// The bundled plugins as a host sees them: definition, manifest, config schema and package of each.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PluginManifest, StrategyDefinition } from '@strategy-runner/contracts';
import breakout from '../../../plugins/breakout/src/index.js';
import buyAndHold from '../../../plugins/buy-and-hold/src/index.js';
import dcaLadder from '../../../plugins/dca-ladder/src/index.js';
import smaCross from '../../../plugins/sma-cross/src/index.js';

export interface ConfigField {
  readonly description?: string;
  readonly type: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-runner-search'?: {
    readonly min: number;
    readonly max: number;
    readonly step: number;
  };
}

export interface ConfigSchema {
  readonly [keyword: string]: unknown;
  readonly properties: Readonly<Record<string, ConfigField>>;
}

export interface Bundled {
  readonly name: string;
  /** With the manifest and the config schema of the package, as the harness wants them. */
  readonly definition: StrategyDefinition;
  readonly manifest: PluginManifest;
  readonly schema: ConfigSchema;
  readonly pack: Readonly<Record<string, unknown>>;
}

function bundled(name: string, strategy: unknown): Bundled {
  const manifest = read(name, 'runner.plugin.json') as PluginManifest;
  const schema = read(name, 'config.schema.json') as ConfigSchema;
  const definition = { ...(strategy as StrategyDefinition), manifest, config: schema };
  const pack = read(name, 'package.json') as Readonly<Record<string, unknown>>;
  return { name, definition, manifest, schema, pack };
}

function read(name: string, file: string): unknown {
  const url = new URL(`../../../plugins/${name}/${file}`, import.meta.url);
  return JSON.parse(readFileSync(fileURLToPath(url), 'utf8'));
}

export const BUY_AND_HOLD = bundled('buy-and-hold', buyAndHold);
export const SMA_CROSS = bundled('sma-cross', smaCross);
export const BREAKOUT = bundled('breakout', breakout);
export const DCA_LADDER = bundled('dca-ladder', dcaLadder);

export const ALL: readonly Bundled[] = [BUY_AND_HOLD, SMA_CROSS, BREAKOUT, DCA_LADDER];
