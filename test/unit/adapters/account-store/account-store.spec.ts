import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AccountStore } from '../../../../adapters/src/account-store/account-store.js';
import { pendingCommands } from '../../../../adapters/src/account-store/command-files.js';
import { ID, OPERATOR, aStateDir, anAccount } from './an-account.js';

const NO_FLAGS = { kill: null, stop: null, pause: null, damage: null };
const RAISED = { at: '2024-01-01T00:00:00.000Z', ...OPERATOR };
const commandsOf = async (store: AccountStore) =>
  (await pendingCommands(store.folder)).map(({ command }) => command);

describe('flags', () => {
  test('are down where nobody ever ran anything, and asking leaves nothing behind', async () => {
    const { store, stateDir } = await anAccount();
    expect(await store.readFlags()).toEqual(NO_FLAGS);
    expect(await store.holder()).toBeNull();
    expect(await readdir(stateDir)).toEqual([]);
  });

  test('[B5] a kill is seen by every process, and needs neither lock nor network', async () => {
    const { store, again } = await anAccount();
    const lock = await store.lock({ session: 's1' });
    expect(await again().setFlag('kill', OPERATOR)).toEqual(RAISED);
    expect(await store.readFlags()).toEqual({ ...NO_FLAGS, kill: RAISED });
    await lock.release();
    const next = await again().lock({ session: 's2' });
    expect(await again().readFlags()).toEqual({ ...NO_FLAGS, kill: RAISED });
    await next.release();
  });

  test('lie in files that only their owner can read', async () => {
    const { store } = await anAccount();
    await store.setFlag('kill', OPERATOR);
    expect((await stat(store.folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(store.folder, 'kill.json'))).mode & 0o777).toBe(0o600);
  });

  test('raised at once by many are all up, and each is one whole word', async () => {
    const { store, again } = await anAccount();
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        again().setFlag((['kill', 'stop', 'pause'] as const)[n % 3]!, OPERATOR),
      ),
    );
    expect(await store.readFlags()).toEqual({
      kill: RAISED,
      stop: RAISED,
      pause: RAISED,
      damage: null,
    });
  });

  test('of one account say nothing about another', async () => {
    const { store, stateDir, clock } = await anAccount();
    await store.setFlag('kill', OPERATOR);
    const other = new AccountStore({ stateDir, id: { ...ID, account: 'second' }, clock });
    expect(await other.readFlags()).toEqual(NO_FLAGS);
  });

  test.each([
    ['kill.json', 'half {'],
    ['kill.json', ''],
    ['kill.json', '{"at":1}'],
    ['pause.json', 'null'],
    ['stop.json', '[]'],
    ['account.json', '{"schema":"runner.account/1"}'],
    ['account.json', ''],
  ])('%s with content %j counts as a kill', async (name, content) => {
    const { store } = await anAccount();
    await mkdir(store.folder, { recursive: true });
    await writeFile(join(store.folder, name), content);
    const flags = await store.readFlags();
    expect(flags.kill).toMatchObject({
      by: 'account store',
      reason: expect.stringContaining(name),
    });
    expect(flags.damage).toMatchObject({ code: 'ACCOUNT_STORE_DAMAGED', exitCode: 65 });
    expect(flags.damage?.next).toContain('runner kill --reset --exchange binanceusdm');
  });

  test('that cannot even be opened count as a kill', async () => {
    const { store } = await anAccount();
    await mkdir(join(store.folder, 'kill.json'), { recursive: true });
    expect((await store.readFlags()).kill).toMatchObject({ by: 'account store' });
  });

  test('that cannot be written say so, and where', async () => {
    const stateDir = join(await aStateDir(), 'file');
    await writeFile(stateDir, '');
    const store = new AccountStore({ stateDir, id: ID, clock: { now: () => 0 } });
    await expect(store.setFlag('kill', OPERATOR)).rejects.toMatchObject({
      code: 'ACCOUNT_STORE_UNWRITABLE',
      exitCode: 77,
    });
  });
});

