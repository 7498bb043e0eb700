import { expect, test } from 'vitest';
import { secretsOf } from '../../../../adapters/src/cli/known-secrets.js';

test('a variable is secret by its name, or as an address with a password', () => {
  const env = {
    RUNNER_API_SECRET: 'abc',
    RUNNER_LOCK_URL: 'postgres://ann:geheim@db.example/locks',
    OTHER_LOCK: 'postgres://db.example/locks?user=ann&password=geheim',
    PROXY: 'http://proxy.example:3128',
    TOKEN_FILE: '/run/token',
    RUNNER_API_KEY: '',
  };
  expect(secretsOf(env).map(({ name }) => name)).toEqual([
    'RUNNER_API_SECRET',
    'RUNNER_LOCK_URL',
    'OTHER_LOCK',
  ]);
});
