import { describe, expect, test } from 'vitest';
import { decimal } from '@strategy-runner/core';
import { priceCollar } from '../../../../../core/src/risk/checks/price-collar.js';
import { run } from '../an-exposure.js';

const limits = { entryCollarBps: 500, exitCollarBps: 1000 };
const at = (price: string) => ({ price: decimal(price) });

describe('an entry', () => {
  test.each(['95', '100', '105'])('at %s, within 5 %% of 100, passes', (price) => {
    expect(run(priceCollar, { limits, order: at(price) })).toBeUndefined();
  });

  test.each(['94.9', '105.1'])('at %s is denied on either side, with the numbers', (price) => {
    expect(run(priceCollar, { limits, order: at(price) })).toMatchObject({
      code: 'PRICE_OUTSIDE_COLLAR',
      path: '/order/price',
      numbers: { price, last_price: '100', collar_bps: '500' },
    });
  });

  test('is held to its trigger where it has no limit', () => {
    const order = { stopPrice: decimal('106') };
    expect(run(priceCollar, { limits, order })).toMatchObject({ numbers: { price: '106' } });
  });

  test('at market has no price to hold it to', () => {
    expect(run(priceCollar, { limits })).toBeUndefined();
  });
});

describe('an exit has a wider collar, on its bad side only', () => {
  test.each([
    ['long', '90', true],
    ['long', '89.9', false],
    ['long', '500', true],
    ['short', '110', true],
    ['short', '110.1', false],
    ['short', '1', true],
  ] as const)('of a %s at %s: %s', (positionSide, price, isPassed) => {
    const order = { action: 'exit', positionSide, ...at(price) } as const;
    const denial = run(priceCollar, { limits, order });
    expect(denial?.code).toBe(isPassed ? undefined : 'PRICE_OUTSIDE_COLLAR');
  });

  test('is never denied for a stop', () => {
    const order = { action: 'exit', stopPrice: decimal('10'), ...at('9') } as const;
    expect(run(priceCollar, { limits, order })).toBeUndefined();
  });
});
