// The order desk while requests and answers are lost, broken or refused: what is not known is found
// out, nothing is executed twice, and what was never executed is shown to be absent first.
import { decimal } from '@strategy-runner/core';
import { afterEach, describe, expect, test } from 'vitest';
import { SYMBOL, aClient, admin } from '../ccxt-client.js';
import { aLimit, anExit, anOrder } from '../../support/orders.js';
import { type Bench, aBench } from './desk-bench.js';

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

  test('does not overtake the order that is still on its way', async () => {
    bench = await aBench({ hasStream: false });
    await bench.fault({ endpoint: CREATE, kind: 'delay', ms: 300 });
    const order = aLimit('49000');
    bench.desk.submit(order);
    await expect.poll(() => bench.of('venue_message')).toMatchObject([{ name: 'createOrder' }]);
    bench.desk.cancel(order);
    await expect
      .poll(() => bench.told(order), { timeout: 8000 })
      .toEqual(['accepted', 'cancelled 0']);
    const cancels = bench
      .of('venue_message')
      .filter(({ name, channel }) => name === 'cancelOrder' && channel === 'request');
    expect(cancels).toHaveLength(1);
  });
});
