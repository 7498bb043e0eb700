// From what was typed after --strategy to a strategy that can be created: find it, hold its
// manifest and config against the host before any of its code runs, bundle it, import it.
import { basename } from 'node:path';
import type { PluginManifest, StrategyDefinition } from '@strategy-runner/contracts';
import type { HookName } from '@strategy-runner/core';
import { bundlePlugin } from './bundle-plugin.js';
import type { PluginBundle } from './bundle-plugin.js';
import { checkManifest } from './check-manifest.js';
import type { SessionFit } from './check-manifest.js';
import { importDefinition } from './import-bundle.js';
import { completeManifest } from './inline-manifest.js';
import { pluginIncompatible, pluginInvalid } from './plugin-error.js';
import { resolvePluginConfig } from './plugin-config.js';
import { NO_VERSION, readConfigSchema } from './read-manifest.js';
import { isRecord } from './record.js';
import type { JsonRecord } from './record.js';
import { resolvePlugin } from './resolve-plugin.js';
import type { PluginFile, PluginPackage, ResolvedPlugin } from './resolve-plugin.js';
import { parseSetOptions } from './set-option.js';

export interface LoadOptions extends SessionFit {
  /** Relative paths and node_modules are looked up from here. */
  readonly cwd: string;
  /** `--set` as typed: key=value, a dotted key reaching inside; over `config`. */
  readonly set?: readonly string[];
  /** The config file's values, over the schema's defaults. */
  readonly config?: JsonRecord;
}

export interface LoadedPlugin {
  readonly id: string;
  /** The id without its scope and `runner-strategy-`, as in the instance `BTC/USDT:sma-cross`. */
  readonly shortName: string;
  readonly version: string;
  readonly source: ResolvedPlugin;
  readonly manifest: PluginManifest;
  readonly definition: StrategyDefinition;
  /** sha256 of `bundleText`, hex: covers the plugin's imports and dependencies. */
  readonly codeHash: string;
  readonly bundleText: string;
  /** Where the bundle holds the definition; absent = its default export. */
  readonly exportName?: string;
  /** Validated, with defaults, frozen through and through. */
  readonly config: JsonRecord;
  readonly configSchema: JsonRecord | undefined;
  /** The manifest's warm-up, its config field read. */
  readonly warmupBars: number;
  /** False where the code never says the hook's name, so that it need not be asked. */
  readonly hooks: Readonly<Record<HookName, boolean>>;
}

export async function loadPlugin(spec: string, options: LoadOptions): Promise<LoadedPlugin> {
  const source = resolvePlugin(spec, options);
  return source.kind === 'file' ? loadFile(source, options) : loadPackage(source, options);
}

async function loadPackage(source: PluginPackage, options: LoadOptions): Promise<LoadedPlugin> {
  const { manifest, root } = source;
  checkManifest(manifest, options);
  const { entryPath, exportName } = moduleEntry(source);
  const schema = readConfigSchema(manifest, source.manifestPath);
  const bundling = bundlePlugin({ root, entryPath });
  // The config is checked while the bundle is made, and told first where both are wrong.
  bundling.catch(() => undefined);
  const config = schema && (await configOf(manifest.id, schema, options));
  const bundle = await bundling;
  const definition = await importDefinition({
    plugin: manifest.id,
    text: bundle.text,
    exportName,
  });
  const configSchema = schema ?? inlineSchema(definition, manifest.id);
  const found = { source, manifest, definition, configSchema, bundle };
  return loaded(exportName === undefined ? found : { ...found, exportName }, options, config);
}

async function loadFile(source: PluginFile, options: LoadOptions): Promise<LoadedPlugin> {
  const { root, entryPath } = source;
  const bundle = await bundlePlugin({ root, entryPath });
  const definition = await importDefinition({ plugin: basename(entryPath), text: bundle.text });
  const manifest = completeManifest(definition.manifest, entryPath);
  checkManifest(manifest, options);
  const configSchema =
    readConfigSchema(manifest, entryPath) ?? inlineSchema(definition, manifest.id);
  return loaded({ source, manifest, definition, configSchema, bundle }, options);
}

interface Loading extends Pick<
  LoadedPlugin,
  'source' | 'manifest' | 'definition' | 'configSchema'
> {
  readonly bundle: PluginBundle;
  readonly exportName?: string;
}

async function loaded(
  { source, manifest, definition, configSchema, bundle, exportName }: Loading,
  options: LoadOptions,
  checkedConfig?: JsonRecord,
): Promise<LoadedPlugin> {
  const config = checkedConfig ?? (await configOf(manifest.id, configSchema, options));
  return {
    id: manifest.id,
    shortName: shortNameOf(manifest.id),
    version: source.kind === 'file' ? (manifest.version ?? NO_VERSION) : source.version,
    source,
    manifest,
    definition,
    codeHash: bundle.codeHash,
    bundleText: bundle.text,
    ...(exportName === undefined ? {} : { exportName }),
    config,
    configSchema,
    warmupBars: warmupBars(manifest, config),
    hooks: hooksIn(bundle.text),
  };
}

function moduleEntry({ manifest, entryPath }: PluginPackage) {
  if (entryPath !== undefined && manifest.entry?.type === 'module') {
    return { entryPath, exportName: manifest.entry.export };
  }
  throw pluginIncompatible({
    message: `${manifest.id} is a command that speaks JSON lines, here a module is loaded`,
    next: 'name a plugin whose entry is a module',
  });
}

function configOf(plugin: string, schema: JsonRecord | undefined, options: LoadOptions) {
  const set = parseSetOptions(options.set ?? []);
  return resolvePluginConfig({ plugin, schema, config: options.config ?? {}, set });
}

function inlineSchema({ config }: StrategyDefinition, plugin: string): JsonRecord | undefined {
  if (config === undefined || isRecord(config)) return config;
  throw pluginInvalid({
    message: `[plugin ${plugin}] config is no JSON Schema`,
    next: 'write config: { type: "object", properties: { … } }',
  });
}

function warmupBars({ id, data }: PluginManifest, config: JsonRecord): number {
  const wanted = data.warmup_bars;
  if (typeof wanted === 'number') return wanted;
  const field = config[wanted.config];
  if (typeof field === 'number' && Number.isInteger(field) && field >= 0) {
    return field + (wanted.plus ?? 0);
  }
  const is = JSON.stringify(field) ?? 'not there';
  throw pluginInvalid({
    message: `[plugin ${id}] warmup_bars reads the config field "${wanted.config}"; it is ${is}`,
    why: 'The field must hold an integer of at least 0',
    next: 'correct data.warmup_bars in the manifest, or the config schema',
  });
}

function shortNameOf(id: string): string {
  return id.replace(/^@[^/]+\//, '').replace(/^runner-strategy-(?=.)/, '');
}

// The hooks of an instance exist only once it is created, which takes the context of a running
// engine. Property names survive bundling, so a hook that is there is in the text.
function hooksIn(text: string): Readonly<Record<HookName, boolean>> {
  return {
    onBar: true,
    onFill: text.includes('onFill'),
    onIntentEvent: text.includes('onIntentEvent'),
    onTimer: text.includes('onTimer'),
  };
}
