// Whoever trades other symbols on the account must not end the run: their orders, adopted or not,
// and their positions lie beside what the session trades, whatever it does meanwhile.
import { describe, expect, test } from 'vitest';
import { type VenueOrder, decimal, format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import { type World, closeLong, openLong, quantity, stopAt } from '../../../support/world.js';
import { anExternalFill } from './an-external-fill.js';

recoverEachWorld();

const OTHER = 'ETH/USDT:USDT';

function anOrderOf(fields: Partial<VenueOrder>): VenueOrder {
  return {
    order: null,
    venueOrderId: '77',
    clientOrderId: 'web_1',
    symbol: OTHER,
    side: 'buy',
    positionSide: 'long',
    type: 'LIMIT',
    quantity: decimal('2'),
    filled: 0n,
    price: decimal('2000'),
    stopPrice: null,
    reduceOnly: false,
    ...fields,
  };
}

function aWorld(): World {
  const strategy = {
    1: openLong({ sizing_policy: quantity('2'), protection: stopAt('90') }),
    2: closeLong(),
  };
  return aWatchedWorld({ strategy, venue: 'manual', bars: [100] });
}

describe('an adopted order of a symbol that the session does not trade', () => {
  test.each([
    ['entry', {}],
    ['exit', { side: 'sell', reduceOnly: true }],
  ] as const)('an %s of it fills and ends, and the session trades on', (action, fields) => {
    const world = aWorld();
    const bought = anExternalFill(world, { symbol: OTHER, side: 'buy', price: '1900' });
    if (action === 'exit') world.take(bought);
    world.take({ kind: 'order_adopted', ts: world.now, venueOrder: anOrderOf(fields) });
    const key = `external:77/${action}/1`;
    expect(world.state.orders.get(key)?.symbol).toBe(OTHER);
    world.bar(100);
    world.bar(101);
    world.venue.fill(key, '2000', { quantity: '1' });
    world.bar(102);
    world.take({ kind: 'command', ts: world.now, command: 'kill', by: 'me', reason: 'test' });
    const { now: ts } = world;
    world.take({ kind: 'order_ended', ts, order: key, status: 'cancelled', code: '' });
    world.bar(103);
    expect(world.state.orders.has(key)).toBe(false);
    expect(format(world.state.positions.get(`ext:${OTHER}:long`)?.quantity ?? 0n)).toBe(
      action === 'entry' ? '1' : '0',
    );
  });
});
