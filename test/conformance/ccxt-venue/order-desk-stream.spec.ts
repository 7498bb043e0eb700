// The order desk and the user stream: events twice, in the wrong order, lost or in words that
// nobody knows, and what others do on the same account.
import { decimal } from '@strategy-runner/core';
import { afterEach, describe, expect, test } from 'vitest';
import { SYMBOL, aClient, admin } from '../ccxt-client.js';
import { aLimit, aStop, anOrder } from '../../support/orders.js';
import { type Bench, aBench } from './desk-bench.js';

let bench: Bench;

afterEach(async () => {
  await bench.close();
});

describe('events of the stream', () => {
  const EVENT = 'stream ORDER_TRADE_UPDATE';

  test('W2: that come twice are told once', async () => {
    bench = await aBench();
    await bench.fault({ endpoint: EVENT, kind: 'duplicate', times: 0 });
    const order = anOrder();
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted', 'fill 0.1']);
    await settled();
    expect(bench.told(order)).toEqual(['accepted', 'fill 0.1']);
  });

  test('W3: in the wrong order never go back', async () => {
    bench = await aBench();
    await admin(bench.venue, 'POST', 'liquidity', { symbol: 'BTCUSDT', quantity: '0.1' });
    await bench.fault({ endpoint: EVENT, kind: 'reorder', times: 0 });
    const order = aLimit('50000.1', { quantity: decimal('0.3'), timeInForce: 'IOC' });
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order).at(-1)).toBe('expired 0.1');
    await settled();
    expect(bench.told(order)).toEqual(['accepted', 'fill 0.1', 'expired 0.1']);
  });

  test('W4: merged into one chunk lose nothing', async () => {
    bench = await aBench();
    await admin(bench.venue, 'POST', 'liquidity', { symbol: 'BTCUSDT', quantity: '0.1' });
    await bench.fault({ endpoint: EVENT, kind: 'merge', times: 0 });
    const order = aLimit('50000.3', { quantity: decimal('0.3') });
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted', 'fill 0.3']);
    expect(bench.of('fill_reported')).toHaveLength(3);
  });

  test('W8: that are lost are read again by the next resync', async () => {
    bench = await aBench();
    const order = aLimit('49900');
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted']);
    await bench.fault({ endpoint: 'stream *', kind: 'drop_frame', times: 0 });
    await admin(bench.venue, 'POST', 'price', { symbol: 'BTCUSDT', price: '49800' });
    await settled();
    expect(bench.told(order)).toEqual(['accepted']);
    expect((await bench.desk.resync('light')).ok).toBe(true);
    expect(bench.told(order)).toEqual(['accepted', 'fill 0.1']);
  });

  test('W11: with words that nobody knows are read again by REST', async () => {
    bench = await aBench();
    await bench.fault({ endpoint: EVENT, kind: 'unknown_enum', times: 0 });
    const order = aLimit('49900');
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted']);
    await admin(bench.venue, 'POST', 'price', { symbol: 'BTCUSDT', price: '49800' });
    await expect.poll(() => bench.told(order)).toEqual(['accepted', 'fill 0.1']);
  });

  test('W11: that end an order in words that nobody knows are read again too', async () => {
    bench = await aBench();
    const order = aLimit('49000');
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted']);
    await bench.fault({ endpoint: EVENT, kind: 'unknown_enum', times: 0 });
    const stranger = await aClient(bench.venue);
    await stranger.cancelOrder(bench.of('order_accepted')[0]!.venueOrderId, SYMBOL);
    await expect.poll(() => bench.told(order)).toEqual(['accepted', 'cancelled 0']);
    await stranger.close();
  });

  test('of a stop whose link is lost are linked by REST (C18)', async () => {
    bench = await aBench();
    bench.desk.submit(anOrder());
    await expect.poll(() => bench.told()).toContain('fill 0.1');
    const stop = aStop('49500');
    bench.desk.submit(stop);
    await expect.poll(() => bench.told(stop)).toEqual(['accepted']);
    await bench.fault({ endpoint: 'stream ALGO_UPDATE', kind: 'drop_frame', times: 0 });
    await admin(bench.venue, 'POST', 'price', { symbol: 'BTCUSDT', price: '49400' });
    await expect.poll(() => bench.told(stop)).toEqual(['accepted', 'triggered', 'fill 0.1']);
    expect(bench.of('external_fill')).toEqual([]);
  });
});

test('an order of ours that has ended since the account was read is open no more', async () => {
  bench = await aBench({ hasStream: false });
  const order = aLimit('49000');
  bench.desk.submit(order);
  await expect.poll(() => bench.told(order)).toEqual(['accepted']);
  expect((await bench.desk.resync()).ok).toBe(true);
  expect(bench.desk.openOrders().map((one) => one.order)).toEqual([order.key]);
  bench.desk.cancel(order);
  await expect.poll(() => bench.told(order)).toEqual(['accepted', 'cancelled 0']);
  expect(bench.desk.openOrders()).toEqual([]);
});

