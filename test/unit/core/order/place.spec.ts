import { describe, expect, test } from 'vitest';
import { aWorld, closeLong, idOf, limitAt, openLong, quantity } from '../../../support/world.js';

const order = `${idOf(0, 'open.long')}/entry/1`;

function resting() {
  return aWorld({
    strategy: { 0: openLong({ order: limitAt('90'), expires: { after_bars: 2 } }) },
    venue: 'manual',
    bars: [100],
  });
}

describe('a cancel', () => {
  test('is asked for once, and the order stays fillable until the venue confirms', () => {
    const world = resting();
    world.venue.accept(order);
    world.command('kill').bars([100, 100, 100]);
    expect(world.venue.cancelled).toEqual([order]);
    world.venue.fill(order, '90');
    expect(world.position()).toBeDefined();
  });

  test('proves nothing about an order of unknown outcome', () => {
    const world = resting();
    world.venue.unknown(order);
    world.command('kill');
    expect(world.orders()).toMatchObject([{ status: 'unknown', cancelReason: 'kill' }]);
    expect(world.venue.cancelled).toEqual([order]);
    world.venue.fill(order, '90');
    expect(world.position()).toBeDefined();
  });

  test('is remembered: an order that proves absent is not sent again', () => {
    const world = resting();
    world.venue.unknown(order);
    world.command('kill');
    world.venue.absent(order);
    expect(world.venue.submitted).toEqual([order]);
    expect(world.orders()).toEqual([]);
  });

  test('is asked for again when the order of unknown outcome turns out to rest', () => {
    const world = resting();
    world.venue.unknown(order);
    world.command('kill');
    world.venue.accept(order);
    expect(world.venue.cancelled).toEqual([order, order]);
    world.venue.end(order);
    expect(world.orders()).toEqual([]);
  });
});

describe('an order', () => {
  test('holds everything that was asked, its key and nothing of chance', () => {
    const world = aWorld({
      strategy: { 0: openLong({ sizing_policy: quantity('0.5'), leverage: '2' }) },
      bars: [100],
    });
    expect(world.created()[0]).toMatchObject({
      key: order,
      intentId: idOf(0, 'open.long'),
      leg: 'entry',
      attempt: 1,
      side: 'buy',
      positionId: `pos:${idOf(0, 'open.long')}`,
      status: 'created',
      type: 'market',
      quantity: 5n * 10n ** 17n,
      leverage: 2n * 10n ** 18n,
      createdMs: world.now,
    });
  });

  test('of an exit is refused when nothing is held', () => {
    const world = aWorld({ strategy: { 0: openLong(), 1: closeLong() }, venue: 'manual' });
    world.bars([100, 100]);
    expect(world.leg('exit')).toEqual([]);
    expect(world.outcome(idOf(1, 'close.long'))).toBe('noop_flat');
  });
});
