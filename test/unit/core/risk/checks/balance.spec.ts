import { expect, test } from 'vitest';
import { decimal } from '@strategy-runner/core';
import { balance } from '../../../../../core/src/risk/checks/balance.js';
import { costsOf } from '../../../../support/world-config.js';
import { run } from '../an-exposure.js';

test('passes an order that takes the last cent of free balance', () => {
  expect(run(balance, { exposure: { orderNotional: '500', free: '500' } })).toBeUndefined();
});

test('denies one cent more, with the numbers', () => {
  expect(run(balance, { exposure: { orderNotional: '500.01', free: '500' } })).toMatchObject({
    code: 'BALANCE_INSUFFICIENT',
    path: '/sizing_policy',
    numbers: { needed: '500.01', free: '500', notional: '500.01' },
  });
});

test('counts the taker fee on top of the margin', () => {
  const costs = costsOf({ takerFeeBps: '10' });
  const exposure = { orderNotional: '500', free: '500.49' };
  expect(run(balance, { costs, exposure })).toMatchObject({ numbers: { needed: '500.5' } });
  expect(run(balance, { costs, exposure: { ...exposure, free: '500.5' } })).toBeUndefined();
});

test('needs only the margin of a leveraged order, but the fee of all of it', () => {
  const costs = costsOf({ takerFeeBps: '10' });
  const order = { leverage: decimal('5') };
  const exposure = { orderNotional: '500', free: '100.49' };
  expect(run(balance, { costs, order, exposure })).toMatchObject({ numbers: { needed: '100.5' } });
});
