import { describe, expect, test } from 'vitest';
import { resolvePluginConfig } from '../../../../adapters/src/plugin-source/plugin-config.js';
import { parseSetOptions } from '../../../../adapters/src/plugin-source/set-option.js';
import { errorOf } from './a-plugin.js';

const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    fast: { type: 'integer', minimum: 2, maximum: 200, default: 10, 'x-runner-search': { min: 2 } },
    side: { enum: ['long', 'both'], default: 'long' },
    qty: { type: 'string', pattern: '^[0-9.]+$' },
    code: { enum: ['1', '2'] },
    key: { type: 'string', minLength: 8, 'x-runner-secret': true },
    stop: { type: 'object', default: {}, properties: { pct: { type: 'number', default: 1.5 } } },
    tags: { type: 'array', items: { type: ['string', 'null'] } },
    since: { type: 'string', format: 'date' },
  },
};

function resolve(config: object, set: readonly string[] = [], schema: object | undefined = SCHEMA) {
  return resolvePluginConfig({
    plugin: 'dip',
    schema: schema as Record<string, unknown> | undefined,
    config: config as Record<string, unknown>,
    set: parseSetOptions(set),
  });
}

describe('a config', () => {
  test('is the defaults of its schema where nothing is given', async () => {
    expect(await resolve({})).toEqual({ fast: 10, side: 'long', stop: { pct: 1.5 } });
  });

  test('is the file over the defaults and --set over the file', async () => {
    const config = await resolve({ fast: 20, side: 'both' }, ['fast=30', 'stop.pct=2']);
    expect(config).toEqual({ fast: 30, side: 'both', stop: { pct: 2 } });
  });

  test('is frozen all the way down and apart from what was given', async () => {
    const given = { stop: { pct: 3 }, tags: ['a'] };
    const config = await resolve(given);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config['stop'])).toBe(true);
    expect(Object.isFrozen(config['tags'])).toBe(true);
    expect(Object.isFrozen(given.stop)).toBe(false);
  });

  test.each<[string, readonly string[], object]>([
    ['a decimal string digit by digit', ['qty=0.00000010'], { qty: '0.00000010' }],
    ['an enum of digit strings', ['code=2'], { code: '2' }],
    ['a list as JSON', ['tags=["a",null]'], { tags: ['a', null] }],
    ['a format as a remark', ['since=yesterday'], { since: 'yesterday' }],
  ])('takes from --set %s', async (_case, set, expected) => {
    expect(await resolve({}, set)).toMatchObject(expected);
  });

  test('is empty and frozen for a plugin without a schema', async () => {
    const config = await resolvePluginConfig({
      plugin: 'dip',
      schema: undefined,
      config: {},
      set: {},
    });
    expect(config).toEqual({});
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('may have fields of any name where the author opened the schema', async () => {
    const schema = { type: 'object', properties: {}, additionalProperties: true };
    expect(await resolve({ more: 1 }, [], schema)).toEqual({ more: 1 });
  });

  test('may be composed of several schemas', async () => {
    const part = { type: 'object', properties: { b: { type: 'integer' } } };
    const schema = { type: 'object', properties: { a: { type: 'integer' } }, allOf: [part] };
    expect(await resolve({ a: 1, b: 2 }, [], schema)).toEqual({ a: 1, b: 2 });
  });
});

