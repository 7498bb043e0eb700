import { describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  type WorldOptions,
  cancel,
  closeLong,
  dca,
  idOf,
  limitAt,
  openLong,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');
const ENTRY = `${OPEN}/entry/1`;

/** A limit entry of 1 at 100 of which 0.4 has filled, its venue played by hand. */
function partly(
  partial_fill: object | undefined,
  body: object = {},
  more: WorldOptions = {},
): World {
  const world = aWatchedWorld({
    strategy: { 0: openLong({ order: limitAt('100'), partial_fill, ...body }) },
    venue: 'manual',
    ...more,
  });
  world.bar(100);
  world.venue.accept(ENTRY);
  world.venue.fill(ENTRY, '100', { quantity: '0.4' });
  return world;
}

/** What was sent after the entry, protection aside. */
function sent(world: World): readonly string[] {
  return world
    .created()
    .filter(({ leg }) => !['entry', 'sl'].includes(leg))
    .map(({ leg, type, quantity, price, timeInForce }) => {
      return `${leg} ${type} ${format(quantity)} @ ${format(price!)} ${timeInForce}`;
    });
}

describe('[X9] keep', () => {
  test.each([
    ['by default', undefined],
    ['as said', { policy: 'keep' }],
  ])('[X9] %s what filled is the position, and the rest ends with the order', (_how, policy) => {
    const world = partly(policy);
    world.bar(100).bar(100);
    expect(world.venue.cancelled).toEqual([]);
    world.venue.end(ENTRY, 'expired');
    expect(sent(world)).toEqual([]);
    expect(world.outcome(OPEN)).toBe('partially_filled');
    expect(format(world.position()!.quantity)).toBe('0.4');
  });

  test('[X9] with a time, the rest is taken back then', () => {
    const world = partly({ policy: 'keep', after_ms: 60_000 });
    world.bar(100);
    expect(world.venue.cancelled).toEqual([ENTRY]);
  });
});

describe('[X9] wait', () => {
  test('[X9] the rest rests from the first fill on, then ends', () => {
    const world = partly({ policy: 'wait', after_ms: 120_000 });
    world.bar(100);
    world.venue.fill(ENTRY, '100', { quantity: '0.1' });
    expect(world.venue.cancelled).toEqual([]);
    world.bar(100);
    expect(world.venue.cancelled).toEqual([ENTRY]);
    world.venue.end(ENTRY);
    expect(sent(world)).toEqual([]);
    expect(format(world.position()!.quantity)).toBe('0.5');
  });

  test('[X9] one that fills whole in time leaves no clock behind', () => {
    const world = partly({ policy: 'wait', after_ms: 120_000 });
    world.venue.fill(ENTRY, '100');
    world.bar(100).bar(100);
    expect(world.venue.cancelled).toEqual([]);
    expect(world.state.timers.size).toBe(0);
  });

  test('[X9] nothing starts before the first fill', () => {
    const partial_fill = { policy: 'wait', after_ms: 60_000 };
    const world = aWatchedWorld({
      strategy: { 0: openLong({ order: limitAt('90'), partial_fill }) },
      bars: [100, 100, 100, 100],
    });
    expect(world.orders()).toMatchObject([{ status: 'accepted' }]);
  });
});

describe('[X9] top_up', () => {
  const topUp = { policy: 'top_up', max_slippage_bps: 50 };

  test('[X9] when the order ends, the rest leaves at market within the bound', () => {
    const world = partly(topUp);
    world.venue.end(ENTRY, 'expired');
    expect(sent(world)).toEqual(['topup limit 0.6 @ 100.5 IOC']);
    world.venue.fill(`${OPEN}/topup/1`, '100.4');
    expect(world.outcome(OPEN)).toBe('filled');
    expect(format(world.position()!.quantity)).toBe('1');
  });

  test('[X9] or its time after the first fill, once the cancel is confirmed', () => {
    const world = partly({ ...topUp, after_ms: 60_000 });
    world.bar(100);
    expect(world.venue.cancelled).toEqual([ENTRY]);
    expect(sent(world)).toEqual([]);
    world.venue.fill(ENTRY, '100', { quantity: '0.2' });
    world.venue.end(ENTRY);
    expect(sent(world)).toEqual(['topup limit 0.4 @ 100.5 IOC']);
  });

  test('[X9] what the bound leaves unfilled stays so, without a second try', () => {
    const world = partly(topUp);
    world.venue.end(ENTRY, 'expired');
    world.venue.end(`${OPEN}/topup/1`, 'expired');
    expect(sent(world)).toHaveLength(1);
    expect(world.outcome(OPEN)).toBe('partially_filled');
  });

  test('[X9] an order that filled nothing is not topped up', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ order: limitAt('100'), partial_fill: topUp }) },
      venue: 'manual',
      bars: [100],
    });
    world.venue.end(ENTRY, 'expired');
    expect(sent(world)).toEqual([]);
    expect(world.outcome(OPEN)).toBe('expired');
  });

  test('[X9] a chased entry counts over all of its orders', () => {
    const chase = { interval_ms: 60_000, max_moves: 1, max_distance_bps: 500 };
    const order = limitAt('99', { chase });
    const world = partly(topUp, { order });
    world.bar(101);
    world.venue.end(ENTRY);
    world.venue.end(`${OPEN}/entry/2`, 'expired');
    expect(sent(world)).toEqual(['topup limit 0.6 @ 100.5 IOC']);
  });

  test('[X9] a level of a ladder is topped up too', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: dca(1, { order: limitAt('100'), partial_fill: topUp }) },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(ENTRY, '100');
    world.bar(100);
    const level = `${idOf(1, 'dca.long')}/entry/1`;
    world.venue.fill(level, '100', { quantity: '0.4' });
    world.venue.end(level, 'expired');
    expect(sent(world)).toEqual(['topup limit 0.6 @ 100.5 IOC']);
  });

  test.each([
    ['the strategy cancels the entry', cancel({ orders: 'entries' })],
    ['the strategy closes the position', closeLong()],
  ])('[X9] never where %s', (_what, body) => {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ order: limitAt('100'), partial_fill: topUp }), 1: body },
      venue: 'manual',
      bars: [100],
    });
    world.venue.accept(ENTRY);
    world.venue.fill(ENTRY, '100', { quantity: '0.4' });
    world.bar(100);
    world.venue.end(ENTRY);
    expect(world.leg('topup')).toEqual([]);
  });

  test('[X9] never where the position was stopped out meanwhile', () => {
    const world = partly(topUp, { protection: stopAt('90') });
    world.venue.fill(`${OPEN}/sl/1`, '90');
    world.venue.end(ENTRY);
    expect(world.leg('topup')).toEqual([]);
  });

  test('[X9] never after the deadline of the intent, and that is recorded', () => {
    const world = partly(topUp, { expires: { after_bars: 1 } });
    world.bar(100);
    world.venue.end(ENTRY);
    expect(sent(world)).toEqual([]);
    expect(world.codes()).toEqual(['EXPIRED']);
  });

  test.each([
    ['kill', 'KILLED'],
    ['stop', 'ENTRIES_STOPPED'],
    ['pause', 'ENTRIES_PAUSED'],
  ] as const)('[X9] [R13] never under %s', (command, code) => {
    const world = partly(topUp);
    world.command(command);
    world.venue.end(ENTRY, 'expired');
    expect(sent(world)).toEqual([]);
    if (command !== 'kill') expect(world.codes()).toEqual([code]);
    expect(world.outcome(OPEN)).toBe('partially_filled');
  });
});

