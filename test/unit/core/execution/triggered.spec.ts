import { expect, test } from 'vitest';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import { type World, idOf, openLong, stopAt } from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');
const STOP = `${OPEN}/sl/1`;

function resting(): World {
  const world = aWatchedWorld({
    strategy: { 0: openLong({ protection: stopAt('90') }) },
    venue: 'manual',
    bars: [100],
  });
  world.venue.fill(`${OPEN}/entry/1`, '100');
  world.venue.accept(STOP);
  return world;
}

function triggered(world: World, venueOrderId?: string): World {
  const base = { kind: 'order_triggered', ts: world.now, order: STOP } as const;
  return world.take(venueOrderId === undefined ? base : { ...base, venueOrderId });
}

test('a triggered stop goes by the id of the order that it became', () => {
  const world = triggered(resting(), '4711');
  expect(world.leg('sl')).toMatchObject([{ isTriggered: true, venueOrderId: '4711' }]);
});

test('without a new id it keeps its own', () => {
  expect(triggered(resting()).leg('sl')).toMatchObject([{ venueOrderId: `v-${STOP}` }]);
});

test('an id that comes later is taken in, and the plugin hears of the trigger once', () => {
  const world = triggered(triggered(triggered(resting()), '4711'), '4711');
  expect(world.leg('sl')).toMatchObject([{ venueOrderId: '4711' }]);
  expect(world.recordsOf('order_triggered')).toHaveLength(2);
  const told = world.heard.intents.filter(({ type }) => type === 'protection_triggered');
  expect(told).toHaveLength(1);
});
