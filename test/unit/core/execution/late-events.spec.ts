import { decimal, format } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import {
  type World,
  aWorld,
  closeLong,
  dca,
  idOf,
  limitAt,
  openLong,
  stopAt,
} from '../../../support/world.js';

const FIRST = `${idOf(0, 'open.long')}/entry/1`;

const held = (world: World) =>
  [...world.state.positions.values()].map(({ id, quantity }) => [id, format(quantity)]);

/** Working stops, as position and quantity. */
const stops = (world: World) =>
  world.leg('sl').map(({ positionId, quantity }) => [positionId, format(quantity)]);

/** A long that rests, is cancelled, and is over for the host, though some of it was filled. */
function anEndedEntry(script: Readonly<Record<number, unknown>> = {}): World {
  const first = openLong({ order: limitAt('99'), protection: stopAt('90') });
  const world = aWorld({ strategy: { 0: first, ...script }, venue: 'manual', bars: [100] });
  world.venue.accept(FIRST);
  world.venue.end(FIRST);
  expect(world.outcome(idOf(0, 'open.long'))).toBe('cancelled');
  return world;
}

describe('a fill that arrives after the end of its order', () => {
  test('opens the position under the protection of the intent that is over', () => {
    const world = anEndedEntry();
    world.venue.fill(FIRST, '99', { quantity: '0.4' });
    const position = `pos:${idOf(0, 'open.long')}`;
    expect(held(world)).toEqual([[position, '0.4']]);
    expect(stops(world)).toEqual([[position, '0.4']]);
  });

  test('adds to the position opened there since, which keeps its own stop', () => {
    const world = anEndedEntry({ 1: openLong({ protection: stopAt('95') }), 3: closeLong() });
    world.bar(100);
    const second = idOf(1, 'open.long');
    world.venue.fill(`${second}/entry/1`, '100');
    world.venue.fill(FIRST, '99', { quantity: '0.4' });
    expect(held(world)).toEqual([[`pos:${second}`, '1.4']]);
    expect(format(world.position()!.protection!.stop!.price)).toBe('95');
    expect(stops(world)).toContainEqual([`pos:${second}`, '1.4']);
    world.bars([100, 100]);
    expect(world.codes()).toEqual([]);
    const exit = world.created().find(({ leg }) => leg === 'exit');
    expect(format(exit!.quantity)).toBe('1.4');
  });

  test('of a ladder opens the position again under what had protected it', () => {
    const open = openLong({ protection: stopAt('90') });
    const level = dca(1, { order: limitAt('98'), protection_mode: 'keep' });
    const world = aWorld({ strategy: { 0: open, 1: level }, venue: 'manual', bars: [100] });
    world.venue.fill(FIRST, '100');
    world.bar(100);
    const key = `${idOf(1, 'dca.long')}/entry/1`;
    world.venue.accept(key);
    world.venue.end(key);
    world.venue.fill(`${idOf(0, 'open.long')}/sl/1`, '90');
    expect(held(world)).toEqual([]);
    world.venue.fill(key, '98', { quantity: '0.5' });
    const position = `pos:${idOf(0, 'open.long')}`;
    expect(held(world)).toEqual([[position, '0.5']]);
    expect(format(world.position()!.protection!.stop!.price)).toBe('90');
  });

  test('is told under a name of its own, as often as there are such fills', () => {
    const world = anEndedEntry();
    for (const price of ['99', '98.9', '98.8']) {
      world.venue.fill(FIRST, price, { quantity: '0.2' });
    }
    const asks = world.recordsOf('ask').filter(({ ask }) => ask.hook === 'onFill');
    const triggers = asks.map(({ ask }) => ask.trigger.replace(/^fill:[^:]*:/, ''));
    expect(triggers).toEqual(['entry:first', 'entry:2', 'entry:3']);
  });
});

