import { createStrategyHarness } from '@strategy-runner/contracts/testing';
import { validatePluginManifest } from '@strategy-runner/contracts/validators';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { ALL, DCA_LADDER } from './bundled.js';

const NAMES = ALL.map((plugin) => [plugin.name, plugin] as const);

/** Fields that mean something by being left out. */
const OPTIONAL = ['sma-cross.qty'];

describe.each(NAMES)('%s', (name, { definition, manifest, schema, pack }) => {
  test('is a package that a host finds by keyword and reads without running it', () => {
    expect(pack).toMatchObject({
      name: `runner-strategy-${name}`,
      version: '1.0.0',
      type: 'module',
      license: 'MIT',
      keywords: ['runner-strategy'],
      runner: { manifest: './runner.plugin.json' },
      peerDependencies: { '@strategy-runner/contracts': '^1.0.0' },
    });
    expect(pack['dependencies']).toBeUndefined();
    expect(pack['files']).toEqual([
      'dist',
      'runner.plugin.json',
      'config.schema.json',
      'README.md',
    ]);
  });

  test('has a valid manifest that names the package, its module and its config schema', () => {
    expect(validatePluginManifest(manifest)).toBeUndefined();
    expect(manifest).toMatchObject({
      id: pack['name'],
      entry: { type: 'module', path: './dist/index.js' },
      config_schema: './config.schema.json',
      state: { version: 1 },
      data: { timeframes: ['any'] },
    });
  });

  test('describes every config field and gives it a default inside its own bounds', () => {
    const check = new Ajv2020({ useDefaults: true, keywords: ['x-runner-search'] }).compile(schema);
    const config: Record<string, unknown> = {};
    expect(check(config)).toBe(true);
    const optional = Object.keys(schema.properties).filter((field) =>
      OPTIONAL.includes(`${name}.${field}`),
    );
    expect([...Object.keys(config), ...optional].sort()).toEqual(
      Object.keys(schema.properties).sort(),
    );
    for (const field of Object.values(schema.properties)) {
      expect(field.description).toMatch(/^[A-Z].*\.$|^[a-z]+ .*\.$/);
    }
    expect(check({ typo: 1 })).toBe(false);
  });

  test('names a search range inside the bounds of every number', () => {
    for (const field of Object.values(schema.properties)) {
      const search = field['x-runner-search'];
      if (field.type !== 'integer' || search === undefined) {
        expect(field.type).toBe('string');
        continue;
      }
      expect(search.min).toBeGreaterThanOrEqual(field.minimum ?? NaN);
      expect(search.max).toBeLessThanOrEqual(field.maximum ?? NaN);
      expect((search.max - search.min) % search.step).toBe(0);
    }
  });

  test('starts with its defaults and has no state that JSON would change', () => {
    const harness = createStrategyHarness(definition);
    harness.feed(100, 101, 99);
    const again = createStrategyHarness(definition, { snapshot: harness.snapshot() });
    expect(again.snapshot()).toEqual(harness.snapshot());
    expect(harness.snapshot()).not.toBeUndefined();
  });
});

test('a manifest may demand an account in hedge mode, and nothing else by that name', () => {
  const { manifest } = DCA_LADDER;
  const inMode = (position_mode: string) => ({
    ...manifest,
    capabilities: { ...manifest.capabilities, position_mode },
  });
  expect(manifest.capabilities.position_mode).toBe('hedge');
  expect(validatePluginManifest(inMode('one_way'))).toBeUndefined();
  expect(validatePluginManifest(inMode('net'))).toMatchObject({
    path: '/capabilities/position_mode',
  });
});
