// The ten measured findings, each with naive code of the client library that goes wrong beside a
// session that does not, on the same account. README.md lists those that are shown elsewhere.
import { decimal } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { closeLong, limitAt, openLong, quantity } from '../../support/bodies.js';
import { type LiveWorld, aLiveWorld } from '../../support/live-world.js';
import { SYMBOL, type UsdmClient, aClient, admin, failure } from '../ccxt-client.js';
import { aCcxtClient } from '../ccxt-venue/a-ccxt-client.js';
import { SPOT, aSpotClient } from '../ccxt-spot-client.js';
import { expectSound, heldBy, requestsTo } from './case-checks.js';

const ORDER = 'POST /fapi/v1/order';
const EVENT = 'stream ORDER_TRADE_UPDATE';
const WAIT = { timeout: 15_000 };
const OPEN = openLong({ sizing_policy: quantity('0.1') });

/** Naive code beside a session, its streams open before it goes on. */
async function naiveBeside(
  world: LiveWorld,
  watch: (client: UsdmClient) => Promise<void>,
): Promise<UsdmClient> {
  const client = await aClient(world.venue);
  await client.loadMarkets();
  const connections = world.venue.hub.count;
  watch(client).catch(() => undefined);
  await expect.poll(() => world.venue.hub.count, WAIT).toBeGreaterThan(connections);
  return client;
}

async function watchForever(watch: () => Promise<void>): Promise<void> {
  for (;;) await watch();
}

test('§0.3 what is no error of ccxt, or no failure, is an executed order', async () => {
  const faults = ['truncate', 'html', 'empty', 'empty_object'] as const;
  const world = await aLiveWorld({
    strategy: Object.fromEntries(
      faults.flatMap((_, i) => [
        [2 * i, OPEN],
        [2 * i + 1, closeLong()],
      ]),
    ),
  });
  const naive = await aClient(world.venue);
  const seen: string[] = [];
  for (const kind of faults) {
    world.venue.faults.add({ endpoint: ORDER, kind });
    await world.bars(2);
  }
  await expectSound(world);
  const errors = await world.eventsOf('api_error');
  expect(errors.map(({ call, verdict }) => `${call} ${verdict}`)).toEqual(
    Array.from({ length: 3 }, () => 'createOrder unknown'),
  );
  expect(requestsTo(world, ORDER)).toHaveLength(2 * faults.length);
  const before = world.venue.state.trades.length;
  for (const kind of faults) {
    world.venue.faults.add({ endpoint: ORDER, kind });
    const order = naive.createOrder(SYMBOL, 'market', 'buy', 0.001);
    seen.push(
      await order.then(
        ({ id }) => `id ${id}`,
        (error: Error) => error.constructor.name,
      ),
    );
  }
  await naive.close();
  expect(world.venue.state.trades.length - before).toBe(faults.length);
  const ccxtErrors = ['NetworkError', 'ExchangeError', 'RequestTimeout', 'BaseError'];
  expect(seen.slice(0, 3).filter((name) => ccxtErrors.includes(name))).toEqual([]);
  expect(seen[3]).toBe('id undefined');
});

test('§0.5 a consumer that is slow loses states and gets its fills late, or never', async () => {
  const order = limitAt('49900');
  const world = await aLiveWorld({
    strategy: { 0: openLong({ sizing_policy: quantity('1.5'), order }) },
    closes: [50_000, 49_899.9, 49_800],
    symbolSetup: { liquidity: '0.5' },
    cash: '1000000',
  });
  const told: number[] = [];
  const naive = await naiveBeside(world, (client) =>
    watchForever(async () => {
      const orders = await client.watchOrders();
      told.push(...orders.map(({ filled }) => Number(filled)));
      await new Promise((resolve) => void setTimeout(resolve, 400));
    }),
  );
  await world.bars(3);
  const trades = world.venue.state.trades.map(({ quantity: size }) => size.toNumber());
  expect(trades.length).toBeGreaterThan(1);
  const fills = await world.recordsOf('fill');
  expect(fills.map((fill) => fill.quantity)).toEqual(trades.map((size) => decimal(String(size))));
  await new Promise((resolve) => void setTimeout(resolve, 1000));
  const steps = new Set(told.filter((filled) => filled > 0));
  expect(steps.size).toBeLessThan(trades.length);
  await naive.close();
  await expectSound(world);
});

