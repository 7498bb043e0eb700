import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningVenue } from '../../adapters/src/venue-server/start-venue.js';
import { aSymbol, admin, failure } from './ccxt-client.js';
import {
  type RawSpotClient,
  SPOT,
  aSpotClient,
  aSpotSymbol,
  aSpotVenue,
  openSpotStream,
} from './ccxt-spot-client.js';

const NEW = ['NEW', 'NEW', '0'];
const FILLED = ['TRADE', 'FILLED', '0.1'];

let venue: RunningVenue;
let client: RawSpotClient;

beforeEach(async () => {
  venue = await aSpotVenue({
    symbols: [
      aSpotSymbol(['50000', '50100', '49900', '50000', '50000', '50100', '50200'], { tick: '0.1' }),
      // The perpetual of the same name, at another price.
      aSymbol(['60000', '60100', '59900', '60000', '60000', '60100', '60200']),
    ],
  });
  client = await aSpotClient(venue);
  await client.loadMarkets();
});

afterEach(async () => {
  await client.close();
  await venue.stop();
});

/** Plays a tick as soon as somebody has subscribed, and again until the watch answers. */
async function watched<Value>(watch: Promise<Value>): Promise<Value> {
  const timer = setInterval(() => venue.playback.playTick(), 20);
  try {
    return await watch;
  } finally {
    clearInterval(timer);
  }
}

const isSubscribed = (): boolean => {
  let found = false;
  venue.hub.each('user', (connection) => (found ||= connection.isSubscribed));
  return found;
};

describe('market streams of the spot client', () => {
  test('watchOHLCV gets the bar of spot, not that of the perpetual', async () => {
    const bars = await watched(client.watchOHLCV(SPOT, '1m'));
    expect(Number(bars.at(-1)![4])).toBeLessThan(55_000);
    venue.playback.playBar();
    await expect
      .poll(() => client.named('kline').map(({ k }) => (k as { x: boolean }).x))
      .toContain(true);
  });

  test('watchBidsAsks gets the best prices', async () => {
    const { bid, ask } = (await watched(client.watchBidsAsks([SPOT])))[SPOT]!;
    expect(Number(((ask ?? 0) - (bid ?? 0)).toFixed(1))).toBe(0.2);
  });

  test('watchTrades and watchTicker get what was traded', async () => {
    const [trade] = await watched(client.watchTrades(SPOT));
    expect([trade?.symbol, (trade?.price ?? 0) < 55_000]).toEqual([SPOT, true]);
    expect((await watched(client.watchTicker(SPOT))).open).toBe(50_000);
  });

  test('watchOrderBook keeps the book that the exchange has', async () => {
    await watched(client.watchOrderBook(SPOT));
    venue.playback.playBar();
    const { book } = venue.spot.markets.get('BTCUSDT')!;
    const levels = (side: 'BUY' | 'SELL') =>
      book.levels(side, 10).map(([price, quantity]) => [price.toNumber(), quantity.toNumber()]);
    await expect
      .poll(() => {
        const { bids, asks } = client.orderbooks[SPOT]!;
        return [bids.slice(0, 10), asks.slice(0, 10)].map((side) =>
          (side as number[][]).map(([price, quantity]) => [price, quantity]),
        );
      })
      .toEqual([levels('BUY'), levels('SELL')]);
  });
});

