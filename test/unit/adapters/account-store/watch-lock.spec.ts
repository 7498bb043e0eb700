import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { watchLock } from '../../../../adapters/src/account-store/watch-lock.js';
import { ID, anAccount } from './an-account.js';

test('[P2] a lock that is taken away is told, once the folder is gone', async () => {
  const { store } = await anAccount();
  const lock = await store.lock({ session: 's' });
  const watch = watchLock(lock, ID, 5);
  onTestFinished(watch.stop);
  let told: unknown;
  watch.lost.catch((error: unknown) => (told = error));
  await sleep(50);
  expect(told).toBeUndefined();
  await rm(store.folder, { recursive: true });
  await expect(watch.lost).rejects.toMatchObject({
    code: 'ACCOUNT_LOCK_LOST',
    exitCode: 75,
    next: expect.stringContaining('--exchange binanceusdm --account main'),
  });
  await lock.release();
});

test('one reading that fails is no proof, and after the end nothing is told', async () => {
  const answers = [true, false, true, false, false];
  const isStillHeld = (): Promise<boolean> => Promise.resolve(answers.shift() ?? false);
  const watch = watchLock({ isStillHeld }, ID, 1);
  await expect(watch.lost).rejects.toMatchObject({ code: 'ACCOUNT_LOCK_LOST' });
  expect(answers).toEqual([]);
  const ended = watchLock({ isStillHeld }, ID, 1);
  let isTold = false;
  ended.lost.catch(() => (isTold = true));
  ended.stop();
  await sleep(20);
  expect(isTold).toBe(false);
});
