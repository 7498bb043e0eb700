import { describe, expect, test } from 'vitest';
import { loadPlugin } from '../../../../adapters/src/plugin-source/load-plugin.js';
import type { LoadOptions } from '../../../../adapters/src/plugin-source/load-plugin.js';
import { STRATEGY, aFolder, aPackage, below, errorOf } from './a-plugin.js';
import type { Files } from './a-plugin.js';

const CONFIG_SCHEMA = {
  type: 'object',
  properties: {
    fast: { type: 'integer', minimum: 1, default: 10 },
    slow: { type: 'integer', default: 30 },
  },
};

function load(files: Files, spec = '.', options: Partial<LoadOptions> = {}) {
  return loadPlugin(spec, { cwd: aFolder(files), ...options });
}

describe('a package', () => {
  const manifest = {
    config_schema: './config.schema.json',
    data: { timeframes: ['1h'], warmup_bars: { config: 'slow', plus: 1 } },
  };
  const files = aPackage('@acme/runner-strategy-dip', manifest, {
    'config.schema.json': CONFIG_SCHEMA,
    'index.ts': `
      import { defineStrategy } from '@strategy-runner/contracts';
      import { level } from './level.js';
      export default defineStrategy<{ fast: number }>({
        execution: { open: { retry: { max_attempts: 1 } } },
        create: ({ config }) => ({
          onBar: () => (config.fast > level ? [] : undefined),
          onFill() {},
        }),
      });`,
    'level.ts': 'export const level: number = 3;',
  });

  test('is loaded whole: identity, manifest, definition, code and config', async () => {
    const cwd = aFolder(below('node_modules/@acme/runner-strategy-dip', files));
    const plugin = await loadPlugin('@acme/runner-strategy-dip', {
      cwd,
      config: { fast: 5 },
      set: ['slow=40'],
      timeframe: '1h',
      market: 'spot',
    });
    expect(plugin).toMatchObject({
      id: '@acme/runner-strategy-dip',
      shortName: 'dip',
      version: '1.2.3',
      source: { kind: 'package' },
      manifest: { title: 'Dip' },
      config: { fast: 5, slow: 40 },
      configSchema: CONFIG_SCHEMA,
      warmupBars: 41,
      hooks: { onBar: true, onFill: true, onIntentEvent: false, onTimer: false },
    });
    expect(plugin.codeHash).toMatch(/^[0-9a-f]{64}$/);
    expect(plugin.bundleText).toContain('onFill');
    expect(plugin.definition.execution).toEqual({ open: { retry: { max_attempts: 1 } } });
    const hooks = plugin.definition.create({ config: plugin.config } as never);
    expect(hooks.onBar({} as never)).toEqual([]);
  });

  test('has the same code hash at two paths', async () => {
    const [here, there] = [await load(files), await load(below('a/b', files), 'a/b')];
    expect(there.codeHash).toBe(here.codeHash);
  });

  test('uses the export its manifest names', async () => {
    const entry = { type: 'module', path: './index.ts', export: 'grid' };
    const text = `export default {};
      export const grid = { config: {}, create: () => ({ onBar() {} }) };`;
    const plugin = await load(aPackage(undefined, { entry }, { 'index.ts': text }));
    expect(plugin.definition.config).toEqual({});
  });

  test('may hold the config schema in its manifest', async () => {
    const plugin = await load(aPackage(undefined, { config_schema: CONFIG_SCHEMA }));
    expect(plugin.config).toEqual({ fast: 10, slow: 30 });
  });

  test('may hold the config schema in its code', async () => {
    const schema = JSON.stringify(CONFIG_SCHEMA);
    const text = `export default { config: ${schema}, create: () => ({ onBar() {} }) };`;
    const plugin = await load(aPackage(undefined, {}, { 'index.ts': text }), '.', {
      set: ['fast=2'],
    });
    expect(plugin.config).toEqual({ fast: 2, slow: 30 });
    expect(plugin.configSchema).toEqual(CONFIG_SCHEMA);
  });

  test.each<[string, Partial<LoadOptions>, object, string]>([
    ['the timeframe does not fit', { timeframe: '4h' }, {}, 'PLUGIN_INCOMPATIBLE'],
    ['the market does not fit', { market: 'swap' }, {}, 'PLUGIN_INCOMPATIBLE'],
    [
      'the contract does not fit',
      {},
      { contract: { intent: '^9.0', host_api: '^1.0' } },
      'PLUGIN_INCOMPATIBLE',
    ],
    ['it is a scanner', {}, { kind: 'scanner' }, 'PLUGIN_INCOMPATIBLE'],
    ['the config does not fit', { config: { fast: 0 } }, {}, 'CONFIG_INVALID'],
    ['--set does not fit', { set: ['fast=0'] }, {}, 'USAGE'],
    ['--set is not key=value', { set: ['fast'] }, {}, 'USAGE'],
  ])('is refused before any of its code runs when %s', async (_case, options, fields, code) => {
    const text = 'throw new Error("the code ran");';
    const broken = aPackage(
      undefined,
      { ...manifest, ...fields },
      {
        'config.schema.json': CONFIG_SCHEMA,
        'index.ts': text,
      },
    );
    expect((await errorOf(() => load(broken, '.', options))).code).toBe(code);
  });

  test('tells a wrong config also where the code has a syntax error', async () => {
    const broken = { ...files, 'index.ts': 'export default {' };
    const error = await errorOf(() => load(broken, '.', { config: { fast: 0 } }));
    expect(error.code).toBe('CONFIG_INVALID');
  });

  test('that throws at import is PLUGIN_INVALID with its words', async () => {
    const broken = aPackage(undefined, {}, { 'index.ts': 'throw new Error("no table for SMA");' });
    const error = await errorOf(() => load(broken));
    expect(error).toMatchObject({
      code: 'PLUGIN_INVALID',
      message: '[plugin runner-strategy-dip] import: Error: no table for SMA',
    });
  });

  test('whose entry is a command is refused where a module is loaded', async () => {
    const entry = { type: 'stdio', command: ['python3', 'main.py'], protocol: 'jsonl/1' };
    const error = await errorOf(() => load(aPackage(undefined, { entry })));
    expect(error).toMatchObject({ code: 'PLUGIN_INCOMPATIBLE', exitCode: 78 });
    expect(error.message).toContain('speaks JSON lines');
  });

  test.each<[string, unknown]>([
    ['missing', { type: 'object' }],
    ['text', { type: 'object', properties: { slow: { type: 'string', default: '9' } } }],
    ['negative', { type: 'object', properties: { slow: { type: 'integer', default: -1 } } }],
  ])('whose warm-up field is %s is PLUGIN_INVALID', async (_case, schema) => {
    const fields = { ...manifest, config_schema: schema };
    const error = await errorOf(() => load(aPackage(undefined, fields)));
    expect(error.code).toBe('PLUGIN_INVALID');
    expect(error.message).toContain('warmup_bars reads the config field "slow"');
  });

  test('whose config schema file is missing is PLUGIN_INVALID', async () => {
    const error = await errorOf(() => load(aPackage(undefined, { config_schema: './no.json' })));
    expect(error.code).toBe('PLUGIN_INVALID');
    expect(error.message).toContain('config_schema "./no.json" does not exist');
  });
});

