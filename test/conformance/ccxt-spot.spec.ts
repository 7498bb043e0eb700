import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunningVenue } from '../../adapters/src/venue-server/start-venue.js';
import { START_MS, admin, failure } from './ccxt-client.js';
import {
  OTHER_SPOT,
  type RawSpotClient,
  SPOT,
  aSpotClient,
  aSpotSymbol,
  aSpotVenue,
} from './ccxt-spot-client.js';

let venue: RunningVenue;
let client: RawSpotClient;

beforeEach(async () => {
  venue = await aSpotVenue({
    symbols: [
      aSpotSymbol(['50000', '50100', '49900', '50000', '50000'], { tick: '0.1' }),
      aSpotSymbol(['3000', '3010'], { symbol: OTHER_SPOT }),
      aSpotSymbol(['50000', '50000'], { symbol: 'BTC/USDT:USDT' }),
    ],
  });
  client = await aSpotClient(venue);
  await client.loadMarkets();
});

afterEach(async () => {
  await client.close();
  await venue.stop();
});

/** The call as the exchange gets it, past the client's own rounding and checks. */
function raw(params: object): Promise<unknown> {
  const call = (client as never as Record<string, (p: object) => Promise<unknown>>)[
    'privatePostOrder'
  ]!;
  return call.call(client, { symbol: 'BTCUSDT', side: 'BUY', ...params });
}

interface Held {
  readonly free: number;
  readonly used: number;
  readonly total: number;
}

const balances = async (): Promise<Record<string, Held>> => (await client.fetchBalance()) as never;

describe('public calls of the spot client', () => {
  test('load spot markets with their filters, and no perpetuals', async () => {
    expect(Object.keys(await client.loadMarkets()).sort()).toEqual([SPOT, OTHER_SPOT]);
    const { precision, limits, spot } = client.market(SPOT);
    expect({ precision, spot, cost: limits.cost?.min }).toMatchObject({
      precision: { amount: 0.000_01, price: 0.1 },
      spot: true,
      cost: 5,
    });
  });

  test('read bars, prices and book', async () => {
    venue.playback.playBar();
    const bars = await client.fetchOHLCV(SPOT, '1m');
    expect(bars.map(([openMs, , , , close]) => [openMs, close])).toEqual([
      [START_MS, 50_000],
      [START_MS + 60_000, 50_100],
    ]);
    const book = await client.fetchOrderBook(SPOT, 5);
    expect([book.bids[0], book.asks[0]]).toEqual([
      [50_099.9, 2],
      [50_100.1, 2],
    ]);
    expect(await client.fetchTicker(SPOT)).toMatchObject({ last: 50_100, bid: 50_099.9 });
    expect((await client.fetchBidsAsks([SPOT]))[SPOT]?.ask).toBe(50_100.1);
    expect((await client.fetchTrades(SPOT)).length).toBeGreaterThan(0);
    expect(Math.abs(((await client.fetchTime()) ?? 0) - Date.now())).toBeLessThan(5000);
  });
});

