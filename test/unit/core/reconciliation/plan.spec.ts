import { describe, expect, test } from 'vitest';
import {
  type PlanOptions,
  type ReconcileItem,
  type ReconcilePlan,
  averageEntry,
  eventsOf,
  foreignOrderOf,
  format,
  planReconciliation,
} from '@strategy-runner/core';
import {
  SYMBOL,
  type World,
  type WorldOptions,
  aWorld,
  idOf,
  limitAt,
  openLong,
  stopAt,
} from '../../../support/world.js';
import { type SnapshotInput, aSnapshot } from './a-snapshot.js';

const ENTRY = `${idOf(0, 'open.long')}/entry/1`;
const CASH = { USDT: '10000' };
const HELD = [{ quantity: '1' }];

function aLong(body: object = {}, options: WorldOptions = {}): World {
  const world = aWorld({ strategy: { 0: openLong(body) }, venue: 'manual', ...options }).bar(100);
  world.venue.fill(ENTRY, '100');
  return world;
}

const reportOf = (world: World, input: Partial<SnapshotInput>) =>
  aSnapshot({ takenMs: world.now, positions: HELD, balances: CASH, ...input });

function planned(
  world: World,
  input: Partial<SnapshotInput> = {},
  onUntracked: PlanOptions['onUntracked'] = 'block',
): ReconcilePlan {
  const { config } = world.engine;
  return planReconciliation(world.state, config, reportOf(world, input), { onUntracked });
}

const told = (plan: ReconcilePlan): readonly string[] =>
  plan.items.map(({ kind, ref, action }) => `${kind} ${ref}: ${action}`);

/** Delivers what `--apply` would, and answers what a second plan finds. */
function applied(world: World, input: Partial<SnapshotInput>): ReconcilePlan {
  const snapshot = reportOf(world, input);
  for (const item of planned(world, input, 'adopt').items) {
    for (const event of eventsOf(item, { snapshot, ts: world.now })) world.take(event);
  }
  return planned(world, input, 'adopt');
}

describe('a plan', () => {
  test('is clear where nothing differs', () => {
    const plan = planned(aLong());
    expect(plan).toMatchObject({ schema: 'runner.reconcile/1', isClear: true, isBlocked: false });
    expect([plan.items, plan.unsettled]).toEqual([[], []]);
  });

  test('is plain JSON, says why and what next, and changes nothing', () => {
    const world = aLong();
    const before = world.records.length;
    const plan = planned(world, { positions: [{ quantity: '2' }], orders: [{}] });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(plan.items.every(({ why, next }) => why !== '' && next !== '')).toBe(true);
    expect(world.records).toHaveLength(before);
  });

  test('names what moved while the venue was read', () => {
    const world = aLong();
    const plan = planned(world, { takenMs: world.now - 1, positions: [] });
    expect(plan.unsettled).toEqual([SYMBOL, 'USDT']);
    expect(plan.items).toEqual([]);
  });
});

describe('an order that is not ours', () => {
  const orders = [{ venueOrderId: '77', clientOrderId: 'web_7' }];

  test('blocks by default, with its ids and what to do', () => {
    const plan = planned(aLong(), { orders });
    expect(plan).toMatchObject({ isClear: false, isBlocked: true });
    expect(plan.items[0]?.why).toContain('order 77 (client id web_7) is not ours');
    expect(plan.items[0]?.next).toContain('--on-untracked adopt|cancel');
  });

  test('blocks even where its symbol is on the move', () => {
    const world = aLong();
    const plan = planned(world, { orders, takenMs: world.now - 1 });
    expect(told(plan)).toEqual(['order_untracked 77: block']);
  });

  test('does not block when it can only close', () => {
    const plan = planned(aLong(), { orders: [{ side: 'sell', reduceOnly: true }] });
    expect(told(plan)).toEqual(['order_untracked 9001: none']);
    expect(plan).toMatchObject({ isClear: true, isBlocked: false });
  });

  test('becomes ours by adoption, and is known from then on', () => {
    const world = aLong();
    expect(told(planned(world, { orders }, 'adopt'))).toEqual(['order_untracked 77: adopt']);
    expect(told(applied(world, { orders }))).toEqual([]);
  });

  test('is handed to the venue where it is to be cancelled', () => {
    const world = aLong();
    const [item] = planned(world, { orders }, 'cancel').items;
    const snapshot = reportOf(world, { orders });
    expect(item?.action).toBe('cancel');
    expect(eventsOf(item!, { snapshot, ts: world.now })).toEqual([]);
    expect(foreignOrderOf(item!, snapshot)).toMatchObject({ venueOrderId: '77' });
  });
});

test('an order that is missing is asked for', () => {
  const strategy = { 0: openLong({ order: limitAt('99') }) };
  const world = aWorld({ strategy, venue: 'manual' }).bar(100);
  world.venue.accept(ENTRY);
  const plan = planned(world, { positions: [] });
  expect(told(plan)).toEqual([`order_missing ${ENTRY}: query`]);
  expect(plan).toMatchObject({ isClear: false, isBlocked: false });
});