describe('the user stream of the spot client', () => {
  beforeEach(async () => {
    await openSpotStream(client, isSubscribed);
  });

  test('tells every step of an order, with ids beyond 2^53 intact', async () => {
    await admin(venue, 'POST', 'liquidity', { symbol: SPOT, quantity: '0.1' });
    const order = await client.createOrder(SPOT, 'limit', 'buy', 0.3, 50_000.2, {
      clientOrderId: 'steps',
    });
    await client.cancelOrder(order.id!, SPOT);
    await expect.poll(() => client.executions()).toHaveLength(4);
    expect(client.executions()).toEqual([
      NEW,
      ['TRADE', 'PARTIALLY_FILLED', '0.1'],
      ['TRADE', 'PARTIALLY_FILLED', '0.2'],
      ['CANCELED', 'CANCELED', '0.2'],
    ]);
    const reports = client.named('executionReport');
    expect(new Set(reports.map(({ i }) => i))).toEqual(new Set([order.id]));
    // A cancel has an id of its own; the order's moves to C.
    expect(reports.map(({ c, C }) => [c === 'steps', C])).toEqual([
      [true, ''],
      [true, ''],
      [true, ''],
      [false, 'steps'],
    ]);
  });

  test('tells trades to watchMyTrades, with the fee in the coin bought', async () => {
    const coming = client.watchMyTrades(SPOT);
    const order = await client.createOrder(SPOT, 'market', 'buy', 0.2);
    const [trade] = await coming;
    expect(trade).toMatchObject({ order: order.id, side: 'buy', amount: 0.2, price: 50_000.1 });
    expect(trade?.fee).toMatchObject({ currency: 'BTC', cost: 0.0002 });
  });

  test('tells balances after orders and transfers', async () => {
    await client.createOrder(SPOT, 'limit', 'buy', 0.1, 49_000);
    const locked = () => client.named('outboundAccountPosition').map(({ B }) => B);
    await expect.poll(locked).toEqual([[{ a: 'USDT', f: '95100', l: '4900' }]]);
    await admin(venue, 'POST', 'transfer', { wallet: 'spot', asset: 'BTC', amount: '0.5' });
    const moved = () => client.named('balanceUpdate').map(({ a, d }) => [a, d]);
    await expect.poll(moved).toEqual([['BTC', '0.5']]);
  });

  test('is not told what happens on futures', async () => {
    const { transfer } = await import('../../adapters/src/venue-server/forced.js');
    transfer(venue.state, venue.state.account.wallet);
    await client.createOrder(SPOT, 'market', 'buy', 0.1);
    await expect.poll(() => client.executions()).toEqual([NEW, FILLED]);
    expect(client.named('ACCOUNT_UPDATE')).toEqual([]);
  });

  test.each([
    ['drop_frame', 2, [NEW]],
    ['duplicate', 2, [NEW, FILLED, FILLED]],
    ['reorder', 1, [FILLED, NEW]],
    ['delay_frame', 1, [FILLED, NEW]],
    ['merge', 1, [NEW, FILLED]],
    ['extra_fields', 1, [NEW, FILLED]],
    ['unknown_enum', 1, [['EXECUTION_NOBODY_KNOWS', 'STATUS_NOBODY_KNOWS', '0'], FILLED]],
  ] as const)('is broken by %s as that of futures is', async (kind, nth, expected) => {
    const mute = { endpoint: 'stream outboundAccountPosition', kind: 'drop_frame', times: 0 };
    await admin(venue, 'POST', 'faults', mute);
    const endpoint = 'stream executionReport';
    await admin(venue, 'POST', 'faults', { endpoint, kind, nth, ms: 120 });
    await client.createOrder(SPOT, 'market', 'buy', 0.1);
    await expect.poll(() => client.executions()).toHaveLength(expected.length);
    expect(client.executions()).toEqual(expected);
  });

  test.each([1006, 1008])('is closed with %i', async (code) => {
    await admin(venue, 'POST', 'stream', { action: 'close', code });
    await expect.poll(isSubscribed).toBe(false);
  });

  test('ends when its subscription does, and then says no more', async () => {
    await admin(venue, 'POST', 'stream', { action: 'end_subscription' });
    await expect.poll(() => client.named('eventStreamTerminated')).toHaveLength(1);
    await client.createOrder(SPOT, 'market', 'buy', 0.1);
    expect(client.executions()).toEqual([]);
  });
});

