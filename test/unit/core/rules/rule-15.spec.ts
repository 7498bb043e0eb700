import { describe, expect, test } from 'vitest';
import { type Order, format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  type WorldOptions,
  closeLong,
  dca,
  idOf,
  limitAt,
  openLong,
} from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');
const ENTRY = `${OPEN}/entry/1`;
const FALLBACK = `${OPEN}/fallback/1`;

function permits(on: readonly string[], more: object = {}) {
  const timeout = on.includes('timeout') ? { after_ms: 90_000 } : {};
  return { mode: 'limit_to_market', on, max_slippage_bps: 100, ...timeout, ...more };
}

/** A limit entry at 98, decided at 100, its venue played by hand. */
function entering(fallback: object, more: WorldOptions = {}): World {
  const world = aWatchedWorld({
    strategy: { 0: openLong({ order: limitAt('98'), fallback }) },
    venue: 'manual',
    ...more,
  });
  world.bar(100);
  return world;
}

/** `type quantity @ price tif` of an order. */
function shape(order: Order | undefined): string | undefined {
  if (order === undefined) return undefined;
  const { type, quantity, price, timeInForce } = order;
  return `${type} ${format(quantity)} @ ${price === null ? '-' : format(price)} ${timeInForce}`;
}

function created(world: World, key: string): Order | undefined {
  return world.created().find((order) => order.key === key);
}

describe('[rule-15] [R6] a fallback needs its reason to be listed', () => {
  test.each([
    ['reject', 'price'],
    ['reject', 'liquidity'],
    ['post_only_reject', 'post_only'],
  ] as const)('[rule-15] [R6] %s answers a %s reject', (reason, venueReason) => {
    const world = entering(permits([reason]));
    world.venue.reject(ENTRY, venueReason);
    expect(shape(created(world, FALLBACK))).toBe('limit 1 @ 101 IOC');
    expect(world.heard.intents.filter(({ type }) => type === 'fallback_used')).toMatchObject([
      { reason, leg: 'entry', intent_id: OPEN },
    ]);
  });

  test.each([
    ['reject', 'post_only'],
    ['post_only_reject', 'price'],
    ['post_only_reject', 'liquidity'],
    ['timeout', 'price'],
    ['timeout', 'post_only'],
  ] as const)('[rule-15] [R6] permission for %s is none for a %s reject', (listed, venueReason) => {
    const world = entering(permits([listed]));
    world.venue.reject(ENTRY, venueReason);
    expect(world.venue.submitted).toEqual([ENTRY]);
    expect(world.outcome(OPEN)).toBe('rejected');
  });

  test('[rule-15] rejects that are not about price or liquidity never lead to one', () => {
    const world = entering(permits(['reject', 'timeout', 'post_only_reject']));
    world.venue.reject(ENTRY, 'other', 'INSUFFICIENT_FUNDS');
    expect(world.venue.submitted).toEqual([ENTRY]);
    expect(world.outcome(OPEN)).toBe('rejected');
  });

  test('[rule-15] without a permission there is none', () => {
    const world = entering({ mode: 'none' });
    world.venue.reject(ENTRY, 'price');
    world.bar(100).bar(100).bar(100);
    expect(world.venue.submitted).toEqual([ENTRY]);
  });
});