describe('spot orders of the real client', () => {
  test('a market buy fills at the book, and its fee is taken from the coin bought', async () => {
    const order = await client.createOrder(SPOT, 'market', 'buy', 0.5, undefined, {
      clientOrderId: 'entry-1',
    });
    expect(order).toMatchObject({ status: 'closed', filled: 0.5, average: 50_000.1 });
    expect([order.clientOrderId, order.id]).toEqual(['entry-1', '9100000000000000001']);
    expect(order.trades).toHaveLength(1);
    expect(order.fee).toMatchObject({ cost: 0.0005, currency: 'BTC' });
    const [trade] = await client.fetchMyTrades(SPOT);
    expect(trade).toMatchObject({ order: order.id, price: 50_000.1, takerOrMaker: 'taker' });
    expect(trade?.fee).toMatchObject({ cost: 0.0005, currency: 'BTC' });
    const { BTC, USDT } = await balances();
    expect([BTC?.total, USDT?.total]).toEqual([3.4995, 100_000 - 25_000.05]);
  });

  test('a market sell pays its fee in what it receives', async () => {
    await client.createOrder(SPOT, 'market', 'sell', 0.5);
    const { BTC, USDT } = await balances();
    expect([BTC?.total, USDT?.total]).toEqual([2.5, 100_000 + 24_999.95 - 24.999_95]);
  });

  test('what was bought cannot all be sold again, for the fee', async () => {
    const poor = await aSpotVenue({ spotBase: undefined as never });
    const other = await aSpotClient(poor);
    await other.createOrder(SPOT, 'market', 'buy', 0.5);
    const { name, text } = await failure(other.createOrder(SPOT, 'market', 'sell', 0.5));
    // The client leaves the code out of what it throws for a sentence that it knows.
    expect([name, text]).toEqual([
      'InsufficientFunds',
      'binance Account has insufficient balance for requested action.',
    ]);
    expect((await other.createOrder(SPOT, 'market', 'sell', 0.4995)).status).toBe('closed');
    await other.close();
    await poor.stop();
  });

  test('a fee is paid in the fee coin while there is enough of it', async () => {
    await admin(venue, 'POST', 'fees', { asset: 'BNB', price: '500' });
    await admin(venue, 'POST', 'transfer', { wallet: 'spot', asset: 'BNB', amount: '0.04' });
    const inBnb = await client.createOrder(SPOT, 'market', 'buy', 0.5);
    // 25000.05 × 0.001 × 0.75 / 500
    expect(inBnb.fee).toMatchObject({ currency: 'BNB', cost: 0.037_500_08 });
    expect((await balances())['BTC']?.total).toBe(3.5);
    const inBtc = await client.createOrder(SPOT, 'market', 'buy', 0.5);
    expect(inBtc.fee?.currency).toBe('BTC');
    await admin(venue, 'POST', 'fees', { asset: null });
  });

  test('a market order with a price becomes one by cost', async () => {
    const order = await client.createOrder(SPOT, 'market', 'buy', 0.1, 20_000);
    expect((order.info as Record<string, unknown>)['origQuoteOrderQty']).toBe('2000');
    expect(order).toMatchObject({ status: 'closed', filled: 0.039_99 });
  });

  test('a market order larger than the book fills in part and expires', async () => {
    const small = await aSpotVenue({
      symbols: [aSpotSymbol(['50000', '50'], { liquidity: '0.1' })],
    });
    const other = await aSpotClient(small);
    const order = await other.createOrder(SPOT, 'market', 'sell', 1.5);
    expect(order).toMatchObject({ status: 'expired', filled: 1, remaining: 0.5 });
    expect(order.trades).toHaveLength(10);
    await other.close();
    await small.stop();
  });

  test('a limit order locks what it gives, is found by client id, is cancelled once', async () => {
    const order = await client.createOrder(SPOT, 'limit', 'buy', 0.1, 49_000, {
      clientOrderId: 'rest-1',
    });
    expect((await balances())['USDT']).toMatchObject({ free: 95_100, used: 4900 });
    const found = await client.fetchOrder(undefined as never, SPOT, { clientOrderId: 'rest-1' });
    expect([found.id, found.status]).toEqual([order.id, 'open']);
    expect((await client.fetchOpenOrders(SPOT)).map(({ id }) => id)).toEqual([order.id]);
    expect((await client.fetchOpenOrders()).map(({ id }) => id)).toEqual([order.id]);
    const cancelled = await client.cancelOrder(order.id!, SPOT);
    expect(cancelled.status).toBe('canceled');
    // The order's own id is under another name in the answer to a cancel.
    expect((cancelled.info as Record<string, unknown>)['origClientOrderId']).toBe('rest-1');
    expect((await balances())['USDT']).toMatchObject({ free: 100_000, used: 0 });
    const { name, text } = await failure(client.cancelOrder(order.id!, SPOT));
    expect([name, text]).toEqual(['OrderNotFound', expect.stringContaining('-2011')]);
    expect((await client.fetchOrders(SPOT)).map(({ status }) => status)).toEqual(['canceled']);
  });

  test('a resting order fills when the price trades through it, as maker', async () => {
    const touched = await client.createOrder(SPOT, 'limit', 'buy', 0.1, 49_900);
    const through = await client.createOrder(SPOT, 'limit', 'buy', 0.1, 49_950);
    venue.playback.playBar();
    venue.playback.playBar();
    expect((await client.fetchOrder(touched.id!, SPOT)).status).toBe('open');
    expect((await client.fetchOrder(through.id!, SPOT)).status).toBe('closed');
    const trades = await client.fetchMyTrades(SPOT);
    expect(new Set(trades.map(({ takerOrMaker }) => takerOrMaker))).toEqual(new Set(['maker']));
    expect((await balances())['USDT']).toMatchObject({ used: 4990, free: 100_000 - 4990 - 4995 });
  });

  test('an order of one time in force ends with what it got', async () => {
    await admin(venue, 'POST', 'liquidity', { symbol: SPOT, quantity: '1' });
    const ioc = await client.createOrder(SPOT, 'limit', 'buy', 1.5, 50_000.1, {
      timeInForce: 'IOC',
    });
    expect(ioc).toMatchObject({ status: 'expired', filled: 1 });
    const fok = await client.createOrder(SPOT, 'limit', 'sell', 3, 49_999.9, {
      timeInForce: 'FOK',
    });
    expect(fok).toMatchObject({ status: 'expired', filled: 0 });
  });

  test('orders of one account do not trade with each other: the resting one expires', async () => {
    const resting = await client.createOrder(SPOT, 'limit', 'buy', 0.1, 50_000);
    await client.createOrder(SPOT, 'market', 'sell', 0.1);
    expect((await client.fetchOrder(resting.id!, SPOT)).status).toBe('expired');
  });

  test('a stop locks its coin, waits outside the book, and sells at its trigger', async () => {
    const stop = await client.createOrder(SPOT, 'market', 'sell', 0.4, undefined, {
      stopLossPrice: 49_950,
    });
    const open = await client.fetchOrder(stop.id!, SPOT);
    expect([open.status, open.triggerPrice, open.type]).toEqual(['open', 49_950, 'market']);
    expect((await balances())['BTC']).toMatchObject({ free: 2.6, used: 0.4 });
    venue.playback.playBar();
    venue.playback.playBar();
    expect(await client.fetchOrder(stop.id!, SPOT)).toMatchObject({
      status: 'closed',
      filled: 0.4,
    });
    expect((await balances())['BTC']).toMatchObject({ free: 2.6, used: 0 });
  });

  test('a stop-limit and a take-profit-limit rest at their limit once triggered', async () => {
    const stop = await client.createOrder(SPOT, 'limit', 'sell', 0.1, 49_960, {
      stopLossPrice: 49_950,
    });
    const take = await client.createOrder(SPOT, 'limit', 'sell', 0.1, 50_060, {
      takeProfitPrice: 50_050,
    });
    venue.playback.playBar();
    expect((await client.fetchOrder(take.id!, SPOT)).status).toBe('closed');
    venue.playback.playBar();
    expect(await client.fetchOrder(stop.id!, SPOT)).toMatchObject({ status: 'open', filled: 0 });
    venue.playback.playBar();
    expect((await client.fetchOrder(stop.id!, SPOT)).status).toBe('closed');
  });

  test('all open orders of a symbol are cancelled by one call, stops among them', async () => {
    await client.createOrder(SPOT, 'limit', 'buy', 0.1, 49_000);
    await client.createOrder(SPOT, 'market', 'sell', 0.1, undefined, { stopLossPrice: 48_000 });
    await client.cancelAllOrders(SPOT);
    expect(await client.fetchOpenOrders(SPOT)).toEqual([]);
    expect((await balances())['BTC']?.used).toBe(0);
  });

  test('trades are paged by id, and asked for by order', async () => {
    const orders = [];
    for (const side of ['buy', 'sell', 'buy'] as const) {
      orders.push(await client.createOrder(SPOT, 'market', side, 0.1));
    }
    const [first] = await client.fetchMyTrades(SPOT, undefined, 1, { fromId: 0 });
    const rest = await client.fetchMyTrades(SPOT, undefined, 10, { fromId: Number(first?.id) + 1 });
    expect(rest.map(({ side }) => side)).toEqual(['sell', 'buy']);
    const ofOrder = await client.fetchOrderTrades(orders[1]!.id!, SPOT);
    expect(ofOrder.map(({ order }) => order)).toEqual([orders[1]!.id]);
  });
});

