import { decimal } from '@strategy-runner/core';
import type { Exchange, Market } from 'ccxt';
import { describe, expect, test } from 'vitest';
import {
  type OrderRequestText,
  alteration,
  requestOf,
} from '../../../../../adapters/src/venue/ccxt/order-request.js';
import { aLimit, aStop, anExit, anOrder } from '../../../../support/orders.js';

const PERPETUAL = { contract: true, swap: true, contractSize: 1 } as Market;
const ONE_WAY = { market: PERPETUAL, clientOrderId: 'sr1', isHedged: false };
const HEDGED = { ...ONE_WAY, isHedged: true };
const ON_SPOT = { ...ONE_WAY, market: { contract: false, spot: true } as Market };

describe('what is asked of ccxt', () => {
  test('never names a price for a market order (§0.10)', () => {
    const order = anOrder({ price: decimal('50000') });
    expect(requestOf(order, ON_SPOT)).toEqual({
      symbol: order.symbol,
      type: 'market',
      side: 'buy',
      amount: '0.1',
      price: undefined,
      params: { clientOrderId: 'sr1' },
    });
  });

  test('says reduce-only in one-way mode, the side in hedge mode, and neither on spot', () => {
    const exit = anExit();
    expect(requestOf(exit, ONE_WAY).params).toEqual({ clientOrderId: 'sr1', reduceOnly: true });
    expect(requestOf(exit, HEDGED).params).toEqual({ clientOrderId: 'sr1', positionSide: 'LONG' });
    expect(requestOf(exit, HEDGED).side).toBe('sell');
    expect(requestOf(exit, ON_SPOT).params).toEqual({ clientOrderId: 'sr1' });
  });

  test('carries time in force, post-only and triggers', () => {
    const immediate = aLimit('49000', { timeInForce: 'IOC' });
    expect(requestOf(immediate, ONE_WAY).params['timeInForce']).toBe('IOC');
    const passive = requestOf(aLimit('49000', { postOnly: true }), ONE_WAY).params;
    expect([passive['postOnly'], passive['timeInForce']]).toEqual([true, undefined]);
    expect(requestOf(aStop('45000.1'), ONE_WAY).params['stopLossPrice']).toBe('45000.1');
  });

  test('is in contracts where the exchange counts contracts', () => {
    const market = { ...PERPETUAL, contractSize: 0.01 } as Market;
    expect(requestOf(anOrder(), { ...ONE_WAY, market }).amount).toBe('10');
  });
});

describe('what ccxt would send', () => {
  const request = requestOf(aLimit('49999.7'), ONE_WAY);
  const stop = requestOf(aStop('45000.1'), ONE_WAY);

  function sending(fields: object, asked: OrderRequestText = request): string | undefined {
    return alteration({ createOrderRequest: () => fields } as unknown as Exchange, asked);
  }

  test('may write the same number in another way', () => {
    expect(sending({ quantity: '0.10', price: '49999.70' })).toBeUndefined();
    expect(sending({ quantity: 0.1, triggerPrice: '45000.1' }, stop)).toBeUndefined();
  });

  test.each([
    ['quantity', { quantity: '0.09', price: '49999.7' }],
    ['price', { quantity: '0.1', price: '50000' }],
    ['price', { quantity: '0.1' }],
  ])('must not be another %s (F7, F8)', (name, fields) => {
    expect(sending(fields)).toContain(`${name} `);
  });

  test('must not be another trigger', () => {
    expect(sending({ quantity: '0.1', triggerPrice: '45000' }, stop)).toContain('stop price');
  });
});
