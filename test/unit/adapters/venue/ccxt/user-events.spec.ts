import { decimal } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { readUserMessage } from '../../../../../adapters/src/venue/ccxt/user-events.js';

const symbolOf = (id: string): string | null => (id === 'BTCUSDT' ? 'BTC/USDT:USDT' : null);

const ORDER = {
  s: 'BTCUSDT',
  c: 'sr1',
  S: 'BUY',
  o: 'LIMIT',
  ot: 'LIMIT',
  q: '0.3',
  p: '50000.1',
  sp: '0',
  x: 'TRADE',
  X: 'PARTIALLY_FILLED',
  i: '8389765519993908929',
  l: '0.1',
  z: '0.2',
  L: '50000.1',
  N: 'BNB',
  n: '0.00000012',
  T: 1700,
  t: 901,
  m: true,
  R: false,
  ps: 'BOTH',
};

function read(name: string, body: Readonly<Record<string, unknown>>) {
  return readUserMessage({ name, body, atMs: 0 }, symbolOf);
}

const order = (fields: object = {}) => read('ORDER_TRADE_UPDATE', { o: { ...ORDER, ...fields } });

describe('a user message', () => {
  test('of a fill tells order and trade, exact to the last digit', () => {
    expect(order()).toMatchObject({
      kind: 'order',
      isUnderstood: true,
      report: { venueOrderId: '8389765519993908929', filled: decimal('0.2'), status: 'open' },
      trade: {
        tradeId: '901',
        quantity: decimal('0.1'),
        fee: decimal('0.00000012'),
        feeCurrency: 'BNB',
        liquidity: 'maker',
      },
    });
  });

  test('of a liquidation is a trade like any other', () => {
    expect(order({ x: 'CALCULATED', c: 'autoclose-1' })).toMatchObject({
      trade: { tradeId: '901' },
    });
  });

  test.each([
    ['FILLED', 'filled'],
    ['CANCELED', 'cancelled'],
    ['EXPIRED', 'expired'],
    ['EXPIRED_IN_MATCH', 'expired'],
    ['REJECTED', 'rejected'],
  ])('with the status %s is %s', (X, status) => {
    expect(order({ X })).toMatchObject({ report: { status }, isUnderstood: true });
  });

  test('with words that nobody knows is not understood, and does not throw (W11)', () => {
    expect(order({ x: 'NOBODY_KNOWS' })).toMatchObject({ isUnderstood: false });
    expect(order({ X: 'NEW_ADL' })).toMatchObject({
      isUnderstood: false,
      report: { status: 'unknown' },
    });
  });

  test('that cannot be read says whom it is about', () => {
    expect(order({ z: 'many' })).toMatchObject({ kind: 'unreadable', clientOrderId: 'sr1' });
    expect(read('ORDER_TRADE_UPDATE', {})).toMatchObject({ kind: 'unreadable' });
  });

  test('with an id that has lost digits is not read', () => {
    expect(order({ i: Number('8389765519993908929') })).toMatchObject({ kind: 'unreadable' });
  });

  test('of a triggered stop names the order that it became', () => {
    const o = { caid: 'sr2', aid: 3001, o: 'STOP_MARKET', s: 'BTCUSDT', S: 'SELL', ps: 'LONG' };
    const rest = { q: '0.1', X: 'TRIGGERED', ai: '77', tp: '49000', p: '0', R: false, tt: 1700 };
    expect(read('ALGO_UPDATE', { o: { ...o, ...rest } })).toMatchObject({
      kind: 'order',
      report: {
        isStop: true,
        venueOrderId: '3001',
        childId: '77',
        status: 'triggered',
        reduceOnly: true,
        stopPrice: decimal('49000'),
      },
    });
  });

  test('of a cancelled spot order is about the order, not about its cancel', () => {
    const event = { ...ORDER, e: 'executionReport', c: 'cancel-1', C: 'sr1', x: 'CANCELED', t: -1 };
    const message = { subscriptionId: 0, event: { ...event, X: 'CANCELED' } };
    expect(read('executionReport', message)).toMatchObject({
      kind: 'order',
      report: { clientOrderId: 'sr1', status: 'cancelled' },
      trade: null,
    });
  });

  test('about the account is handed on, and everything else is left alone', () => {
    expect(read('ACCOUNT_UPDATE', {}).kind).toBe('account');
    expect(read('balanceUpdate', {}).kind).toBe('account');
    expect(read('TRADE_LITE', {}).kind).toBe('other');
  });
});