const LIMIT = { type: 'LIMIT', quantity: '0.1', price: '49000', timeInForce: 'GTC' };
const MARKET = { type: 'MARKET', quantity: '0.1' };

describe('a refusal of spot is told by code, sentence and class', () => {
  test.each([
    ['a quantity off the step', { ...MARKET, quantity: '0.000001' }, 'LOT_SIZE', 'InvalidOrder'],
    ['a price off the tick', { ...LIMIT, price: '49000.05' }, 'PRICE_FILTER', 'InvalidOrder'],
    ['too small a notional', { ...MARKET, quantity: '0.00001' }, 'NOTIONAL', 'BadRequest'],
    [
      'a price out of bounds',
      { ...LIMIT, price: '70000' },
      'Filter failure: PERCENT_PRICE_BY_SIDE',
      'InvalidOrder',
    ],
    ['a negative quantity', { ...MARKET, quantity: '-1' }, 'Invalid quantity.', 'BadRequest'],
    [
      'more than there is',
      { ...MARKET, quantity: '2.1' },
      'Account has insufficient balance for requested action.',
      'InsufficientFunds',
    ],
    [
      'a sale of more than there is',
      { ...MARKET, side: 'SELL', quantity: '3.1' },
      'Account has insufficient balance for requested action.',
      'InsufficientFunds',
    ],
    [
      'a maker that would take',
      { type: 'LIMIT_MAKER', quantity: '0.1', price: '50001' },
      'Order would immediately match and take.',
      'OrderImmediatelyFillable',
    ],
    [
      'a stop that is reached',
      { type: 'STOP_LOSS', side: 'SELL', quantity: '0.1', stopPrice: '50100' },
      'Stop price would trigger immediately.',
      'OrderImmediatelyFillable',
    ],
    ['an unknown symbol', { ...MARKET, symbol: 'NOPE' }, '-1121', 'BadSymbol'],
    ['no quantity', { type: 'MARKET' }, '-1102', 'BadRequest'],
    ['an unknown type', { ...MARKET, type: 'GUESS' }, '-1116', 'BadRequest'],
    ['an invalid client id', { ...MARKET, newClientOrderId: 'no spaces' }, '-1100', 'BadRequest'],
  ])('%s', async (_, params, said, name) => {
    const { name: thrown, text } = await failure(raw(params));
    expect([thrown, text]).toEqual([name, expect.stringContaining(said)]);
    expect(venue.spot.trades).toEqual([]);
  });

  test('a client id that an open order has, but not one that a finished order had', async () => {
    await raw({ ...LIMIT, newClientOrderId: 'once' });
    const { text } = await failure(raw({ ...LIMIT, newClientOrderId: 'once' }));
    expect(text).toContain('"code":-2010,"msg":"Duplicate order sent."');
    await raw({ ...MARKET, newClientOrderId: 'twice' });
    await raw({ ...MARKET, newClientOrderId: 'twice' });
    expect(venue.spot.trades).toHaveLength(2);
  });

  test('an order nobody knows', async () => {
    const { name, text } = await failure(client.fetchOrder('7', SPOT));
    expect([name, text]).toEqual(['OrderNotFound', expect.stringContaining('-2013')]);
  });

  test('a halted symbol, and a filter changed since it was loaded', async () => {
    await admin(venue, 'POST', 'instrument', { symbol: SPOT, tick: '0.5' });
    const off = await failure(client.createOrder(SPOT, 'limit', 'buy', 0.1, 49_000.1));
    expect(off.text).toContain('PRICE_FILTER');
    await admin(venue, 'POST', 'instrument', { symbol: SPOT, status: 'HALT' });
    expect((await failure(raw(MARKET))).text).toContain('Market is closed.');
    // The perpetual of the same name trades on.
    expect(venue.state.instruments.get('BTCUSDT')?.status).toBe('TRADING');
  });

  test('a wrong key, a wrong signature, a wrong clock', async () => {
    const stranger = await aSpotClient(venue, { apiKey: 'other' });
    expect((await failure(stranger.fetchBalance())).text).toContain('-2015');
    const forger = await aSpotClient(venue, { secret: 'other' });
    expect((await failure(forger.fetchBalance())).text).toContain('-1022');
    await admin(venue, 'POST', 'clock', { skew_ms: 60_000 });
    expect((await failure(client.fetchBalance())).name).toBe('InvalidNonce');
  });
});

test('the limits of spot are its own, and told in headers', async () => {
  await client.fetchBalance();
  await raw(MARKET);
  const headers = client.last_response_headers as Record<string, string>;
  const told = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  // Markets 20, account 20, order 1.
  expect(Object.fromEntries(told)).toMatchObject({
    'x-mbx-used-weight-1m': '41',
    'x-mbx-order-count-10s': '1',
    'x-mbx-order-count-1d': '1',
  });
});
