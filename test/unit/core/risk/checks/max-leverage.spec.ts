import { expect, test } from 'vitest';
import { decimal } from '@strategy-runner/core';
import { maxLeverage } from '../../../../../core/src/risk/checks/max-leverage.js';
import { run } from '../an-exposure.js';

const limits = { maxLeverage: decimal('3') };

test('passes gross exposure up to equity times the limit', () => {
  const exposure = { equity: '100', grossNotional: '200', orderNotional: '100' };
  expect(run(maxLeverage, { limits, exposure })).toBeUndefined();
});

test('denies more, positions and working orders of all symbols included, with the numbers', () => {
  const exposure = { equity: '100', grossNotional: '220', orderNotional: '100' };
  expect(run(maxLeverage, { limits, exposure })).toMatchObject({
    code: 'LEVERAGE_EXCEEDS_MAXIMUM',
    numbers: { gross_notional: '320', equity: '100', leverage: '3.2', max: '3' },
  });
});

test.each(['0', '-5'])('denies everything on an equity of %s', (equity) => {
  const exposure = { equity, orderNotional: '1' };
  expect(run(maxLeverage, { limits, exposure })).toMatchObject({
    code: 'LEVERAGE_EXCEEDS_MAXIMUM',
  });
});
