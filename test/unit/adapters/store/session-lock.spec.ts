import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createSession } from '../../../../adapters/src/store/session-folder.js';
import { lockSession } from '../../../../adapters/src/store/session-lock.js';
import { aFolder, aMetadata } from './a-folder.js';

const SINCE = '2024-01-01T00:00:00.000Z';
const aSession = async () => createSession({ sessionsDir: await aFolder(), metadata: aMetadata() });

test('a session is held by one at a time, and the other is told by whom', async () => {
  const folder = await aSession();
  const release = await lockSession(folder, SINCE);
  await expect(lockSession(folder, SINCE)).rejects.toMatchObject({
    code: 'SESSION_BUSY',
    exitCode: 75,
    message: `session ${folder.id} is being run by process ${process.pid}`,
    why: expect.stringContaining(`since ${SINCE}`),
  });
  await release();
  const again = await lockSession(folder, SINCE);
  await again();
});

test('what is written about a holder that is gone holds nobody up', async () => {
  const folder = await aSession();
  // This very process lives, as process 1 of a container or a stranger after a restart would.
  const stale = { pid: process.pid, host: 'here', since: SINCE };
  await writeFile(join(folder.path, 'lock.json'), JSON.stringify(stale));
  await writeFile(join(folder.path, 'lock'), String(process.pid));
  const release = await lockSession(folder, '2024-02-02T00:00:00.000Z');
  const holder: unknown = JSON.parse(await readFile(join(folder.path, 'lock.json'), 'utf8'));
  expect(holder).toMatchObject({ pid: process.pid, since: '2024-02-02T00:00:00.000Z' });
  await release();
});

test('a holder that is killed lets go, while it lived it did not', async () => {
  const folder = await aSession();
  const path = join(folder.path, 'lock.sqlite');
  await writeFile(path, '');
  const holder = fork(new URL('lock-holder.mjs', import.meta.url), [path]);
  onTestFinished(() => void holder.kill('SIGKILL'));
  expect((await once(holder, 'message'))[0]).toBe('held');
  await expect(lockSession(folder, SINCE)).rejects.toMatchObject({ code: 'SESSION_BUSY' });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const release = await lockSession(folder, SINCE);
  await release();
});
