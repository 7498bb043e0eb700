import { describe, expect, test } from 'vitest';
import { compareWithVenue } from '@strategy-runner/core';
import {
  MINUTE_MS,
  SYMBOL,
  type World,
  type WorldOptions,
  aWorld,
  idOf,
  limitAt,
  openLong,
  openShort,
  quantity,
  stopAt,
} from '../../../support/world.js';
import { type OrderInput, type SnapshotInput, aSnapshot } from './a-snapshot.js';

const ENTRY = `${idOf(0, 'open.long')}/entry/1`;
const SPOT = 'BTC/USDT';
const CASH = { USDT: '10000' };

/** A long of 1 at 100 and 10000 of cash, with nothing on its way since. */
function aLong(options: WorldOptions = {}): World {
  const world = aWorld({ strategy: { 0: openLong() }, venue: 'manual', ...options }).bar(100);
  world.venue.fill(ENTRY, '100');
  return world;
}

/** An entry that rests, nothing held. */
function aResting(): World {
  const order = limitAt('99');
  const world = aWorld({ strategy: { 0: openLong({ order }) }, venue: 'manual' }).bar(100);
  world.venue.accept(ENTRY);
  return world;
}

function compared(world: World, input: Partial<SnapshotInput>): readonly string[] {
  const snapshot = aSnapshot({ takenMs: world.now, balances: CASH, ...input });
  const items = compareWithVenue(world.state, world.engine.config, snapshot);
  return items.map(({ kind, symbol, ref, ours, theirs }) => {
    return `${kind} ${symbol} ${ref}: ${ours} | ${theirs}`;
  });
}

const HELD = [{ quantity: '1' }];

describe('positions', () => {
  test('finds nothing where ledger and venue agree', () => {
    expect(compared(aLong(), { positions: HELD })).toEqual([]);
  });

  test('finds one that the venue does not have, and one that only the venue has', () => {
    expect(compared(aLong(), { positions: [] })).toEqual([`position ${SYMBOL} long: 1 | 0`]);
    const both = [...HELD, { side: 'short', quantity: '0.5' } as const];
    expect(compared(aLong(), { positions: both })).toEqual([`position ${SYMBOL} short: 0 | -0.5`]);
  });

  test('finds one on a symbol that nobody trades here', () => {
    const positions = [...HELD, { symbol: 'ETH/USDT:USDT', quantity: '2' }];
    expect(compared(aLong(), { positions })).toEqual(['position ETH/USDT:USDT long: 0 | 2']);
  });

  test('tolerates no difference of a derivative, however small', () => {
    const positions = [{ quantity: '1.00000001' }];
    expect(compared(aLong(), { positions })).toEqual([`position ${SYMBOL} long: 1 | 1.00000001`]);
  });

  test('nets both sides in a one-way account, and keeps them apart in a hedged one', () => {
    const script = { 0: [openLong(), openShort({ sizing_policy: quantity('1') })] };
    const both = [...HELD, { side: 'short', quantity: '1' } as const];
    const hedged = aLong({ strategy: script });
    hedged.venue.fill(`${idOf(0, 'open.short')}/entry/1`, '100');
    expect(compared(hedged, { positions: both })).toEqual([]);
    expect(compared(hedged, { positions: [] })).toHaveLength(2);
    const terms = { ...hedged.engine.config, positionMode: 'one_way' } as const;
    const flat = aSnapshot({ takenMs: hedged.now, balances: CASH });
    expect(compareWithVenue(hedged.state, terms, flat)).toEqual([]);
  });

  test('compares entry prices within 0.01 %', () => {
    const at = (entry: string) => [{ quantity: '1', entry }];
    expect(compared(aLong(), { positions: at('100.01') })).toEqual([]);
    expect(compared(aLong(), { positions: at('100.02') })).toEqual([
      `entry_price ${SYMBOL} long: 100 | 100.02`,
    ]);
  });

  test('with scope symbols compares only those', () => {
    const only = { scope: 'symbols', positions: [] } as const;
    expect(compared(aLong(), { ...only, symbols: ['ETH/USDT:USDT'] })).toEqual([]);
    expect(compared(aLong(), { ...only, symbols: [SYMBOL] })).toHaveLength(1);
  });
});