describe('an exit that fills after its position was closed', () => {
  function aSecondPosition(): World {
    const open = openLong({ protection: stopAt('90') });
    const world = aWorld({
      strategy: { 0: open, 1: closeLong(), 2: openLong() },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(FIRST, '100');
    world.venue.accept(`${idOf(0, 'open.long')}/sl/1`);
    world.bar(100);
    world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '101');
    world.bar(100);
    world.venue.fill(`${idOf(2, 'open.long')}/entry/1`, '100');
    return world;
  }

  test('takes from the position that its instance holds there now', () => {
    const world = aSecondPosition();
    world.venue.fill(`${idOf(0, 'open.long')}/sl/1`, '90', { quantity: '0.3' });
    expect(held(world)).toEqual([[`pos:${idOf(2, 'open.long')}`, '0.7']]);
    expect(world.recordsOf('fill_unmatched')).toEqual([]);
    expect(world.fills().at(-1)).toMatchObject({ positionId: `pos:${idOf(2, 'open.long')}` });
  });

  test('is not booked where it exceeds what is held: reconciliation has to say', () => {
    const world = aSecondPosition();
    world.venue.fill(`${idOf(0, 'open.long')}/sl/1`, '90', { quantity: '9' });
    expect(world.recordsOf('fill_unmatched')).toHaveLength(1);
    expect(held(world)).toEqual([[`pos:${idOf(2, 'open.long')}`, '1']]);
  });
});

test('a position that a late fill opens again uses no key of an order that still works', () => {
  const world = aWorld({
    strategy: { 0: openLong({ protection: stopAt('90') }), 1: closeLong() },
    venue: 'manual',
    bars: [100],
  });
  world.venue.fill(FIRST, '100', { quantity: '0.6' });
  world.bar(100);
  world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '101', { quantity: '0.6' });
  expect(world.leg('sl').map(({ status }) => status)).toEqual(['pending_cancel']);
  world.venue.fill(FIRST, '100', { quantity: '0.4' });
  const keys = world.created().map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(world.leg('sl')).toHaveLength(2);
});

describe('an end that has overtaken fills', () => {
  function aChasedEntry(): World {
    const chase = { interval_ms: 60_000, max_moves: 3, max_distance_bps: 500 };
    const open = openLong({ order: limitAt('99', { chase }) });
    const world = aWorld({ strategy: { 0: open }, venue: 'manual', bars: [100] });
    world.venue.accept(FIRST);
    world.bars([105, 105]);
    expect(world.venue.cancelled).toEqual([FIRST]);
    return world;
  }
  const ended = { kind: 'order_ended', status: 'cancelled', code: '', order: FIRST } as const;

  test('is not taken; the venue is asked, and nothing further is placed before it has told', () => {
    const world = aChasedEntry();
    world.take({ ...ended, ts: world.now, filled: decimal('0.4') });
    expect(world.orders().map(({ key, status }) => [key, status])).toEqual([
      [FIRST, 'pending_cancel'],
    ]);
    world.venue.tick(1000);
    expect(world.venue.queried).toEqual([FIRST]);
    world.venue.fill(FIRST, '99', { quantity: '0.4' });
    world.take({ ...ended, ts: world.now, filled: decimal('0.4') });
    const quantities = world.created().map(({ leg, quantity }) => [leg, format(quantity)]);
    expect(quantities).toEqual([
      ['entry', '1'],
      ['entry', '0.6'],
    ]);
  });

  test('is asked about once at a time, however often it is told', () => {
    const world = aChasedEntry();
    for (let told = 0; told < 3; told += 1) {
      world.take({ ...ended, ts: world.now, filled: decimal('0.4') });
    }
    world.venue.tick(1000);
    expect(world.venue.queried).toEqual([FIRST]);
  });
});

test('a missing answer that comes after a sign of life changes nothing', () => {
  const open = openLong({ order: limitAt('99') });
  const world = aWorld({ strategy: { 0: open, 1: closeLong() }, venue: 'manual', bars: [100] });
  world.venue.accept(FIRST);
  world.take({ kind: 'command', ts: world.now, command: 'kill', by: 'a test', reason: '' });
  world.venue.unknown(FIRST);
  expect(world.orders()[0]!.status).toBe('pending_cancel');
  expect(world.venue.queried).toEqual([]);
});

test('funding that arrives when its position is closed is booked once, to cash', () => {
  const world = aWorld({
    strategy: { 0: openLong(), 1: closeLong() },
    bars: [100, 100, 100],
  });
  const { cash } = world.state;
  const paid = {
    kind: 'funding_paid',
    ts: world.now,
    id: 'funding:1',
    symbol: 'BTC/USDT:USDT',
    side: 'long',
    rate: decimal('0.0001'),
    amount: decimal('-0.01'),
  } as const;
  world.take(paid).take(paid);
  expect(format(world.state.cash - cash)).toBe('-0.01');
  expect(format(world.state.funding)).toBe('-0.01');
});
