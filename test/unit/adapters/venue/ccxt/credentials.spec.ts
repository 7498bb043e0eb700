import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { RunnerError } from '../../../../../adapters/src/errors.js';
import { readCredentials } from '../../../../../adapters/src/venue/ccxt/credentials.js';

const folders: string[] = [];

function aFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'runner-credentials-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('the keys of an account', () => {
  test('come from the environment', () => {
    const env = { RUNNER_API_KEY: ' key ', RUNNER_API_SECRET: 'secret' };
    expect(readCredentials('main', env)).toEqual({ apiKey: 'key', secret: 'secret' });
  });

  test('come from the variables of the account before the common ones', () => {
    const env = {
      RUNNER_API_KEY: 'common',
      RUNNER_API_SECRET: 'common',
      RUNNER_SUB_2_API_KEY: 'own',
      RUNNER_SUB_2_API_SECRET: 'own',
      RUNNER_SUB_2_API_PASSWORD: 'phrase',
    };
    expect(readCredentials('sub-2', env)).toEqual({
      apiKey: 'own',
      secret: 'own',
      password: 'phrase',
    });
  });

  test('come from the credentials folder before the environment', () => {
    const folder = aFolder({ 'main.api_key': 'filed\n', 'main.api_secret': 'filed-secret\n' });
    const env = { CREDENTIALS_DIRECTORY: folder, RUNNER_API_KEY: 'x', RUNNER_API_SECRET: 'y' };
    expect(readCredentials('main', env)).toEqual({ apiKey: 'filed', secret: 'filed-secret' });
  });

  test.each([
    [{}, 'RUNNER_MAIN_API_KEY'],
    [{ RUNNER_API_KEY: 'key-value', RUNNER_API_SECRET: ' ' }, 'RUNNER_MAIN_API_SECRET'],
  ])('that are missing are named, and what is there is not shown', (env, name) => {
    try {
      readCredentials('main', env);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      expect(error).toMatchObject({ code: 'CREDENTIALS_MISSING', exitCode: 78 });
      expect(error.next).toContain(name);
      expect(`${error.message}${error.why}${error.next}`).not.toContain('key-value');
    }
  });
});
