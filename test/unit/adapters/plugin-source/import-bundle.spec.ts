import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import {
  DATA_URL_BYTES_MAX,
  importDefinition,
} from '../../../../adapters/src/plugin-source/import-bundle.js';
import { aFolder, errorOf } from './a-plugin.js';

const create = 'create(){return{onBar(){}}}';

describe('importDefinition', () => {
  test.each([
    ['the default export', `export default{config:{a:1},${create}};export const other={${create}}`],
    ['the only definition there is', `export const idea={config:{a:1},${create}};export const n=1`],
  ])('takes %s', async (_case, text) => {
    const definition = await importDefinition({ plugin: 'dip', text });
    expect(definition.config).toEqual({ a: 1 });
    expect(definition.create).toBeTypeOf('function');
  });

  test('takes the export that the manifest names', async () => {
    const text = `export default{${create}};export const grid={config:{g:1},${create}}`;
    const definition = await importDefinition({ plugin: 'dip', text, exportName: 'grid' });
    expect(definition.config).toEqual({ g: 1 });
  });

  test.each<[string, string, string | undefined, string, string]>([
    ['no export', 'const a=1', undefined, 'the export "default" does not exist', 'nothing'],
    [
      'two named definitions',
      `export const a={${create}},b={${create}}`,
      undefined,
      'does not exist',
      'a, b',
    ],
    ['no create', 'export default {onBar(){}}', undefined, 'has no function create', 'default'],
    ['a class', 'export default class{}', undefined, 'has no function create', 'default'],
    ['another name', `export const a={${create}}`, 'b', 'the export "b" does not exist', 'a'],
  ])('refuses a module with %s', async (_case, text, exportName, message, exported) => {
    const error = await errorOf(() => importDefinition({ plugin: 'dip', text, exportName }));
    expect(error).toMatchObject({ code: 'PLUGIN_INVALID', exitCode: 65 });
    expect(error.message).toContain(`[plugin dip] the export`);
    expect(error.message).toContain(message);
    expect(error.why).toBe(`The module exports ${exported}`);
  });

  test.each([
    ['throw new TypeError("no luck\\nat all")', '[plugin dip] import: TypeError: no luck'],
    ['throw "text"', '[plugin dip] import: text'],
    ['throw null', '[plugin dip] import: null'],
    ['undefinedName()', '[plugin dip] import: ReferenceError: undefinedName is not defined'],
  ])('says what a module threw: %s', async (text, message) => {
    const error = await errorOf(() => importDefinition({ plugin: 'dip', text }));
    expect(error).toMatchObject({ code: 'PLUGIN_INVALID', message });
  });

  test('names the plugin in its stack trace instead of the whole data: URL', async () => {
    const text = 'export default{create(){throw new Error("late")}}';
    const definition = await importDefinition({ plugin: '@acme/dip', text });
    expect(throwingScript(() => definition.create({} as never))).toBe('plugin:@acme/dip');
  });

  test('gives each import its own module variables', async () => {
    const text = `let n=0;export default{config:{next:()=>++n},${create}}`;
    const next = async () => {
      const { config } = await importDefinition({ plugin: 'dip', text });
      return (config as { next(): number }).next();
    };
    expect([await next(), await next()]).toEqual([1, 1]);
  });

  test('imports a bundle too large for a data: URL and leaves no file behind', async () => {
    const scratch = join(aFolder(), 'tmp');
    mkdirSync(scratch);
    vi.stubEnv('TMPDIR', scratch);
    const text = `export default{config:{text:"${'x'.repeat(DATA_URL_BYTES_MAX)}"},${create}}`;
    const definition = await importDefinition({ plugin: 'dip', text });
    vi.unstubAllEnvs();
    expect(definition.config?.['text']).toHaveLength(DATA_URL_BYTES_MAX);
    expect(existsSync(scratch)).toBe(true);
    expect(readdirSync(scratch)).toEqual([]);
  });

  test('leaves no file behind when a large bundle throws', async () => {
    const scratch = join(aFolder(), 'tmp');
    mkdirSync(scratch);
    vi.stubEnv('TMPDIR', scratch);
    const text = `throw new Error("${'x'.repeat(DATA_URL_BYTES_MAX)}")`;
    const error = await errorOf(() => importDefinition({ plugin: 'dip', text }));
    vi.unstubAllEnvs();
    expect(error.message.length).toBeLessThan(400);
    expect(readdirSync(scratch)).toEqual([]);
  });
});

// The runner of the specs formats stacks itself, so V8 is asked for the name it would print.
function throwingScript(action: () => unknown): string | null | undefined {
  const format = Error.prepareStackTrace;
  Error.prepareStackTrace = (_error, sites) => sites[0]?.getScriptNameOrSourceURL();
  try {
    action();
  } catch (error) {
    return (error as Error).stack;
  } finally {
    Error.prepareStackTrace = format;
  }
  throw new Error('nothing was thrown');
}