test('§0.7 a dead socket is found in half a minute, where ccxt takes six', async () => {
  const world = await aLiveWorld({ strategy: {} });
  const foundWithinMs = ({ streaming }: Pick<UsdmClient, 'streaming'>): number => {
    const { keepAlive, maxPingPongMisses = 2 } = streaming as Record<string, number>;
    return keepAlive! * maxPingPongMisses;
  };
  const naive = await aClient(world.venue);
  const ours = await aCcxtClient(world.venue);
  expect(foundWithinMs(naive)).toBe(360_000);
  expect(foundWithinMs(ours.client.exchange as UsdmClient)).toBe(30_000);
  await naive.close();
  await ours.client.close();
  await expectSound(world);
});

describe('§0.8 events that come twice and in the wrong order', () => {
  test('turn a closed order of ccxt open again, and change nothing here', async () => {
    const world = await aLiveWorld({ strategy: { 0: OPEN } });
    const states: string[] = [];
    const naive = await naiveBeside(world, (client) =>
      watchForever(async () => {
        states.push(...(await client.watchOrders()).map(({ status }) => String(status)));
      }),
    );
    // NEW comes behind FILLED, and FILLED comes twice.
    const late = { endpoint: EVENT, kind: 'delay_frame', ms: 300, times: 2 } as const;
    world.venue.faults.add(late);
    world.venue.faults.add({ endpoint: EVENT, kind: 'duplicate', times: 0 });
    await world.bars(1);
    await expect.poll(() => states.join(' '), WAIT).toMatch(/closed.* open/);
    expect(heldBy(world)).toEqual([decimal('0.1')]);
    expect(await world.recordsOf('fill')).toHaveLength(1);
    await naive.close();
    await expectSound(world);
  });
});

test('§0.9 the fill of a liquidation never reaches watchMyTrades, and is booked here', async () => {
  const world = await aLiveWorld({ strategy: { 0: OPEN } });
  const naively: string[] = [];
  const naive = await naiveBeside(world, (client) =>
    watchForever(async () => {
      naively.push(...(await client.watchMyTrades()).map(({ id }) => String(id)));
    }),
  );
  await world.bars(1);
  await expect.poll(() => naively.length, WAIT).toBe(1);
  await admin(world.venue, 'POST', 'force-close', { symbol: 'BTCUSDT', kind: 'liquidation' });
  await world.until(() => world.state.positions.size === 0);
  expect(await world.recordsOf('external_fill')).toMatchObject([{ cause: 'liquidation' }]);
  expect(world.venue.state.trades).toHaveLength(2);
  expect(naively).toEqual([String(world.venue.state.trades[0]!.id)]);
  await naive.close();
  await expectSound(world);
});

test('§0.10 a price turns a market order into one for money; ours has a quantity', async () => {
  const world = await aLiveWorld({
    strategy: { 0: OPEN },
    exchange: 'binance',
    symbol: SPOT,
    symbolSetup: { step: '0.001', tick: '0.1' },
  });
  await world.bars(1);
  const sent = () => requestsTo(world, 'POST /api/v3/order').map(({ params }) => params);
  expect(sent()).toMatchObject([{ quantity: '0.1', type: 'MARKET' }]);
  expect(sent()[0]).not.toHaveProperty('quoteOrderQty');
  await expectSound(world);
  const naive = await aSpotClient(world.venue);
  await naive.loadMarkets();
  await naive.createOrder(SPOT, 'market', 'buy', 0.1, 20_000);
  const nothing = undefined as unknown as number;
  await failure(naive.createOrder(SPOT, 'market', 'sell', nothing));
  await failure(naive.createOrder(SPOT, 'market', 'sell', -0.1));
  await naive.close();
  const [, byMoney, without, negative] = sent();
  expect(byMoney).toMatchObject({ quoteOrderQty: '2000' });
  expect([without!['quantity'], negative!['quantity']]).toEqual([undefined, '-0.1']);
});
