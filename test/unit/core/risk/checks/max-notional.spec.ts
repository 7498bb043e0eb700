import { expect, test } from 'vitest';
import { decimal } from '@strategy-runner/core';
import { maxNotional } from '../../../../../core/src/risk/checks/max-notional.js';
import { run } from '../an-exposure.js';

const limits = { maxOrderNotional: decimal('1000') };

test('passes an order at the limit', () => {
  expect(run(maxNotional, { limits, exposure: { orderNotional: '1000' } })).toBeUndefined();
});

test('denies an order above the limit, with the numbers', () => {
  expect(run(maxNotional, { limits, exposure: { orderNotional: '1000.1' } })).toMatchObject({
    code: 'NOTIONAL_EXCEEDS_MAXIMUM',
    numbers: { notional: '1000.1', max: '1000' },
  });
});

test('passes any order where there is no limit', () => {
  expect(run(maxNotional, { exposure: { orderNotional: '9999999' } })).toBeUndefined();
});