describe('a wrong value', () => {
  test('in the file is CONFIG_INVALID with pointer, value and what is allowed', async () => {
    const error = await errorOf(() => resolve({ fast: 1 }));
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      exitCode: 78,
      message: '[plugin dip] config /fast is 1',
      why: 'Allowed: integer, at least 2, at most 200',
      next: 'correct /fast in the config, or give it with --set',
      context: { plugin: 'dip', pointer: '/fast', keyword: 'minimum' },
    });
  });

  test('in --set is USAGE and names the option', async () => {
    const error = await errorOf(() => resolve({ side: 'both' }, ['fast=500']));
    expect(error).toMatchObject({
      code: 'USAGE',
      exitCode: 64,
      message: '[plugin dip] --set fast: config /fast is 500',
      why: 'Allowed: integer, at least 2, at most 200',
    });
  });

  test.each<[string, object, readonly string[], string, string]>([
    ['a type from --set', {}, ['fast=ten'], 'config /fast is "ten"', 'integer, at least 2'],
    ['a fraction', {}, ['fast=2.5'], 'config /fast is 2.5', 'integer'],
    ['a choice', {}, ['side=short'], 'config /side is "short"', 'one of "long", "both"'],
    ['a nested value', { stop: { pct: 'x' } }, [], 'config /stop/pct is "x"', 'number'],
    ['a list item', { tags: ['a', 1] }, [], 'config /tags/1 is 1', 'string or null'],
    ['a pattern', {}, ['qty=1e-7'], 'config /qty is "1e-7"', 'matching "^[0-9.]+$"'],
    ['a secret', { key: 'hunter' }, [], 'config /key is a secret', 'characters at least 8'],
    ['a whole section', {}, ['stop=1'], 'config /stop is 1', 'object'],
  ])('is described: %s', async (_case, config, set, message, allowed) => {
    const error = await errorOf(() => resolve(config, set));
    expect(error.message).toContain(message);
    expect(error.why).toContain(allowed);
  });

  test.each<[string, object, readonly string[], string]>([
    ['in the file', { fsat: 5 }, [], 'CONFIG_INVALID'],
    ['in --set', {}, ['fsat=5'], 'USAGE'],
  ])('may be a field that does not exist %s', async (_case, config, set, code) => {
    const error = await errorOf(() => resolve(config, set));
    expect(error.code).toBe(code);
    expect(error.message).toContain('there is no config field "fsat"');
    expect(error.why).toContain('The fields are fast, side, qty');
    expect(error.why).toContain('Did you mean "fast"?');
  });

  test('may be a field that does not exist in a section', async () => {
    const error = await errorOf(() => resolve({ stop: { pctt: 1 } }));
    expect(error.message).toContain('there is no config field "pctt"');
    expect(error.context).toMatchObject({ pointer: '/stop/pctt' });
  });

  test('may be one that is missing, which names how to give it', async () => {
    const schema = { ...SCHEMA, required: ['qty'] };
    const error = await errorOf(() => resolve({}, ['fast=5'], schema));
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      message: '[plugin dip] config /qty is missing and has no default',
      why: 'Allowed: string, matching "^[0-9.]+$"',
      next: 'correct /qty in the config, or give it with --set',
    });
  });

  test.each<[object, readonly string[], string, string]>([
    [{ fast: 1 }, [], 'CONFIG_INVALID', '"fast" was given'],
    [{}, ['fast=1'], 'USAGE', '--set fast was given'],
  ])('is each value for a plugin that takes no config', async (config, set, code, text) => {
    const error = await errorOf(() =>
      resolvePluginConfig({
        plugin: 'dip',
        schema: undefined,
        config: config as Record<string, unknown>,
        set: parseSetOptions(set),
      }),
    );
    expect(error.code).toBe(code);
    expect(error.message).toBe(`dip takes no config, ${text}`);
  });
});

describe('a config schema', () => {
  test.each<[string, object]>([
    ['an unknown keyword', { type: 'object', minimun: 1 }],
    ['an unknown type', { type: 'decimal' }],
    ['a reference to nowhere', { $ref: '#/$defs/none' }],
    ['another dialect', { $schema: 'http://json-schema.org/draft-04/schema#' }],
  ])('with %s is PLUGIN_INVALID', async (_case, schema) => {
    const error = await errorOf(() => resolve({}, [], schema));
    expect(error).toMatchObject({ code: 'PLUGIN_INVALID', exitCode: 65 });
    expect(error.message).toContain('[plugin dip] the config schema cannot be used');
  });

  test('may have a field whose own name starts with x-', async () => {
    const schema = { type: 'object', properties: { 'x-ray': { type: 'integer', default: 1 } } };
    expect(await resolve({}, [], schema)).toEqual({ 'x-ray': 1 });
  });
});
