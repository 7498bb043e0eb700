// An entry that comes while another one is being taken back.
import { describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  MINUTE_MS,
  type World,
  cancel,
  dca,
  idOf,
  limitAt,
  openLong,
  openShort,
} from '../../../support/world.js';

recoverEachWorld();

const entry = (bar: number, what = 'open.long') => `${idOf(bar, what)}/entry/1`;
const FIRST = entry(0);
const SECOND = entry(1);

/** A long rests at 90; the next answer cancels it and opens at 95. The venue says nothing yet. */
function replacing(more: object = {}): World {
  return aWatchedWorld({
    strategy: {
      0: openLong({ order: limitAt('90') }),
      1: [cancel({ orders: 'entries' }), openLong({ order: limitAt('95'), ...more })],
      2: [cancel({ orders: 'entries' })],
      3: openLong({ order: limitAt('96') }),
    },
    venue: 'manual',
    bars: [100, 100],
  });
}

describe('an open behind the cancel of another entry', () => {
  test('waits for the confirmed end of that one, and is placed then', () => {
    const world = replacing();
    expect(world.venue.submitted).toEqual([FIRST]);
    expect(world.state.intents.get(idOf(1, 'open.long'))).toMatchObject({
      pending: 'after_cancel',
    });
    world.venue.end(FIRST);
    expect(world.venue.submitted).toEqual([FIRST, SECOND]);
    expect(world.codes()).toEqual([]);
  });

  test('is denied when that one fills instead', () => {
    const world = replacing();
    world.venue.fill(FIRST, '90');
    expect(world.codes()).toEqual(['POSITION_EXISTS']);
    expect(world.venue.submitted).toEqual([FIRST]);
    expect(world.state.intents.size).toBe(0);
  });

  test('is denied when that one has filled in part', () => {
    const world = replacing();
    world.venue.fill(FIRST, '90', { quantity: '0.25' });
    expect(world.codes()).toEqual([]);
    world.venue.end(FIRST);
    expect(world.codes()).toEqual(['POSITION_EXISTS']);
  });

  test('finds the gates of the moment at which it could be placed', () => {
    const world = replacing();
    world.command('kill');
    world.venue.end(FIRST);
    expect(world.codes()).toEqual(['KILLED']);
    expect(world.venue.submitted).toEqual([FIRST]);
  });

  test('expires while it waits', () => {
    const world = replacing({ expires: { after_ms: 30_000 } });
    world.venue.tick(30_000);
    expect(world.outcome(idOf(1, 'open.long'))).toBe('expired');
    world.venue.end(FIRST);
    expect(world.venue.submitted).toEqual([FIRST]);
  });

  test('is taken back by a cancel while it waits', () => {
    const world = replacing().bar(100);
    expect(world.outcome(idOf(1, 'open.long'))).toBe('cancelled');
    world.bar(100);
    expect(world.state.intents.has(idOf(3, 'open.long'))).toBe(true);
    world.venue.end(FIRST);
    expect(world.venue.submitted).toEqual([FIRST, entry(3)]);
  });

  test('is the only one that may wait', () => {
    const world = aWatchedWorld({
      strategy: {
        0: openLong({ order: limitAt('90') }),
        1: [cancel({ orders: 'entries' }), openLong(), openLong()],
      },
      bars: [100, 100, 100],
    });
    expect(world.codes()).toEqual(['POSITION_EXISTS']);
    expect(world.fills()).toHaveLength(1);
  });

  test('on a one-way account waits for an entry of the other side as well', () => {
    const world = aWatchedWorld({
      positionMode: 'one_way',
      strategy: {
        0: openLong({ order: limitAt('90') }),
        1: [cancel({ orders: 'entries' }), openShort()],
      },
      bars: [100, 100, 100],
    });
    expect(world.codes()).toEqual([]);
    expect(world.position('short')).toBeDefined();
  });

  test('does not meet the open at which it was answered', () => {
    const world = aWatchedWorld({
      strategy: {
        onBar: (_bar, _ctx, index) =>
          index === 0 ? [openShort(), openLong({ order: limitAt('90') })] : undefined,
        onFill: ({ side }) =>
          side === 'short' ? [cancel({ orders: 'entries' }), openLong()] : undefined,
      },
      bars: [100, 101, 107],
    });
    const longs = world.fills().filter(({ positionSide }) => positionSide === 'long');
    expect(longs.map(({ price }) => format(price))).toEqual(['107']);
  });
});

