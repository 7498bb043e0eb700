import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { lockAccount } from '../../../../adapters/src/account-store/account-lock.js';
import { Connection } from '../../../../adapters/src/private-files/connection.js';
import { ID, aStateDir, anAccount } from './an-account.js';

const SINCE = '2024-01-01T00:00:00.000Z';

test('[P2] one runner holds the account, and the second is told who does', async () => {
  const { store, again } = await anAccount();
  const lock = await store.lock({ session: 's1' });
  await expect(again().lock({ session: 's2' })).rejects.toMatchObject({
    code: 'ACCOUNT_BUSY',
    exitCode: 75,
    message: `account binanceusdm main is being run by process ${process.pid}`,
    why: expect.stringMatching(/^It runs session s1 on \S+ since 2024-01-01T00:00:00.000Z$/),
  });
  expect(await again().holder()).toMatchObject({ pid: process.pid, session: 's1', epoch: 1 });
  await lock.release();
  expect(await again().holder()).toBeNull();
});

test('[P2] a holder that is killed lets go, while it lived it did not', async () => {
  const { store } = await anAccount();
  await mkdir(store.folder, { recursive: true });
  const path = join(store.folder, 'lock.sqlite');
  await writeFile(path, '');
  const holder = fork(new URL('../store/lock-holder.mjs', import.meta.url), [path]);
  onTestFinished(() => void holder.kill('SIGKILL'));
  expect((await once(holder, 'message'))[0]).toBe('held');
  await expect(store.lock({ session: 's1' })).rejects.toMatchObject({ code: 'ACCOUNT_BUSY' });
  expect(await store.holder()).toBe('unnamed');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const lock = await store.lock({ session: 's1' });
  await lock.release();
});

test('two account names with one API key exclude each other; the message names both', async () => {
  const stateDir = await aStateDir();
  const second = { exchange: 'binanceusdm', account: 'second' };
  const first = { stateDir, id: ID, apiKey: 'KEY', session: 's1', since: SINCE };
  const lock = await lockAccount(first);
  const other = { stateDir, id: second, session: 's2', since: SINCE };
  await expect(lockAccount({ ...other, apiKey: 'KEY' })).rejects.toMatchObject({
    code: 'ACCOUNT_BUSY',
    message:
      `account binanceusdm second is being run by process ${process.pid}, ` +
      'as binanceusdm main with the same API key',
  });
  // The one that was refused has let go of its own account, whose epoch has not risen.
  const free = await lockAccount({ ...other, apiKey: 'OTHER' });
  expect(free.epoch).toBe(1);
  await free.release();
  await lock.release();
});

test('an API key is nowhere in the state folder', async () => {
  const stateDir = await aStateDir();
  const apiKey = 'SECRETKEY123';
  const lock = await lockAccount({ stateDir, id: ID, apiKey, session: 's1', since: SINCE });
  await lock.release();
  const names = await readdir(stateDir, { recursive: true, withFileTypes: true });
  expect(names.filter((entry) => entry.isFile()).length).toBeGreaterThan(3);
  for (const entry of names) {
    expect(entry.name).not.toContain(apiKey);
    if (entry.isFile()) {
      expect(await readFile(join(entry.parentPath, entry.name), 'utf8')).not.toContain(apiKey);
    }
  }
});

test('the epoch rises with every taking of the lock', async () => {
  const { store, again } = await anAccount();
  for (const epoch of [1, 2, 3]) {
    const lock = await (epoch % 2 === 0 ? store : again()).lock({ session: 's' });
    expect(lock.epoch).toBe(epoch);
    expect(await lock.isStillHeld()).toBe(true);
    await lock.release();
  }
});

test('a lock whose folder is removed is held no more, nor is one taken over', async () => {
  const { store, again } = await anAccount();
  const lock = await store.lock({ session: 's1' });
  await rm(store.folder, { recursive: true });
  expect(await lock.isStillHeld()).toBe(false);
  const second = await again().lock({ session: 's2' });
  expect(await lock.isStillHeld()).toBe(false);
  expect(await second.isStillHeld()).toBe(true);
  await second.release();
  await lock.release();
});

test('an epoch that somebody else has raised is noticed', async () => {
  const { store } = await anAccount();
  const lock = await store.lock({ session: 's1' });
  const path = join(store.folder, 'account.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('"epoch": 1', '"epoch": 2'));
  expect(await lock.isStillHeld()).toBe(false);
  await lock.release();
});

test('[R25] the symbols ever traded outlive the lock and the session', async () => {
  const { store, again } = await anAccount();
  const lock = await store.lock({ session: 's1' });
  await Promise.all([lock.noteTraded(['ETH/USDT:USDT']), lock.noteTraded(['BTC/USDT:USDT'])]);
  await lock.noteTraded(['BTC/USDT:USDT']);
  await lock.release();
  const next = await again().lock({ session: 's2' });
  expect(next.everTraded).toEqual(['BTC/USDT:USDT', 'ETH/USDT:USDT']);
  await next.release();
});

test('a command that is looking who holds the account keeps nobody from it', async () => {
  const { store } = await anAccount();
  await (await store.lock({ session: 's0' })).release();
  const path = join(store.folder, 'lock.sqlite');
  const look = await Connection.open(path, { isReadOnly: true, busyTimeoutMs: 0 });
  await look.exec('BEGIN; SELECT count(*) FROM sqlite_master');
  const taking = store.lock({ session: 's1' });
  await setTimeout(50);
  await look.close();
  const lock = await taking;
  expect(lock.epoch).toBe(2);
  await lock.release();
});