describe('what is not ours', () => {
  test('is told as an external fill, once, also behind a resting stop', async () => {
    bench = await aBench();
    bench.desk.submit(anOrder());
    await expect.poll(() => bench.told()).toContain('fill 0.1');
    const stop = aStop('49000');
    bench.desk.submit(stop);
    await expect.poll(() => bench.told(stop)).toEqual(['accepted']);
    expect((await bench.desk.resync()).ok).toBe(true);
    const stranger = await aClient(bench.venue);
    await stranger.createOrder(SYMBOL, 'market', 'buy', 0.2);
    await expect.poll(() => bench.told()).toContain('external manual buy 0.2');
    expect((await bench.desk.resync()).ok).toBe(true);
    expect(bench.of('external_fill')).toHaveLength(1);
    expect(bench.told(stop)).toEqual(['accepted']);
    await stranger.close();
  });

  test.each(['liquidation', 'adl', 'settlement'])('says so of a %s (P7-P9)', async (kind) => {
    bench = await aBench();
    bench.desk.submit(anOrder());
    await expect.poll(() => bench.told()).toContain('fill 0.1');
    await admin(bench.venue, 'POST', 'force-close', { symbol: 'BTCUSDT', kind });
    await expect.poll(() => bench.told()).toContain(`external ${kind} sell 0.1`);
  });

  test('W9: is read from the cursor when the stream was gone', async () => {
    bench = await aBench({ hasStream: false });
    expect((await bench.desk.resync()).ok).toBe(true);
    const stranger = await aClient(bench.venue);
    for (const _ of [1, 2, 3]) await stranger.createOrder(SYMBOL, 'market', 'buy', 0.1);
    await bench.fault({
      endpoint: 'GET /fapi/v1/userTrades',
      kind: 'page_limit',
      limit: 1,
      times: 0,
    });
    expect((await bench.desk.resync()).ok).toBe(true);
    const external = 'external manual buy 0.1';
    expect(bench.told()).toEqual([external, external, external]);
    expect(bench.of('cursor').at(-1)).toMatchObject({
      name: `trades:${SYMBOL}`,
      value: String(bench.venue.state.trades.at(-1)?.id),
    });
    await stranger.close();
  });

  test('is among the open orders, with stops, and known as not ours', async () => {
    bench = await aBench({ hasStream: false });
    const order = aLimit('49000');
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted']);
    const stranger = await aClient(bench.venue);
    await stranger.createOrder(SYMBOL, 'limit', 'sell', 0.1, 51_000, { clientOrderId: 'theirs' });
    const stop = { stopLossPrice: 48_000, clientOrderId: 'their-stop', reduceOnly: true };
    await stranger.createOrder(SYMBOL, 'market', 'sell', 0.1, undefined, stop);
    expect((await bench.desk.resync()).ok).toBe(true);
    const shown = bench.desk.openOrders();
    expect(shown.map((one) => [one.order, one.type, one.reduceOnly])).toEqual([
      [order.key, 'limit', false],
      [null, 'limit', false],
      [null, 'stop_market', true],
    ]);
    for (const one of shown.slice(1)) bench.desk.cancelForeign(one);
    await expect
      .poll(
        async () => {
          await bench.desk.resync('light');
          return bench.desk.openOrders().map((one) => one.order);
        },
        { timeout: 20_000 },
      )
      .toEqual([order.key]);
    await stranger.close();
  });

  test('a partial reading is no reading', async () => {
    bench = await aBench({ hasStream: false });
    const rule = { kind: 'reject', http: 503, code: -1000 } as const;
    await bench.fault({ endpoint: 'GET /fapi/v1/openAlgoOrders', ...rule });
    expect((await bench.desk.resync()).ok).toBe(false);
    expect((await bench.desk.resync()).ok).toBe(true);
  });

  test('W10: an order event of a symbol that nobody lists is kept and read again', async () => {
    const whys: string[] = [];
    const onResyncNeeded = (why: string): void => void whys.push(why);
    bench = await aBench({ hasStream: false, parts: { onResyncNeeded } });
    const o = { s: 'NEWUSDT', c: 'x', S: 'BUY', x: 'TRADE', X: 'FILLED', i: '1', q: '1', z: '1' };
    bench.desk.onUserMessage({
      name: 'ORDER_TRADE_UPDATE',
      atMs: 0,
      body: { o: { ...o, o: 'LIMIT' } },
    });
    expect(bench.of('venue_message').at(-1)?.name).toBe('unreadable:ORDER_TRADE_UPDATE');
    expect(whys).toHaveLength(1);
  });
});

function settled(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 150);
  });
}
