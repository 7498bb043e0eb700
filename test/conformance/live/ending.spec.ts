// How a session ends while others still talk to it: nobody who speaks late keeps it from ending,
// and what was told too late is not lost.
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { AccountStore } from '../../../adapters/src/account-store/account-store.js';
import { SqliteStore } from '../../../adapters/src/store/sqlite/sqlite-store.js';
import { openLong, quantity } from '../../support/bodies.js';
import { type LiveWorld, aLiveWorld } from '../../support/live-world.js';

const WHO = { by: 'operator', reason: 'too late' };

function accountOf({ session }: LiveWorld): AccountStore {
  return new AccountStore({
    stateDir: join(session.path, '..', '..', 'state'),
    id: { exchange: 'binanceusdm', account: 'test' },
    clock: { now: () => Date.now() },
  });
}

test('a run ends though it is told something after its last event [B7]', async () => {
  const strategy = { 0: openLong({ sizing_policy: quantity('0.5') }) };
  const world = await aLiveWorld({ strategy });
  const account = accountOf(world);
  // The last thing that a run writes, behind everything that it takes in.
  const write = vi.spyOn(SqliteStore.prototype, 'writeSnapshot');
  write.mockImplementationOnce(async () => {
    await account.setFlag('pause', WHO);
    await account.acknowledge(WHO, 'fill-1');
    await world.until(() => world.logs.some((line) => line.includes('"command":"resume"')));
  });
  expect(await world.end()).toBe('test');
  write.mockRestore();

  await world.begin();
  expect(world.state.gates.paused).toBe(true);
  const taken = (await world.eventsOf('command')).map(({ command, ack }) => [command, ack]);
  expect(taken).toEqual([
    ['resume', 'fill-1'],
    ['pause', undefined],
  ]);
});
