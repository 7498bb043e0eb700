// A position that is larger than the exchange takes as one order: it is protected, closed, and
// carried out by its stop all the same, in parts that the exchange takes.
import { format } from '@strategy-runner/core';
import { expect, test } from 'vitest';
import { closeLong, limitAt, openLong, quantity, stopAt } from '../../support/bodies.js';
import { aLiveWorld } from '../../support/live-world.js';

const symbolSetup = { maxQuantity: '2', maxMarketQuantity: '0.5' };
/** A limit that is met at once, and more than the exchange takes at market. */
const open = openLong({
  sizing_policy: quantity('1.2'),
  order: limitAt('50100'),
  protection: stopAt('49000'),
});
const more = { symbolSetup, cash: '1000000' };

test('a close above MARKET_LOT_SIZE leaves in parts, together all of it', async () => {
  const world = await aLiveWorld({
    ...more,
    strategy: { 0: openLong({ sizing_policy: quantity('0.6') }), 1: open, 3: closeLong() },
  });
  await world.bars(3);
  const denied = await world.recordsOf('intent_denied');
  expect(denied).toMatchObject([{ code: 'ABOVE_MAX_QTY', numbers: { max_quantity: '0.5' } }]);
  const stops = [...world.venue.state.openAlgos.values()].map(({ quantity: q }) => q.toFixed());
  expect(stops.toSorted()).toEqual(['0.2', '0.5', '0.5']);
  await world.bars(1);
  await world.until(() => world.state.orders.size === 0);
  expect(world.state.positions.size).toBe(0);
  expect(world.venue.state.account.openPositions()).toEqual([]);
  const exits = (await world.recordsOf('order_created')).filter(
    ({ order }) => order.leg === 'exit',
  );
  expect(exits.map(({ order }) => format(order.quantity))).toEqual(['0.5', '0.5', '0.2']);
  expect(await world.eventsOf('order_rejected')).toEqual([]);
  expect(await world.differences()).toEqual([]);
});

test('its stop rests in parts, survives a restart, and closes all of it', async () => {
  const world = await aLiveWorld({
    ...more,
    strategy: { 0: open },
    closes: [50_000, 50_000, 50_000, { close: '48900', low: '48900' }, 48_900],
  });
  await world.bars(2);
  await world.end();
  await world.begin();
  expect(world.venue.state.openAlgos.size).toBe(3);
  await world.bars(2);
  await world.until(() => world.state.positions.size === 0 && world.state.orders.size === 0);
  const fills = (await world.recordsOf('fill')).filter(({ action }) => action === 'exit');
  expect([...new Set(fills.map(({ leg }) => leg))].toSorted()).toEqual(['sl', 'sl.2', 'sl.3']);
  expect(await world.eventsOf('order_rejected')).toEqual([]);
  expect(await world.differences()).toEqual([]);
});
