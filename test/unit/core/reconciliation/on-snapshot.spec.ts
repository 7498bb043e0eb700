import { describe, expect, test } from 'vitest';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  SYMBOL,
  type World,
  type WorldOptions,
  closeLong,
  idOf,
  limitAt,
  openLong,
  openShort,
} from '../../../support/world.js';
import { type SnapshotInput, aSnapshot } from './a-snapshot.js';

recoverEachWorld();

const ENTRY = `${idOf(0, 'open.long')}/entry/1`;
const HELD = [{ quantity: '1' }];
const CASH = { USDT: '10000' };

function aLong(script: WorldOptions['strategy'] = {}, options: WorldOptions = {}): World {
  const strategy = { 0: openLong(), ...script };
  const world = aWatchedWorld({ strategy, venue: 'manual', ...options }).bar(100);
  world.venue.fill(ENTRY, '100');
  return world;
}

function report(world: World, input: Partial<SnapshotInput> = {}): void {
  const sound = { takenMs: world.now, positions: HELD, balances: CASH };
  world.take(aSnapshot({ ...sound, ts: world.now, ...input }));
}

function holds(world: World): readonly string[] {
  return [...world.state.holds].map(([name, code]) => `${name} ${code}`);
}

const codes = (world: World): readonly string[] => world.alerts.map(({ code }) => code);

describe('a report that agrees', () => {
  test('is recorded and changes nothing else', () => {
    const world = aLong();
    report(world);
    const clear = { takenMs: world.now, isClear: true, isInconclusive: false, items: [] };
    expect(world.recordsOf('reconciled')).toMatchObject([clear]);
    expect(holds(world)).toEqual([]);
    expect(world.alerts).toEqual([]);
  });

  test('says nothing of what moved meanwhile', () => {
    const world = aLong();
    report(world, { takenMs: world.now - 1, positions: [] });
    expect(world.recordsOf('reconciled')).toMatchObject([{ isClear: true, isInconclusive: true }]);
    expect(holds(world)).toEqual([]);
  });
});

describe('a difference', () => {
  test('of a position holds entries on its symbol, and tells the next command', () => {
    const world = aLong({ 1: openShort() });
    report(world, { positions: [{ quantity: '2' }] });
    expect(holds(world)).toEqual([`${SYMBOL}|position:${SYMBOL} DIVERGED`]);
    expect(codes(world)).toEqual(['DIVERGED']);
    expect(world.alerts[0]?.text).toContain('the ledger holds 1, the venue 2');
    expect(world.alerts[0]?.text).toContain('runner reconcile --dry-run');
    world.bar(100);
    expect(world.codes()).toEqual(['SYMBOL_HELD']);
  });

  test('never holds an exit', () => {
    const world = aLong({ 1: closeLong() });
    report(world, { positions: [{ quantity: '2' }] });
    world.bar(100);
    expect(world.codes()).toEqual([]);
    expect(world.leg('exit')).toHaveLength(1);
  });

  test('of cash holds entries on every symbol', () => {
    const world = aLong();
    report(world, { balances: { USDT: '9000' } });
    expect(holds(world)).toEqual(['*|cash:USDT DIVERGED']);
  });

  test('of the entry price holds too', () => {
    const world = aLong();
    report(world, { positions: [{ quantity: '1', entry: '101' }] });
    expect(holds(world)).toEqual([`${SYMBOL}|entry_price:${SYMBOL} DIVERGED`]);
  });

  test('that stays is held and said once', () => {
    const world = aLong();
    report(world, { positions: [] });
    report(world, { positions: [] });
    expect(world.recordsOf('symbol_hold')).toHaveLength(1);
    expect(codes(world)).toEqual(['DIVERGED']);
    expect(world.recordsOf('reconciled')).toHaveLength(2);
  });

  test('that is gone is released by itself, and entries go on', () => {
    const world = aLong({ 1: openShort() });
    report(world, { positions: [], balances: { USDT: '9000' } });
    expect(holds(world)).toHaveLength(2);
    report(world, { balances: { USDT: '9000' } });
    expect(holds(world)).toEqual(['*|cash:USDT DIVERGED']);
    report(world);
    expect(holds(world)).toEqual([]);
    world.bar(100);
    expect(world.codes()).toEqual([]);
  });

  test('is not released by a report that says nothing of it', () => {
    const world = aLong();
    report(world, { positions: [], balances: { USDT: '9000' } });
    report(world, { takenMs: world.now - 1 });
    report(world, { scope: 'symbols', symbols: ['ETH/USDT:USDT'], balances: {} });
    expect(holds(world)).toHaveLength(2);
  });

  test('leaves the holds of others where they are', () => {
    const world = aLong();
    const hold = { type: 'symbol_hold', ts: world.now, symbol: SYMBOL, ref: 't9' } as const;
    world.engine.emit({ ...hold, code: 'FILL_UNMATCHED', isHeld: true, reason: '' });
    report(world);
    expect(holds(world)).toEqual([`${SYMBOL}|t9 FILL_UNMATCHED`]);
  });
});

describe('an order that is not ours', () => {
  const untracked = `${SYMBOL}|order_untracked:${SYMBOL} UNTRACKED_ORDER`;

  test('holds entries while it can open exposure', () => {
    const world = aLong();
    report(world, { orders: [{ venueOrderId: '77' }] });
    expect(holds(world)).toEqual([untracked]);
    expect(codes(world)).toEqual(['UNTRACKED_ORDER']);
    expect(world.alerts[0]?.text).toContain('order 77 (buy 1 limit)');
    report(world);
    expect(holds(world)).toEqual([]);
  });

  test('is noted and never holds when it can only close', () => {
    const reduceOnly = { side: 'sell', positionSide: null, reduceOnly: true } as const;
    const exitSide = { side: 'sell', positionSide: 'long', venueOrderId: '8' } as const;
    const world = aLong();
    report(world, { orders: [reduceOnly, exitSide] });
    const [noted] = world.recordsOf('reconciled');
    expect(noted?.items.map(({ ref }) => ref)).toEqual(['9001', '8']);
    expect(noted?.isClear).toBe(true);
    expect(holds(world)).toEqual([]);
  });

  test('against a position of a one-way account may turn it round, so it holds', () => {
    const world = aLong({}, { positionMode: 'one_way' });
    report(world, { orders: [{ side: 'sell', positionSide: null }] });
    expect(holds(world)).toEqual([untracked]);
  });
});

test('an order of ours that is missing is asked for, and nothing is concluded', () => {
  const strategy = { 0: openLong({ order: limitAt('99') }) };
  const world = aWatchedWorld({ strategy, venue: 'manual' }).bar(100);
  world.venue.accept(ENTRY);
  report(world, { positions: [] });
  expect(world.venue.queried).toEqual([ENTRY]);
  expect(world.orders()).toMatchObject([{ status: 'accepted' }]);
  expect(world.recordsOf('reconciled')).toMatchObject([{ isClear: false }]);
  expect(holds(world)).toEqual([]);
});
