import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';

type Node = Readonly<Record<string, unknown>>;

const folder = new URL('../../../contracts/schemas/', import.meta.url);
const schemas = readdirSync(folder).map((file) => ({
  name: file.replace('.schema.json', ''),
  schema: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Node,
}));
const closed = schemas.filter(({ name }) => /^(intent|intent-body|plugin-manifest)$/.test(name));

/** Every object below a node, with where it is. */
function nodesOf(value: unknown, path = ''): readonly { path: string; node: Node }[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.entries(value).flatMap(([key, child]) => nodesOf(child, `${path}/${key}`));
  return Array.isArray(value) ? below : [{ path, node: value as Node }, ...below];
}

/** Conditions repeat parts of a shape that is described elsewhere. */
const isCondition = (path: string) => /\/(if|then|else|dependentSchemas)(\/|$)/.test(path);

test('there is a schema for each document of the contract', () => {
  expect(schemas.map(({ name }) => name).sort()).toEqual([
    'intent',
    'intent-body',
    'intent-event',
    'plugin-manifest',
    'report',
    'session',
  ]);
});

describe.each(schemas)('the schema of $name', ({ name, schema }) => {
  test('is valid JSON Schema 2020-12 under its own address', () => {
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema['$id']).toBe(`https://strategy-runner.dev/schemas/${name}/1.0.json`);
    const ajv = new Ajv2020({ discriminator: true });
    expect(ajv.validateSchema(schema)).toBe(true);
  });

  test('refers to nothing outside of itself', () => {
    const references = nodesOf(schema).flatMap(({ node }) => node['$ref'] ?? []);
    const defs = Object.keys((schema['$defs'] ?? {}) as Node).map((def) => `#/$defs/${def}`);
    expect(references.filter((reference) => !defs.includes(String(reference)))).toEqual([]);
    expect(defs.filter((def) => !references.includes(def))).toEqual([]);
  });

  test('uses no keyword that needs a library at run time', () => {
    const found = nodesOf(schema).filter(({ path, node }) => {
      if (path.endsWith('/properties')) return false;
      return ['minLength', 'maxLength', 'format'].some((keyword) => keyword in node);
    });
    expect(found).toEqual([]);
  });

  test('describes every field', () => {
    const undescribed = nodesOf(schema)
      .filter(({ path }) => path.endsWith('/properties') && !isCondition(path))
      .flatMap(({ path, node }) =>
        Object.entries(node).flatMap(([field, property]) => {
          const { description, $ref } = property as Node;
          const def = String($ref).split('/').at(-1) ?? '';
          const target = ((schema['$defs'] ?? {}) as Record<string, Node>)[def];
          return (description ?? target?.['description']) ? [] : [`${path}/${field}`];
        }),
      );
    expect(undescribed).toEqual([]);
  });
});

test.each(closed)('every object of $name is closed', ({ schema }) => {
  const open = nodesOf(schema)
    .filter(({ path }) => !isCondition(path))
    .filter(({ node }) => node['properties'] !== undefined)
    .filter(({ node }) => node['additionalProperties'] !== false);
  expect(open.map(({ path }) => path)).toEqual([]);
});

test('an envelope has every field of its body, and what the host stamps', () => {
  const [body, envelope] = ['intent-body', 'intent'].map(
    (name) => schemas.find((entry) => entry.name === name)?.schema['$defs'] as Record<string, Node>,
  );
  const stamped = ['as_of', 'contract', 'intent_id', 'provenance', 'strategy'];
  for (const [name, definition] of Object.entries(body ?? {})) {
    if (!name.endsWith('Body')) continue;
    const fields = Object.keys(definition['properties'] as Node);
    const intent = envelope?.[name.replace('Body', 'Intent')];
    expect(Object.keys(intent?.['properties'] as Node).sort()).toEqual(
      [...fields, ...stamped].sort(),
    );
  }
});
