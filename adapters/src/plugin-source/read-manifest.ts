// Reads what a plugin folder says about itself, from disk and without running any of its code. The
// manifest is the file that package.json names, or runner.plugin.json beside it.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { PluginManifest } from '@strategy-runner/contracts';
import { parseManifest } from './check-manifest.js';
import { RUNS_FROM_SOURCES, SOURCE_CONDITION } from './find-package.js';
import { pluginInvalid, thrownText } from './plugin-error.js';
import { isRecord } from './record.js';
import type { JsonRecord } from './record.js';

export const DEFAULT_MANIFEST = './runner.plugin.json';

/** The version of a plugin that states none; its code hash tells its versions apart. */
export const NO_VERSION = '0.0.0';

export interface PluginFolder {
  readonly packageName?: string;
  readonly version: string;
  readonly manifestPath: string;
  readonly manifest: PluginManifest;
  /** Absent when the entry is a command. */
  readonly entryPath?: string;
}

export function readPluginFolder(root: string): PluginFolder {
  const packagePath = join(root, 'package.json');
  const packageJson = existsSync(packagePath) ? readJsonObject(packagePath) : {};
  const manifestPath = findManifest(root, packageJson);
  const manifest = parseManifest(readJsonObject(manifestPath), manifestPath);
  const packageName = textField(packageJson, 'name');
  if (packageName !== undefined && manifest.id !== packageName) {
    throw pluginInvalid({
      message: `${manifestPath}: id is "${manifest.id}", the package is "${packageName}"`,
      why: 'The id of a manifest is the name of its package',
      next: `set "id": "${packageName}" in ${manifestPath}`,
    });
  }
  const entryPath = findEntry(manifest, manifestPath, { root, packageJson });
  return {
    ...(packageName === undefined ? {} : { packageName }),
    version: textField(packageJson, 'version') ?? manifest.version ?? NO_VERSION,
    manifestPath,
    manifest,
    ...(entryPath === undefined ? {} : { entryPath }),
  };
}

/** The JSON Schema of the config that the manifest holds or names, or undefined. */
export function readConfigSchema(
  manifest: PluginManifest,
  manifestPath: string,
): JsonRecord | undefined {
  const schema = manifest.config_schema;
  if (typeof schema !== 'string') return schema;
  const path = fileInside(schema, 'config_schema', manifestPath, dirname(manifestPath));
  return readJsonObject(path);
}

function findManifest(root: string, packageJson: JsonRecord): string {
  const runner = packageJson['runner'];
  const packagePath = join(root, 'package.json');
  if (runner !== undefined) {
    const named = isRecord(runner) ? textField(runner, 'manifest') : undefined;
    if (named !== undefined) return fileInside(named, 'runner.manifest', packagePath, root);
    throw pluginInvalid({
      message: `${packagePath}: "runner" does not name a manifest`,
      next: `write "runner": { "manifest": "${DEFAULT_MANIFEST}" } in ${packagePath}`,
    });
  }
  const besides = join(root, DEFAULT_MANIFEST);
  if (existsSync(besides)) return besides;
  const file = ['index.ts', 'index.mjs', 'index.js', 'src/index.ts', 'src/index.js']
    .map((name) => join(root, name))
    .find((path) => existsSync(path));
  const makeOne = `write "runner": { "manifest": "${DEFAULT_MANIFEST}" } in ${packagePath}`;
  throw pluginInvalid({
    message: `${root} is not a plugin: it has no manifest`,
    why: `Neither package.json names one ("runner") nor is there a ${DEFAULT_MANIFEST.slice(2)}`,
    next: file === undefined ? makeOne : `${makeOne}, or run the file alone: --strategy ${file}`,
    context: { root },
  });
}

function findEntry(
  { entry }: PluginManifest,
  manifestPath: string,
  { root, packageJson }: { readonly root: string; readonly packageJson: JsonRecord },
): string | undefined {
  if (entry === undefined) {
    throw pluginInvalid({
      message: `${manifestPath}: no entry says what to load`,
      next: `write "entry": { "type": "module", "path": "./src/index.ts" } in ${manifestPath}`,
    });
  }
  if (entry.type === 'stdio') return undefined;
  const source = RUNS_FROM_SOURCES ? sourceOf(entry.path, packageJson, root) : undefined;
  if (source !== undefined) return source;
  const path = resolve(dirname(manifestPath), entry.path);
  if (isInside(path, root) && !isFile(path)) {
    throw pluginInvalid({
      message: `${manifestPath}: the entry ${entry.path} does not exist`,
      why: 'A package that is built before it runs may not have been built',
      next: `npm run build in ${root}, or correct entry.path`,
    });
  }
  return fileInside(entry.path, 'entry.path', manifestPath, root);
}

/**
 * While the host itself runs from its sources, so do the workspace plugins: their built files may
 * be missing or old. A published package carries no sources, and a built host never looks for them.
 */
function sourceOf(entryPath: string, packageJson: JsonRecord, root: string): string | undefined {
  const exports = packageJson['exports'];
  const main = isRecord(exports) ? exports['.'] : undefined;
  if (!isRecord(main) || main['default'] !== entryPath) return undefined;
  const source = textField(main, SOURCE_CONDITION);
  const path = source === undefined ? undefined : resolve(root, source);
  return path !== undefined && isInside(path, root) && isFile(path) ? path : undefined;
}

/** The file that `named` means, relative to the file that says so, never outside the plugin. */
function fileInside(named: string, field: string, saidIn: string, root: string): string {
  const path = resolve(dirname(saidIn), named);
  const problem = !isInside(path, root)
    ? 'is outside of the plugin'
    : isFile(path)
      ? undefined
      : 'does not exist';
  if (problem === undefined) return path;
  throw pluginInvalid({
    message: `${saidIn}: ${field} ${JSON.stringify(named)} ${problem}`,
    next: `correct ${field} in ${saidIn}`,
  });
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function readJsonObject(path: string): JsonRecord {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw pluginInvalid({
      message: `${path} cannot be read as JSON: ${thrownText(error)}`,
      next: `correct ${path}`,
      cause: error,
    });
  }
  if (isRecord(value)) return value;
  throw pluginInvalid({ message: `${path} is not a JSON object`, next: `correct ${path}` });
}

function textField(record: JsonRecord, name: string): string | undefined {
  const value = record[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
