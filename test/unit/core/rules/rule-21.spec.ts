import { describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  type WorldOptions,
  closeLong,
  idOf,
  limitAt,
  openLong,
  openShort,
} from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');

/** A buy at 99, decided at 100, that looks after the market each bar. */
function chasing(chase: object = {}, body: object = {}, more: WorldOptions = {}): World {
  const bounds = { interval_ms: 60_000, max_moves: 10, max_distance_bps: 500, ...chase };
  return aWatchedWorld({
    strategy: { 0: openLong({ order: limitAt('99', { chase: bounds }), ...body }) },
    ...more,
  });
}

/** Prices of the entry orders so far. */
function prices(world: World): readonly string[] {
  return world.created().flatMap(({ price }) => (price === null ? [] : format(price)));
}

describe('[rule-21] a chase follows the market', () => {
  test('[rule-21] it moves to the last price when that has moved away, each interval once', () => {
    expect(prices(chasing().bars([100, 101, 102]))).toEqual(['99', '101', '102']);
  });

  test('[rule-21] a sell follows downwards', () => {
    const chase = { interval_ms: 60_000, max_moves: 10, max_distance_bps: 500 };
    const world = aWatchedWorld({
      strategy: { 0: openShort({ order: limitAt('101', { chase }) }) },
      bars: [100, 99, 98],
    });
    expect(prices(world)).toEqual(['101', '99', '98']);
  });

  test('[rule-21] it stays while the market has not moved away', () => {
    const world = chasing().bars([100, [99.5, 99.5, 99, 99], [99, 99.2, 99, 99]]);
    expect(prices(world)).toEqual(['99']);
    expect(prices(world.bar(99, 100.5, 99, 100.5))).toEqual(['99', '100.5']);
  });

  test('[rule-21] between intervals it stays', () => {
    expect(prices(chasing({ interval_ms: 150_000 }).bars([100, 101, 102]))).toEqual(['99']);
  });

  test('[rule-21] only the rest moves, after the final fill', () => {
    const world = chasing({}, {}, { venue: 'manual', bars: [100] });
    world.venue.accept(`${OPEN}/entry/1`);
    world.bar(101);
    expect(world.venue.cancelled).toEqual([`${OPEN}/entry/1`]);
    world.venue.fill(`${OPEN}/entry/1`, '99', { quantity: '0.25', liquidity: 'maker' });
    expect(prices(world)).toEqual(['99']);
    world.venue.end(`${OPEN}/entry/1`);
    const moved = world.leg('entry')[0]!;
    expect([format(moved.quantity), format(moved.price!)]).toEqual(['0.75', '101']);
    world.venue.fill(moved.key, '101');
    expect(world.outcome(OPEN)).toBe('filled');
    expect(world.heard.intents.filter(({ type }) => type === 'chased')).toHaveLength(1);
  });

  test('[rule-21] an exit may chase as well', () => {
    const chase = { interval_ms: 60_000, max_moves: 10, max_distance_bps: 500 };
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: closeLong({ order: limitAt('102', { chase }) }) },
      bars: [100, 100, 99, 98.5, [98.5, 98.6, 98.5, 98.5]],
    });
    expect(prices(world)).toEqual(['102', '99', '98.5']);
    expect(world.position()).toBeUndefined();
  });
});

