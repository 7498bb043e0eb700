// Runs a bundle and takes the strategy definition out of its exports. Every import is a fresh copy:
// what one session left in a plugin's module variables never reaches the next.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StrategyDefinition } from '@strategy-runner/contracts';
import { pluginInvalid, thrownText } from './plugin-error.js';

/** Above this a bundle is imported from a temporary file, since a data: URL is copied about. */
export const DATA_URL_BYTES_MAX = 1_048_576;

export interface ImportRequest {
  /** Names the plugin in errors and in its stack traces. */
  readonly plugin: string;
  readonly text: string;
  /** Export to take; without it the default export, else the only definition there is. */
  readonly exportName?: string | undefined;
}

export async function importDefinition(request: ImportRequest): Promise<StrategyDefinition> {
  const exports = await importBundle(request).catch((error: unknown) => {
    throw pluginInvalid({
      message: `[plugin ${request.plugin}] import: ${thrownText(error)}`,
      why: 'The plugin threw while it was loaded',
      next: 'correct the code that runs when the module is imported',
      cause: error,
    });
  });
  return pickDefinition(exports, request);
}

type Exports = Readonly<Record<string, unknown>>;

let imports = 0;

async function importBundle({ plugin, text }: ImportRequest): Promise<Exports> {
  imports += 1;
  // Without a name of its own, a stack trace would repeat the whole data: URL on every line.
  const named = `${text}\n//# sourceURL=plugin:${encodeURI(plugin)}\n`;
  const bytes = Buffer.from(named);
  if (bytes.length > DATA_URL_BYTES_MAX) return importFile(named);
  const url = `data:text/javascript;base64,${bytes.toString('base64')}#${imports}`;
  return (await import(url)) as Exports;
}

async function importFile(text: string): Promise<Exports> {
  const folder = await mkdtemp(join(tmpdir(), 'strategy-runner-'));
  try {
    const path = join(folder, 'plugin.mjs');
    await writeFile(path, text);
    return (await import(pathToFileURL(path).href)) as Exports;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function pickDefinition(exports: Exports, request: ImportRequest): StrategyDefinition {
  const { plugin, exportName = 'default' } = request;
  const named = exports[exportName];
  if (isDefinition(named)) return named;
  const all = Object.values(exports).filter(isDefinition);
  const [only] = all;
  if (request.exportName === undefined && named === undefined && all.length === 1 && only) {
    return only;
  }
  const names = Object.keys(exports);
  const what =
    named === undefined ? 'does not exist' : 'has no function create, so it is no strategy';
  throw pluginInvalid({
    message: `[plugin ${plugin}] the export "${exportName}" ${what}`,
    why: `The module exports ${names.length === 0 ? 'nothing' : names.join(', ')}`,
    next: 'write export default defineStrategy({ create(ctx) { … } })',
  });
}

function isDefinition(value: unknown): value is StrategyDefinition {
  return (
    typeof value === 'object' &&
    value !== null &&
    'create' in value &&
    typeof value.create === 'function'
  );
}
