import { expect, test } from 'vitest';
import {
  isProduction,
  mayReachRealExchange,
  refuseInProd,
  refuseTestPermissionInProd,
} from '../../../../adapters/src/safety/production.js';

test('either variable is enough to make it production, however it is spelt', () => {
  for (const value of ['prod', 'PROD', 'production', ' Production ']) {
    expect(isProduction({ RUNNER_ENV: value })).toBe(true);
    expect(isProduction({ RUNNER_ENV: 'dev', ENVIRONMENT: value })).toBe(true);
  }
  for (const value of ['', 'dev', 'preprod', 'prod-like']) {
    expect(isProduction({ RUNNER_ENV: value, ENVIRONMENT: value })).toBe(false);
  }
  expect(isProduction({})).toBe(false);
});

test('[P7] drills and simulators refuse in production and name what makes it so', () => {
  expect(() => refuseInProd('runner venue', { ENVIRONMENT: 'prod' })).toThrow(
    expect.objectContaining({
      code: 'REFUSED_IN_PROD',
      exitCode: 77,
      message: 'runner venue does not run in production',
      why: expect.stringContaining('ENVIRONMENT is prod'),
    }),
  );
  refuseInProd('runner venue', { RUNNER_ENV: 'dev' });
});

test('[P4] tests reach a real exchange on request only, and never in production', () => {
  expect(mayReachRealExchange({})).toBe(false);
  expect(mayReachRealExchange({ RUN_REAL_EXCHANGE_TESTS: 'true' })).toBe(false);
  expect(mayReachRealExchange({ RUN_REAL_EXCHANGE_TESTS: '1' })).toBe(true);
  expect(mayReachRealExchange({ RUN_REAL_EXCHANGE_TESTS: '1', RUNNER_ENV: 'prod' })).toBe(false);
  expect(mayReachRealExchange({ RUN_REAL_EXCHANGE_TESTS: '1', ENVIRONMENT: 'prod' })).toBe(false);
});

test("[P9] production does not start with the tests' permission", () => {
  const env = { RUN_REAL_EXCHANGE_TESTS: '1' };
  refuseTestPermissionInProd(env);
  expect(() => refuseTestPermissionInProd({ ...env, RUNNER_ENV: 'prod' })).toThrow(
    expect.objectContaining({ code: 'REFUSED_IN_PROD', exitCode: 77 }),
  );
});