describe('[rule-21] its bounds', () => {
  test('[rule-21] max_moves ends it', () => {
    expect(prices(chasing({ max_moves: 1 }).bars([100, 101, 102, 103]))).toEqual(['99', '101']);
  });

  test('[rule-21] it goes to max_distance_bps from the decision price, and stays there', () => {
    const world = chasing({ max_distance_bps: 150 }).bars([100, 103, 104, 105]);
    expect(prices(world)).toEqual(['99', '101.5']);
    expect(world.orders()).toMatchObject([{ status: 'accepted' }]);
  });

  test('[rule-21] at the bound it is not sent again and again', () => {
    const world = chasing({ max_distance_bps: 150 }).bars([100, 103, 103, 103, 103, 103]);
    expect(world.recordsOf('order_moved').filter(({ cancelReason }) => cancelReason)).toHaveLength(
      1,
    );
  });

  test('[rule-21] each move counts to the rate limit, as an entry of its own', () => {
    const world = chasing({ interval_ms: 10_000 }, {}, { risk: { maxEntriesPerMinute: 2 } });
    world.bar(100).take({ kind: 'timer_fired', ts: world.now + 10_000, name: 'tick' });
    world.take({ kind: 'timer_fired', ts: world.now + 10_000, name: 'tick' });
    expect(prices(world)).toEqual(['99', '100']);
    expect(world.state.entryTimes).toHaveLength(2);
    const strict = chasing({ interval_ms: 10_000 }, {}, { risk: { maxEntriesPerMinute: 1 } });
    strict.bar(100).take({ kind: 'timer_fired', ts: strict.now + 10_000, name: 'tick' });
    expect(prices(strict)).toEqual(['99']);
    expect(strict.codes()).toEqual(['ORDER_RATE_EXCEEDED']);
    expect(strict.outcome(OPEN)).toBe('cancelled');
  });

  test('[rule-21] a move that risk refuses is recorded, and the intent ends', () => {
    const world = chasing({}, {}, { risk: { maxOrderNotional: 100n * 10n ** 18n } });
    world.bars([100, 101]);
    expect(world.denied()).toMatchObject([
      { intentId: OPEN, code: 'NOTIONAL_EXCEEDS_MAXIMUM', numbers: { notional: '101' } },
    ]);
    expect(world.outcome(OPEN)).toBe('cancelled');
  });

  test('[rule-21] [R13] while entries are paused it rests, and goes on afterwards', () => {
    const world = chasing().bar(100).command('pause').bar(101).bar(102);
    expect(prices(world)).toEqual(['99']);
    expect(world.orders()).toMatchObject([{ status: 'accepted' }]);
    world.command('resume').bar(103);
    expect(prices(world)).toEqual(['99', '103']);
  });

  test('[rule-21] a stop-limit does not chase before it is triggered', () => {
    const chase = { interval_ms: 60_000, max_moves: 10, max_distance_bps: 500 };
    const trigger = { price: '105', direction: 'rise_to' };
    const world = aWatchedWorld({
      strategy: { 0: openLong({ order: limitAt('105.5', { chase, trigger }) }) },
      bars: [100, 101, 102],
    });
    expect(world.created()).toHaveLength(1);
  });
});

describe('[rule-21] a post-only order that would cross is repriced', () => {
  function repricing(reprice: object = {}, more: WorldOptions = {}): World {
    const bounds = { max_moves: 2, max_distance_bps: 500, ...reprice };
    const order = limitAt('101', { post_only: true, reprice: bounds });
    return aWatchedWorld({ strategy: { 0: openLong({ order }) }, venue: 'manual', ...more }).bar(
      100,
    );
  }

  test('[rule-21] one tick behind the last price, still post-only', () => {
    const world = repricing();
    world.venue.reject(`${OPEN}/entry/1`, 'post_only');
    expect(prices(world)).toEqual(['101', '99.9']);
    expect(world.leg('entry')).toMatchObject([{ postOnly: true, attempt: 2 }]);
    expect(world.heard.intents.map(({ type }) => type)).toContain('repriced');
  });

  test('[rule-21] behind the price that it met, not behind the last close', () => {
    const order = limitAt('99', {
      post_only: true,
      reprice: { max_moves: 5, max_distance_bps: 500 },
    });
    const world = aWatchedWorld({ strategy: { 0: openLong({ order }) }, bars: [100, 98] });
    expect(prices(world)).toEqual(['99', '97.9']);
    expect(world.orders()).toMatchObject([{ status: 'accepted' }]);
  });

  test('[rule-21] as often as its budget says', () => {
    const world = repricing();
    for (const attempt of [1, 2, 3]) world.venue.reject(`${OPEN}/entry/${attempt}`, 'post_only');
    expect(prices(world)).toHaveLength(3);
    expect(world.outcome(OPEN)).toBe('rejected');
  });

  test('[rule-21] no further than its distance', () => {
    const world = repricing({ max_distance_bps: 10 });
    world.bar(110);
    world.venue.reject(`${OPEN}/entry/1`, 'post_only');
    expect(prices(world)).toEqual(['101', '100.1']);
  });

  test('[rule-21] rejects for other reasons do not use it', () => {
    const world = repricing();
    world.venue.reject(`${OPEN}/entry/1`, 'price');
    expect(prices(world)).toEqual(['101']);
  });

  test.each(['kill', 'stop', 'pause'] as const)(
    '[rule-21] [R13] not under %s, and that is recorded',
    (command) => {
      const world = repricing();
      world.command(command);
      world.venue.reject(`${OPEN}/entry/1`, 'post_only');
      expect(prices(world)).toEqual(['101']);
      expect(world.codes()).toHaveLength(1);
    },
  );
});