describe('spot', () => {
  const instance = { symbol: SPOT };
  const instrument = { symbol: SPOT, lot_size: '0.001', min_quantity: '0.01' };
  const spot = (): World => {
    const id = idOf(0, 'open.long', 1, `${SPOT}:sample`);
    const world = aWorld({ strategy: { 0: openLong() }, venue: 'manual', instance, instrument });
    world.bar(100, 100, 100, 100, { symbol: SPOT });
    world.venue.fill(`${id}/entry/1`, '100');
    return world;
  };

  test('compares the base balance, and cash with the quote balance', () => {
    expect(compared(spot(), { balances: { BTC: '1', USDT: '9900', BNB: '3' } })).toEqual([]);
    expect(compared(spot(), { balances: { BTC: '0.5', USDT: '9900' } })).toEqual([
      `position ${SPOT} net: 1 | 0.5`,
    ]);
    expect(compared(spot(), { balances: { USDT: '9900' } })).toEqual([
      `position ${SPOT} net: 1 | 0`,
    ]);
  });

  test('tolerates what is below the minimum quantity, and no more', () => {
    expect(compared(spot(), { balances: { BTC: '1.0099', USDT: '9900' } })).toEqual([]);
    expect(compared(spot(), { balances: { BTC: '1.01', USDT: '9900' } })).toHaveLength(1);
  });

  test('says nothing where no balance was read', () => {
    expect(compared(spot(), { balances: {} })).toEqual([]);
  });
});

describe('cash', () => {
  test('finds what is beyond the last digit of each booking', () => {
    const positions = HELD;
    expect(compared(aLong(), { positions, balances: { USDT: '10000.00000001' } })).toEqual([]);
    expect(compared(aLong(), { positions, balances: { USDT: '10000.00000002' } })).toEqual([
      'cash USDT USDT: 10000 | 10000.00000002',
    ]);
  });

  test('tolerates one digit more with each further fill', () => {
    const world = aWorld({ strategy: { 0: openLong() }, venue: 'manual' }).bar(100);
    world.venue.fill(ENTRY, '100', { quantity: '0.4' });
    world.venue.fill(ENTRY, '100', { quantity: '0.6' });
    const read = { positions: HELD, balances: { USDT: '10000.00000002' } };
    expect(compared(world, read)).toEqual([]);
  });
});

describe('orders', () => {
  const ours: OrderInput = { order: ENTRY, venueOrderId: `v-${ENTRY}`, clientOrderId: 'srX' };

  test('finds nothing where each works at both places', () => {
    expect(compared(aResting(), { orders: [ours] })).toEqual([]);
  });

  test('knows one of ours by its venue id alone', () => {
    expect(compared(aResting(), { orders: [{ ...ours, order: null }] })).toEqual([]);
  });

  test('finds one that is not ours', () => {
    const orders = [ours, { side: 'sell' } as const];
    expect(compared(aResting(), { orders })).toEqual([
      `order_untracked ${SYMBOL} 9001:  | sell 1 limit`,
    ]);
  });

  test('finds one of ours that this session lost sight of', () => {
    const orders = [ours, { ...ours, order: 'gone/entry/1', venueOrderId: '7' }];
    expect(compared(aResting(), { orders })).toEqual([
      `order_untracked ${SYMBOL} 7:  | buy 1 limit`,
    ]);
  });

  test('finds one that should work at the venue and does not', () => {
    expect(compared(aResting(), { orders: [] })).toEqual([
      `order_missing ${SYMBOL} ${ENTRY}: buy 1 limit | `,
    ]);
  });

  test('finds one that is being cancelled and is gone, though nothing else is compared', () => {
    const world = aResting();
    world.venue.tick(1000);
    world.command('kill');
    world.venue.tick(1000);
    expect(world.orders()).toMatchObject([{ status: 'pending_cancel' }]);
    const read = { positions: HELD, orders: [], balances: { USDT: '1' } };
    expect(compared(world, read)).toEqual([`order_missing ${SYMBOL} ${ENTRY}: buy 1 limit | `]);
  });
});

