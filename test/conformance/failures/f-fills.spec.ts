// F1–F6, F13: fills and their fees through the whole live path. A fill is what the venue's
// trade says, in the coin that it was charged in, once, however often and late it is told.
import { decimal, format } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { closeLong, limitAt, openLong, quantity } from '../../support/bodies.js';
import { type LiveWorld, type LiveWorldOptions, aLiveWorld } from '../../support/live-world.js';
import { SYMBOL, aClient, admin } from '../ccxt-client.js';
import { answersTo, expectSound, heldBy, muteOrders, requestsTo } from './case-checks.js';

const ORDER = 'POST /fapi/v1/order';
const SPOT_ORDER = 'POST /api/v3/order';
const TRADES = 'GET /fapi/v1/userTrades';

const TENTH = quantity('0.1');
const OPEN = openLong({ sizing_policy: TENTH });

const SPOT: Partial<LiveWorldOptions> = {
  exchange: 'binance',
  symbol: 'BTC/USDT',
  symbolSetup: { step: '0.001', tick: '0.1' },
};

const cashOf = ({ state }: LiveWorld) => state.cash;

describe('F1: a fee in the coin that was bought', () => {
  test('makes the position smaller, and all of it can be sold', async () => {
    const world = await aLiveWorld({
      ...SPOT,
      strategy: { 0: openLong({ sizing_policy: quantity('0.5') }), 1: closeLong() },
    });
    await world.bars(1);
    const owned = () => world.venue.spot.wallet.free('BTC').toFixed();
    expect(owned()).toBe('0.4995');
    // The half lot that no order can sell is set apart, and counted.
    expect(heldBy(world).map(format).toSorted()).toEqual(['0.0005', '0.499']);
    await world.bars(2);
    expect(answersTo(world, SPOT_ORDER)).toEqual([200, 200]);
    expect(owned()).toBe('0.0005');
    await expectSound(world);
  });
});

describe('F2: a fee in a coin of its own', () => {
  test('is booked in that coin, and taken from neither position nor cash', async () => {
    const world = await aLiveWorld({ strategy: { 0: OPEN, 1: closeLong() } });
    await admin(world.venue, 'POST', 'transfer', { amount: '1', asset: 'BNB' });
    await admin(world.venue, 'POST', 'fees', { asset: 'BNB', price: '300' });
    const before = cashOf(world);
    await world.bars(1);
    expect(await world.recordsOf('fill')).toMatchObject([{ feeCurrency: 'BNB' }]);
    expect(heldBy(world)).toEqual([decimal('0.1')]);
    expect(cashOf(world)).toBe(before);
    await world.bars(2);
    await expectSound(world);
  });
});

test('F3: the fee comes from the trade, since the answer to the order has none', async () => {
  const world = await aLiveWorld({ strategy: { 0: OPEN } });
  muteOrders(world);
  await world.bars(1);
  const messages = await world.eventsOf('venue_message');
  const answer = messages.find(
    ({ channel, name }) => channel === 'response' && name === 'createOrder',
  );
  expect(answer!.body).not.toContain('commission');
  const [trade] = world.venue.state.trades;
  expect((await world.recordsOf('fill')).map(({ fee }) => format(fee))).toEqual([
    trade!.commission.toFixed(),
  ]);
  expect(requestsTo(world, TRADES).length).toBeGreaterThan(0);
  await expectSound(world);
});

describe('a fill is booked once', () => {
  test('F4: over restarts, after which every trade since the cursor is read again', async () => {
    const world = await aLiveWorld({ strategy: { 0: OPEN, 4: closeLong() } });
    await world.bars(1);
    await world.restart();
    await world.bars(1);
    await world.restart();
    expect(heldBy(world)).toEqual([decimal('0.1')]);
    expect(await world.recordsOf('fill')).toHaveLength(1);
    await world.bars(3);
    expect(await world.recordsOf('fill')).toHaveLength(2);
    await expectSound(world);
  });

  test('F4: when it happened while the host was down', async () => {
    const order = limitAt('49900');
    const world = await aLiveWorld({
      strategy: { 0: openLong({ sizing_policy: TENTH, order }) },
      closes: [50_000, 49_800],
    });
    await world.bars(1);
    await world.end();
    world.venue.playback.playBar();
    await world.begin();
    await world.restart();
    expect(await world.recordsOf('fill')).toHaveLength(1);
    expect(heldBy(world)).toEqual([decimal('0.1')]);
    await expectSound(world);
  });

  test('F5: when it is told again later, and the funding paid meanwhile stays', async () => {
    const world = await aLiveWorld({ strategy: { 0: OPEN } });
    world.venue.faults.add({ endpoint: 'stream *', kind: 'duplicate', times: 0 });
    await world.bars(1);
    await admin(world.venue, 'POST', 'funding', { symbol: 'BTCUSDT', rate: '0.001' });
    await expect.poll(() => world.recordsOf('funding'), { timeout: 15_000 }).toHaveLength(1);
    const cash = cashOf(world);
    await world.restart();
    expect(cashOf(world)).toBe(cash);
    expect(await world.recordsOf('funding')).toHaveLength(1);
    expect(await world.recordsOf('fill')).toHaveLength(1);
    await expectSound(world);
  });
});

describe('F6: trades that come in pages', () => {
  test('are read by id to the last one, not by a window of time', async () => {
    const order = limitAt('49900');
    const world = await aLiveWorld({
      strategy: { 0: openLong({ sizing_policy: quantity('3'), order }) },
      closes: [50_000, 49_899.9, 49_899.9, 49_800],
      symbolSetup: { liquidity: '0.5' },
      cash: '1000000',
    });
    await world.bars(1);
    await world.end();
    for (let bar = 0; bar < 4; bar += 1) world.venue.playback.playBar();
    const trades = world.venue.state.trades.length;
    expect(trades).toBeGreaterThan(2);
    world.venue.faults.add({ endpoint: TRADES, kind: 'page_limit', limit: 1, times: 0 });
    await world.begin();
    expect(await world.recordsOf('fill')).toHaveLength(trades);
    const asked = requestsTo(world, TRADES).map(({ params }) => Object.keys(params));
    expect(asked.filter((names) => names.includes('startTime'))).toEqual([]);
    await expectSound(world);
  });
});

describe('F13: an id beyond 2^53', () => {
  test('is kept digit by digit, where a number loses its end', async () => {
    const world = await aLiveWorld({ strategy: { 0: OPEN } });
    await world.bars(1);
    const [venueOrder] = world.venue.state.orders.values();
    const id = String(venueOrder!.id);
    expect(String(Number(id))).not.toBe(id);
    const moved = await world.recordsOf('order_moved');
    expect(moved.map(({ venueOrderId }) => venueOrderId)).toContain(id);
    const naive = await aClient(world.venue);
    const fetched = await naive.fetchOrder(id, SYMBOL);
    expect(fetched.id).toBe(id);
    await naive.close();
    await expectSound(world);
  });

  test('names the order that a cancel is about', async () => {
    const world = await aLiveWorld({
      strategy: {
        0: openLong({ sizing_policy: TENTH, order: limitAt('49500') }),
        1: { kind: 'cancel', scope: { orders: 'all' }, reason: { code: 'test' } },
      },
    });
    await world.bars(2);
    expect(answersTo(world, 'DELETE /fapi/v1/order')).toEqual([200]);
    expect(answersTo(world, ORDER)).toEqual([200]);
    await expectSound(world);
  });
});
