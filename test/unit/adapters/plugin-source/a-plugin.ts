// Plugins in temporary folders for the specs here: packages, folders and single files.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { RunnerError } from '../../../../adapters/src/errors.js';

export const STRATEGY = `export default { create: () => ({ onBar: () => undefined }) };\n`;

export type Files = Readonly<Record<string, string | object>>;

/** A fresh folder outside of any node_modules, removed when the spec file is done. */
export function aFolder(files: Files = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'plugin-source-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  writeFiles(folder, files);
  return folder;
}

export function writeFiles(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

export function aManifest(fields: object = {}) {
  return {
    manifest_version: 1,
    id: 'runner-strategy-dip',
    kind: 'strategy',
    title: 'Dip',
    entry: { type: 'module', path: './index.ts' },
    contract: { intent: '^1.0', host_api: '^1.0' },
    capabilities: {
      kinds: ['open', 'close'],
      markets: ['spot'],
      sides: ['long'],
      sizing_modes: ['qty'],
    },
    data: { timeframes: ['any'], warmup_bars: 0 },
    ...fields,
  } as const;
}

/** The files of a plugin package; `files` adds to them or takes their place. */
export function aPackage(name = 'runner-strategy-dip', manifest: object = {}, files: Files = {}) {
  return {
    'package.json': {
      name,
      version: '1.2.3',
      type: 'module',
      runner: { manifest: './runner.plugin.json' },
    },
    'runner.plugin.json': aManifest({ id: name, ...manifest }),
    'index.ts': STRATEGY,
    ...files,
  };
}

/** The same files below a folder, for a package in node_modules. */
export function below(folder: string, files: Files): Files {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]),
  );
}

/** What an action throws, as a RunnerError; anything else is thrown on. */
export async function errorOf(action: () => unknown): Promise<RunnerError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof RunnerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