describe('a position that differs', () => {
  const bookings = (plan: ReconcilePlan) => plan.items.flatMap((item) => item.bookings ?? []);

  /** The ledger's positions, `side quantity @ entry`. */
  const ledger = (world: World): readonly string[] =>
    [...world.state.positions.values()].map(
      (held) => `${held.side} ${format(held.quantity)} @ ${format(averageEntry(held))}`,
    );

  test('that grew is booked at the price that gives the venue’s average', () => {
    const world = aLong();
    const input = { positions: [{ quantity: '3', entry: '110' }] };
    expect(bookings(planned(world, input))).toMatchObject([
      { side: 'buy', positionSide: 'long', quantity: '2', price: '115' },
    ]);
    expect(told(applied(world, input))).toEqual([]);
  });

  test('that shrank is booked at its own entry: it invents no profit', () => {
    const world = aLong();
    const input = { positions: [{ quantity: '0.4' }], balances: { USDT: '10006' } };
    expect(told(planned(world, input))).toEqual([
      'position long: book_external_fill',
      'cash USDT: book_cash',
    ]);
    expect(told(applied(world, input))).toEqual([]);
    expect(ledger(world)).toEqual(['long 0.4 @ 100']);
    expect(format(world.state.cash)).toBe('10006');
    expect(format(world.state.moved)).toBe('6');
  });

  test('that shrank is booked at its own entry whatever entry the venue tells', () => {
    const [exit] = bookings(planned(aLong(), { positions: [{ quantity: '0.4', entry: '101' }] }));
    expect(exit).toMatchObject({ side: 'sell', quantity: '0.6', price: '100' });
  });

  test('that turned round is closed first and opened on the other side', () => {
    const world = aLong({}, { positionMode: 'one_way' });
    const input = { positions: [{ side: 'short', quantity: '2', entry: '90' } as const] };
    expect(bookings(planned(world, input))).toMatchObject([
      { side: 'sell', positionSide: null, quantity: '1', price: '100' },
      { side: 'sell', positionSide: null, quantity: '2', price: '90' },
    ]);
    expect(told(applied(world, input))).toEqual([]);
    expect(ledger(world)).toEqual(['short 2 @ 90']);
  });

  test('has an id that a second plan of the same report gives again', () => {
    const world = aLong();
    const input = { positions: [{ quantity: '3' }] };
    const [first] = bookings(planned(world, input));
    expect(first?.id).toBe(`adjust:${SYMBOL}:long:${world.now}:3`);
    expect(bookings(planned(world, input))).toEqual([first]);
    world.take({ kind: 'cursor', ts: world.now, name: `trades:${SYMBOL}`, value: '41' });
    const [again] = bookings(planned(world, input));
    expect(again?.id).toBe(`adjust:${SYMBOL}:long:41:3`);
  });

  test('only in its entry price is left to the operator', () => {
    const plan = planned(aLong(), { positions: [{ quantity: '1', entry: '101' }] });
    expect(told(plan)).toEqual(['entry_price long: none']);
    expect(plan.isClear).toBe(false);
  });
});

describe('spot', () => {
  const symbol = 'BTC/USDT';
  const options = { venue: 'manual', instance: { symbol }, instrument: { symbol } } as const;

  test('a deposited base currency is booked at the last price, and its cash beside it', () => {
    const world = aWorld(options).bar(100, 100, 100, 100, { symbol });
    const input = { positions: [], balances: { BTC: '2', USDT: '10000' } };
    expect(told(planned(world, input))).toEqual([
      'position net: book_external_fill',
      'cash USDT: book_cash',
    ]);
    expect(told(applied(world, input))).toEqual([]);
    expect(format(world.state.cash)).toBe('10000');
    expect(format(world.state.moved)).toBe('200');
  });

  test('a purchase that was missed explains the cash that it cost', () => {
    const world = aWorld(options).bar(100, 100, 100, 100, { symbol });
    const input = { positions: [], balances: { BTC: '2', USDT: '9800' } };
    expect(told(planned(world, input))).toEqual([
      'position net: book_external_fill',
      'cash USDT: none',
    ]);
    expect(told(applied(world, input))).toEqual([]);
  });

  test('an order that sells what is held opens nothing, one that buys does', () => {
    const world = aWorld(options);
    const order = { symbol, positionSide: null } as const;
    const flat = { positions: [], balances: CASH };
    const sale = planned(world, { ...flat, orders: [{ ...order, side: 'sell' }] });
    const purchase = planned(world, { ...flat, orders: [{ ...order, side: 'buy' }] });
    expect([sale.isBlocked, purchase.isBlocked]).toEqual([false, true]);
  });

  test('waits for a price before it books', () => {
    const plan = planned(aWorld(options), { positions: [], balances: { BTC: '2', ...CASH } });
    expect(told(plan)).toEqual(['position net: none']);
    expect(plan.isClear).toBe(false);
  });
});

describe('protection', () => {
  const protection = (plan: ReconcilePlan): readonly Partial<ReconcileItem>[] =>
    plan.items.filter(({ kind }) => kind === 'protection');

  test('names a position whose stop the venue does not hold', () => {
    const world = aLong({ protection: stopAt('90') });
    const [item] = protection(planned(world));
    expect(item).toMatchObject({ ours: '1', theirs: '0', action: 'rearm_protection' });
    world.venue.accept(`${idOf(0, 'open.long')}/sl/1`);
    expect(protection(planned(world))).toEqual([]);
  });
});