describe('a symbol on which something moved meanwhile', () => {
  const wrong = { positions: [], balances: { USDT: '1' } };

  test('is compared when it moved no later than the reading began', () => {
    expect(compared(aLong(), wrong)).toHaveLength(2);
  });

  test('is left out, with its cash, after a fill', () => {
    const world = aLong();
    expect(compared(world, { ...wrong, takenMs: world.now - 1 })).toEqual([]);
  });

  test('is left out after an order was accepted or ended', () => {
    const world = aResting();
    const positions = HELD;
    expect(compared(world, { positions, takenMs: world.now - 1 })).toEqual([]);
    world.venue.tick(1000);
    world.venue.end(ENTRY);
    expect(compared(world, { positions, takenMs: world.now - 1 })).toEqual([]);
    expect(compared(world, { positions })).toHaveLength(1);
  });

  test('is compared though the venue repeats what it said of an order', () => {
    const world = aResting();
    world.venue.fill(ENTRY, '99', { quantity: '0.4' });
    world.venue.tick(1000);
    world.venue.accept(ENTRY);
    const read = { takenMs: world.now - 1, positions: HELD };
    expect(compared(world, read)[0]).toBe(`position ${SYMBOL} long: 0.4 | 1`);
  });

  test('is left out after a stop was triggered', () => {
    const world = aLong({ strategy: { 0: openLong({ protection: stopAt('90') }) } });
    world.venue.accept(`${idOf(0, 'open.long')}/sl/1`);
    world.venue.tick(1000);
    const read = { takenMs: world.now - 1, positions: [] };
    expect(compared(world, read)).toHaveLength(2);
    const order = `${idOf(0, 'open.long')}/sl/1`;
    world.take({ kind: 'order_triggered', ts: world.now, order });
    expect(compared(world, read)).toEqual([]);
  });

  test('is left out while an order is on its way or its outcome is unknown', () => {
    const world = aWorld({ strategy: { 0: openLong() }, venue: 'manual' }).bar(100);
    world.venue.tick(1000);
    expect(world.orders()).toMatchObject([{ status: 'created' }]);
    expect(compared(world, { positions: HELD })).toEqual([]);
    world.venue.unknown(ENTRY);
    world.venue.tick(1000);
    expect(compared(world, { positions: HELD })).toEqual([]);
  });

  test('is compared while an absent order waits to be sent again', () => {
    const world = aWorld({ strategy: { 0: openLong() }, venue: 'manual' }).bar(100);
    world.venue.unknown(ENTRY);
    const attempt = { attempt: 1, detail: '', untilMs: null };
    world.take({ kind: 'connection', ts: world.now, state: 'syncing', ...attempt });
    world.venue.absent(ENTRY);
    expect(world.orders()).toMatchObject([{ status: 'created' }]);
    expect(compared(world, { positions: HELD, takenMs: world.now })).toHaveLength(1);
  });

  test('is left out with the orders that are not ours', () => {
    const world = aLong();
    const read = { positions: HELD, orders: [{}] };
    expect(compared(world, read)).toHaveLength(1);
    expect(compared(world, { ...read, takenMs: world.now - 1 })).toEqual([]);
  });

  test('leaves the others in', () => {
    const other = 'ETH/USDT:USDT';
    const world = aLong({ also: [{ symbol: other, strategy: { 0: openLong() } }] });
    world.bar(50, 50, 50, 50, { symbol: other });
    world.venue.tick(MINUTE_MS);
    const positions = [{ quantity: '2' }, { symbol: other, quantity: '2' }];
    expect(compared(world, { positions })).toEqual([`position ${SYMBOL} long: 1 | 2`]);
  });

  test('a flow of cash leaves out the cash', () => {
    const world = aLong();
    world.venue.tick(1000);
    const read = { positions: HELD, balances: { USDT: '1' }, takenMs: world.now - 1 };
    expect(compared(world, read)).toHaveLength(1);
    const flow = { kind: 'cash_moved', ts: world.now, id: 'd1', currency: 'USDT' } as const;
    world.take({ ...flow, amount: 1n, cause: 'deposit' });
    expect(compared(world, read)).toEqual([]);
  });
});
