import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { AccountCommand } from '../../../../adapters/src/account-store/command-files.js';
import { watchFlags } from '../../../../adapters/src/account-store/watch-flags.js';
import { OPERATOR, type TestAccount, anAccount } from './an-account.js';

async function aWatch(
  { again }: TestAccount,
  onTold: (command: AccountCommand) => void = () => undefined,
) {
  const told: AccountCommand[] = [];
  const faults: unknown[] = [];
  const watch = await watchFlags({
    store: again(),
    onCommand: (command) => {
      onTold(command);
      told.push(command);
    },
    onFault: (error) => faults.push(error),
    pollMs: 5,
  });
  onTestFinished(() => watch.stop());
  return { told, faults, watch };
}

test('what was up and waiting before the start is told first, commands before flags', async () => {
  const account = await anAccount();
  await account.store.setFlag('kill', OPERATOR);
  await account.store.acknowledge(OPERATOR, 't-1');
  const { told, watch } = await aWatch(account);
  expect(told).toEqual([
    { command: 'resume', ack: 't-1', ...OPERATOR },
    { command: 'kill', ...OPERATOR },
  ]);
  expect(watch.flags.kill).toMatchObject(OPERATOR);
});

test('[B5] a kill from another process reaches the run by itself, once', async () => {
  const account = await anAccount();
  const { told, watch } = await aWatch(account);
  await account.store.setFlag('kill', OPERATOR);
  await vi.waitFor(() => expect(told).toEqual([{ command: 'kill', ...OPERATOR }]), 10_000);
  await watch.look();
  await watch.look();
  expect(told).toHaveLength(1);
});

test('[B10] pause and resume reach the run in turn', async () => {
  const account = await anAccount();
  const { told, watch } = await aWatch(account);
  for (let round = 0; round < 2; round++) {
    await account.store.setFlag('pause', OPERATOR);
    await watch.look();
    await account.store.resume(OPERATOR);
    await watch.look();
  }
  expect(told.map(({ command }) => command)).toEqual(['pause', 'resume', 'pause', 'resume']);
});

test('a pause raised again after a resume that is heard only now stays', async () => {
  const account = await anAccount();
  const { told, watch } = await aWatch(account);
  await account.store.setFlag('pause', OPERATOR);
  await watch.look();
  // The same flag is up again, and the resume that came before it is heard only now.
  await account.store.resume(OPERATOR);
  await account.store.setFlag('pause', OPERATOR);
  await watch.look();
  expect(told.map(({ command }) => command)).toEqual(['pause', 'resume', 'pause']);
});

test('a command is kept until it was taken, and told again after a failure', async () => {
  const account = await anAccount();
  let isBroken = true;
  const { told, faults, watch } = await aWatch(account, () => {
    if (isBroken) throw new Error('the journal is full');
  });
  await account.store.acknowledge(OPERATOR, 't-1');
  await watch.look();
  expect(told).toEqual([]);
  expect(faults[0]).toMatchObject({ message: 'the journal is full' });
  isBroken = false;
  await watch.look();
  await watch.look();
  expect(told).toEqual([{ command: 'resume', ack: 't-1', ...OPERATOR }]);
  expect(await readdir(join(account.store.folder, 'commands'))).toEqual([]);
});

test('flags are told although the commands cannot be read', async () => {
  const account = await anAccount();
  await account.store.setFlag('kill', OPERATOR);
  await writeFile(join(account.store.folder, 'commands'), '');
  const { told, faults } = await aWatch(account);
  expect(told.map(({ command }) => command)).toEqual(['kill']);
  expect(faults).not.toEqual([]);
});

test('a flag file that is damaged while the run goes on kills it', async () => {
  const account = await anAccount();
  const { told, watch } = await aWatch(account);
  await account.store.setFlag('pause', OPERATOR);
  await watch.look();
  await writeFile(join(account.store.folder, 'pause.json'), '{');
  await watch.look();
  expect(told.map(({ command }) => command)).toEqual(['pause', 'kill']);
});

test('nothing is told after the end', async () => {
  const account = await anAccount();
  const { told, watch } = await aWatch(account);
  await watch.stop();
  await account.store.setFlag('kill', OPERATOR);
  await watch.look();
  expect(told).toEqual([]);
});