describe('taking back', () => {
  test('resume lowers pause and stop, leaves a kill, and tells the run', async () => {
    const { store } = await anAccount();
    for (const name of ['kill', 'stop', 'pause'] as const) await store.setFlag(name, OPERATOR);
    await store.resume(OPERATOR);
    expect(await store.readFlags()).toEqual({ ...NO_FLAGS, kill: RAISED });
    expect(await commandsOf(store)).toEqual([{ command: 'resume', ...OPERATOR }]);
  });

  test('an acknowledgement leaves the flags alone', async () => {
    const { store } = await anAccount();
    await store.setFlag('pause', OPERATOR);
    await store.acknowledge(OPERATOR, 't-17');
    expect((await store.readFlags()).pause).toEqual(RAISED);
    expect(await commandsOf(store)).toEqual([{ command: 'resume', ack: 't-17', ...OPERATOR }]);
  });

  test('commands come in the order in which they were given', async () => {
    const { store, again, clock } = await anAccount();
    for (const ack of ['c', 'a', 'b']) {
      await again().acknowledge(OPERATOR, ack);
      clock.ms += 1;
    }
    expect((await commandsOf(store)).map(({ ack }) => ack)).toEqual(['c', 'a', 'b']);
  });

  test('commands given in the same millisecond are all kept', async () => {
    const { store } = await anAccount();
    const acks = Array.from({ length: 12 }, (_, n) => `t-${n}`);
    for (const ack of acks) await store.acknowledge(OPERATOR, ack);
    expect((await commandsOf(store)).map(({ ack }) => ack)).toEqual(acks);
  });

  test('a command file that makes no sense is set aside, and never one that kills', async () => {
    const { store } = await anAccount();
    await store.acknowledge(OPERATOR, 'good');
    const folder = join(store.folder, 'commands');
    const kill = JSON.stringify({ command: 'kill', ...OPERATOR });
    await writeFile(join(folder, '0000000000000001-1-1.json'), '{');
    await writeFile(join(folder, '0000000000000002-1-1.json'), kill);
    expect((await commandsOf(store)).map(({ ack }) => ack)).toEqual(['good']);
    expect((await readdir(folder)).filter((name) => name.endsWith('.unreadable'))).toHaveLength(2);
  });

  test('a kill is reset while nothing runs, and the next run is told', async () => {
    const { store } = await anAccount();
    await store.setFlag('kill', OPERATOR);
    expect(await store.resetKill(OPERATOR)).toEqual([]);
    expect(await store.readFlags()).toEqual(NO_FLAGS);
    expect(await commandsOf(store)).toEqual([{ command: 'reset_kill', ...OPERATOR }]);
  });

  test('a kill stays up while a process holds the account', async () => {
    const { store, again } = await anAccount();
    await store.setFlag('kill', OPERATOR);
    const lock = await store.lock({ session: 's1' });
    await expect(again().resetKill(OPERATOR)).rejects.toMatchObject({ code: 'ACCOUNT_BUSY' });
    expect((await store.readFlags()).kill).toEqual(RAISED);
    await lock.release();
  });

  test('a kill is taken back by the process that holds the account', async () => {
    const { store } = await anAccount();
    await store.setFlag('kill', OPERATOR);
    const lock = await store.lock({ session: 's1' });
    expect(await store.resetKill(OPERATOR, lock)).toEqual([]);
    expect(await store.readFlags()).toEqual(NO_FLAGS);
    expect(await lock.isStillHeld()).toBe(true);
    await lock.release();
  });

  test('a reset sets damaged files aside and keeps the epoch rising', async () => {
    const { store } = await anAccount();
    const lock = await store.lock({ session: 's1' });
    await lock.release();
    await writeFile(join(store.folder, 'account.json'), '{');
    await writeFile(join(store.folder, 'pause.json'), '{');
    await expect(store.lock({ session: 's2' })).rejects.toMatchObject({
      code: 'ACCOUNT_STORE_DAMAGED',
    });
    const aside = await store.resetKill(OPERATOR);
    expect(aside).toHaveLength(2);
    for (const path of aside) expect(await readFile(path, 'utf8')).toBe('{');
    expect(await store.readFlags()).toEqual(NO_FLAGS);
    const next = await store.lock({ session: 's2' });
    expect(next.epoch).toBe(lock.epoch + 1);
    await next.release();
  });
});