describe('an entry for one bar on every bar', () => {
  const bars = [100, 100, 100, 100, 100];

  test.each([
    ['after_bars', { order: limitAt('90'), expires: { after_bars: 1 } }],
    ['after_ms', { order: limitAt('90'), expires: { after_ms: MINUTE_MS } }],
    ['GTD', { order: limitAt('90', { time_in_force: 'GTD', good_for_ms: MINUTE_MS }) }],
  ])('works on every bar: %s', (_what, more) => {
    const world = aWatchedWorld({ strategy: () => openLong(more), bars });
    expect(world.codes()).toEqual([]);
    expect(world.created().map(({ key }) => key)).toEqual(bars.map((_bar, i) => entry(i)));
    expect(world.orders().map(({ key }) => key)).toEqual([entry(4)]);
  });

  test('works for a dca too', () => {
    const level = dca(1, { order: limitAt('90'), expires: { after_bars: 1 } });
    const world = aWatchedWorld({
      strategy: (_bar, _ctx, index) => (index === 0 ? openLong() : index === 1 ? [] : level),
      bars: [...bars, 100],
    });
    expect(world.codes()).toEqual([]);
    expect(world.leg('entry').map(({ key }) => key)).toEqual([entry(5, 'dca.long')]);
    expect(world.created()).toHaveLength(5);
  });
});

describe('a dca behind the cancel of another one', () => {
  function replacingLevel(): World {
    const world = aWatchedWorld({
      strategy: {
        0: openLong(),
        1: dca(1, { order: limitAt('90') }),
        2: [cancel({ orders: 'entries' }), dca(1, { order: limitAt('95') }), dca(1)],
      },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(FIRST, '100');
    return world.bars([100, 100]);
  }

  test('waits alone, and is placed then', () => {
    const world = replacingLevel();
    expect(world.codes()).toEqual(['DCA_ENTRY_WORKING']);
    world.venue.end(entry(1, 'dca.long'));
    expect(world.leg('entry').map(({ key }) => key)).toEqual([entry(2, 'dca.long')]);
  });

  test('is denied when that level fills instead', () => {
    const world = replacingLevel();
    world.venue.fill(entry(1, 'dca.long'), '90');
    expect(world.codes()).toEqual(['DCA_ENTRY_WORKING', 'DCA_LEVEL_INVALID']);
    expect(world.leg('entry')).toEqual([]);
  });
});

test('a cancel outranks one that meant to move the order', () => {
  const chase = { interval_ms: 1000, max_moves: 5, max_distance_bps: 500 };
  const world = aWatchedWorld({
    strategy: {
      0: openLong({ order: limitAt('99', { chase }) }),
      1: [cancel({ orders: 'entries' })],
    },
    venue: 'manual',
    bars: [100],
  });
  world.venue.accept(FIRST);
  world.bar(101);
  expect(world.venue.cancelled).toEqual([FIRST]);
  world.venue.end(FIRST);
  expect(world.venue.submitted).toEqual([FIRST]);
  expect(world.outcome(idOf(0, 'open.long'))).toBe('cancelled');
});

test('a fallback that is due still follows when the time of the order ends in the same bar', () => {
  const times = { time_in_force: 'GTD', good_for_ms: 40_000 };
  const fallback = {
    mode: 'limit_to_market',
    on: ['timeout'],
    after_ms: 20_000,
    max_slippage_bps: 500,
  };
  const world = aWatchedWorld({
    strategy: { 0: openLong({ order: limitAt('99', times), fallback }) },
    bars: [100, 100, 100],
  });
  expect(world.fills().map(({ leg }) => leg)).toEqual(['fallback']);
});
