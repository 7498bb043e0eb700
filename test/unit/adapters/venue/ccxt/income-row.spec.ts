import { describe, expect, test } from 'vitest';
import { ZERO, decimal } from '@strategy-runner/core';
import {
  eventOf,
  incomeRow,
  isWithFills,
  payingSide,
  spotMove,
} from '../../../../../adapters/src/venue/ccxt/income-row.js';

const row = {
  symbol: 'BTCUSDT',
  incomeType: 'FUNDING_FEE',
  income: '-0.12345678',
  asset: 'USDT',
  time: 1_700_000_000_000,
  tranId: 9_007_199_254_740_991,
};
const terms = { ts: 5, symbol: 'BTC/USDT:USDT', rate: ZERO, held: undefined };

describe('a row of income', () => {
  test('P10: is known by its kind, number and symbol', () => {
    expect(incomeRow(row).id).toBe('FUNDING_FEE:9007199254740991:BTCUSDT');
    expect(
      incomeRow({ ...row, incomeType: 'TRANSFER', symbol: '', tranId: '18446744073709' }).id,
    ).toBe('TRANSFER:18446744073709');
  });

  test('that cannot be read is an error, never nothing', () => {
    for (const wrong of [{ income: 'n/a' }, { time: 'soon' }, { tranId: null }, { asset: {} }]) {
      expect(() => incomeRow({ ...row, ...wrong })).toThrow();
    }
  });

  test('becomes funding with the amount that was paid', () => {
    expect(eventOf(incomeRow(row), { ...terms, rate: decimal('0.0001') })).toEqual({
      kind: 'funding_paid',
      ts: 5,
      id: 'FUNDING_FEE:9007199254740991:BTCUSDT',
      symbol: 'BTC/USDT:USDT',
      side: 'long',
      rate: decimal('0.0001'),
      amount: decimal('-0.12345678'),
    });
  });

  test('P13: becomes a flow of cash where it is no funding', () => {
    const causes = [
      ['TRANSFER', 'transfer'],
      ['INTERNAL_TRANSFER', 'transfer'],
      ['INSURANCE_CLEAR', 'other'],
      ['A_KIND_NOBODY_KNOWS', 'other'],
    ] as const;
    for (const [incomeType, cause] of causes) {
      const event = eventOf(incomeRow({ ...row, incomeType }), terms);
      expect(event).toMatchObject({ kind: 'cash_moved', currency: 'USDT', cause });
    }
  });

  test('of a fee or a realised profit comes with its fill', () => {
    const kinds = ['COMMISSION', 'REALIZED_PNL', 'FUNDING_FEE', 'TRANSFER'];
    const left = kinds.filter((incomeType) => isWithFills(incomeRow({ ...row, incomeType })));
    expect(left).toEqual(['COMMISSION', 'REALIZED_PNL']);
  });
});

describe('the side of a funding payment', () => {
  test('follows from rate and amount', () => {
    const [up, down] = [decimal('0.0001'), decimal('-0.0001')];
    const [paid, received] = [decimal('-1'), decimal('1')];
    expect(payingSide(paid, up)).toBe('long');
    expect(payingSide(received, up)).toBe('short');
    expect(payingSide(paid, down)).toBe('short');
    expect(payingSide(received, down)).toBe('long');
    expect(payingSide(paid, ZERO)).toBeUndefined();
  });

  test('is the one held where there is no rate', () => {
    const event = eventOf(incomeRow(row), { ...terms, held: 'short' });
    expect(event).toMatchObject({ side: 'short', rate: ZERO });
  });
});

test('a balance update of spot is a transfer, and an unreadable one is none', () => {
  expect(spotMove({ a: 'BTC', d: '-0.5', T: 9 }, 5)).toEqual({
    kind: 'cash_moved',
    ts: 5,
    id: 'balance:9:BTC:-0.5',
    currency: 'BTC',
    amount: decimal('-0.5'),
    cause: 'transfer',
  });
  expect(spotMove({ a: 'BTC', d: 'much', T: 9 }, 5)).toBeUndefined();
});
