import { describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import {
  MINUTE_MS,
  START_MS,
  aWorld,
  closeLong,
  dca,
  idOf,
  limitAt,
  openLong,
  openShort,
} from '../../../support/world.js';

const id = idOf(0, 'open.long');
const order = `${id}/entry/1`;
const FIRST_CLOSE_MS = START_MS + MINUTE_MS;

/** A resting entry at 90 with this expiry, in a market that stays at 100. */
function resting(expires: object, more = {}) {
  return openLong({ order: limitAt('90'), expires, ...more });
}

describe('[rule-06] expiry becomes an absolute deadline at acceptance', () => {
  test.each([
    ['at_ms', { at_ms: FIRST_CLOSE_MS + 500_000 }, FIRST_CLOSE_MS + 500_000],
    ['after_ms, from the event', { after_ms: 90_000 }, FIRST_CLOSE_MS + 90_000],
  ])('[rule-06] %s', (_what, expires, deadlineMs) => {
    const world = aWorld({ strategy: { 0: resting(expires) }, bars: [100] });
    expect(world.accepted()[0]!.deadlineMs).toBe(deadlineMs);
  });

  test('[rule-06] after_bars is counted in closed bars, from the bar that was asked about', () => {
    const world = aWorld({ strategy: { 1: resting({ after_bars: 3 }) }, bars: [100, 100] });
    expect(world.accepted()[0]).toMatchObject({ deadlineMs: null, bar: 2 });
  });

  test('[rule-06] without an expiry there is no deadline', () => {
    const world = aWorld({ strategy: { 0: openLong({ order: limitAt('90') }) }, bars: [100] });
    expect(world.accepted()[0]!.deadlineMs).toBeNull();
    expect(world.bars([100, 100, 100]).orders()).toHaveLength(1);
  });

  test('[rule-06] an intent that is over already is denied', () => {
    const world = aWorld({ strategy: { 0: resting({ at_ms: FIRST_CLOSE_MS }) }, bars: [100] });
    expect(world.denied()[0]).toMatchObject({ code: 'EXPIRED', path: '/expires' });
    expect(world.created()).toEqual([]);
  });
});

describe('[rule-06] at the deadline', () => {
  test('[rule-06] a resting order is taken back, not before and not later', () => {
    const world = aWorld({ strategy: { 0: resting({ after_bars: 2 }) }, bars: [100, 100] });
    expect(world.orders()).toHaveLength(1);
    world.bar(100);
    expect(world.orders()).toEqual([]);
    expect(world.outcome(id)).toBe('expired');
    expect(world.heard.intents.at(-1)).toMatchObject({ type: 'expired', intent_id: id });
  });

  test('[rule-06] a time without bars is no bar', () => {
    const world = aWorld({ strategy: { 0: resting({ after_bars: 2 }) }, bars: [100] });
    world.bar(100, 100, 100, 100, { skip: 2000 });
    expect(world.orders()).toHaveLength(1);
    world.bar(100);
    expect(world.orders()).toEqual([]);
    expect(world.outcome(id)).toBe('expired');
  });

  test('[rule-06] no fallback leaves after the last bar', () => {
    const fallback = { mode: 'limit_to_market', on: ['reject'], max_slippage_bps: 500 };
    const more = resting({ after_bars: 2 }, { fallback });
    const world = aWorld({ strategy: { 0: more }, venue: 'manual', bars: [100, 100, 100] });
    expect(world.venue.cancelled).toEqual([order]);
    world.venue.reject(order, 'price');
    expect(world.venue.submitted).toEqual([order]);
    expect(world.codes()).toEqual(['EXPIRED']);
  });

  test('[rule-06] what was filled is kept and stays protected', () => {
    const protection = { stop_loss: { at: { abs: '80' } } };
    const world = aWorld({
      strategy: { 0: resting({ after_bars: 2 }, { protection }) },
      venue: 'manual',
      bars: [100],
    });
    world.venue.accept(order);
    world.venue.fill(order, '90', { quantity: '0.4' });
    world.bars([100, 100]);
    expect(world.venue.cancelled).toEqual([order]);
    world.venue.end(order);
    expect(world.outcome(id)).toBe('partially_filled');
    expect(format(world.position()!.quantity)).toBe('0.4');
    expect(world.leg('sl').map(({ quantity }) => format(quantity))).toEqual(['0.4']);
  });

  test('[rule-06] an order that fills in time ends its clock', () => {
    const world = aWorld({ strategy: { 0: resting({ after_ms: 120_000 }) }, bars: [100] });
    world.bar(100, 100, 85, 90);
    expect(world.state.timers.size).toBe(0);
    expect(world.outcome(id)).toBe('filled');
  });

  test('[rule-06] a dca and a close expire like an open', () => {
    const soon = { after_bars: 1 };
    const world = aWorld({
      strategy: {
        0: openLong(),
        2: dca(1, { order: limitAt('90'), expires: soon }),
        5: closeLong({ order: limitAt('120'), expires: soon }),
      },
      bars: [100, 100, 100, 100, 100, 100, 100],
    });
    expect(world.outcome(idOf(2, 'dca.long'))).toBe('expired');
    expect(world.outcome(idOf(5, 'close.long'))).toBe('expired');
    expect(world.orders()).toEqual([]);
    expect(world.position()).toBeDefined();
  });
});

describe('[rule-06] checked again before everything that is sent', () => {
  const fallback = {
    mode: 'limit_to_market',
    on: ['timeout', 'reject', 'post_only_reject'],
    after_ms: 30_000,
    max_slippage_bps: 100,
    max_uses: 3,
  };

  /** The intent's deadline passes without a bar or a wake-up having said so. */
  function late(style: object, more = {}) {
    const open = resting({ after_ms: 30_000 }, { order: limitAt('100', style), ...more });
    const world = aWorld({ strategy: { 0: open }, venue: 'manual', bars: [100] });
    const base = { kind: 'order_rejected', order, ts: world.now + 30_000 } as const;
    return { world, base };
  }

  test('[rule-06] no fallback leaves after the deadline', () => {
    const { world, base } = late({}, { fallback });
    world.take({ ...base, code: 'VENUE_REJECTED', reason: 'price', detail: 'moved' });
    expect(world.venue.submitted).toEqual([order]);
    expect(world.codes()).toEqual(['EXPIRED']);
    expect(world.state.intents.size).toBe(0);
  });

  test('[rule-06] no new price of a post-only order leaves after the deadline', () => {
    const reprice = { max_moves: 3, max_distance_bps: 100 };
    const { world, base } = late({ post_only: true, reprice });
    world.take({ ...base, code: 'POST_ONLY_WOULD_CROSS', reason: 'post_only', detail: '' });
    expect(world.venue.submitted).toEqual([order]);
  });

  test('[rule-06] no chase move leaves after the deadline', () => {
    const chase = { interval_ms: 10_000, max_moves: 5, max_distance_bps: 500 };
    const { world } = late({ chase });
    world.venue.accept(order);
    world.bar(101);
    expect(world.venue.cancelled).toEqual([order]);
    world.venue.tick(30_000);
    world.venue.end(order);
    expect(world.venue.submitted).toEqual([order]);
  });

  test('[rule-06] the fallback of a protection leg does not end with the entry intent', () => {
    const stop = { at: { abs: '95' }, order: 'limit', limit_offset_bps: 5, fallback };
    const { world } = late({}, { protection: { stop_loss: stop } });
    world.venue.accept(order);
    world.venue.fill(order, '100', { quantity: '0.5' });
    const [protective] = world.leg('sl');
    world.bars([100, 100]);
    world.venue.reject(protective!.key, 'price');
    expect(world.venue.submitted.filter((key) => key.includes('/sl/')).length).toBeGreaterThan(0);
    world.bar(100);
    expect(world.leg('sl')).toHaveLength(1);
  });

  test('[rule-06] an open that waited for a flat is denied when the deadline has passed', () => {
    const world = aWorld({
      strategy: {
        0: openShort(),
        2: openLong({ on_opposite: 'close_first', expires: { after_ms: 30_000 } }),
      },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(`${idOf(0, 'open.short')}/entry/1`, '100');
    world.bars([100, 100]);
    world.take({
      kind: 'fill_reported',
      ts: world.now + 30_000,
      order: `${idOf(2, 'open.long')}/exit/1`,
      tradeId: 'late',
      price: 100n * 10n ** 18n,
      quantity: 10n ** 18n,
      fee: 0n,
      feeCurrency: 'USDT',
      liquidity: 'taker',
      basePrice: null,
    });
    expect(world.position('short')).toBeUndefined();
    expect(world.codes()).toEqual(['EXPIRED']);
    expect(world.leg('entry')).toEqual([]);
    expect(world.state.intents.size + world.state.timers.size).toBe(0);
  });
});
