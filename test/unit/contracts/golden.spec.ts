import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { validateIntent, validateIntentBody } from '@strategy-runner/contracts/validators';
import { describe, expect, test } from 'vitest';

interface Sample {
  readonly name: string;
  readonly form: 'body' | 'envelope';
  readonly intent: unknown;
}

interface InvalidSample extends Sample {
  /** JSON pointer that the validator must name. */
  readonly path: string;
}

const read = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'));
const valid = read('test/golden/intents/valid.json') as readonly Sample[];
const invalid = read('test/golden/intents/invalid.json') as readonly InvalidSample[];

const validators = { body: validateIntentBody, envelope: validateIntent };
const kinds = ['open', 'close', 'partial_close', 'dca', 'cancel', 'amend_protection', 'hold'];

describe('golden intents', () => {
  test.each(valid)('accepts the $form: $name', ({ form, intent }) => {
    expect(validators[form](intent)).toBeUndefined();
  });

  test.each(invalid)('refuses the $form: $name', ({ form, intent, path }) => {
    expect(validators[form](intent)).toMatchObject({ path });
  });

  test.each(kinds)('hold a full body and a full envelope of the kind %s', (kind) => {
    const full = valid.filter(({ name }) => name === kind).map(({ form }) => form);
    expect(full).toEqual(['body', 'envelope']);
  });
});

describe('the standalone validators', () => {
  test('give the verdicts of ajv on the published schemas', () => {
    const ajv = new Ajv2020({ discriminator: true, strict: false });
    const reference = {
      body: ajv.compile(read('contracts/schemas/intent-body.schema.json') as object),
      envelope: ajv.compile(read('contracts/schemas/intent.schema.json') as object),
    };
    const samples = [...valid, ...invalid].flatMap(mutants);
    expect(samples.length).toBeGreaterThan(2000);
    const differing = samples.filter(({ form, intent }) => {
      return reference[form](intent) !== (validators[form](intent) === undefined);
    });
    expect(differing).toEqual([]);
  });

  test('need nothing at run time', () => {
    const path = new URL('../../../contracts/dist/validators.js', import.meta.url);
    const code = readFileSync(path, 'utf8');
    expect(code).not.toMatch(/\brequire\s*\(|^\s*import\b/m);
  });

  test('say in words what is wrong', () => {
    const messages = invalid.map(({ form, intent }) => validators[form](intent)?.message ?? '');
    expect(
      messages.filter((message) => message.length < 5 || message.includes('undefined')),
    ).toEqual([]);
    expect(validateIntentBody({ kind: 'buy' })).toEqual({
      path: '/kind',
      message: `must be one of: ${kinds.join(', ')}`,
      keyword: 'enum',
    });
    expect(validateIntentBody({ kind: 'open', side: 'long', reason: { code: 'up' } })).toEqual({
      path: '/sizing_policy',
      message: 'is required',
      keyword: 'required',
    });
  });
});

/** The sample, and each copy of it with one value removed, replaced or joined by an unknown key. */
function mutants(sample: Sample): readonly Sample[] {
  const copies: Sample[] = [sample];
  const visit = (path: readonly string[], node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    copies.push(changed(sample, [...path, 'unknown_key'], 1));
    for (const [key, value] of Object.entries(node)) {
      for (const other of [undefined, 0, 'x', {}, []]) {
        copies.push(changed(sample, [...path, key], other));
      }
      visit([...path, key], value);
    }
  };
  visit([], sample.intent);
  return copies;
}

function changed(sample: Sample, path: readonly string[], value: unknown): Sample {
  const intent: unknown = structuredClone(sample.intent);
  let node = intent as Record<string, unknown>;
  for (const key of path.slice(0, -1)) node = node[key] as Record<string, unknown>;
  const last = path.at(-1) ?? '';
  if (value === undefined) delete node[last];
  else node[last] = value;
  return { ...sample, intent };
}
