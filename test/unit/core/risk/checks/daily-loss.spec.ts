import { expect, test } from 'vitest';
import { decimal } from '@strategy-runner/core';
import { dailyLoss } from '../../../../../core/src/risk/checks/daily-loss.js';
import { run } from '../an-exposure.js';

const limits = { maxDailyLoss: decimal('100') };

test('passes while the loss of the day is below the limit', () => {
  const exposure = { dayStartEquity: '1000', equity: '900.01' };
  expect(run(dailyLoss, { limits, exposure })).toBeUndefined();
});

test('denies from the limit on, with the numbers', () => {
  const exposure = { dayStartEquity: '1000', equity: '900' };
  expect(run(dailyLoss, { limits, exposure })).toMatchObject({
    code: 'DAILY_LOSS_EXCEEDED',
    numbers: { loss: '100', max: '100' },
  });
});

test('passes after any loss where there is no limit, and after any gain', () => {
  const exposure = { dayStartEquity: '1000', equity: '1' };
  expect(run(dailyLoss, { exposure })).toBeUndefined();
  expect(
    run(dailyLoss, { limits, exposure: { dayStartEquity: '1', equity: '9' } }),
  ).toBeUndefined();
});
