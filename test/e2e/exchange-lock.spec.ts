// The account is locked before anything is asked of its exchange, so that a second runner does not
// wait in secret until the exchange is there.
import { rm } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { aStage, ended } from './exchange-stage.js';

// Two processes are started.
vi.setConfig({ testTimeout: 120_000 });

test('a second runner ends with 75 though the exchange is down [P2]', async () => {
  const stage = await aStage();
  const first = await stage.live();
  await stage.venue.stop();
  expect(await stage.run(stage.liveArgs())).toMatchObject({
    status: 75,
    stdout: '',
    stderr: expect.stringContaining('error ACCOUNT_BUSY: '),
  });
  expect(await ended(first, 'SIGTERM')).toMatchObject({ status: 0 });
});

test('[P2] a session whose lock is taken away ends with 75', async () => {
  const stage = await aStage();
  const first = await stage.live();
  await rm(stage.variables['XDG_STATE_HOME'] ?? '', { recursive: true });
  expect(await first.ended).toMatchObject({
    status: 75,
    stderr: expect.stringContaining('error ACCOUNT_LOCK_LOST: '),
  });
});
