// What a position cost depends on the order of its fills: those that were missed are booked in the
// order in which they happened, whichever order is asked for first.
import { expect, test } from 'vitest';
import { dca, limitAt, openLong, quantity, stopAt } from '../../support/bodies.js';
import { aLiveWorld } from '../../support/live-world.js';

test.each([
  ['target behind the entry', 49_400, 50_600],
  ['entry behind the target', 50_600, 49_400],
])('books missed fills in the order of their trades: %s', async (_, first, second) => {
  const take_profit = [{ at: { abs: '50500' }, share_bps: 5000, order: 'limit' }];
  const more = { sizing_policy: quantity('1'), order: limitAt('49500') };
  const world = await aLiveWorld({
    strategy: {
      0: openLong({
        sizing_policy: quantity('1'),
        protection: { ...stopAt('48000'), take_profit },
      }),
      1: dca(1, more),
    },
    closes: [50_000, 50_000, 50_000, first, second],
  });
  await world.bars(3);
  expect(world.venue.state.openOrders.size).toBe(2);
  await world.end();
  world.venue.playback.playBar();
  world.venue.playback.playBar();
  await world.begin();
  await expect.poll(() => world.differences(), { timeout: 20_000 }).toEqual([]);
  const fills = await world.recordsOf('fill');
  expect(new Set(fills.map(({ leg }) => leg))).toEqual(new Set(['entry', 'tp1']));
  expect(fills.map(({ tradeId }) => tradeId).toSorted()).toEqual(
    fills.map(({ tradeId }) => tradeId),
  );
});
