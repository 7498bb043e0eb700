// What `runner reconcile` leaves as it was: the account's settings, and a journal that is whole.
import { expect, test, vi } from 'vitest';
import { openLong, quantity, stopAt } from '../support/bodies.js';
import { aStage, ended } from './exchange-stage.js';

const HELD = openLong({ sizing_policy: quantity('0.5'), protection: stopAt('47000') });

// Several processes are started.
vi.setConfig({ testTimeout: 240_000 });

test('reconcile sets no leverage, and what it books is verified like a run [X8]', async () => {
  const stage = await aStage({ script: { 0: HELD } });
  const run = await stage.live();
  await stage.bars(1);
  await stage.until(() => stage.held === 0.5 && stage.resting.length === 1);
  await ended(run, 'SIGTERM');
  const { leverage } = stage.venue.state.account;
  await stage.byHand('POST', '/fapi/v1/leverage', { symbol: 'BTCUSDT', leverage: '7' });
  const set = [...leverage];
  expect(set).toEqual([['BTCUSDT', 7]]);
  const hand = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.2' };
  await stage.byHand('POST', '/fapi/v1/order', hand);
  await stage.run(['reconcile', '--dry-run', '--config', 'config.json']);
  expect([...leverage]).toEqual(set);
  await stage.run(['reconcile', '--apply', '--config', 'config.json']);
  expect([...leverage]).toEqual(set);
  const [session] = stage.sessions;
  const verified = await stage.run(['journal', 'verify', session!]);
  expect(verified).toMatchObject({ status: 0, stderr: '' });
  expect(await stage.entries('external_fill')).not.toEqual([]);
});
