// A close is over when its position is flat, whatever entries still fill after it.
import { type VenueOrder, decimal, format } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type Body,
  SYMBOL,
  type World,
  cancel,
  closeLong,
  dca,
  idOf,
  limitAt,
  openLong,
  openShort,
  partialClose,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');
const LEVEL = `${idOf(1, 'dca.long')}/entry/1`;
const CLOSE = idOf(2, 'close.long');

const held = (world: World, side: 'long' | 'short' = 'long') =>
  format(world.position(side)?.quantity ?? 0n);
const exits = (world: World) =>
  world
    .created()
    .filter(({ leg }) => leg === 'exit')
    .map(({ key, quantity }) => `${key.split('#')[1]} ${format(quantity)}`);

const FOREIGN: VenueOrder = {
  order: null,
  venueOrderId: '77',
  clientOrderId: 'web_1',
  symbol: SYMBOL,
  side: 'buy',
  positionSide: 'long',
  type: 'LIMIT',
  quantity: decimal('1'),
  filled: 0n,
  price: decimal('99'),
  stopPrice: null,
  reduceOnly: false,
};

interface Case {
  readonly level?: Body;
  readonly close?: Body;
  readonly later?: Readonly<Record<number, unknown>>;
  readonly open?: Body;
}

/** A long of 1 under a stop, a level that rests at 99, then the close. The venue says nothing. */
function closing({ level = {}, close = closeLong(), later = {}, open = {} }: Case = {}): World {
  const world = aWatchedWorld({
    strategy: {
      0: openLong({ protection: stopAt('90'), ...open }),
      1: dca(1, { order: limitAt('99'), ...level }),
      2: close,
      ...later,
    },
    venue: 'manual',
    bars: [100],
  });
  world.venue.fill(`${OPEN}/entry/1`, '100');
  world.venue.accept(`${OPEN}/sl/1`);
  world.bar(100);
  world.venue.accept(LEVEL);
  return world.bar(100);
}

describe('an entry that fills while the close is under way', () => {
  test('is closed behind it, and the close is over when the position is flat', () => {
    const world = closing();
    expect(world.venue.cancelled).toEqual([LEVEL]);
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    expect(exits(world)).toEqual(['close.long.1/exit/1 1']);
    world.venue.fill(`${CLOSE}/exit/1`, '100');
    expect(exits(world)).toEqual(['close.long.1/exit/1 1', 'close.long.1/exit/2 0.4']);
    expect(world.outcome(CLOSE)).toBeUndefined();
    world.venue.fill(`${CLOSE}/exit/2`, '100');
    expect(held(world)).toBe('0');
    expect(world.outcome(CLOSE)).toBe('filled');
  });

  test('stays covered by the stop until then', () => {
    const world = closing();
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    world.venue.accept(`${OPEN}/sl/2`);
    world.venue.fill(`${CLOSE}/exit/1`, '100');
    expect(world.leg('sl').map(({ quantity }) => format(quantity))).toContain('0.4');
  });

  test('brings no target back while the close is on its way', () => {
    const take_profit = [{ at: { abs: '110' }, share_bps: 10_000, order: 'limit' }];
    const world = closing({ open: { protection: { ...stopAt('90'), take_profit } } });
    world.venue.end(world.leg('tp1')[0]!.key);
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    expect(world.leg('tp1')).toEqual([]);
  });

  test('stays where the close leaves the entries alone', () => {
    const world = closing({ close: closeLong({ cancel_open_orders: false }) });
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    world.venue.fill(`${CLOSE}/exit/1`, '100');
    expect(held(world)).toBe('0.4');
    expect(exits(world)).toHaveLength(1);
  });

  test('stays after a partial close', () => {
    const world = closing({ close: partialClose({ qty: '0.5' }) });
    const part = `${idOf(2, 'partial_close.long')}/exit/1`;
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    world.venue.fill(part, '100');
    expect(held(world)).toBe('0.9');
    expect(exits(world)).toHaveLength(1);
  });

  test('stays where the close itself is refused: it is over, and the plugin hears of it', () => {
    const world = closing();
    world.venue.reject(`${CLOSE}/exit/1`);
    expect(world.outcome(CLOSE)).toBe('rejected');
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    expect(held(world)).toBe('1.4');
    expect(exits(world)).toHaveLength(1);
  });

  test('is closed where the stop was faster than the close', () => {
    const world = closing();
    world.venue.fill(`${OPEN}/sl/1`, '90');
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    expect(held(world)).toBe('0.4');
    world.venue.end(`${CLOSE}/exit/1`);
    expect(exits(world)).toEqual(['close.long.1/exit/1 1', 'close.long.1/exit/2 0.4']);
    world.venue.fill(`${CLOSE}/exit/2`, '95');
    expect(world.outcome(CLOSE)).toBe('filled');
  });
});

