import { describe, expect, test } from 'vitest';
import { decimal, format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../support/recovery.js';
import { SYMBOL, type World, openLong, quantity } from '../../support/world.js';

recoverEachWorld();

function changed(world: World, symbol = SYMBOL): World {
  return world.take({
    kind: 'filters_changed',
    ts: world.now,
    symbol,
    tickSize: decimal('0.5'),
    lotSize: decimal('0.1'),
    minQuantity: decimal('0.1'),
    minNotional: decimal('50'),
  });
}

function sized(qty: string): World {
  const body = openLong({ sizing_policy: quantity(qty) });
  return aWatchedWorld({ strategy: { 1: body }, venue: 'manual', bars: [100] });
}

describe('F9: trading rules that the venue has changed', () => {
  test('are the ones that orders follow from then on', () => {
    const world = changed(sized('1.234')).bar(100);
    expect(world.created().map((order) => format(order.quantity))).toEqual(['1.2']);
  });

  test('deny what they no longer permit', () => {
    expect(changed(sized('0.4')).bar(100).codes()).toEqual(['BELOW_MIN_NOTIONAL']);
  });

  test('of another symbol change nothing here', () => {
    const world = changed(sized('1.234'), 'ETH/USDT:USDT').bar(100);
    expect(world.created().map((order) => format(order.quantity))).toEqual(['1.234']);
  });
});
