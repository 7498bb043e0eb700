import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunningVenue } from '../../adapters/src/venue-server/start-venue.js';
import { START_MS, SYMBOL, aClient, aSymbol, aVenue, admin } from './ccxt-client.js';
import { RawClient, openUserStream } from './ccxt-raw-client.js';

let venue: RunningVenue;
let client: RawClient;

beforeEach(async () => {
  venue = await aVenue({
    symbols: [aSymbol(['50000', '50100', '49900', '50000', '50000', '50100', '50200'])],
  });
  client = (await aClient(venue, { client: RawClient })) as RawClient;
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

describe('market streams of the real client', () => {
  test('watchOHLCV gets the bar under way', async () => {
    const bars = await watched(client.watchOHLCV(SYMBOL, '1m'));
    const [openMs, open] = bars.at(-1)!;
    expect([(Number(openMs) - START_MS) % 60_000, Number(open) > 0]).toEqual([0, true]);
    venue.playback.playBar();
    await expect
      .poll(() => client.named('kline').map(({ k }) => (k as { x: boolean }).x))
      .toContain(true);
  });

  test('watchBidsAsks gets the best prices', async () => {
    const tickers = await watched(client.watchBidsAsks([SYMBOL]));
    const { bid, ask } = tickers[SYMBOL]!;
    expect(Number(((ask ?? 0) - (bid ?? 0)).toFixed(1))).toBe(0.2);
  });

  test('watchMarkPrice gets the mark', async () => {
    const ticker = await watched(client.watchMarkPrice(SYMBOL));
    expect(ticker.markPrice).toBeGreaterThan(49_000);
  });

  test('watchTicker gets the day', async () => {
    const ticker = await watched(client.watchTicker(SYMBOL));
    expect(ticker.open).toBe(50_000);
  });

  test('watchTrades gets public trades', async () => {
    const [trade] = await watched(client.watchTrades(SYMBOL));
    expect(trade?.symbol).toBe(SYMBOL);
  });

  test('watchOrderBook keeps the book that the exchange has', async () => {
    await watched(client.watchOrderBook(SYMBOL));
    venue.playback.playBar();
    const { book } = venue.state.markets.get('BTCUSDT')!;
    const levels = (side: 'BUY' | 'SELL') =>
      book.levels(side, 10).map(([price, quantity]) => [price.toNumber(), quantity.toNumber()]);
    await expect
      .poll(() => {
        const { bids, asks } = client.orderbooks[SYMBOL]!;
        return [bids.slice(0, 10), asks.slice(0, 10)].map((side) =>
          (side as number[][]).map(([price, quantity]) => [price, quantity]),
        );
      })
      .toEqual([levels('BUY'), levels('SELL')]);
  });
});

describe('the user stream of the real client', () => {
  beforeEach(async () => {
    await openUserStream(client, () => venue.hub.count);
  });

  test('tells every step of an order, with ids beyond 2^53 intact', async () => {
    venue.state.markets.get('BTCUSDT')!.liquidity = venue.state.instruments.get('BTCUSDT')!.step;
    await admin(venue, 'POST', 'liquidity', { symbol: 'BTCUSDT', quantity: '0.1' });
    const order = await client.createOrder(SYMBOL, 'limit', 'buy', 0.3, 50_000.2, {
      clientOrderId: 'steps',
    });
    await client.cancelOrder(order.id!, SYMBOL);
    await expect.poll(() => client.executions()).toHaveLength(4);
    expect(client.executions()).toEqual([
      ['NEW', 'NEW', '0'],
      ['TRADE', 'PARTIALLY_FILLED', '0.1'],
      ['TRADE', 'PARTIALLY_FILLED', '0.2'],
      ['CANCELED', 'CANCELED', '0.2'],
    ]);
    const [event] = client.named('ORDER_TRADE_UPDATE');
    expect((event!['o'] as Record<string, unknown>)['i']).toBe(order.id);
  });

  test('tells trades to watchMyTrades', async () => {
    const coming = client.watchMyTrades(SYMBOL);
    const order = await client.createOrder(SYMBOL, 'market', 'sell', 0.2);
    const [trade] = await coming;
    expect(trade).toMatchObject({ order: order.id, side: 'sell', amount: 0.2, price: 49_999.9 });
    expect(trade?.fee?.currency).toBe('USDT');
  });

  test('tells positions and balance', async () => {
    // The first answer is what was before.
    await client.watchPositions([SYMBOL]);
    const positions = client.watchPositions([SYMBOL]);
    const balance = client.watchBalance();
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    await client.createOrder(SYMBOL, 'market', 'buy', 0.2);
    expect((await positions).at(-1)).toMatchObject({
      symbol: SYMBOL,
      side: 'long',
      contracts: 0.2,
    });
    const { USDT } = (await balance) as never as { USDT: { total: number } };
    expect(USDT.total).toBeLessThan(100_000);
    // What the client still has on the way when it is closed, it leaves rejected to nobody.
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  });

  test('links a triggered stop to the order that it becomes', async () => {
    await client.createOrder(SYMBOL, 'market', 'buy', 0.1);
    const stop = await client.createOrder(SYMBOL, 'market', 'sell', 0.1, undefined, {
      stopLossPrice: 49_950,
      reduceOnly: true,
    });
    venue.playback.playBar();
    venue.playback.playBar();
    await expect.poll(() => client.named('ALGO_UPDATE')).toHaveLength(4);
    const [accepted, triggering, triggered, finished] = client
      .named('ALGO_UPDATE')
      .map(({ o }) => o);
    expect(accepted).toMatchObject({ X: 'NEW', ai: '' });
    expect(triggering).toMatchObject({ X: 'TRIGGERING', ai: '' });
    expect(finished).toMatchObject({ X: 'FINISHED' });
    expect(triggered).toMatchObject({ X: 'TRIGGERED', aid: Number(stop.id) });
    const { ai } = triggered as { ai: string };
    expect(venue.state.orders.get(BigInt(ai))?.status).toBe('FILLED');
  });

  test('tells funding with its reason, and leaves the position out', async () => {
    await client.createOrder(SYMBOL, 'market', 'buy', 1);
    await admin(venue, 'POST', 'funding', { symbol: 'BTCUSDT', rate: '0.0001' });
    const funding = () =>
      client.named('ACCOUNT_UPDATE').flatMap(({ a }) => {
        const { m, B, P } = a as { m: string; B: { bc: string }[]; P: unknown[] };
        return m === 'FUNDING_FEE' ? [[B[0]?.bc, P]] : [];
      });
    await expect.poll(funding).toEqual([['-5', []]]);
  });

  test.each([
    ['liquidation', /^autoclose-/],
    ['adl', /^adl_autoclose-/],
    ['settlement', /^settlement_autoclose-/],
  ])('tells a forced close (%s) that no client asked for', async (kind, id) => {
    await client.createOrder(SYMBOL, 'market', 'buy', 1);
    await admin(venue, 'POST', 'force-close', { symbol: 'BTCUSDT', kind });
    await expect.poll(() => client.executions().at(-1)).toEqual(['CALCULATED', 'FILLED', '1']);
    const last = client.named('ORDER_TRADE_UPDATE').at(-1)!['o'];
    expect((last as { c: string }).c).toMatch(id);
    expect(await client.fetchPositions([SYMBOL])).toEqual([]);
  });

  test('sends account and order events of a fill in either order', async () => {
    for (let trade = 0; trade < 12; trade++) {
      await client.createOrder(SYMBOL, 'market', trade % 2 === 0 ? 'buy' : 'sell', 0.1);
    }
    await expect.poll(() => client.named('ACCOUNT_UPDATE')).toHaveLength(12);
    const first = client.raw.flatMap(({ e, o }, index) => {
      const isTrade = e === 'ORDER_TRADE_UPDATE' && (o as { x: string }).x === 'TRADE';
      return isTrade ? [client.raw[index - 1]?.e === 'ACCOUNT_UPDATE'] : [];
    });
    expect(new Set(first)).toEqual(new Set([true, false]));
  });

  test('ends with its key, which cannot be kept alive any more', async () => {
    const { listenKey } = client.options['future'] as { listenKey: string };
    await admin(venue, 'POST', 'stream', { action: 'expire_listen_key' });
    await expect.poll(() => client.named('listenKeyExpired')).toHaveLength(1);
    const put = (client as never as Record<string, (p: object) => Promise<unknown>>)[
      'fapiPrivatePutListenKey'
    ]!;
    await expect(put.call(client, { listenKey })).rejects.toThrow(/-1125/);
    const before = client.raw.length;
    await client.createOrder(SYMBOL, 'market', 'buy', 0.1);
    expect(client.raw).toHaveLength(before);
  });
});
