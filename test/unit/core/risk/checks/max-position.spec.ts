import { expect, test } from 'vitest';
import { decimal } from '@strategy-runner/core';
import { maxPosition } from '../../../../../core/src/risk/checks/max-position.js';
import { run } from '../an-exposure.js';

const limits = { maxPositionNotional: decimal('500') };

test('passes what fills the position up to its limit', () => {
  const exposure = { sideNotional: '400', orderNotional: '100' };
  expect(run(maxPosition, { limits, exposure })).toBeUndefined();
});

test('denies more, what is held and what works included, with the numbers', () => {
  const exposure = { sideNotional: '400.5', orderNotional: '100' };
  expect(run(maxPosition, { limits, exposure })).toMatchObject({
    code: 'POSITION_EXCEEDS_MAXIMUM',
    numbers: { notional: '500.5', max: '500' },
  });
});

test('passes any position where there is no limit', () => {
  expect(run(maxPosition, { exposure: { sideNotional: '9999999' } })).toBeUndefined();
});