describe('[rule-15] timeout: cancel, confirm the final fill, then only the remainder', () => {
  test('[rule-15] nothing is sent before the cancel is confirmed', () => {
    const world = entering(permits(['timeout']));
    world.venue.accept(ENTRY);
    world.bar(100);
    expect(world.venue.cancelled).toEqual([]);
    world.bar(100);
    expect(world.venue.cancelled).toEqual([ENTRY]);
    expect(world.venue.submitted).toEqual([ENTRY]);
    world.venue.end(ENTRY);
    expect(shape(created(world, FALLBACK))).toBe('limit 1 @ 101 IOC');
  });

  test('[rule-15] fills that race the cancel shrink the remainder', () => {
    const world = entering(permits(['timeout']));
    world.venue.accept(ENTRY);
    world.bar(100).bar(100);
    world.venue.fill(ENTRY, '98', { quantity: '0.35' });
    world.venue.end(ENTRY);
    expect(shape(created(world, FALLBACK))).toBe('limit 0.65 @ 101 IOC');
  });

  test('[rule-15] an order that fills whole while it is cancelled leaves nothing to send', () => {
    const world = entering(permits(['timeout']));
    world.venue.accept(ENTRY);
    world.bar(100).bar(100);
    world.venue.fill(ENTRY, '98');
    expect(world.venue.submitted).toEqual([ENTRY]);
    expect(world.outcome(OPEN)).toBe('filled');
  });

  test('[rule-15] the simulated venue goes the same way', () => {
    const fallback = permits(['timeout']);
    const world = aWatchedWorld({
      strategy: { 0: openLong({ order: limitAt('98'), fallback }) },
      bars: [100, 100, 100, 100.5],
    });
    expect(world.fills().map(({ leg, price }) => `${leg} ${format(price)}`)).toEqual([
      'fallback 100.5',
    ]);
    expect(world.outcome(OPEN)).toBe('filled');
  });

  test('[rule-15] a stop-limit entry times out from its trigger, not from its placing', () => {
    const order = limitAt('106', { trigger: { price: '105', direction: 'rise_to' } });
    const world = aWatchedWorld({
      strategy: { 0: openLong({ order, fallback: permits(['timeout']) }) },
      venue: 'manual',
      bars: [100],
    });
    world.venue.accept(ENTRY);
    world.bars([100, 100, 100]);
    expect(world.venue.cancelled).toEqual([]);
    world.take({ kind: 'order_triggered', ts: world.now, order: ENTRY });
    world.bar(100);
    expect(world.venue.cancelled).toEqual([]);
    world.bar(100);
    expect(world.venue.cancelled).toEqual([ENTRY]);
  });
});

describe('[rule-15] the slippage bound', () => {
  test('[rule-15] is measured from the decision price and caps the IOC order', () => {
    const world = entering(permits(['reject'], { max_slippage_bps: 37 }));
    world.venue.reject(ENTRY, 'price');
    expect(shape(created(world, FALLBACK))).toBe('limit 1 @ 100.3 IOC');
  });

  test('[rule-15] the host caps what the intent permits', () => {
    const world = entering(permits(['reject']), { policy: { maxSlippageBps: 50 } });
    world.venue.reject(ENTRY, 'price');
    expect(shape(created(world, FALLBACK))).toBe('limit 1 @ 100.5 IOC');
  });

  test('[rule-15] beyond it nothing is sent: FALLBACK_SLIPPAGE_EXCEEDED with the numbers', () => {
    const world = entering(permits(['timeout']));
    world.venue.accept(ENTRY);
    world.bar(101).bar(101.1);
    world.venue.end(ENTRY);
    expect(world.venue.submitted).toEqual([ENTRY]);
    expect(world.denied()).toMatchObject([
      {
        intentId: OPEN,
        code: 'FALLBACK_SLIPPAGE_EXCEEDED',
        numbers: { last_price: '101.1', bound: '101', max_slippage_bps: '100' },
      },
    ]);
    expect(world.outcome(OPEN)).toBe('cancelled');
    expect(world.alerts).toMatchObject([{ code: 'FALLBACK_SLIPPAGE_EXCEEDED' }]);
  });

  test('[rule-15] an IOC that finds nothing within it is told, and used once only', () => {
    const world = entering(permits(['reject']));
    world.venue.reject(ENTRY, 'price');
    world.venue.end(FALLBACK, 'expired', 'EXPIRED');
    expect(world.venue.submitted).toEqual([ENTRY, FALLBACK]);
    expect(world.codes()).toEqual(['FALLBACK_SLIPPAGE_EXCEEDED']);
    expect(world.heard.intents.filter(({ type }) => type === 'denied')).toMatchObject([
      { code: 'FALLBACK_SLIPPAGE_EXCEEDED', numbers: { bound: '101', unfilled: '1' } },
    ]);
    expect(world.outcome(OPEN)).toBe('expired');
  });

  test('[rule-15] [rule-17] it may be used again as often as permitted, at the same bound', () => {
    const world = entering(permits(['reject'], { max_uses: 2 }));
    world.venue.reject(ENTRY, 'price');
    world.venue.end(FALLBACK, 'expired', 'EXPIRED');
    const second = `${OPEN}/fallback/2`;
    expect(shape(created(world, second))).toBe('limit 1 @ 101 IOC');
    world.venue.end(second, 'expired', 'EXPIRED');
    expect(world.venue.submitted).toEqual([ENTRY, FALLBACK, second]);
  });
});

