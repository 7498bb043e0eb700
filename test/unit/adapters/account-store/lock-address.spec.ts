import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockAddress } from '../../../../adapters/src/account-store/lock-address.js';
import type { RunnerError } from '../../../../adapters/src/errors.js';

const URL_TEXT = 'postgres://ann:geheim%2F42@db.example:5432/locks';

function refusalOf(text: string | undefined): RunnerError {
  try {
    lockAddress('LOCK_URL', { LOCK_URL: text });
  } catch (error) {
    return error as RunnerError;
  }
  throw new Error('it was accepted');
}

test('an address is read from the variable that the config names', () => {
  expect(lockAddress('LOCK_URL', { LOCK_URL: ` ${URL_TEXT}\n` }).url).toBe(URL_TEXT);
});

test('a credential comes before a variable', () => {
  const folder = mkdtempSync(join(tmpdir(), 'runner-credentials-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const env = { CREDENTIALS_DIRECTORY: folder, LOCK_URL: URL_TEXT };
  expect(lockAddress('LOCK_URL', env).url).toBe(URL_TEXT);
  writeFileSync(join(folder, 'LOCK_URL'), `postgres://from.file/locks\n`);
  expect(lockAddress('LOCK_URL', env).url).toBe('postgres://from.file/locks');
});

test('one that is not set is named with what to do', () => {
  for (const text of [undefined, '', '  ']) {
    const { code, exitCode, message, next } = refusalOf(text);
    expect({ code, exitCode, message }).toEqual({
      code: 'LOCK_URL_INVALID',
      exitCode: 78,
      message: 'LOCK_URL, which lock.postgres_url_env names, is not set',
    });
    expect(next).toContain('set LOCK_URL to postgres://');
  }
});

test.each([
  ['of another kind', 'https://ann:geheim@db.example/locks'],
  ['without a host', 'postgres:///locks'],
  ['without a database', 'postgres://ann:geheim@db.example'],
  ['with a slash in its password', 'postgres://ann:1234/geheim@db.example/locks'],
  ['with a hash in its password', 'postgres://ann:1234#geheim@db.example/locks'],
  ['that is none', 'geheim'],
])('an address %s is refused without quoting it', (_, text) => {
  const { code, message, why, next } = refusalOf(text);
  expect(code).toBe('LOCK_URL_INVALID');
  expect(`${message} ${why} ${next}`).not.toMatch(/geheim|1234/);
});

test('the password is taken out of a text in each of its spellings', () => {
  const { scrub } = lockAddress('LOCK_URL', { LOCK_URL: URL_TEXT });
  expect(scrub(`no ${URL_TEXT}, geheim%2F42, geheim/42 of ann`)).toBe(
    'no [removed], [removed], [removed] of ann',
  );
});
