// The order desk of a new process: what happened while nobody listened is read, and nothing of what
// the session has booked already is told again.
import { type EngineState, type Order, decimal, emptyState } from '@strategy-runner/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';
import { SYMBOL, aClient, aSymbol, aVenue, admin } from '../ccxt-client.js';
import { aLimit, aStop, anExit, anOrder } from '../../support/orders.js';
import { type Bench, type BenchOptions, CLOSES, aBench } from './desk-bench.js';

let venue: RunningVenue;
const benches: Bench[] = [];

beforeEach(async () => {
  venue = await aVenue({ symbols: [aSymbol(CLOSES)] });
});

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close();
  await venue.stop();
});

async function aRun(more: Partial<BenchOptions> = {}): Promise<Bench> {
  const bench = await aBench({ venue, hasStream: false, ...more });
  benches.push(bench);
  return bench;
}

/** What the engine of the first run knew of its orders when the process died. */
function stateAfter(bench: Bench, orders: readonly Order[]): EngineState {
  const state = emptyState(decimal('100000'), ['btc:demo']);
  for (const order of orders) {
    const accepted = bench.of('order_accepted').find((event) => event.order === order.key);
    const triggered = bench.of('order_triggered').find((event) => event.order === order.key);
    const fills = bench.of('fill_reported').filter((event) => event.order === order.key);
    const filled = fills.reduce((sum, { quantity }) => sum + quantity, 0n);
    const booked: Order = {
      ...order,
      status: accepted === undefined ? 'unknown' : 'accepted',
      venueOrderId: triggered?.venueOrderId ?? accepted?.venueOrderId ?? null,
      isTriggered: triggered !== undefined,
      filled,
      tradeIds: fills.map(({ tradeId }) => tradeId),
    };
    if (filled === order.quantity) {
      state.endedOrders.young.set(order.key, { ...booked, status: 'filled' });
    } else state.orders.set(order.key, booked);
  }
  for (const { name, value } of bench.of('cursor')) state.cursors.set(name, value);
  for (const { tradeId } of bench.of('external_fill'))
    state.externalTrades.young.set(`${SYMBOL}|${tradeId}`, true);
  return state;
}

async function restarted(first: Bench, orders: readonly Order[], held = '0'): Promise<Bench> {
  const state = stateAfter(first, orders);
  await first.close();
  benches.splice(benches.indexOf(first), 1);
  // The ledger of the second run starts with what the first one booked.
  const bench = await aRun({ parts: { held: () => decimal(held) } });
  bench.desk.restore(state);
  return bench;
}

describe('a restart', () => {
  test('tells the fills that came in between, and no other (F4)', async () => {
    const first = await aRun();
    await admin(venue, 'POST', 'liquidity', { symbol: 'BTCUSDT', quantity: '0.1' });
    const order = aLimit('50000.1', { quantity: decimal('0.3') });
    first.desk.submit(order);
    await expect.poll(() => first.told(order)).toEqual(['accepted', 'fill 0.1']);
    const second = await restarted(first, [order], '0.1');
    for (const price of ['49900', '49800', '49700']) {
      await admin(venue, 'POST', 'price', { symbol: 'BTCUSDT', price });
    }
    expect([...venue.state.orders.values()][0]?.status).toBe('FILLED');
    expect((await second.desk.resync()).ok).toBe(true);
    expect(second.told(order)).toEqual(['fill 0.2']);
  });

  test('finds the stop that was triggered in between (C19)', async () => {
    const first = await aRun();
    const entry = anOrder();
    const stop = aStop('49500');
    first.desk.submit(entry);
    await expect.poll(() => first.told(entry)).toEqual(['accepted', 'fill 0.1']);
    first.desk.submit(stop);
    await expect.poll(() => first.told(stop)).toEqual(['accepted']);
    expect((await first.desk.resync()).ok).toBe(true);
    const second = await restarted(first, [entry, stop], '0.1');
    await admin(venue, 'POST', 'price', { symbol: 'BTCUSDT', price: '49400' });
    expect((await second.desk.resync()).ok).toBe(true);
    expect(second.told()).toEqual(['triggered', 'fill 0.1']);
    expect(second.of('external_fill')).toEqual([]);
  });

  test('finds the order whose answer the process did not live to see (S2)', async () => {
    const first = await aRun();
    const order = anOrder();
    first.desk.submit(order);
    await expect.poll(() => venue.state.trades).toHaveLength(1);
    const state = emptyState(decimal('100000'), ['btc:demo']);
    state.orders.set(order.key, { ...order, status: 'unknown' });
    const second = await aRun();
    second.desk.restore(state);
    expect((await second.desk.resync()).ok).toBe(true);
    expect(second.told()).toEqual(['accepted', 'fill 0.1']);
  });

  test('shows an order that was never sent to be absent (S1)', async () => {
    const order = anOrder();
    const state = emptyState(decimal('100000'), ['btc:demo']);
    state.orders.set(order.key, { ...order, status: 'unknown' });
    const bench = await aRun();
    bench.desk.restore(state);
    expect((await bench.desk.resync()).ok).toBe(true);
    await expect.poll(() => bench.told(), { timeout: 20_000 }).toEqual(['absent']);
  });

  test('tells what others traded in between, and not what it forgot of its own', async () => {
    const first = await aRun();
    const entry = anOrder();
    first.desk.submit(entry);
    await expect.poll(() => first.told(entry)).toEqual(['accepted', 'fill 0.1']);
    expect((await first.desk.resync()).ok).toBe(true);
    const stranger = await aClient(venue);
    await stranger.createOrder(SYMBOL, 'market', 'sell', 0.2);
    // The entry has been over for so long that the session keeps no word of it.
    const second = await restarted(first, [], '0.1');
    expect((await second.desk.resync()).ok).toBe(true);
    expect(second.told()).toEqual(['external manual sell 0.2']);
    await stranger.close();
  });

  test('follows an order that the operator made ours, from there on', async () => {
    const first = await aRun();
    const stranger = await aClient(venue);
    await admin(venue, 'POST', 'liquidity', { symbol: 'BTCUSDT', quantity: '0.1' });
    await stranger.createOrder(SYMBOL, 'limit', 'buy', 0.3, 50_000.1, { clientOrderId: 'theirs' });
    expect((await first.desk.resync()).ok).toBe(true);
    const [shown] = first.desk.openOrders();
    const { venueOrderId, quantity, filled, price } = shown!;
    const intentId = `external:${venueOrderId}`;
    const adopted = aLimit('50000.1', { intentId, venueOrderId, quantity, filled, price });
    first.desk.adopt(adopted);
    for (const to of ['49900', '49800', '49700']) {
      await admin(venue, 'POST', 'price', { symbol: 'BTCUSDT', price: to });
    }
    first.desk.query(adopted);
    await expect.poll(() => first.told(adopted), { timeout: 8000 }).toEqual(['fill 0.2']);
    await stranger.close();
  });

  test('of another session does not take its orders for its own', async () => {
    const first = await aRun();
    const order = aLimit('49000');
    first.desk.submit(order);
    await expect.poll(() => first.told(order)).toEqual(['accepted']);
    const other = await aRun({ sessionId: 'session-2' });
    expect((await other.desk.resync()).ok).toBe(true);
    expect(other.desk.openOrders().map((one) => one.order)).toEqual([null]);
    const exit = anExit();
    other.desk.submit(exit);
    await expect.poll(() => other.told(exit)).toEqual(['rejected REDUCE_ONLY_FLAT']);
  });
});
