import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunningVenue } from '../../adapters/src/venue-server/start-venue.js';
import {
  OTHER_SYMBOL,
  START_MS,
  SYMBOL,
  type UsdmClient,
  aClient,
  aSymbol,
  aVenue,
} from './ccxt-client.js';

let venue: RunningVenue;
let client: UsdmClient;

beforeEach(async () => {
  venue = await aVenue({
    symbols: [
      aSymbol(['50000', '50100', '49900', '50000', '50000']),
      aSymbol(['3000', '3010'], { symbol: OTHER_SYMBOL, tick: '0.01' }),
    ],
  });
  client = await aClient(venue);
  await client.loadMarkets();
});

afterEach(async () => {
  await client.close();
  await venue.stop();
});

describe('public calls of the real client', () => {
  test('load markets with their filters', async () => {
    const markets = await client.loadMarkets();
    expect(Object.keys(markets).sort()).toEqual([SYMBOL, OTHER_SYMBOL]);
    const { precision, limits, contractSize, linear } = client.market(SYMBOL);
    expect({ precision, linear, contractSize, cost: limits.cost?.min }).toMatchObject({
      precision: { amount: 0.001, price: 0.1 },
      linear: true,
      contractSize: 1,
      cost: 5,
    });
  });

  test('read bars, prices, funding rate and book', async () => {
    venue.playback.playBar();
    const bars = await client.fetchOHLCV(SYMBOL, '1m');
    expect(bars.map(([openMs, , , , close]) => [openMs, close])).toEqual([
      [START_MS, 50_000],
      [START_MS + 60_000, 50_100],
    ]);
    const book = await client.fetchOrderBook(SYMBOL, 5);
    expect([book.bids[0], book.asks[0]]).toEqual([
      [50_099.9, 2],
      [50_100.1, 2],
    ]);
    expect((await client.fetchTicker(SYMBOL)).last).toBe(50_100);
    expect((await client.fetchBidsAsks([SYMBOL]))[SYMBOL]?.ask).toBe(50_100.1);
    const rate = await client.fetchFundingRate(SYMBOL);
    expect(rate.fundingRate).toBe(0.0001);
    expect(rate.fundingTimestamp).toBe(Date.UTC(2024, 0, 1, 8));
    expect((await client.fetchTrades(SYMBOL)).length).toBeGreaterThan(0);
    expect(Math.abs(((await client.fetchTime()) ?? 0) - Date.now())).toBeLessThan(5000);
  });
});

describe('orders of the real client', () => {
  test('a market order fills at the book and shows in trades, position and balance', async () => {
    const order = await client.createOrder(SYMBOL, 'market', 'buy', 0.5, undefined, {
      clientOrderId: 'entry-1',
    });
    expect(order).toMatchObject({ status: 'closed', filled: 0.5, average: 50_000.1 });
    expect(order.clientOrderId).toBe('entry-1');
    // 64 bits, so a float would not hold it.
    expect(order.id).toBe('8389765500000000001');
    const trades = await client.fetchMyTrades(SYMBOL);
    expect(trades).toHaveLength(1);
    expect(trades[0]).toMatchObject({ order: order.id, price: 50_000.1, takerOrMaker: 'taker' });
    expect(trades[0]?.fee).toMatchObject({ cost: 12.500025, currency: 'USDT' });
    const [position] = await client.fetchPositions([SYMBOL]);
    expect(position).toMatchObject({ side: 'long', contracts: 0.5, entryPrice: 50_000.1 });
    // Margin balance: the wallet less fees, and half a coin bought a tick above the last price.
    const balance = await client.fetchBalance();
    expect((balance as never as { USDT: { total: number } }).USDT.total).toBe(99_987.449975);
  });

  test('a market order larger than the book fills in part and expires', async () => {
    const small = await aVenue({ symbols: [aSymbol(['50000', '50000'], { liquidity: '0.1' })] });
    const other = await aClient(small);
    const order = await other.createOrder(SYMBOL, 'market', 'buy', 1.5);
    expect(order).toMatchObject({ status: 'expired', filled: 1, remaining: 0.5 });
    expect(await other.fetchMyTrades(SYMBOL)).toHaveLength(10);
    await other.close();
    await small.stop();
  });

  test('a limit order rests, is found by client id, and is cancelled once', async () => {
    const order = await client.createOrder(SYMBOL, 'limit', 'buy', 0.1, 49_000, {
      clientOrderId: 'rest-1',
      postOnly: true,
    });
    expect(order).toMatchObject({ status: 'open', timeInForce: 'PO', filled: 0 });
    const found = await client.fetchOrder(undefined as never, SYMBOL, { clientOrderId: 'rest-1' });
    expect(found.id).toBe(order.id);
    expect((await client.fetchOpenOrders(SYMBOL)).map(({ id }) => id)).toEqual([order.id]);
    expect((await client.fetchOpenOrders()).map(({ id }) => id)).toEqual([order.id]);
    expect((await client.cancelOrder(order.id!, SYMBOL)).status).toBe('canceled');
    await expect(client.cancelOrder(order.id!, SYMBOL)).rejects.toThrow(/-2011/);
    expect((await client.fetchOrders(SYMBOL)).map(({ status }) => status)).toEqual(['canceled']);
  });

  test('a resting order fills when the price trades through it, not at a touch', async () => {
    const touched = await client.createOrder(SYMBOL, 'limit', 'buy', 0.1, 49_900);
    const through = await client.createOrder(SYMBOL, 'limit', 'buy', 0.1, 49_950);
    venue.playback.playBar();
    venue.playback.playBar();
    expect((await client.fetchOrder(touched.id!, SYMBOL)).status).toBe('open');
    expect((await client.fetchOrder(through.id!, SYMBOL)).status).toBe('closed');
    const trades = await client.fetchMyTrades(SYMBOL);
    expect(new Set(trades.map(({ takerOrMaker }) => takerOrMaker))).toEqual(new Set(['maker']));
    expect(new Set(trades.map(({ price }) => price))).toEqual(new Set([49_950]));
  });

  test('all open orders of a symbol are cancelled by one call, stops by another', async () => {
    await client.createOrder(SYMBOL, 'limit', 'buy', 0.1, 49_000);
    await client.createOrder(SYMBOL, 'limit', 'buy', 0.1, 48_900);
    await client.createOrder(SYMBOL, 'market', 'sell', 0.1, undefined, { stopLossPrice: 48_000 });
    await client.cancelAllOrders(SYMBOL);
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
    expect(
      await client.fetchOpenOrders(SYMBOL, undefined, undefined, { trigger: true }),
    ).toHaveLength(1);
    await client.cancelAllOrders(SYMBOL, { trigger: true });
    expect(await client.fetchOpenOrders(SYMBOL, undefined, undefined, { trigger: true })).toEqual(
      [],
    );
  });

  test('trades are paged by id', async () => {
    for (const side of ['buy', 'sell', 'buy'] as const) {
      await client.createOrder(SYMBOL, 'market', side, 0.1);
    }
    const [first] = await client.fetchMyTrades(SYMBOL, undefined, 1, { fromId: 0 });
    const rest = await client.fetchMyTrades(SYMBOL, undefined, 10, {
      fromId: Number(first?.id) + 1,
    });
    expect(rest.map(({ side }) => side)).toEqual(['sell', 'buy']);
  });

  test('the dead man’s switch cancels what rests', async () => {
    const order = await client.createOrder(SYMBOL, 'limit', 'buy', 0.1, 49_000);
    const set = (countdownTime: number) =>
      (client as never as Record<string, (p: object) => Promise<unknown>>)[
        'fapiPrivatePostCountdownCancelAll'
      ]!({ symbol: 'BTCUSDT', countdownTime });
    await set(30);
    await expect
      .poll(async () => (await client.fetchOrder(order.id!, SYMBOL)).status)
      .toBe('canceled');
  });
});

