import { describe, expect, test } from 'vitest';
import { amount } from '../../../../adapters/src/venue-server/amount.js';
import { placeAlgo } from '../../../../adapters/src/venue-server/algo-trading.js';
import { ZERO } from '../../../../adapters/src/venue-server/amount.js';
import { exchangeInfo } from '../../../../adapters/src/venue-server/instrument.js';
import { type Watched, BTC, anExchange, place } from './an-exchange.js';

const rejected = (code: number) => expect.objectContaining({ code }) as unknown as Error;

interface Listed {
  readonly filters: readonly { readonly filterType: string; readonly maxQty?: string }[];
}
const symbolsOf = (info: object) => (info as { readonly symbols: readonly Listed[] }).symbols;

const statuses = (exchange: Watched) =>
  [...exchange.state.orders.values()].map(({ status }) => status);

const aStop = (triggerPrice: string, more: object = {}) => ({
  symbol: BTC,
  side: 'SELL' as const,
  positionSide: 'BOTH' as const,
  type: 'STOP_MARKET' as const,
  timeInForce: 'GTC' as const,
  quantity: amount('0.5'),
  price: ZERO,
  triggerPrice: amount(triggerPrice),
  workingType: 'CONTRACT_PRICE',
  isReduceOnly: true,
  isClosePosition: false,
  clientAlgoId: 'stop',
  ...more,
});

describe('the largest quantity', () => {
  const limits = { maxQuantity: '2', maxMarketQuantity: '0.5' };

  test('of an order at market is another than that of a limit', () => {
    const exchange = anExchange(['50000', '50000'], limits);
    expect(() => place(exchange, { quantity: '0.501' })).toThrow(rejected(-4005));
    expect(place(exchange, { quantity: '0.5' }).status).not.toBe('REJECTED');
    expect(() => place(exchange, { quantity: '2.001', price: '49000' })).toThrow(rejected(-4005));
    expect(place(exchange, { quantity: '2', price: '49000' }).status).toBe('NEW');
  });

  test('holds for stops that become market orders', () => {
    const exchange = anExchange(['50000', '50000'], limits);
    const quantity = amount('0.6');
    expect(() => placeAlgo(exchange.state, aStop('49000', { quantity }))).toThrow(rejected(-4005));
    const limit = { type: 'STOP' as const, price: amount('48900'), quantity };
    expect(placeAlgo(exchange.state, aStop('49000', limit)).status).toBe('NEW');
  });

  test('is told in the filters of the symbol', () => {
    const exchange = anExchange(['50000', '50000'], limits);
    const [symbol] = symbolsOf(exchangeInfo(exchange.state.instruments.values(), 0));
    const most = Object.fromEntries(symbol!.filters.map((one) => [one.filterType, one.maxQty]));
    expect(most).toMatchObject({ LOT_SIZE: '2', MARKET_LOT_SIZE: '0.5' });
  });
});

describe('an order', () => {
  test('that is immediate or cancelled expires with what it got', () => {
    const exchange = anExchange(['50000', '50000'], { liquidity: '0.1' });
    const order = place(exchange, { quantity: '0.5', price: '50000.2', timeInForce: 'IOC' });
    expect([order.status, order.executed.toFixed()]).toEqual(['EXPIRED', '0.2']);
  });

  test('at a limit beyond the book fills at the book and rests with the remainder', () => {
    const exchange = anExchange(['50000', '50000'], { liquidity: '0.1' });
    const order = place(exchange, { quantity: '0.5', price: '50000.2' });
    expect([order.status, order.executed.toFixed()]).toEqual(['PARTIALLY_FILLED', '0.2']);
    expect(exchange.state.trades.map(({ price }) => price.toFixed())).toEqual([
      '50000.1',
      '50000.2',
    ]);
  });

  test('does not trade with another of the same account: the resting one expires', () => {
    const exchange = anExchange(['50000', '50000']);
    place(exchange, { quantity: '0.1', price: '50000' });
    const taker = place(exchange, { quantity: '0.1', side: 'SELL' });
    expect(statuses(exchange)).toEqual(['EXPIRED_IN_MATCH', 'FILLED']);
    expect(exchange.state.trades[0]?.price.toFixed()).toBe('49999.9');
    expect(taker.executed.toFixed()).toBe('0.1');
  });

  test('that the price trades through is filled, now and then in several prints', () => {
    const prints = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
      const exchange = anExchange(['50000', '49000'], {}, { seed });
      place(exchange, { quantity: '0.3', price: '49500' });
      exchange.playback.playBar();
      expect(statuses(exchange)).toEqual(['FILLED']);
      return exchange.state.trades.length;
    });
    expect([Math.min(...prints), Math.max(...prints) > 1]).toEqual([1, true]);
  });

  test('larger than what passes by is filled over several ticks', () => {
    const exchange = anExchange(['50000', '49000', '49000'], { liquidity: '0.2' });
    const order = place(exchange, { quantity: '0.5', price: '49500' });
    exchange.playback.playBar();
    expect(order.status).toBe('PARTIALLY_FILLED');
    exchange.playback.playBar();
    expect(order.status).toBe('FILLED');
  });

  test('on the exit side of a hedged position reduces only that side', () => {
    const exchange = anExchange(['50000', '50000']);
    exchange.state.account.isHedged = true;
    place(exchange, { quantity: '0.3', positionSide: 'LONG' });
    place(exchange, { quantity: '0.2', positionSide: 'SHORT', side: 'SELL' });
    place(exchange, { quantity: '0.9', positionSide: 'LONG', side: 'SELL', isReduceOnly: true });
    const held = exchange.state.account.openPositions();
    expect(held.map(({ side, quantity }) => [side, quantity.toFixed()])).toEqual([
      ['SHORT', '-0.2'],
    ]);
  });
});

describe('a stop', () => {
  test('fires at its trigger as an order with its own id', () => {
    const exchange = anExchange(['50000', '49000']);
    place(exchange, { quantity: '0.5' });
    const stop = placeAlgo(exchange.state, aStop('49500'));
    exchange.playback.playBar();
    const order = exchange.state.orders.get(stop.actualOrderId!);
    expect([stop.status, order?.status, order?.origType]).toEqual([
      'FINISHED',
      'FILLED',
      'STOP_MARKET',
    ]);
    expect(order?.clientOrderId).not.toBe('stop');
  });

  test('that finds nothing to reduce is rejected at its trigger', () => {
    const exchange = anExchange(['50000', '49000']);
    const stop = placeAlgo(exchange.state, aStop('49500'));
    exchange.playback.playBar();
    expect([stop.status, stop.rejectReason]).toEqual(['REJECTED', 'ReduceOnly Order is rejected.']);
  });

  test('that closes the position takes what is held at its trigger', () => {
    const exchange = anExchange(['50000', '49000']);
    place(exchange, { quantity: '0.7' });
    placeAlgo(exchange.state, aStop('49500', { isClosePosition: true, quantity: ZERO }));
    exchange.playback.playBar();
    expect(exchange.state.account.openPositions()).toEqual([]);
  });

  test('to take profit waits for the better price', () => {
    const exchange = anExchange(['50000', '49000', '51000']);
    place(exchange, { quantity: '0.5' });
    const take = placeAlgo(exchange.state, aStop('50500', { type: 'TAKE_PROFIT_MARKET' }));
    exchange.playback.playBar();
    expect(take.status).toBe('NEW');
    exchange.playback.playBar();
    expect(take.status).toBe('FINISHED');
  });
});