describe('[rule-15] exits and levels have theirs', () => {
  test('[rule-15] a close in the first style, then at market', () => {
    const close = closeLong({ order: limitAt('105'), fallback: permits(['timeout']) });
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: close },
      bars: [100, 100, 100, 100, 99.5],
    });
    expect(world.fills().map(({ leg, price }) => `${leg} ${format(price)}`)).toEqual([
      'entry 100',
      'fallback 99.5',
    ]);
    expect(world.outcome(idOf(1, 'close.long'))).toBe('filled');
    expect(world.position()).toBeUndefined();
  });

  test('[rule-15] a close sends at most what is still held', () => {
    const close = closeLong({ order: limitAt('105'), fallback: permits(['timeout']) });
    const world = aWatchedWorld({ strategy: { 0: openLong(), 1: close }, venue: 'manual' });
    world.bar(100);
    world.venue.fill(ENTRY, '100');
    world.bar(100);
    const exit = `${idOf(1, 'close.long')}/exit/1`;
    world.venue.accept(exit);
    world.bar(100).bar(100);
    world.venue.fill(exit, '105', { quantity: '0.25' });
    world.venue.end(exit);
    const sent = world.created().at(-1)!;
    expect([sent.leg, shape(sent)]).toEqual(['fallback', 'limit 0.75 @ 99 IOC']);
  });

  test('[rule-15] a level of a ladder', () => {
    const level = dca(1, { order: limitAt('95'), fallback: permits(['timeout']) });
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: level },
      bars: [100, 100, 100, 100, 100],
    });
    expect(format(world.position()!.quantity)).toBe('2');
    expect(world.position()!.dcaLevel).toBe(1);
  });
});

