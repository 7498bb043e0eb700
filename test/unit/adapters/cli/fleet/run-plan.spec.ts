import { expect, test } from 'vitest';
import type { RunEntry } from '../../../../../adapters/src/cli/fleet/run-entry.js';
import { planRuns } from '../../../../../adapters/src/cli/fleet/run-plan.js';

const live = (more: Partial<RunEntry>): RunEntry => ({
  strategy: 'breakout',
  exchange: 'binanceusdm',
  mode: 'live',
  symbol: 'BTC/USDT:USDT',
  ...more,
});
const ACCOUNTS = {
  one: { exchange: 'binanceusdm' },
  two: { exchange: 'binanceusdm' },
  spot: { exchange: 'binance' },
};
const plan = (entries: Readonly<Record<string, RunEntry>>, env: Record<string, string> = {}) => {
  const runs = Object.entries(entries).map(([name, entry]) => ({ name, entry }));
  return planRuns(runs, { accounts: ACCOUNTS, env });
};

test('[B12] runs on accounts of their own are planned, each with its account', () => {
  const planned = plan({
    a: live({ account: 'one' }),
    b: live({ account: 'two' }),
    c: live({ exchange: 'binance' }),
    d: { strategy: 'breakout', exchange: 'binanceusdm', account: 'one' },
    e: { strategy: 'breakout', data: 'sample' },
  });
  expect(planned.map(({ name, exchange, account }) => `${name} ${exchange} ${account}`)).toEqual([
    'a binanceusdm one',
    'b binanceusdm two',
    'c binance spot',
    'd binanceusdm paper',
    'e sim paper',
  ]);
});

test('[B12] two runs on one account are refused with both names', () => {
  const entries = { a: live({ account: 'one' }), x: live({ account: 'two' }) };
  expect(() => plan({ ...entries, b: live({ account: 'one', symbol: 'ETH/USDT:USDT' }) })).toThrow(
    expect.objectContaining({
      code: 'RUNS_COLLIDE',
      exitCode: 78,
      message: 'runs a and b would use account one of binanceusdm',
    }),
  );
});

test('two accounts with one key are refused, and the key is not said', () => {
  const entries = { a: live({ account: 'one' }), b: live({ account: 'two' }) };
  const keys = { RUNNER_API_KEY: 'sesame', RUNNER_API_SECRET: 'sesame-secret' };
  const refusal = expect.objectContaining({
    code: 'RUNS_COLLIDE',
    message: 'runs a and b would use one API key of binanceusdm',
    why: expect.not.stringContaining('sesame') as string,
    next: expect.not.stringContaining('sesame') as string,
  }) as Error;
  expect(() => plan(entries, keys)).toThrow(refusal);
  const own = { RUNNER_TWO_API_KEY: 'other', RUNNER_TWO_API_SECRET: 'other-secret' };
  expect(plan(entries, { ...keys, ...own })).toHaveLength(2);
  const other = { a: live({ account: 'one' }), c: live({ exchange: 'binance' }) };
  expect(plan(other, keys)).toHaveLength(2);
});

test('an account that the file does not have is refused before anything starts', () => {
  expect(() => plan({ a: live({ account: 'three' }) })).toThrow(
    expect.objectContaining({ code: 'ACCOUNT_UNKNOWN' }),
  );
});
