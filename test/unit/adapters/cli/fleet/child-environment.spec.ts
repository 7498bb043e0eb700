import { expect, test } from 'vitest';
import { environmentOf } from '../../../../../adapters/src/cli/fleet/child-environment.js';
import { readCredentials } from '../../../../../adapters/src/venue/ccxt/credentials.js';
import { readEnvFile } from '../../../../../adapters/src/safety/env-file.js';

const ENV = {
  PATH: '/bin',
  CREDENTIALS_DIRECTORY: '/run/credentials/unit',
  RUNNER_SESSIONS: 'there',
  RUNNER_API_KEY: 'common',
  RUNNER_API_SECRET: 'common-secret',
  RUNNER_ONE_API_KEY: 'one',
  RUNNER_ONE_API_SECRET: 'one-secret',
  RUNNER_TWO_B_API_KEY: 'two',
  RUNNER_TWO_B_API_SECRET: 'two-secret',
  RUNNER_TWO_B_API_PASSWORD: 'two-password',
  PG_ONE: 'postgres://one',
  PG_TWO: 'postgres://two',
};
const named = { one: ['PG_ONE'], 'two-b': ['PG_TWO'], three: [] };

test('[B12] a run sees the keys of its own account and of no other', () => {
  const env = environmentOf({ account: 'two-b', named }, ENV);
  expect(env).toEqual({
    ...ENV,
    RUNNER_API_KEY: '',
    RUNNER_API_SECRET: '',
    RUNNER_ONE_API_KEY: '',
    RUNNER_ONE_API_SECRET: '',
    PG_ONE: '',
  });
});

test('an account without keys of its own has the common ones', () => {
  const env = environmentOf({ account: 'three', named }, { ...ENV, CREDENTIALS_DIRECTORY: '' });
  expect(readCredentials('three', env)).toEqual({ apiKey: 'common', secret: 'common-secret' });
  expect(Object.values(env).filter((value) => /one|two/.test(value))).toEqual([]);
});

test('a run whose fills are simulated has no key at all', () => {
  const env = environmentOf({ account: null, named }, ENV);
  expect(env).toMatchObject({ PATH: '/bin', RUNNER_SESSIONS: 'there', CREDENTIALS_DIRECTORY: '' });
  expect(Object.values(env).filter((value) => /common|one|two/.test(value))).toEqual([]);
});

test('a lock that two accounts share stays with both', () => {
  const shared = { one: ['PG_ONE'], 'two-b': ['PG_ONE'] };
  expect(environmentOf({ account: 'two-b', named: shared }, ENV)).toMatchObject({
    PG_ONE: 'postgres://one',
  });
});

test('what is kept from a run does not come back from a file', () => {
  const env = environmentOf({ account: 'one', named }, ENV);
  const { variables } = readEnvFile('RUNNER_TWO_B_API_KEY=two\nOTHER=1\n', env);
  expect(variables).toEqual({ OTHER: '1' });
});
