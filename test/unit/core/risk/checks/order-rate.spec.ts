import { expect, test } from 'vitest';
import { orderRate } from '../../../../../core/src/risk/checks/order-rate.js';
import { run } from '../an-exposure.js';

const limits = { maxEntriesPerMinute: 3 };

test('passes the last entry of the minute', () => {
  expect(run(orderRate, { limits, exposure: { recentEntries: 2 } })).toBeUndefined();
});

test('denies the next one, with the numbers', () => {
  expect(run(orderRate, { limits, exposure: { recentEntries: 3 } })).toMatchObject({
    code: 'ORDER_RATE_EXCEEDED',
    numbers: { entries: '3', max: '3' },
  });
});
