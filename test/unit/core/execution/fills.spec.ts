import { describe, expect, test } from 'vitest';
import { type Position, format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  type WorldOptions,
  closeLong,
  idOf,
  limitAt,
  openLong,
  openShort,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');
const ENTRY = `${OPEN}/entry/1`;

function entering(body: object = {}, more: WorldOptions = {}): World {
  const world = aWatchedWorld({
    strategy: { 0: openLong(body), 1: closeLong() },
    venue: 'manual',
    ...more,
  });
  return world.bar(100);
}

function held(world: World): string | undefined {
  const position = world.position();
  return position && format(position.quantity);
}

describe('a fill is booked once', () => {
  test('a repeated trade id changes nothing and is recorded', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100', { quantity: '0.4', tradeId: 'x' });
    const before = format(world.state.cash);
    world.venue.fill(ENTRY, '100', { quantity: '0.4', tradeId: 'x', fee: '5' });
    expect(held(world)).toBe('0.4');
    expect(format(world.state.cash)).toBe(before);
    expect(world.recordsOf('fill_duplicate')).toMatchObject([{ order: ENTRY, tradeId: 'x' }]);
  });

  test('also after the order is over', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100', { tradeId: 'x' });
    world.venue.fill(ENTRY, '100', { tradeId: 'x', quantity: '1' });
    expect(world.fills()).toHaveLength(1);
    expect(held(world)).toBe('1');
  });

  test('the same id on another order is another trade', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100', { tradeId: 'x' });
    world.bar(100);
    world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '100', { tradeId: 'x' });
    expect(world.position()).toBeUndefined();
  });
});

describe('a fill that comes late', () => {
  test('after the cancel was confirmed: booked, and protected like any other', () => {
    const world = entering({ order: limitAt('99'), protection: stopAt('90') });
    world.venue.accept(ENTRY);
    world.command('kill');
    world.venue.end(ENTRY);
    expect(world.outcome(OPEN)).toBe('cancelled');
    world.venue.fill(ENTRY, '99', { quantity: '0.7' });
    expect(held(world)).toBe('0.7');
    expect(world.leg('sl')).toMatchObject([{ stopPrice: 90n * 10n ** 18n }]);
  });

  test('after the position was closed: a position of its own, under keys never used before', () => {
    const world = entering({ order: limitAt('99'), protection: stopAt('90') });
    world.venue.accept(ENTRY);
    world.venue.fill(ENTRY, '99', { quantity: '0.4' });
    world.venue.accept(`${OPEN}/sl/1`);
    world.venue.fill(`${OPEN}/sl/1`, '90');
    world.venue.end(ENTRY);
    expect(world.position()).toBeUndefined();
    world.venue.fill(ENTRY, '99', { quantity: '0.6' });
    expect(held(world)).toBe('0.6');
    expect(world.leg('sl')).toMatchObject([{ key: `${OPEN}/sl/2` }]);
    expect(new Set(world.venue.submitted).size).toBe(world.venue.submitted.length);
  });

  test('keeps the lots method of its intent', () => {
    const world = entering({ order: limitAt('99'), lots: 'lifo' });
    world.command('kill');
    world.venue.end(ENTRY);
    world.venue.fill(ENTRY, '99');
    expect((world.position() as Position).lotsMethod).toBe('lifo');
  });

  test('of an exit whose position is gone is not booked, and an alert is raised', () => {
    const world = entering({ protection: stopAt('90') });
    world.venue.fill(ENTRY, '100');
    world.bar(100);
    const exit = `${idOf(1, 'close.long')}/exit/1`;
    world.venue.fill(exit, '100');
    world.venue.fill(`${OPEN}/sl/1`, '90', { quantity: '1' });
    expect(world.recordsOf('fill_unmatched')).toMatchObject([{ order: `${OPEN}/sl/1` }]);
    expect(world.alerts.at(-1)).toMatchObject({ code: 'FILL_UNMATCHED' });
    expect(world.position()).toBeUndefined();
    expect(world.position('short')).toBeUndefined();
  });
});

describe('a fill that fits nothing', () => {
  test('of an order that nobody knows is recorded, alerted and not booked', () => {
    const world = entering();
    world.venue.fill('somebody/else/1', '100');
    expect(world.recordsOf('fill_unmatched')).toMatchObject([
      { order: 'somebody/else/1', tradeId: 't1' },
    ]);
    expect(world.alerts).toMatchObject([{ code: 'FILL_UNMATCHED' }]);
    expect(world.position()).toBeUndefined();
    expect(format(world.state.cash)).toBe('10000');
  });

  test('an exit of more than is held never flips the position', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100');
    world.bar(100);
    world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '100', { quantity: '1.5' });
    expect(held(world)).toBe('1');
    expect(world.position('short')).toBeUndefined();
    expect(world.recordsOf('fill_unmatched')).toHaveLength(1);
    expect(world.alerts.at(-1)!.text).toContain('exceeds the position');
  });

  test('an entry that fills more than was ordered is booked as it is', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100', { quantity: '1.2' });
    expect(held(world)).toBe('1.2');
    expect(world.outcome(OPEN)).toBe('filled');
  });
});