describe('stops of the real client', () => {
  test('become an order with an id of its own when triggered', async () => {
    await client.createOrder(SYMBOL, 'market', 'buy', 0.2);
    const stop = await client.createOrder(SYMBOL, 'market', 'sell', 0.2, undefined, {
      stopLossPrice: 49_950,
      reduceOnly: true,
      clientOrderId: 'stop-1',
    });
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
    venue.playback.playBar();
    venue.playback.playBar();
    const fired = await client.fetchOrder(stop.id!, SYMBOL, { trigger: true });
    expect(fired.status).toBe('closed');
    const { actualOrderId } = fired.info as { actualOrderId: string };
    expect(await client.fetchOrder(actualOrderId, SYMBOL)).toMatchObject({
      status: 'closed',
      filled: 0.2,
      reduceOnly: true,
    });
    expect(await client.fetchPositions([SYMBOL])).toEqual([]);
  });

  test('are cancelled at their own endpoint', async () => {
    const stop = await client.createOrder(SYMBOL, 'market', 'sell', 0.2, undefined, {
      stopLossPrice: 49_950,
    });
    await client.cancelOrder(stop.id!, SYMBOL, { trigger: true });
    await expect(client.cancelOrder(stop.id!, SYMBOL, { trigger: true })).rejects.toThrow(/-2011/);
  });
});

describe('account calls of the real client', () => {
  test('set leverage and margin mode and read them back', async () => {
    await client.setLeverage(7, SYMBOL);
    expect(await client.fetchLeverage(SYMBOL)).toMatchObject({ longLeverage: 7, shortLeverage: 7 });
    await client.setMarginMode('isolated', SYMBOL);
    expect((await client.fetchMarginMode(SYMBOL)).marginMode).toBe('isolated');
  });

  test('hold both sides of a symbol in hedge mode', async () => {
    await client.setPositionMode(true, SYMBOL);
    expect(await client.fetchPositionMode(SYMBOL)).toMatchObject({ hedged: true });
    await client.createOrder(SYMBOL, 'market', 'buy', 0.2, undefined, { positionSide: 'LONG' });
    await client.createOrder(SYMBOL, 'market', 'sell', 0.1, undefined, { positionSide: 'SHORT' });
    const positions = await client.fetchPositions([SYMBOL]);
    const held = positions.map(({ side, contracts, hedged }) => [side, contracts, hedged]);
    expect(held).toEqual([
      ['long', 0.2, true],
      ['short', 0.1, true],
    ]);
  });

  test('funding moves the wallet and has its row', async () => {
    await client.createOrder(SYMBOL, 'market', 'buy', 1);
    venue.playback.playBar();
    await fetch(`${venue.url}/admin/funding`, {
      method: 'POST',
      body: JSON.stringify({ symbol: 'BTCUSDT', rate: '0.0003' }),
    });
    const history = await client.fetchFundingHistory(SYMBOL);
    expect(history.map(({ amount }) => amount)).toEqual([-15.03]);
    const ledger = await client.fetchLedger('USDT');
    expect(ledger.map(({ amount, direction }) => [amount, direction])).toEqual([
      [25.00005, 'out'],
      [15.03, 'out'],
    ]);
  });
});
