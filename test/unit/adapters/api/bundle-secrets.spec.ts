import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  assertHoldsNone,
  assertPluginShareable,
  needlesOf,
  withoutSecrets,
} from '../../../../adapters/src/api/bundle-secrets.js';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'runner-secrets-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const VALUE = 'k9-made-up-for-this-test';
const needles = needlesOf([{ name: 'RUNNER_API_SECRET', value: VALUE }]);

function look(text: string): Promise<void> {
  const path = join(folder, 'file');
  writeFileSync(path, text);
  return assertHoldsNone({ name: 'file', path }, needles);
}

describe('withoutSecrets', () => {
  test('takes out what is secret by its name, and says where it stood', () => {
    const config = { a: { api_key: 'x', apiSecret: 'y', list: [{ password: 'z' }] }, fast: 5 };
    expect(withoutSecrets(config)).toEqual({
      content: {
        a: { api_key: '[removed]', apiSecret: '[removed]', list: [{ password: '[removed]' }] },
        fast: 5,
      },
      removed: ['/a/api_key', '/a/apiSecret', '/a/list/0/password'],
    });
  });

  test('leaves alone what only sounds alike, and what is empty', () => {
    const config = { token: 'BTC', tokens: 3, secret: '', api_key: null };
    expect(withoutSecrets(config)).toEqual({ content: config, removed: [] });
  });
});

describe('assertHoldsNone', () => {
  test('passes a file without any', async () => {
    await expect(look('x'.repeat(200_000))).resolves.toBeUndefined();
  });

  test('names file and variable, and never the value', async () => {
    const error = await look(`before ${VALUE} after`).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'BUNDLE_REFUSED', exitCode: 77 });
    expect(String(error)).toContain('the value of RUNNER_API_SECRET');
    expect(JSON.stringify(error) + String(error)).not.toContain(VALUE);
  });

  test('finds a value that the end of a chunk cuts in two', async () => {
    // A stream of a file gives 65 536 bytes at once.
    for (const before of [65_536 - 1, 65_536 - 12, 65_536 - VALUE.length + 1]) {
      await expect(look('x'.repeat(before) + VALUE)).rejects.toMatchObject({
        code: 'BUNDLE_REFUSED',
      });
    }
  });

  test('finds a value as JSON has it', async () => {
    const odd = needlesOf([{ name: 'X', value: 'a"quoted\\value' }]);
    const path = join(folder, 'file');
    writeFileSync(path, JSON.stringify({ said: 'so a"quoted\\value it is' }));
    await expect(assertHoldsNone({ name: 'file', path }, odd)).rejects.toMatchObject({
      code: 'BUNDLE_REFUSED',
    });
  });

  test('does not look for values that could stand anywhere', () => {
    expect(needlesOf([{ name: 'X', value: '1234567' }])).toEqual([]);
  });
});

test('refuses a plugin with a secret among its settings, and says how to leave it out', () => {
  expect(() => assertPluginShareable({ config: { webhook_secret: 'x' } })).toThrow(
    expect.objectContaining({
      code: 'BUNDLE_REFUSED',
      next: expect.stringContaining('--no-plugin'),
    }),
  );
  expect(() => assertPluginShareable({ config: { fast: 5 } })).not.toThrow();
});
