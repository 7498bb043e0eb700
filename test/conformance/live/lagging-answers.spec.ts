// Answers that are true of something else, or of a while ago: found by the sweep of faults, kept
// here as what they were.
import { expect, test } from 'vitest';
import { settleFunding } from '../../../adapters/src/venue-server/forced.js';
import { amount } from '../../../adapters/src/venue-server/amount.js';
import { cancel, closeLong, dca, limitAt, openLong, quantity } from '../../support/bodies.js';
import { aLiveWorld } from '../../support/live-world.js';

const SIZE = { sizing_policy: quantity('0.1') };

test('C8: an answer about another order says nothing of the one that was asked for', async () => {
  const world = await aLiveWorld({
    strategy: {
      0: openLong(SIZE),
      1: dca(1, { ...SIZE, order: limitAt('49000') }),
      3: cancel({ orders: 'entries' }),
      4: closeLong(),
    },
  });
  const { faults } = world.venue;
  // The first answer, of a filled order, comes again when the second order is asked for.
  faults.add({ endpoint: 'GET /fapi/v1/order', kind: 'freeze', times: 0 });
  faults.add({ endpoint: 'POST /fapi/v1/order', kind: 'drop_after', times: 2 });
  await world.bars();
  world.venue.playback.playBar();
  await world.until(() => [...world.state.orders.values()].some(({ leg }) => leg === 'entry'));
  const asked = () => faults.list().map((rule) => (rule as { met: number }).met);
  await world.until(() => asked()[0]! >= 3);
  faults.remove();
  await world.settle();
  expect([...world.state.orders.values()]).toMatchObject([{ status: 'accepted', filled: 0n }]);
  await world.bars(4);
  expect(world.state.orders.size).toBe(0);
  expect(world.state.positions.size).toBe(0);
  expect(await world.differences()).toEqual([]);
});

test('P10: a payment whose row is behind the balance is booked as soon as it shows', async () => {
  const world = await aLiveWorld({
    strategy: { 0: openLong(SIZE) },
    account: { reconcile_interval_ms: 1000 },
  });
  await world.bars();
  // Nobody is told of the payment, and its row is not there yet when the balance is.
  world.venue.faults.add({ endpoint: 'stream ACCOUNT_UPDATE', kind: 'drop_frame', times: 0 });
  world.venue.faults.add({ endpoint: 'GET /fapi/v1/income', kind: 'not_visible', times: 1 });
  settleFunding(world.venue.state, 'BTCUSDT', amount('0.001'));
  await world.until(() => world.state.holds.size > 0);
  await world.until(() => world.state.holds.size === 0);
  expect(await world.eventsOf('funding_paid')).toHaveLength(1);
  expect(await world.differences()).toEqual([]);
});
