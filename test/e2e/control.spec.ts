import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { accountFolder } from '../../adapters/src/account-store/account-folder.js';
import { lockAccount } from '../../adapters/src/account-store/account-lock.js';
import { AccountStore } from '../../adapters/src/account-store/account-store.js';
import type { AccountCommand } from '../../adapters/src/account-store/command-files.js';
import { watchFlags } from '../../adapters/src/account-store/watch-flags.js';
import { expectRefused, usage } from './refusal.js';
import { aFile, aFolder, runRunner } from './run-runner.js';

const ACCOUNT = ['--exchange', 'binanceusdm', '--account', 'main'];
const WHY = ['--reason', 'wrong prices'];
const ID = { exchange: 'binanceusdm', account: 'main' };

/** A folder in which the command keeps its state, and the same state seen from here. */
function aPlace() {
  const cwd = aFolder();
  const variables = { XDG_STATE_HOME: join(cwd, 'state'), RUNNER_ENV: '', ENVIRONMENT: '' };
  const run = (...args: readonly string[]) => runRunner(args, cwd, variables);
  const json = async (...args: readonly string[]) => {
    const { status, stdout, stderr } = await run(...args, '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(stdout) as unknown;
  };
  const stateDir = join(cwd, 'state', 'strategy-runner');
  const store = new AccountStore({ stateDir, id: ID, clock: { now: () => 0 } });
  return { cwd, variables, run, json, stateDir, store };
}

const RAISED = { at: expect.stringMatching(/^\d{4}-.*Z$/), by: expect.any(String) };

describe('runner kill', () => {
  test('[B5] raises a kill that lasts, on an account that no run has ever held', async () => {
    const { json, run, store } = aPlace();
    expect(await json('kill', ...ACCOUNT, ...WHY)).toMatchObject({
      schema: 'runner.control/1',
      command: 'kill',
      action: 'raised',
      ...ID,
      reason: 'wrong prices',
      flags: { kill: { ...RAISED, reason: 'wrong prices' }, stop: null, pause: null },
      was_ever_used: false,
      holder: null,
      next: expect.stringContaining('runner kill --reset --exchange binanceusdm --account main'),
    });
    expect((await store.readFlags()).kill).toMatchObject({ reason: 'wrong prices' });
    const { stdout } = await run('resume', ...ACCOUNT, ...WHY);
    expect(stdout).toContain('never used');
    expect(stdout).toMatch(/^kill .*: wrong prices$/m);
  });

  test('names who runs the account, and reaches it', async () => {
    const { json, run, store, stateDir } = aPlace();
    const since = '2024-01-01T00:00:00.000Z';
    const lock = await lockAccount({ stateDir, id: ID, session: 's1', since });
    const told: AccountCommand[] = [];
    const watch = await watchFlags({
      store,
      onCommand: (command) => void told.push(command),
      onFault: (error) => expect.unreachable(String(error)),
    });
    const shown = await json('kill', ...ACCOUNT, ...WHY);
    expect(shown).toMatchObject({
      was_ever_used: true,
      holder: { pid: process.pid, session: 's1', since },
      next: expect.stringContaining('within 1 s'),
    });
    await expect.poll(() => told, { timeout: 20_000 }).toMatchObject([{ command: 'kill' }]);
    expectRefused(await run('kill', '--reset', ...ACCOUNT, ...WHY), {
      status: 75,
      code: 'ACCOUNT_BUSY',
      says: `process ${process.pid}`,
    });
    await watch.stop();
    await lock.release();
    expect(await json('kill', '--reset', ...ACCOUNT, ...WHY)).toMatchObject({
      action: 'reset',
      flags: { kill: null },
    });
  });

  test('says where it could not be written', async () => {
    const { cwd } = aPlace();
    const variables = { XDG_STATE_HOME: aFile(cwd, 'taken', '') };
    expectRefused(await runRunner(['kill', ...ACCOUNT, ...WHY], cwd, variables), {
      status: 77,
      code: 'ACCOUNT_STORE_UNWRITABLE',
      says: 'taken',
    });
  });
});

test('[B12] a kill of all accounts of a file reaches each, whatever becomes of one', async () => {
  const { cwd, run, store, stateDir } = aPlace();
  const accounts = { bad: { exchange: 'binanceusdm' }, main: { exchange: 'binanceusdm' } };
  const runs = { paper: { strategy: 'x', exchange: 'bybit' } };
  aFile(cwd, 'runs.json', JSON.stringify({ accounts, runs, misspelt: true }));
  mkdirSync(join(stateDir, 'accounts'), { recursive: true });
  writeFileSync(accountFolder(stateDir, { exchange: 'binanceusdm', account: 'bad' }), '');
  const all = await run('kill', '--config', 'runs.json', '--all', ...WHY, '--json');
  expect({ status: all.status, stderr: all.stderr }).toEqual({ status: 77, stderr: '' });
  expect(JSON.parse(all.stdout)).toMatchObject({
    schema: 'runner.control_all/1',
    results: [
      { name: 'binanceusdm bad', error: { code: 'ACCOUNT_STORE_UNWRITABLE' } },
      { ...ID, action: 'raised', flags: { kill: { ...RAISED, reason: 'wrong prices' } } },
      { exchange: 'bybit', account: 'paper', flags: { kill: RAISED } },
    ],
  });
  expect((await store.readFlags()).kill).toMatchObject({ reason: 'wrong prices' });
});

test('[B10] pause and stop hold until resume takes them back', async () => {
  const { json } = aPlace();
  await json('pause', ...ACCOUNT, ...WHY);
  expect(await json('stop', ...ACCOUNT, ...WHY)).toMatchObject({
    flags: { kill: null, stop: RAISED, pause: RAISED },
  });
  expect(await json('resume', ...ACCOUNT, ...WHY)).toMatchObject({
    action: 'lowered',
    flags: { kill: null, stop: null, pause: null },
  });
});

test('[B13] an acknowledgement waits for the next run', async () => {
  const { json, store } = aPlace();
  expect(await json('resume', ...ACCOUNT, ...WHY, '--ack', 't-17')).toMatchObject({
    action: 'acknowledged',
  });
  const told: AccountCommand[] = [];
  const watch = await watchFlags({
    store,
    onCommand: (command) => void told.push(command),
    onFault: (error) => expect.unreachable(String(error)),
  });
  await watch.stop();
  expect(told).toMatchObject([{ command: 'resume', ack: 't-17', reason: 'wrong prices' }]);
});

test('paper sessions share one account of their own', async () => {
  const { json } = aPlace();
  const shown = await json('pause', '--exchange', 'sim', ...WHY);
  expect(shown).toMatchObject({ exchange: 'sim', account: 'paper' });
});

test.each([
  [['kill', ...ACCOUNT], 'reason'],
  [['kill', ...ACCOUNT, '--reason', ' '], '--reason is empty'],
  [['pause', ...WHY], 'exchange'],
  [['stop', '--exchange', '', ...WHY], '--exchange is empty'],
  [['pause', ...ACCOUNT, ...WHY, '--reset'], '--reset'],
  [['kill', ...ACCOUNT, ...WHY, '--ack', 'x'], '--ack'],
])('%j is not understood', async (args, says) => {
  expectRefused(await aPlace().run(...args), usage(says));
});

describe('production', () => {
  test('[P7] the local exchange does not run in it', async () => {
    const ended = await runRunner(['venue'], aFolder(), { RUNNER_ENV: 'prod' });
    expectRefused(ended, { status: 77, code: 'REFUSED_IN_PROD', says: 'runner venue' });
  });

  test('[P3] .env is read outside of it only, and the environment wins', async () => {
    const { cwd } = aPlace();
    aFile(cwd, '.env', 'RUNNER_SESSIONS=from-file\n');
    const where = async (variables: Readonly<Record<string, string>>) =>
      runRunner(['sessions'], cwd, { ENVIRONMENT: '', ...variables });
    const outside = await where({ RUNNER_ENV: 'dev' });
    expect(outside).toMatchObject({ stdout: 'no sessions in ' + join(cwd, 'from-file') + '\n' });
    const set = await where({ RUNNER_ENV: 'dev', RUNNER_SESSIONS: 'mine' });
    expect(set).toMatchObject({ stdout: 'no sessions in ' + join(cwd, 'mine') + '\n', stderr: '' });
    const inside = await where({ RUNNER_ENV: 'prod' });
    expect(inside).toMatchObject({ stdout: 'no sessions in ' + join(cwd, 'sessions') + '\n' });
    expect(JSON.parse(inside.stderr)).toMatchObject({ event: 'env_file_ignored' });
  });
});
