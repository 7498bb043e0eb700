import { describe, expect, test } from 'vitest';
import { accountMarks, decimal, riskMargins } from '@strategy-runner/core';
import type { RiskLimits } from '@strategy-runner/core';
import { checkRisk } from '../../../../core/src/risk/risk.js';
import { aWorld, openLong, quantity, stopAt } from '../../../support/world.js';
import { anOrder } from './an-exposure.js';

const CALM = { maxOrderNotional: decimal('100000'), maxPositionNotional: decimal('100000') };

// A long of 10 at 100 that waits for its fill: 1000 of 10 000 are held, and one order works.
function aTrader(risk: Partial<RiskLimits> = {}) {
  const open = openLong({ sizing_policy: quantity('10'), protection: stopAt('80') });
  return aWorld({ strategy: { 0: open }, bars: [100], risk: { ...CALM, ...risk } }).engine;
}

describe('riskMargins', () => {
  test('tells what each check saw of an entry, in the order of the checks', () => {
    const order = anOrder({ quantity: decimal('5'), price: decimal('99') });
    const margins = riskMargins(aTrader({ maxDailyLoss: decimal('50') }), order);
    const told = margins.map(({ code, value, limit }) => [code, value, limit]);
    expect(told).toEqual([
      ['DAILY_LOSS_EXCEEDED', '0', '50'],
      ['ORDER_RATE_EXCEEDED', '1', expect.any(String)],
      ['OPEN_ORDERS_EXCEED_MAXIMUM', '1', expect.any(String)],
      ['PRICE_OUTSIDE_COLLAR', '100', expect.any(String)],
      ['NOTIONAL_EXCEEDS_MAXIMUM', '495', '100000'],
      ['POSITION_EXCEEDS_MAXIMUM', '1495', '100000'],
      ['LEVERAGE_EXCEEDS_MAXIMUM', '1495', expect.any(String)],
      ['BALANCE_INSUFFICIENT', '495', '9000'],
    ]);
    expect(margins.every(({ isPassed }) => isPassed)).toBe(true);
  });

  test.each([
    ['NOTIONAL_EXCEEDS_MAXIMUM', { maxOrderNotional: decimal('499') }, '500', '499'],
    ['POSITION_EXCEEDS_MAXIMUM', { maxPositionNotional: decimal('1499') }, '1500', '1499'],
    ['OPEN_ORDERS_EXCEED_MAXIMUM', { maxOpenOrders: 1 }, '1', '1'],
    ['ORDER_RATE_EXCEEDED', { maxEntriesPerMinute: 1 }, '1', '1'],
  ] as const)('says with the check itself that %s denies', (code, risk, value, limit) => {
    const engine = aTrader(risk);
    const order = anOrder({ quantity: decimal('5') });
    expect(checkRisk(engine, order)).toMatchObject({ code });
    const failed = riskMargins(engine, order).filter(({ isPassed }) => !isPassed);
    expect(failed).toMatchObject([{ code, value, limit }]);
  });

  test('holds gross exposure against equity x the limit', () => {
    const engine = aTrader({ maxLeverage: decimal('1') });
    const order = anOrder({ quantity: decimal('95'), leverage: decimal('5') });
    const code = 'LEVERAGE_EXCEEDS_MAXIMUM';
    expect(checkRisk(engine, order)).toMatchObject({ code });
    const failed = riskMargins(engine, order).filter(({ isPassed }) => !isPassed);
    expect(failed).toMatchObject([{ code, value: '10500', limit: '10000' }]);
  });

  test('says of what has no limit that it has none', () => {
    const engine = aTrader({ maxOrderNotional: null });
    const [notional] = riskMargins(engine, anOrder()).filter(({ code }) => /NOTIONAL/.test(code));
    expect(notional).toMatchObject({ limit: null, isPassed: true });
  });

  test('tells of an exit its price collar alone, and of its stop nothing', () => {
    const exit = { action: 'exit', price: decimal('50') } as const;
    const margins = riskMargins(aTrader({ exitCollarBps: 100 }), anOrder(exit));
    const code = 'PRICE_OUTSIDE_COLLAR';
    expect(margins).toMatchObject([{ code, value: '5000', limit: '100', isPassed: false }]);
    const stop = anOrder({ action: 'exit', stopPrice: decimal('50') });
    expect(riskMargins(aTrader(), stop)).toEqual([]);
  });
});

test('marks cash, equity and free balance as the engine has them', () => {
  expect(accountMarks(aTrader())).toEqual({ cash: '10000', equity: '10000', free: '9000' });
});
