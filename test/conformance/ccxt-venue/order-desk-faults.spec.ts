// The order desk while requests and answers are lost, broken or refused: what is not known is found
// out, nothing is executed twice, and what was never executed is shown to be absent first.
import { decimal } from '@strategy-runner/core';
import { afterEach, describe, expect, test } from 'vitest';
import { SYMBOL, aClient, admin } from '../ccxt-client.js';
import { type Bench, aBench, aLimit, aStop, anExit, anOrder } from './desk-bench.js';

const CREATE = 'POST /fapi/v1/order';
const GET = 'GET /fapi/v1/order';
const CANCEL = 'DELETE /fapi/v1/order';

let bench: Bench;

afterEach(async () => {
  await bench.close();
});

const executed = () =>
  [...bench.venue.state.orders.values()].filter(({ executed: quantity }) => quantity.gt(0)).length;

const EXECUTED = { executes: true, times: 1 } as const;

const LOST_ANSWERS = [
  ['C1', 'the backend times out', { kind: 'reject', http: 408, code: -1007, ...EXECUTED }],
  ['C2', 'no answer comes', { kind: 'silent_after' }],
  ['C3', 'the connection is reset after it was executed', { kind: 'drop_after' }],
  ['C6', 'the body stalls behind its headers', { kind: 'stall_body' }],
  ['C7', 'the body is cut off', { kind: 'truncate' }],
  ['C7', 'the body is a page of HTML', { kind: 'html', http: 200 }],
  ['C7', 'the body is empty', { kind: 'empty' }],
  ['C8', 'the body is {}', { kind: 'empty_object' }],
  ['C9', 'the exchange says 503', { kind: 'reject', http: 503, code: -1000, ...EXECUTED }],
  ['C9', 'the gateway says 504', { kind: 'reject', http: 504, code: -1000, ...EXECUTED }],
] as const;

describe('an order whose answer is lost', () => {
  test.each(LOST_ANSWERS)('%s: %s: is unknown, found and filled once', async (_, __, rule) => {
    bench = await aBench({ hasStream: false, callDeadlineMs: 500 });
    await bench.fault({ endpoint: CREATE, ...rule });
    const order = anOrder();
    bench.desk.submit(order);
    await expect
      .poll(() => bench.told(order), { timeout: 8000 })
      .toEqual(['unknown', 'accepted', 'fill 0.1']);
    expect(executed()).toBe(1);
    expect(bench.of('order_rejected')).toEqual([]);
  });

  test('C2: naive code that sends it again has it executed twice', async () => {
    bench = await aBench({ hasStream: false });
    await bench.fault({ endpoint: CREATE, kind: 'silent_after' });
    const naive = await aClient(bench.venue, { timeout: 300 });
    const buy = () =>
      naive.createOrder(SYMBOL, 'market', 'buy', 0.1, undefined, { clientOrderId: 'once' });
    await expect(buy()).rejects.toThrow();
    await buy();
    expect(executed()).toBe(2);
    await naive.close();
  });

  test('C11: is found although the exchange does not show it at first', async () => {
    bench = await aBench({ hasStream: false, callDeadlineMs: 500 });
    await bench.fault({ endpoint: CREATE, kind: 'drop_after' });
    await bench.fault({ endpoint: GET, kind: 'reject', http: 400, code: -2013, times: 4 });
    const order = anOrder();
    bench.desk.submit(order);
    await expect
      .poll(() => bench.told(order), { timeout: 8000 })
      .toEqual(['unknown', 'accepted', 'fill 0.1']);
    expect(executed()).toBe(1);
  });

  test('is accepted by an answer that comes after the deadline', async () => {
    bench = await aBench({ hasStream: false, callDeadlineMs: 300 });
    await bench.fault({ endpoint: CREATE, kind: 'delay', ms: 450 });
    await bench.fault({ endpoint: GET, kind: 'reject', http: 503, code: -1000, times: 0 });
    const order = aLimit('49000');
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['unknown', 'accepted']);
  });

  test('W1: is filled by events that overtake the answer, and told once', async () => {
    bench = await aBench();
    await bench.fault({ endpoint: CREATE, kind: 'delay', ms: 300 });
    const order = anOrder();
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted', 'fill 0.1']);
    await expect.poll(() => bench.desk.isBusySince(Date.now() + 1000)).toBe(false);
    expect(bench.told(order)).toEqual(['accepted', 'fill 0.1']);
  });
});

