// Targets that rest reduce-only for the whole position bind all of it (P5). Exits must still leave.
import { expect, test } from 'vitest';
import { closeLong, openLong, partialClose, quantity } from '../../support/bodies.js';
import { aLiveWorld } from '../../support/live-world.js';

const TARGETED = {
  stop_loss: { at: { abs: '49000' } },
  take_profit: [
    { at: { abs: '52000' }, share_bps: 5000 },
    { at: { abs: '53000' }, share_bps: 5000 },
  ],
};
const open = openLong({ sizing_policy: quantity('0.5'), protection: TARGETED });

test('P5: a close takes the targets back first, and closes all of the position', async () => {
  const world = await aLiveWorld({ strategy: { 0: open, 2: closeLong() } });
  await world.bars(2);
  expect(world.state.orders.size).toBe(3);
  await world.bars(2);
  expect(world.state.positions.size).toBe(0);
  expect(world.state.orders.size).toBe(0);
  expect(await world.eventsOf('order_rejected')).toEqual([]);
  expect(await world.differences()).toEqual([]);
});

test('P5: a partial close finds room, and the targets come back for the rest', async () => {
  const strategy = { 0: open, 2: partialClose({ qty: '0.2' }) };
  const world = await aLiveWorld({ strategy });
  await world.bars(4);
  const [position] = [...world.state.positions.values()];
  expect(position?.quantity).toBe(300_000_000_000_000_000n);
  const legs = [...world.state.orders.values()].map(({ leg, quantity: q }) => [leg, q]);
  expect(legs.toSorted()).toEqual([
    ['sl', 300_000_000_000_000_000n],
    ['tp1', 150_000_000_000_000_000n],
    ['tp2', 150_000_000_000_000_000n],
  ]);
  expect(await world.eventsOf('order_rejected')).toEqual([]);
  expect(await world.differences()).toEqual([]);
});

test('a stop that the venue refuses as it fires is carried out at market at once', async () => {
  const world = await aLiveWorld({
    strategy: { 0: open },
    closes: [50_000, 50_000, 50_000, { close: '48900', low: '48900' }, 48_800],
  });
  await world.bars(3);
  expect(world.state.positions.size).toBe(1);
  await world.bars(1);
  await world.until(() => world.state.positions.size === 0);
  await world.settle();
  const rejected = await world.eventsOf('order_rejected');
  expect(rejected.map(({ order }) => order.split('/').at(-2))).toEqual(['sl']);
  expect(world.state.orders.size).toBe(0);
  expect(world.venue.state.account.openPositions()).toEqual([]);
  expect(await world.differences()).toEqual([]);
});

test('a stop that comes too late is carried out at once, as the price is beyond it', async () => {
  const world = await aLiveWorld({ strategy: { 0: open } });
  const refused = { endpoint: 'POST /fapi/v1/algoOrder', kind: 'reject', http: 400 } as const;
  world.venue.faults.add({ ...refused, code: -2021, msg: 'Order would immediately trigger.' });
  await world.bars(1);
  await world.until(() => world.venue.state.account.openPositions().length === 0);
  await world.settle();
  const [rejected] = await world.eventsOf('order_rejected');
  expect(rejected).toMatchObject({ code: 'STOP_WOULD_TRIGGER' });
  expect(world.state.positions.size).toBe(0);
  expect(world.state.orders.size).toBe(0);
  expect(await world.differences()).toEqual([]);
});