/** The client leaves a rejection to nobody here, so the socket is the test's own. */
async function ask(method: string, params: object): Promise<unknown> {
  const socket = new WebSocket(`${venue.url.replace('http', 'ws')}/ws-api/v3`);
  await once(socket, 'open');
  socket.send(JSON.stringify({ id: 'one', method, params }));
  const [message] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  return JSON.parse(message.toString());
}

describe('a request over the socket of spot', () => {
  test('is refused with a wrong key, a wrong signature, or a method nobody knows', async () => {
    const subscribe = 'userDataStream.subscribe.signature';
    const apiKey = venue.credentials.apiKey;
    const signed = { apiKey, timestamp: Date.now(), signature: 'ab' };
    expect(await ask(subscribe, { ...signed, apiKey: 'other' })).toMatchObject({
      id: 'one',
      status: 401,
      error: { code: -2015 },
    });
    expect(await ask(subscribe, signed)).toMatchObject({ status: 400, error: { code: -1022 } });
    expect(await ask('order.place', {})).toMatchObject({ status: 400, error: { code: -1020 } });
    expect(isSubscribed()).toBe(false);
  });
});

test('a stream of spot and one of futures of the same name do not mix', async () => {
  const open = async (path: string) => {
    const socket = new WebSocket(`${venue.url.replace('http', 'ws')}${path}`);
    await once(socket, 'open');
    const prices: number[] = [];
    socket.on('message', (message: Buffer) => {
      const { k } = JSON.parse(message.toString()) as { k?: { c: string } };
      if (k !== undefined) prices.push(Number(k.c));
    });
    const request = { method: 'SUBSCRIBE', params: ['btcusdt@kline_1m'], id: 1 };
    socket.send(JSON.stringify(request));
    await once(socket, 'message');
    return { socket, prices };
  };
  const spot = await open('/stream/ws/1');
  const futures = await open('/market/ws/1');
  venue.playback.playBar();
  await expect.poll(() => [spot.prices.length, futures.prices.length]).toEqual([5, 5]);
  expect(Math.max(...spot.prices)).toBeLessThan(55_000);
  expect(Math.min(...futures.prices)).toBeGreaterThan(55_000);
  spot.socket.close();
  futures.socket.close();
});

describe('requests of spot', () => {
  test.each([
    ['drop_after', 'NetworkError', 1],
    ['drop_before', 'NetworkError', 0],
    ['silent_after', 'RequestTimeout', 1],
  ] as const)('break by %s as those of futures do', async (kind, name, count) => {
    const hasty = await aSpotClient(venue, { timeout: 300 });
    await hasty.loadMarkets();
    await admin(venue, 'POST', 'faults', { endpoint: 'POST /api/v3/order', kind });
    const order = hasty.createOrder(SPOT, 'market', 'buy', 0.1);
    expect((await failure(order)).name).toBe(name);
    expect(venue.spot.trades).toHaveLength(count);
    await hasty.close();
  });

  test('do not show an order for as many queries as they are told', async () => {
    const order = await client.createOrder(SPOT, 'limit', 'buy', 0.1, 49_000);
    const hide = { kind: 'not_visible', times: 2 };
    await admin(venue, 'POST', 'faults', { endpoint: 'GET /api/v3/order', ...hide });
    await admin(venue, 'POST', 'faults', { endpoint: 'GET /api/v3/openOrders', ...hide });
    for (let query = 0; query < 2; query++) {
      expect((await failure(client.fetchOrder(order.id!, SPOT))).name).toBe('OrderNotFound');
      expect(await client.fetchOpenOrders(SPOT)).toEqual([]);
    }
    expect((await client.fetchOrder(order.id!, SPOT)).status).toBe('open');
    expect(await client.fetchOpenOrders(SPOT)).toHaveLength(1);
  });

  test('are refused while a ban lasts', async () => {
    await admin(venue, 'POST', 'ban', { http: 418, ms: 60_000 });
    expect((await failure(client.fetchBalance())).name).toBe('DDoSProtection');
  });
});
