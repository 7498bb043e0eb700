// The order desk on spot: other endpoints, another stream, and fills that come with the answer.
import { decimal, format } from '@strategy-runner/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';
import { SPOT, aSpotSymbol, aSpotVenue } from '../ccxt-spot-client.js';
import { admin } from '../ccxt-client.js';
import { aLimit, anExit, anOrder } from '../../support/orders.js';
import { type Bench, aBench } from './desk-bench.js';

let venue: RunningVenue;
let bench: Bench;

const ON_SPOT = { symbol: SPOT } as const;

beforeEach(async () => {
  venue = await aSpotVenue({
    symbols: [aSpotSymbol(['50000', '50000', '50000'], { tick: '0.1' })],
  });
  bench = await aBench({ venue, exchange: 'binance', parts: { symbols: [SPOT] } });
});

afterEach(async () => {
  await bench.close();
  await venue.stop();
});

test('a market buy is filled once, with its fee in the coin bought (F1)', async () => {
  const order = anOrder(ON_SPOT);
  bench.desk.submit(order);
  await expect.poll(() => bench.told(order)).toEqual(['accepted', 'fill 0.1']);
  await expect.poll(() => bench.desk.isBusySince(Date.now() + 1000)).toBe(false);
  expect(bench.told(order)).toEqual(['accepted', 'fill 0.1']);
  const [fill] = bench.of('fill_reported');
  expect([fill?.feeCurrency, format(fill!.fee)]).toEqual(['BTC', '0.0001']);
});

test('a resting order is cancelled under its own id', async () => {
  const order = aLimit('49000', ON_SPOT);
  bench.desk.submit(order);
  await expect.poll(() => bench.told(order)).toEqual(['accepted']);
  bench.desk.cancel(order);
  await expect.poll(() => bench.told(order)).toEqual(['accepted', 'cancelled 0']);
  await expect.poll(() => bench.desk.isBusySince(Date.now() + 1000)).toBe(false);
  expect(bench.told()).toEqual(['accepted', 'cancelled 0']);
});

test('post-only that would cross, and want of balance, are definite', async () => {
  const crossing = aLimit('50000.1', { ...ON_SPOT, postOnly: true });
  const large = anOrder({ ...ON_SPOT, quantity: decimal('5') });
  bench.desk.submit(crossing);
  bench.desk.submit(large);
  await expect.poll(() => bench.told(crossing)).toEqual(['rejected POST_ONLY_WOULD_CROSS']);
  await expect.poll(() => bench.told(large)).toEqual(['rejected BALANCE_INSUFFICIENT']);
});

test('a stop waits, is triggered in its place and filled', async () => {
  const stop = anExit({
    ...ON_SPOT,
    leg: 'sl',
    type: 'stop_limit',
    price: decimal('49400'),
    stopPrice: decimal('49500'),
  });
  bench.desk.submit(stop);
  await expect.poll(() => bench.told(stop)).toEqual(['accepted']);
  await admin(venue, 'POST', 'price', { symbol: SPOT, price: '49450' });
  await expect.poll(() => bench.told(stop)).toEqual(['accepted', 'triggered', 'fill 0.1']);
});

test('an order whose answer is lost is found by its client id, and filled once (C3)', async () => {
  await bench.fault({ endpoint: 'POST /api/v3/order', kind: 'drop_after' });
  await bench.fault({ endpoint: 'stream *', kind: 'drop_frame', times: 0 });
  const order = anOrder(ON_SPOT);
  bench.desk.submit(order);
  await expect
    .poll(() => bench.told(order), { timeout: 8000 })
    .toEqual(['unknown', 'accepted', 'fill 0.1']);
});
