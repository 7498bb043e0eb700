import { describe, expect, test } from 'vitest';
import { type Position, type VenueOrder, decimal, format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import { SYMBOL, type World, type WorldOptions, idOf, openLong } from '../../../support/world.js';
import { anExternalFill } from './an-external-fill.js';

recoverEachWorld();

const instance = `${SYMBOL}:sample`;

function adopting(options: WorldOptions = {}): World {
  return aWatchedWorld({ venue: 'manual', bars: [100], ...options });
}

function adopted(world: World, given: Partial<VenueOrder> = {}): World {
  const venueOrder: VenueOrder = {
    order: null,
    venueOrderId: '77',
    clientOrderId: 'web_1',
    symbol: SYMBOL,
    side: 'buy',
    positionSide: 'long',
    type: 'LIMIT',
    quantity: decimal('2'),
    filled: 0n,
    price: decimal('95'),
    stopPrice: null,
    reduceOnly: false,
    ...given,
  };
  return world.take({ kind: 'order_adopted', ts: world.now, venueOrder });
}

describe('an adopted order', () => {
  test('works on under a key of its own, and nothing is sent for it', () => {
    const world = adopted(adopting());
    expect(world.orders()).toMatchObject([
      {
        key: 'external:77/entry/1',
        intentId: 'external:77',
        instance,
        status: 'accepted',
        type: 'limit',
        side: 'buy',
        positionSide: 'long',
        action: 'entry',
        venueOrderId: '77',
      },
    ]);
    expect(world.venue.sent).toEqual([]);
  });

  test('is adopted once', () => {
    const world = adopted(adopted(adopting()));
    expect(world.created()).toHaveLength(1);
    expect(world.recordsOf('order_event_ignored')).toMatchObject([{ event: 'order_adopted' }]);
  });

  test('with fills of before has them behind it', () => {
    const world = adopted(adopting(), { filled: decimal('0.5') });
    expect(world.orders()).toMatchObject([{ status: 'partially_filled', filled: decimal('0.5') }]);
    expect(world.state.positions.size).toBe(0);
  });

  test('books its fills into a position of the instance that trades the symbol', () => {
    const world = adopted(adopting());
    world.venue.fill('external:77/entry/1', '95', { quantity: '0.5' });
    world.venue.fill('external:77/entry/1', '95');
    expect(world.position()).toMatchObject({ instance, id: 'pos:external:77' });
    expect(format(world.position()!.quantity)).toBe('2');
    expect(world.heard.fills).toHaveLength(2);
    expect(world.orders()).toEqual([]);
  });

  test('belongs to nobody where two instances could own it', () => {
    const world = adopted(adopting({ also: [{ strategy: {} }] }));
    expect(world.orders()).toMatchObject([{ instance: 'external' }]);
    world.venue.fill('external:77/entry/1', '95');
    expect([...world.state.positions.keys()]).toEqual([`ext:${SYMBOL}:long`]);
    expect(world.heard.fills).toEqual([]);
  });

  test('that adds to what is held books into that', () => {
    const world = adopting({ strategy: { 0: openLong() } });
    const open = idOf(0, 'open.long');
    world.venue.fill(`${open}/entry/1`, '100');
    adopted(world).venue.fill('external:77/entry/1', '95');
    expect([...world.state.positions.keys()]).toEqual([`pos:${open}`]);
    expect(format(world.position()!.quantity)).toBe('3');
  });

  test.each([
    ['reduce-only on a netted account', { positionSide: null, reduceOnly: true }],
    ['one that fits into the other side', { positionSide: null }],
    ['the closing side of a hedged account', { positionSide: 'long' }],
  ] as const)('as %s is an exit', (_what, given) => {
    const world = adopting({ strategy: { 0: openLong() } });
    world.venue.fill(`${idOf(0, 'open.long')}/entry/1`, '100');
    const order = { side: 'sell', quantity: decimal('1'), price: decimal('120') } as const;
    adopted(world, { ...order, ...given });
    expect(world.orders()).toMatchObject([{ key: 'external:77/exit/1', positionSide: 'long' }]);
    world.venue.fill('external:77/exit/1', '120');
    expect(world.recordsOf('position_closed')).toMatchObject([{ reason: 'manual' }]);
  });

  test('reduce-only is an exit, however much it asks for', () => {
    const world = adopting({ strategy: { 0: openLong() }, positionMode: 'one_way' });
    world.venue.fill(`${idOf(0, 'open.long')}/entry/1`, '100');
    adopted(world, { side: 'sell', positionSide: null, reduceOnly: true });
    expect(world.orders()).toMatchObject([{ action: 'exit', positionSide: 'long' }]);
  });

  test('closes what somebody else holds before what the strategy holds', () => {
    const world = adopting({ strategy: { 0: openLong() } });
    world.venue.fill(`${idOf(0, 'open.long')}/entry/1`, '100');
    world.take(anExternalFill(world, { side: 'buy', cause: 'adjustment' }));
    adopted(world, { side: 'sell', quantity: decimal('1') });
    expect(world.orders()).toMatchObject([
      { positionId: `ext:${SYMBOL}:long`, instance: 'external' },
    ]);
  });

  test('larger than the other side of a netted account opens', () => {
    const world = adopting({ positionMode: 'one_way' });
    world.take(anExternalFill(world, { side: 'buy', positionSide: null, cause: 'adjustment' }));
    adopted(world, { side: 'sell', positionSide: null });
    expect(world.orders()).toMatchObject([{ action: 'entry', positionSide: 'short' }]);
  });

  test.each([
    [null, null, 'market'],
    ['95', null, 'limit'],
    [null, '99', 'stop_market'],
    ['95', '99', 'stop_limit'],
  ] as const)('with price %s and trigger %s is a %s order', (price, stopPrice, type) => {
    const at = (text: string | null) => (text === null ? null : decimal(text));
    const world = adopted(adopting(), { price: at(price), stopPrice: at(stopPrice) });
    expect(world.orders()).toMatchObject([{ type }]);
  });

  test('counts like any entry: it keeps the side, and a kill takes it back', () => {
    const world = adopted(adopting({ strategy: { 1: openLong() } }));
    world.bar(100);
    expect(world.codes()).toEqual(['POSITION_EXISTS']);
    world.command('kill');
    expect(world.venue.cancelled).toEqual(['external:77/entry/1']);
    world.venue.end('external:77/entry/1');
    expect(world.orders()).toEqual([]);
  });

  test('of a side that somebody else holds is somebody else’s', () => {
    const world = adopting();
    world.take(anExternalFill(world, { side: 'buy', cause: 'adjustment' }));
    adopted(world).venue.fill('external:77/entry/1', '95');
    const positions = [...world.state.positions.values()] as Position[];
    expect(positions.map(({ id, quantity }) => [id, format(quantity)])).toEqual([
      [`ext:${SYMBOL}:long`, '3'],
    ]);
  });
});
