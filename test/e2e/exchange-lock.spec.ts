// The account is locked before anything is asked of its exchange, so that a second runner does not
// wait in secret until the exchange is there.
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
