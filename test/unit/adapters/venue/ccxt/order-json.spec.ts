import { decimal } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import {
  algoFrom,
  orderFrom,
  positionsFrom,
  tradeFrom,
} from '../../../../../adapters/src/venue/ccxt/order-json.js';
import { causeOf } from '../../../../../adapters/src/venue/ccxt/trade-intake.js';
import { gateRulesOf } from '../../../../../adapters/src/venue/ccxt/gate-rules.js';

const symbolOf = (id: string): string | null => (id === 'BTCUSDT' ? 'BTC/USDT:USDT' : null);

const ORDER = {
  orderId: '8389765519993908929',
  symbol: 'BTCUSDT',
  status: 'CANCELED',
  clientOrderId: 'sr1',
  price: '50000.10',
  origQty: '0.300',
  executedQty: '0.100',
  type: 'LIMIT',
  origType: 'STOP',
  side: 'SELL',
  positionSide: 'LONG',
  reduceOnly: false,
  updateTime: 1700,
};

describe('an order of the exchange', () => {
  test('is read exactly, and as an exit where its side says so', () => {
    expect(orderFrom(ORDER, symbolOf)).toMatchObject({
      symbol: 'BTC/USDT:USDT',
      venueOrderId: '8389765519993908929',
      status: 'cancelled',
      quantity: decimal('0.3'),
      filled: decimal('0.1'),
      price: decimal('50000.1'),
      stopPrice: null,
      type: 'stop_limit',
      positionSide: 'long',
      reduceOnly: true,
      venueMs: 1700,
    });
  });

  test.each(['orderId', 'clientOrderId', 'status', 'executedQty'])(
    'without %s is no answer (C8)',
    (field) => {
      expect(() => orderFrom({ ...ORDER, [field]: undefined }, symbolOf)).toThrow(field);
    },
  );

  test('brings the fills of a spot answer along', () => {
    const fill = { price: '1', qty: '0.1', commission: '0.01', commissionAsset: 'BNB' };
    const { trades } = orderFrom({ ...ORDER, fills: [{ ...fill, tradeId: 9 }] }, symbolOf);
    expect(trades).toMatchObject([{ tradeId: '9', feeCurrency: 'BNB', fee: decimal('0.01') }]);
  });

  test('of a cancelled spot order is found under the name that it had', () => {
    const answer = { ...ORDER, clientOrderId: 'cancel-1', origClientOrderId: 'sr1' };
    expect(orderFrom(answer, symbolOf).clientOrderId).toBe('sr1');
  });
});

describe('a stop of the exchange', () => {
  const algo = {
    algoId: 3001,
    clientAlgoId: 'sr2',
    orderType: 'STOP_MARKET',
    symbol: 'BTCUSDT',
    side: 'SELL',
    positionSide: 'BOTH',
    quantity: '0.1',
    algoStatus: 'TRIGGERED',
    actualOrderId: '77',
    triggerPrice: '49000',
    price: '0',
    reduceOnly: true,
  };

  test('names the order that it became, and none before', () => {
    expect(algoFrom(algo, symbolOf)).toMatchObject({ childId: '77', status: 'triggered' });
    const waiting = { ...algo, algoStatus: 'NEW', actualOrderId: '' };
    expect(algoFrom(waiting, symbolOf)).toMatchObject({ childId: null, status: 'open' });
  });
});

test('a trade keeps the currency and the digits of its fee', () => {
  const trade = { symbol: 'BTCUSDT', id: 5, orderId: '7', side: 'BUY', price: '1.5', qty: '2' };
  const fee = { commission: '0.00000001', commissionAsset: 'BNB', maker: true, time: 3 };
  expect(tradeFrom({ ...trade, ...fee }, symbolOf)).toMatchObject({
    tradeId: '5',
    fee: decimal('0.00000001'),
    feeCurrency: 'BNB',
    liquidity: 'maker',
  });
});

test('positions are summed per side, and `{}` is not an empty list', () => {
  const rows = [
    { positionSide: 'LONG', positionAmt: '0.2' },
    { positionSide: 'SHORT', positionAmt: '-0.1' },
  ];
  expect([...positionsFrom(rows)]).toEqual([
    ['long', decimal('0.2')],
    ['short', decimal('-0.1')],
  ]);
  expect(() => positionsFrom({})).toThrow('not a list');
});

test.each([
  ['autoclose-123', 'liquidation'],
  ['adl_autoclose', 'adl'],
  ['settlement_autoclose-1', 'settlement'],
  ['web_1', 'manual'],
])('the id %s tells of a %s (P7-P9)', (id, cause) => {
  expect(causeOf(id)).toBe(cause);
});

test('trading rules come from the filters, and a zero is no rule', () => {
  const filters = [
    { filterType: 'PRICE_FILTER', tickSize: '0.10', minPrice: '0', maxPrice: '1000000' },
    { filterType: 'LOT_SIZE', stepSize: '0.001', minQty: '0.001', maxQty: '1000' },
    { filterType: 'MARKET_LOT_SIZE', maxQty: '120' },
  ];
  const market = { info: { filters }, precision: { price: 0.5, amount: 1 }, limits: {} };
  expect(gateRulesOf(market as never)).toEqual({
    tickSize: decimal('0.1'),
    lotSize: decimal('0.001'),
    minQuantity: decimal('0.001'),
    maxQuantity: decimal('1000'),
    maxMarketQuantity: decimal('120'),
    minPrice: null,
    maxPrice: decimal('1000000'),
  });
  expect(gateRulesOf({ ...market, info: {} } as never)?.tickSize).toBe(decimal('0.5'));
  expect(gateRulesOf(undefined)).toBeUndefined();
});
