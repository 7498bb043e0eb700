import { expect, test } from 'vitest';
import { maxOpenOrders } from '../../../../../core/src/risk/checks/max-open-orders.js';
import { run } from '../an-exposure.js';

const limits = { maxOpenOrders: 5 };

test('passes the order that makes the number full', () => {
  expect(run(maxOpenOrders, { limits, exposure: { openOrders: 4 } })).toBeUndefined();
});

test('denies the next one, with the numbers', () => {
  expect(run(maxOpenOrders, { limits, exposure: { openOrders: 5 } })).toMatchObject({
    code: 'OPEN_ORDERS_EXCEED_MAXIMUM',
    numbers: { open_orders: '5', max: '5' },
  });
});