describe('an entry that fills when all was closed', () => {
  function flat(more: Case = {}): World {
    const world = closing(more);
    world.venue.fill(`${CLOSE}/exit/1`, '100');
    expect(held(world)).toBe('0');
    return world;
  }

  test('is closed at once, and protected until it is', () => {
    const world = flat();
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    expect(exits(world).at(-1)).toBe('close.long.1/exit/2 0.4');
    expect(world.leg('sl').map(({ quantity }) => format(quantity))).toContain('0.4');
    world.venue.fill(`${CLOSE}/exit/2`, '99');
    expect(held(world)).toBe('0');
    expect(world.leg('sl').map(({ status }) => status)).toEqual([
      'pending_cancel',
      'pending_cancel',
    ]);
  });

  test('is closed though its order was over for the host', () => {
    const world = flat();
    world.venue.end(LEVEL);
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    expect(exits(world).at(-1)).toBe('close.long.1/exit/2 0.4');
  });

  test('is closed fill by fill, one exit behind the other', () => {
    const world = flat();
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    world.venue.fill(LEVEL, '99', { quantity: '0.3' });
    world.venue.fill(`${CLOSE}/exit/2`, '99');
    expect(exits(world).slice(1)).toEqual(['close.long.1/exit/2 0.4', 'close.long.1/exit/3 0.3']);
  });

  test('is closed where nobody had known whether it exists', () => {
    const world = aWatchedWorld({
      strategy: {
        0: openLong({ protection: stopAt('90') }),
        1: dca(1),
        2: closeLong(),
      },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(`${OPEN}/entry/1`, '100');
    world.bar(100);
    world.venue.unknown(LEVEL);
    world.bar(100);
    world.venue.fill(`${CLOSE}/exit/1`, '100');
    world.venue.fill(LEVEL, '100');
    expect(exits(world).at(-1)).toBe('close.long.1/exit/2 1');
  });

  test('stays where the strategy has entered again since', () => {
    const world = flat({ later: { 3: openLong() } });
    world.venue.end(LEVEL);
    world.bar(100);
    world.venue.fill(`${idOf(3, 'open.long')}/entry/1`, '100');
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    expect(held(world)).toBe('1.4');
    expect(exits(world)).toHaveLength(1);
  });

  test('goes under a key of its own, however many orders have ended since', () => {
    const world = flat({ later: { 3: openLong() } });
    expect(world.state.attempts.get(CLOSE)).toEqual({ exit: 1 });
    world.venue.end(LEVEL);
    world.bar(100);
    expect(world.state.attempts.has(CLOSE)).toBe(false);
  });

  test('is tried again in a while, where its exit is refused', () => {
    const world = flat();
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    world.venue.reject(`${CLOSE}/exit/2`);
    expect(exits(world)).toHaveLength(2);
    world.venue.tick(5000);
    expect(exits(world).at(-1)).toBe('close.long.1/exit/3 0.4');
  });

  test('is left to the strategy once that has taken the exit back', () => {
    const world = flat({ later: { 3: cancel({ orders: 'all' }) } });
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    world.bar(100);
    world.venue.end(`${CLOSE}/exit/2`);
    world.venue.tick(60_000);
    expect(exits(world)).toHaveLength(2);
    expect(held(world)).toBe('0.4');
  });

  test('stays where it is an order that the operator has made ours since', () => {
    const world = flat();
    world.venue.end(LEVEL);
    world.take({ kind: 'order_adopted', ts: world.now, venueOrder: FOREIGN });
    world.venue.fill(world.leg('entry')[0]!.key, '99');
    expect(held(world)).toBe('1');
    expect(exits(world)).toHaveLength(1);
  });

  test('leaves in the style of the close, priced anew', () => {
    const limit = { type: 'limit', price: { from: 'last', offset_ticks: 0 } };
    const world = flat({ close: closeLong({ order: limit }) });
    world.bar(98);
    world.venue.fill(LEVEL, '98', { quantity: '0.4' });
    const [exit] = world.leg('exit');
    expect([exit!.type, format(exit!.price!)]).toEqual(['limit', '98']);
  });

  test('is no business of this host on a one-way account that holds the other side', () => {
    const world = aWatchedWorld({
      positionMode: 'one_way',
      strategy: {
        0: openLong({ protection: stopAt('90') }),
        1: dca(1, { order: limitAt('99') }),
        2: closeLong(),
        3: openShort(),
      },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(`${OPEN}/entry/1`, '100');
    world.bar(100);
    world.bar(100);
    world.venue.fill(`${CLOSE}/exit/1`, '100');
    world.venue.end(LEVEL);
    world.bar(100);
    world.venue.fill(`${idOf(3, 'open.short')}/entry/1`, '100');
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    expect(exits(world)).toHaveLength(1);
  });
});

describe('an entry that a close has taken back', () => {
  test('is not repriced when the venue refuses it', () => {
    const reprice = { max_moves: 3, max_distance_bps: 500 };
    const world = closing({ level: { order: limitAt('99', { post_only: true, reprice }) } });
    world.venue.reject(LEVEL, 'post_only', 'POST_ONLY_WOULD_CROSS');
    expect(world.leg('entry')).toEqual([]);
    expect(world.outcome(idOf(1, 'dca.long'))).toBe('rejected');
  });

  test('is not topped up, though its own time had ended it before', () => {
    const order = limitAt('99', { time_in_force: 'GTD', good_for_ms: 60_000 });
    const partial_fill = { policy: 'top_up', max_slippage_bps: 100 };
    const world = aWatchedWorld({
      strategy: {
        0: openLong({ protection: stopAt('90') }),
        1: dca(1, { order, partial_fill }),
        3: closeLong(),
      },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(`${OPEN}/entry/1`, '100');
    world.bar(100);
    world.venue.fill(LEVEL, '99', { quantity: '0.4' });
    world.bars([100, 100]);
    world.venue.end(LEVEL);
    expect(world.leg('topup')).toEqual([]);
  });

  test('lets nothing enter that waited for its end', () => {
    const world = aWatchedWorld({
      strategy: {
        0: openLong({ protection: stopAt('90') }),
        1: dca(1, { order: limitAt('99') }),
        2: [cancel({ orders: 'entries' }), dca(1, { order: limitAt('98') })],
        3: closeLong(),
      },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(`${OPEN}/entry/1`, '100');
    world.bars([100, 100, 100]);
    expect(world.outcome(idOf(2, 'dca.long'))).toBe('cancelled');
    world.venue.end(LEVEL);
    expect(world.leg('entry')).toEqual([]);
  });
});

test('an open that closes the other side first closes what that side gains meanwhile', () => {
  const world = aWatchedWorld({
    strategy: {
      0: openLong({ protection: stopAt('90') }),
      1: dca(1, { order: limitAt('99') }),
      2: openShort({ on_opposite: 'close_first' }),
    },
    venue: 'manual',
    bars: [100],
  });
  world.venue.fill(`${OPEN}/entry/1`, '100');
  world.bars([100, 100]);
  const short = idOf(2, 'open.short');
  expect(world.venue.cancelled).toEqual([LEVEL]);
  world.venue.fill(LEVEL, '99', { quantity: '0.4' });
  world.venue.fill(`${short}/exit/1`, '100');
  expect(exits(world)).toEqual(['open.short.1/exit/1 1', 'open.short.1/exit/2 0.4']);
  world.venue.fill(`${short}/exit/2`, '100');
  world.venue.end(LEVEL);
  expect(world.leg('entry').map(({ key }) => key)).toContain(`${short}/entry/1`);
});