describe('[X9] flatten', () => {
  const flatten = { policy: 'flatten', max_slippage_bps: 50 };

  test('[X9] when the order ends, what filled is closed again within the bound', () => {
    const world = partly(flatten, { protection: stopAt('90') });
    world.venue.end(ENTRY, 'expired');
    expect(sent(world)).toEqual(['flatten limit 0.4 @ 99.5 IOC']);
    world.venue.fill(`${OPEN}/flatten/1`, '99.8');
    expect(world.recordsOf('position_closed')).toMatchObject([{ reason: 'partial_fill' }]);
    expect(world.venue.cancelled).toEqual([`${OPEN}/sl/1`]);
  });

  test('[X9] or its time after the first fill', () => {
    const world = partly({ ...flatten, after_ms: 60_000 });
    world.bar(100);
    world.venue.end(ENTRY);
    expect(sent(world)).toEqual(['flatten limit 0.4 @ 99.5 IOC']);
  });

  test('[X9] the protection stays where the bound leaves it unfilled', () => {
    const world = partly(flatten, { protection: stopAt('90') });
    world.venue.accept(`${OPEN}/sl/1`);
    world.venue.end(ENTRY, 'expired');
    world.venue.end(`${OPEN}/flatten/1`, 'expired');
    expect(world.leg('sl')).toMatchObject([{ status: 'accepted' }]);
    expect(world.outcome(OPEN)).toBe('partially_filled');
  });

  test('[X9] of a level takes back the level, not the position', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: dca(1, { order: limitAt('100'), partial_fill: flatten }) },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(ENTRY, '100');
    world.bar(100);
    const level = `${idOf(1, 'dca.long')}/entry/1`;
    world.venue.fill(level, '100', { quantity: '0.4' });
    world.venue.end(level, 'expired');
    expect(sent(world)).toEqual(['flatten limit 0.4 @ 99.5 IOC']);
  });

  test.each(['kill', 'stop', 'pause'] as const)(
    '[X9] [R13] it is an exit: %s lets it go',
    (command) => {
      const world = partly(flatten);
      world.command(command);
      world.venue.end(ENTRY, 'expired');
      expect(sent(world)).toEqual(['flatten limit 0.4 @ 99.5 IOC']);
    },
  );

  test('[X9] it is not sent beside a close', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ order: limitAt('100'), partial_fill: flatten }), 1: closeLong() },
      venue: 'manual',
      bars: [100],
    });
    world.venue.accept(ENTRY);
    world.venue.fill(ENTRY, '100', { quantity: '0.4' });
    world.bar(100);
    world.venue.end(ENTRY);
    expect(world.orders().map(({ leg }) => leg)).toEqual(['exit']);
  });
});

test('[X9] the simulated venue plays the same: a volume too small, then a top-up', () => {
  const partial_fill = { policy: 'top_up', after_ms: 60_000, max_slippage_bps: 100 };
  const world = aWatchedWorld({
    strategy: { 0: openLong({ order: limitAt('100'), partial_fill }) },
    sim: { volumeShareBps: 1000 },
  });
  world.bar(100);
  world.bar(100, 100, 99, 100, { volume: 4 });
  world.bar(100.2, 100.4, 100.1, 100.3);
  expect(
    world.fills().map(({ leg, quantity, price }) => [leg, format(quantity), format(price)]),
  ).toEqual([
    ['entry', '0.4', '100'],
    ['topup', '0.6', '100.2'],
  ]);
});