describe('[R20] each protection leg has its own permission', () => {
  const stopLimit = (fallback?: object) => ({
    stop_loss: { at: { abs: '95' }, order: 'limit', limit_offset_bps: 10, fallback },
  });

  /** Long 1 at 100 with its protection accepted. */
  function protecting(protection: object, more: WorldOptions = {}): World {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection }) },
      venue: 'manual',
      ...more,
    });
    world.bar(100);
    world.venue.fill(ENTRY, '100');
    for (const { key } of world.orders()) world.venue.accept(key);
    return world;
  }

  function trigger(world: World, leg: string): string {
    const { key } = world.leg(leg)[0]!;
    world.take({ kind: 'order_triggered', ts: world.now, order: key });
    return key;
  }

  test('[R20] an unfilled stop-limit goes to market within its bound after its time', () => {
    const world = protecting(stopLimit(permits(['timeout'])));
    const stop = trigger(world, 'sl');
    world.bar(95, 95, 94.5, 94.5).bar(94.5);
    expect(world.venue.cancelled).toEqual([stop]);
    world.venue.end(stop);
    const sent = world.leg('sl')[0]!;
    expect(shape(sent)).toBe('limit 1 @ 94.1 IOC');
    world.venue.fill(sent.key, '94.4');
    expect(world.recordsOf('position_closed')).toMatchObject([{ reason: 'stop_loss' }]);
    expect(world.heard.intents).toContainEqual(
      expect.objectContaining({ type: 'fallback_used', reason: 'timeout', leg: 'sl' }),
    );
  });

  test('[R20] without a permission an unfilled stop-limit keeps resting', () => {
    const world = protecting(stopLimit());
    const stop = trigger(world, 'sl');
    world.bars([94, 94, 94, 94]);
    expect(world.venue.cancelled).toEqual([]);
    expect(world.leg('sl').map(({ key }) => key)).toEqual([stop]);
  });

  test('[R20] beyond the bound the stop is put back, and it is said', () => {
    const world = protecting(stopLimit(permits(['timeout'])));
    const stop = trigger(world, 'sl');
    world.bar(94).bar(93);
    world.venue.end(stop);
    expect(world.codes()).toEqual(['FALLBACK_SLIPPAGE_EXCEEDED']);
    expect(shape(world.leg('sl')[0])).toBe('stop_limit 1 @ 94.9 GTC');
  });

  test('[R20] is used as often as permitted and no more, for the life of the leg', () => {
    const world = protecting(stopLimit(permits(['timeout'])));
    const stop = trigger(world, 'sl');
    world.bar(94.5).bar(94.5);
    world.venue.end(stop);
    world.venue.end(world.leg('sl')[0]!.key, 'expired', 'EXPIRED');
    const again = world.leg('sl')[0]!;
    expect(shape(again)).toBe('stop_limit 1 @ 94.9 GTC');
    world.venue.accept(again.key);
    trigger(world, 'sl');
    world.bars([[95, 95, 94.5, 94.5], 94.5, 94.5]);
    expect(world.leg('sl').map(({ key }) => key)).toEqual([again.key]);
  });

  test('[R20] a target that the price touches without filling has its own', () => {
    const fallback = permits(['timeout']);
    const target = { at: { abs: '105' }, share_bps: 10_000, fallback };
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: { take_profit: [target] } }) },
      bars: [100, 100, [104, 105, 104, 104], 104, 104, 104.3],
    });
    expect(world.fills().map(({ leg, price }) => `${leg} ${format(price)}`)).toEqual([
      'entry 100',
      'tp1 104.3',
    ]);
    expect(world.recordsOf('position_closed')).toMatchObject([{ reason: 'take_profit' }]);
  });

  test('[R20] the permission of the entry is none for its protection', () => {
    const fallback = permits(['timeout', 'reject']);
    const protection = stopLimit();
    const world = aWatchedWorld({
      strategy: { 0: openLong({ order: limitAt('100'), fallback, protection }) },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(ENTRY, '100');
    const stop = world.leg('sl')[0]!.key;
    world.venue.reject(stop, 'price');
    world.bar(100);
    expect(world.created().filter(({ leg }) => leg !== 'entry')).toMatchObject([
      { type: 'stop_limit' },
      { type: 'stop_limit' },
    ]);
  });

  test.each([
    ['sl', stopLimit(permits(['reject'])), 94.5, 'limit 1 @ 94.1 IOC'],
    [
      'tp1',
      { take_profit: [{ at: { abs: '105' }, share_bps: 10_000, fallback: permits(['reject']) }] },
      104.5,
      'limit 1 @ 104 IOC',
    ],
  ])(
    '[R20] %s that is rejected for its price goes within its bound',
    (leg, protection, last, sent) => {
      const world = protecting(protection);
      world.bar(last);
      world.venue.reject(world.leg(leg)[0]!.key, 'price');
      expect(shape(world.leg(leg)[0])).toBe(sent);
    },
  );

  test('[R20] each leg counts for itself', () => {
    const fallback = permits(['timeout']);
    const target = (abs: string) => ({ at: { abs }, share_bps: 5000, fallback });
    const world = protecting({ take_profit: [target('105'), target('106')] });
    world.bar(106).bar(106).bar(106);
    for (const key of world.venue.cancelled) world.venue.end(key);
    expect(world.orders().map((order) => `${order.leg} ${shape(order)}`)).toEqual([
      'tp1 limit 0.5 @ 104 IOC',
      'tp2 limit 0.5 @ 105 IOC',
    ]);
    expect(world.position()!.protection!.fallbackUses).toEqual({ tp1: 1, tp2: 1 });
  });
});