describe('one file', () => {
  test('runs with a sibling, the contract and no manifest, anywhere on disk', async () => {
    const plugin = await load(
      {
        'My Idea.ts': `
          import { defineStrategy, type Bar } from '@strategy-runner/contracts';
          import { isUp } from './is-up';
          export default defineStrategy({
            create: () => ({ onBar: (bar: Bar) => (isUp(bar) ? [] : undefined) }),
          });`,
        'is-up.ts': `import type { Bar } from '@strategy-runner/contracts';
          export const isUp = (bar: Bar): boolean => bar.close > bar.open;`,
      },
      './My Idea.ts',
    );
    expect(plugin).toMatchObject({
      id: 'my-idea',
      shortName: 'my-idea',
      version: '0.0.0',
      source: { kind: 'file' },
      warmupBars: 0,
      config: {},
    });
    const hooks = plugin.definition.create({} as never);
    expect(hooks.onBar({ open: 1, close: 2 } as never)).toEqual([]);
  });

  test('has its inline manifest and config', async () => {
    const text = `export default {
      manifest: {
        id: 'dip',
        version: '0.3.0',
        data: { timeframes: ['1h'], warmup_bars: { config: 'slow' } },
      },
      config: ${JSON.stringify(CONFIG_SCHEMA)},
      create: () => ({ onBar() {} }),
    };`;
    const plugin = await load({ 'a.mjs': text }, 'a.mjs', { set: ['slow=7'], timeframe: '1h' });
    expect(plugin).toMatchObject({
      id: 'dip',
      version: '0.3.0',
      config: { fast: 10, slow: 7 },
      warmupBars: 7,
    });
    const error = await errorOf(() => load({ 'a.mjs': text }, 'a.mjs', { timeframe: '1d' }));
    expect(error.code).toBe('PLUGIN_INCOMPATIBLE');
  });

  test('may be a CommonJS module', async () => {
    const plugin = await load(
      { 'old.js': 'module.exports = { create: () => ({ onBar() {} }) };' },
      'old.js',
    );
    expect(plugin.definition.create).toBeTypeOf('function');
  });

  test.each<[string, string, string]>([
    ['throws', 'throw new RangeError("no bars");', '[plugin idea.ts] import: RangeError: no bars'],
    ['is empty', '', 'the export "default" does not exist'],
    ['has a wrong manifest', STRATEGY.replace('{', '{ manifest: { kind: 1 },'), '/kind'],
    [
      'has a config that is no schema',
      STRATEGY.replace('{', '{ config: [],'),
      'config is no JSON Schema',
    ],
    ['has a syntax error', 'export default {', 'idea.ts:1:17: '],
  ])('that %s is PLUGIN_INVALID', async (_case, text, message) => {
    const error = await errorOf(() => load({ 'idea.ts': text }, 'idea.ts'));
    expect(error).toMatchObject({ code: 'PLUGIN_INVALID', exitCode: 65 });
    expect(error.message).toContain(message);
  });

  test('that takes no config refuses --set', async () => {
    const error = await errorOf(() => load({ 'a.ts': STRATEGY }, 'a.ts', { set: ['fast=1'] }));
    expect(error).toMatchObject({
      code: 'USAGE',
      message: 'a takes no config, --set fast was given',
    });
  });
});

test('a plugin that is not there is PLUGIN_NOT_FOUND', async () => {
  const error = await errorOf(() => load({}, 'zzzzzzzz'));
  expect(error).toMatchObject({ code: 'PLUGIN_NOT_FOUND', exitCode: 66 });
});