describe('an order that never arrived', () => {
  test('C3: is absent after repeated answers and agreeing lists, and then sent again', async () => {
    bench = await aBench({ hasStream: false });
    await bench.fault({ endpoint: CREATE, kind: 'drop_before' });
    const order = anOrder();
    const startedMs = Date.now();
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order), { timeout: 8000 }).toEqual(['unknown', 'absent']);
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(400);
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order).slice(2)).toEqual(['accepted', 'fill 0.1']);
    expect(executed()).toBe(1);
    const ids = new Set([...bench.venue.state.orders.values()].map((one) => one.clientOrderId));
    expect(ids.size).toBe(1);
  });

  test('is not called absent while the open orders cannot be read', async () => {
    bench = await aBench({ hasStream: false });
    await bench.fault({ endpoint: CREATE, kind: 'drop_before' });
    const rule = { kind: 'reject', http: 503, code: -1000, times: 0 } as const;
    const added = await bench.fault({ endpoint: 'GET /fapi/v1/openOrders', ...rule });
    const order = anOrder();
    bench.desk.submit(order);
    const refused = () =>
      bench.of('api_error').filter(({ call }) => call === 'fetchOpenOrders').length;
    await expect.poll(refused, { timeout: 8000 }).toBeGreaterThan(2);
    expect(bench.told(order)).toEqual(['unknown']);
    await admin(bench.venue, 'DELETE', `faults?id=${(added as { id: number }).id}`);
    await expect.poll(() => bench.told(order), { timeout: 8000 }).toEqual(['unknown', 'absent']);
  });

  test('is not called absent while the position is not the one of our fills', async () => {
    let stray = decimal('0.1');
    const held = () => stray;
    bench = await aBench({ hasStream: false, parts: { held } });
    await bench.fault({ endpoint: CREATE, kind: 'drop_before' });
    const order = anOrder();
    bench.desk.submit(order);
    const readings = () =>
      bench.of('venue_message').filter(({ name }) => name === 'fetchPositions').length;
    await expect.poll(readings, { timeout: 8000 }).toBeGreaterThan(4);
    expect(bench.told(order)).toEqual(['unknown']);
    stray = 0n;
    await expect.poll(() => bench.told(order), { timeout: 8000 }).toEqual(['unknown', 'absent']);
  });
});

describe('an order that exists already', () => {
  test('C5: refused as a duplicate is accepted as what it is', async () => {
    bench = await aBench({ hasStream: false });
    const order = aLimit('49000');
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted']);
    const other = await aBench({ venue: bench.venue, hasStream: false });
    other.desk.submit(order);
    await expect.poll(() => other.told(order)).toEqual(['accepted']);
    await other.close();
    expect(bench.venue.state.orders.size).toBe(1);
  });
});

describe('an order that was certainly not executed', () => {
  const REFUSALS = [
    ['429', { http: 429, code: -1003 }],
    ['-1021', { http: 400, code: -1021 }],
  ] as const;

  test.each(REFUSALS)('is refused to an entry and sent again for an exit: %s', async (_, by) => {
    bench = await aBench({ hasStream: false });
    bench.desk.submit(anOrder());
    await expect.poll(() => bench.told()).toEqual(['accepted', 'fill 0.1']);
    await bench.fault({ endpoint: CREATE, kind: 'reject', ...by });
    const exit = anExit();
    bench.desk.submit(exit);
    await expect
      .poll(() => bench.told(exit), { timeout: 20_000 })
      .toEqual(['accepted', 'fill 0.1']);
    await bench.fault({ endpoint: CREATE, kind: 'reject', http: 400, code: -1021 });
    const entry = anOrder();
    bench.desk.submit(entry);
    await expect
      .poll(() => bench.told(entry), { timeout: 20_000 })
      .toEqual(['rejected VENUE_NOT_READY']);
  });

  test('for want of margin is refused for good (C21)', async () => {
    bench = await aBench({ hasStream: false });
    const order = anOrder({ quantity: decimal('900') });
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['rejected BALANCE_INSUFFICIENT']);
  });
});

describe('a cancel', () => {
  const LOST = [
    ['after it was executed', { kind: 'drop_after' }],
    ['before', { kind: 'drop_before' }],
    ['without an answer', { kind: 'silent_after' }],
    ['with an empty answer', { kind: 'empty_object' }],
  ] as const;

  test.each(LOST)('C17: that is lost %s ends the order once', async (_, rule) => {
    bench = await aBench({ hasStream: false, callDeadlineMs: 500 });
    const order = aLimit('49000');
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted']);
    await bench.fault({ endpoint: CANCEL, ...rule });
    bench.desk.cancel(order);
    await expect
      .poll(() => bench.told(order), { timeout: 8000 })
      .toEqual(['accepted', 'cancelled 0']);
    expect([...bench.venue.state.orders.values()].map(({ status }) => status)).toEqual([
      'CANCELED',
    ]);
  });

  test('C13: that finds the order filled tells the fill, and no end without it', async () => {
    bench = await aBench({ hasStream: false });
    const order = aLimit('49900');
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted']);
    await admin(bench.venue, 'POST', 'price', { symbol: 'BTCUSDT', price: '49800' });
    bench.desk.cancel(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted', 'fill 0.1']);
    await expect.poll(() => bench.desk.isBusySince(Date.now() + 1000)).toBe(false);
    expect(bench.told(order)).toEqual(['accepted', 'fill 0.1']);
  });

  test('waits for the order that is still on its way', async () => {
    bench = await aBench({ hasStream: false });
    await bench.fault({ endpoint: CREATE, kind: 'delay', ms: 200 });
    const order = aLimit('49000');
    bench.desk.submit(order);
    bench.desk.cancel(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted', 'cancelled 0']);
  });
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