describe('events out of order', () => {
  test('an acknowledgement after the fill is recorded and changes nothing', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100');
    world.venue.accept(ENTRY);
    expect(world.orders()).toEqual([]);
    expect(world.recordsOf('order_event_ignored')).toMatchObject([{ event: 'order_accepted' }]);
  });

  test('an acknowledgement after a partial fill only brings the venue order id', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100', { quantity: '0.4' });
    world.venue.accept(ENTRY);
    expect(world.orders()).toMatchObject([
      { status: 'partially_filled', venueOrderId: `v-${ENTRY}` },
    ]);
  });

  test('a reject after a fill is ignored', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100', { quantity: '0.4' });
    world.venue.reject(ENTRY);
    expect(world.orders()).toMatchObject([{ status: 'partially_filled' }]);
    expect(world.outcome(OPEN)).toBeUndefined();
  });

  test('an end that is told twice ends the intent once', () => {
    const world = entering({ order: limitAt('99') });
    world.venue.end(ENTRY, 'expired');
    world.venue.end(ENTRY, 'cancelled');
    expect(world.recordsOf('intent_done').filter(({ intentId }) => intentId === OPEN)).toHaveLength(
      1,
    );
    expect(world.recordsOf('order_event_ignored')).toHaveLength(1);
  });
});

describe('[R11] a stale pending entry', () => {
  test('[R11] is cancelled at its deadline, and its final fills are applied first', () => {
    const world = entering({ order: limitAt('99'), expires: { after_bars: 2 } });
    world.venue.accept(ENTRY);
    world.bar(100).bar(100);
    expect(world.venue.cancelled).toEqual([ENTRY]);
    expect(world.outcome(OPEN)).toBeUndefined();
    world.venue.fill(ENTRY, '99', { quantity: '0.3' });
    world.venue.end(ENTRY);
    expect(held(world)).toBe('0.3');
    expect(world.outcome(OPEN)).toBe('partially_filled');
  });

  test('[R11] that filled whole meanwhile is a position and nothing else', () => {
    const world = entering({ order: limitAt('99'), expires: { after_bars: 2 } });
    world.venue.accept(ENTRY);
    world.bar(100).bar(100);
    world.venue.fill(ENTRY, '99');
    world.venue.end(ENTRY);
    expect(held(world)).toBe('1');
    expect(world.outcome(OPEN)).toBe('filled');
  });

  test('[R11] of unknown outcome is asked about; absent, it is dropped', () => {
    const world = entering({ order: limitAt('99'), expires: { after_bars: 1 } });
    world.venue.unknown(ENTRY);
    world.bar(100);
    expect(world.orders()).toMatchObject([{ status: 'unknown', cancelReason: 'expired' }]);
    world.venue.absent(ENTRY);
    expect(world.orders()).toEqual([]);
    expect(world.venue.submitted).toEqual([ENTRY]);
  });
});

describe('the money of a fill', () => {
  test('derivatives: fees leave cash at once, profit when it is realised', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100', { fee: '0.04' });
    expect(format(world.state.cash)).toBe('9999.96');
    world.bar(100);
    world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '112.5', { fee: '0.05' });
    expect(format(world.state.cash)).toBe('10012.41');
    expect(format(world.state.realized)).toBe('12.5');
  });

  test('a short gains where the price falls', () => {
    const world = aWatchedWorld({ strategy: { 0: openShort() }, venue: 'manual', bars: [100] });
    world.venue.fill(`${idOf(0, 'open.short')}/entry/1`, '100');
    expect(world.position('short')).toMatchObject({ side: 'short' });
    expect(format(world.state.cash)).toBe('10000');
  });

  test('spot: cash is the notional', () => {
    const world = entering({}, { instrument: { market: 'spot' } });
    world.venue.fill(ENTRY, '100', { quantity: '0.333', fee: '0.01' });
    expect(format(world.state.cash)).toBe('9966.69');
    world.venue.fill(ENTRY, '101.5');
    expect(format(world.state.cash)).toBe('9898.9895');
  });

  test('slippage is measured against the decision price, worse is positive', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100.5');
    world.bar(100);
    world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '100.25');
    expect(world.fills().map(({ slippageBps }) => slippageBps)).toEqual([50, -25]);
  });
});
