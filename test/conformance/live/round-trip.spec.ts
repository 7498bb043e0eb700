// The plainest live session: open with a stop, close, and both sides have the same.
import { expect, test } from 'vitest';
import { closeLong, openLong, quantity, stopAt } from '../../support/bodies.js';
import { aLiveWorld } from '../../support/live-world.js';

test('opens with a stop and closes, and venue and session agree as sets', async () => {
  const world = await aLiveWorld({
    strategy: {
      0: openLong({ sizing_policy: quantity('0.5'), protection: stopAt('49000') }),
      2: closeLong(),
    },
    closes: [50_000, 50_100, 50_200, 50_300, 50_300],
  });
  await world.bars(2);
  expect(world.venue.state.algos.size).toBe(1);
  expect(world.state.positions.size).toBe(1);
  await world.bars(3);
  expect(world.state.positions.size).toBe(0);
  expect(world.state.orders.size).toBe(0);
  expect(await world.differences()).toEqual([]);
  expect((await world.recordsOf('fill')).length).toBeGreaterThanOrEqual(2);
});

test('goes on after a restart with its position and its stop', async () => {
  const world = await aLiveWorld({
    strategy: {
      0: openLong({ sizing_policy: quantity('0.5'), protection: stopAt('49000') }),
      4: closeLong(),
    },
    closes: [50_000, 50_100, 50_200, 50_300, 50_300, 50_300],
  });
  await world.bars(2);
  const orders = [...world.state.orders.keys()];
  await world.restart();
  expect([...world.state.orders.keys()]).toEqual(orders);
  await world.bars(4);
  expect(world.state.positions.size).toBe(0);
  expect(await world.differences()).toEqual([]);
});
