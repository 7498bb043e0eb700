// Fees that are not paid in the settle currency, and what a fee in the bought coin leaves (F1, F2).
import { describe, expect, test } from 'vitest';
import { type Position, equity, format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  SYMBOL,
  type World,
  type WorldOptions,
  closeLong,
  dca,
  idOf,
  limitAt,
  openLong,
  quantity,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');
const ENTRY = `${OPEN}/entry/1`;
const SPOT = { market: 'spot', lot_size: '0.01' } as const;

function entering(more: WorldOptions = {}, body: object = {}): World {
  return aWatchedWorld({
    strategy: { 0: openLong({ protection: stopAt('90'), ...body }), 1: closeLong() },
    venue: 'manual',
    instrument: SPOT,
    bars: [100],
    ...more,
  });
}

function dustOf(world: World): string | undefined {
  const dust = world.state.positions.get(`dust:${SYMBOL}`) as Position | undefined;
  return dust && format(dust.quantity);
}

function held(world: World): string {
  return format(world.state.positions.get(`pos:${OPEN}`)!.quantity);
}

function wallet(world: World): string {
  const all = [...world.state.positions.values()];
  return format(all.reduce((sum, position) => sum + position.quantity, 0n));
}

describe('F1: a fee in the coin that was bought', () => {
  const fee = { fee: '0.001', feeCurrency: 'BTC' } as const;

  test('is taken from what is held, not from cash, and counts by its worth', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100', fee);
    expect(wallet(world)).toBe('0.999');
    expect(format(world.state.cash)).toBe('9900');
    expect(format(world.state.fees)).toBe('0.1');
    expect(format(world.state.otherFees.get('BTC') ?? 0n)).toBe('0');
    expect(format(equity(world.engine))).toBe('9999.9');
    expect(world.fills()[0]).toMatchObject({ foreignFee: { takenFrom: 'base' } });
  });

  test('leaves a position that can be sold: whole lots, protected and closed as they are', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100', fee);
    expect(held(world)).toBe('0.99');
    expect(dustOf(world)).toBe('0.009');
    expect(format(world.leg('sl')[0]!.quantity)).toBe('0.99');
    world.bar(100);
    world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '110');
    expect(world.recordsOf('position_closed')).toMatchObject([{ reason: 'strategy' }]);
    expect(format(world.state.cash)).toBe('10008.9');
    expect(wallet(world)).toBe('0.009');
  });

  test('is told as the opening of a position', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100', fee);
    expect(world.heard.intents.map(({ type }) => type)).toContain('position_opened');
  });

  test('makes a lot of the dust again as soon as there is enough', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100', { ...fee, quantity: '0.3', fee: '0.005' });
    expect([held(world), dustOf(world)]).toEqual(['0.29', '0.005']);
    world.venue.fill(ENTRY, '100', { ...fee, quantity: '0.7', fee: '0.005' });
    expect([held(world), dustOf(world)]).toEqual(['0.99', undefined]);
  });

  test('dust is in nobody’s way: the next entry may come', () => {
    const world = entering({ strategy: { 0: openLong(), 1: closeLong(), 2: openLong() } });
    world.venue.fill(ENTRY, '100', fee);
    world.bar(100);
    world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '100');
    world.bar(100);
    expect(world.codes()).toEqual([]);
    world.venue.fill(`${idOf(2, 'open.long')}/entry/1`, '100', fee);
    expect(wallet(world)).toBe('1.008');
    expect(format(world.position()!.quantity)).toBe('0.008');
  });

  test('a purchase of less than a lot is held as it is', () => {
    const world = entering({}, { order: limitAt('99') });
    world.venue.accept(ENTRY);
    world.venue.fill(ENTRY, '99', { ...fee, quantity: '0.01', fee: '0.001' });
    expect([held(world), dustOf(world)]).toEqual(['0.009', undefined]);
    world.venue.fill(ENTRY, '99', { ...fee, quantity: '0.5', fee: '0.001' });
    expect([held(world), dustOf(world)]).toEqual(['0.5', '0.008']);
  });

  test('of a level adds to the position that is there', () => {
    const level = dca(1, { sizing_policy: quantity('1') });
    const world = entering({ strategy: { 0: openLong({ protection: stopAt('90') }), 1: level } });
    world.venue.fill(ENTRY, '100', fee);
    world.bar(98);
    world.venue.fill(`${idOf(1, 'dca.long')}/entry/1`, '98', fee);
    expect([held(world), dustOf(world)]).toEqual(['1.99', '0.008']);
  });

  test('on a derivative is a fee in another currency', () => {
    const world = entering({ instrument: { lot_size: '0.01' } });
    world.venue.fill(ENTRY, '100', fee);
    expect(held(world)).toBe('1');
    expect(format(world.state.otherFees.get('BTC')!)).toBe('0.001');
  });
});

describe('F2: a fee in a third currency', () => {
  const fee = { fee: '0.002', feeCurrency: 'BNB' } as const;

  test('leaves cash and position alone and is summed by its currency', () => {
    const world = entering();
    world.venue.fill(ENTRY, '100', { ...fee, quantity: '0.4' });
    world.venue.fill(ENTRY, '100', fee);
    expect(held(world)).toBe('1');
    expect(format(world.state.cash)).toBe('9900');
    expect(format(world.state.fees)).toBe('0');
    expect([...world.state.otherFees].map(([name, sum]) => [name, format(sum)])).toEqual([
      ['BNB', '0.004'],
    ]);
    expect(world.fills()[0]).toMatchObject({ foreignFee: { takenFrom: 'other', value: 0n } });
  });

  test('of an exit, too', () => {
    const world = entering({ instrument: {} });
    world.venue.fill(ENTRY, '100');
    world.bar(100);
    world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '101', fee);
    expect(format(world.state.cash)).toBe('10001');
    expect(world.recordsOf('position_closed')[0]!.position.fees).toBe(0n);
  });
});

test('F3: a fee in the settle currency is cash, and says nothing more', () => {
  const world = entering();
  world.venue.fill(ENTRY, '100', { fee: '0.05' });
  expect(format(world.state.cash)).toBe('9899.95');
  expect(world.fills()[0]).not.toHaveProperty('foreignFee');
});
