// The order desk with the real client at the local exchange, while everything is well.
import { decimal, format } from '@strategy-runner/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SYMBOL, admin } from '../ccxt-client.js';
import { aLimit, aStop, anExit, anOrder } from '../../support/orders.js';
import { type Bench, aBench } from './desk-bench.js';

let bench: Bench;

beforeEach(async () => {
  bench = await aBench();
});

afterEach(async () => {
  await bench.close();
});

describe('an order at the exchange', () => {
  test('is accepted, filled and over, each told once and in this order', async () => {
    const order = anOrder();
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted', 'fill 0.1']);
    const [accepted] = bench.of('order_accepted');
    const [sent] = [...bench.venue.state.orders.values()];
    expect(accepted?.venueOrderId).toBe(String(sent?.id));
    expect(sent?.clientOrderId).toMatch(/^sr[a-z2-7]{28}$/);
    await expect.poll(() => bench.desk.isBusySince(Date.now() + 1000)).toBe(false);
    expect(bench.told(order)).toHaveLength(2);
  });

  test('carries ids beyond 2^53 digit by digit (F13)', async () => {
    bench.desk.submit(anOrder());
    await expect.poll(() => bench.of('order_accepted')).toHaveLength(1);
    const id = bench.of('order_accepted')[0]!.venueOrderId;
    expect(BigInt(id) > BigInt(Number.MAX_SAFE_INTEGER)).toBe(true);
    expect(bench.venue.state.orders.has(BigInt(id))).toBe(true);
  });

  test('takes fills and fees from the trades, since the answer has none (F3)', async () => {
    await bench.close();
    bench = await aBench({ hasStream: false });
    const order = anOrder();
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted', 'fill 0.1']);
    const [fill] = bench.of('fill_reported');
    const [trade] = bench.venue.state.trades;
    expect([fill?.tradeId, format(fill!.price), format(fill!.fee), fill?.feeCurrency]).toEqual([
      String(trade!.id),
      trade!.price.toFixed(),
      trade!.commission.toFixed(),
      'USDT',
    ]);
    expect(fill?.liquidity).toBe('taker');
  });

  test('sends quantity and price as they were approved, to the last digit', async () => {
    const order = aLimit('49999.7', { quantity: decimal('0.123') });
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['accepted']);
    const [sent] = [...bench.venue.state.orders.values()];
    expect([sent?.quantity.toFixed(), sent?.price.toFixed()]).toEqual(['0.123', '49999.7']);
  });

  test('is refused for good when post-only would cross (C16)', async () => {
    const order = aLimit('50000.1', { postOnly: true });
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toEqual(['rejected POST_ONLY_WOULD_CROSS']);
    expect(bench.of('order_rejected')[0]?.reason).toBe('post_only');
  });

  test('that is immediate or cancelled ends with what it got (C15)', async () => {
    await admin(bench.venue, 'POST', 'liquidity', { symbol: 'BTCUSDT', quantity: '0.1' });
    const order = aLimit('50000.1', { quantity: decimal('0.3'), timeInForce: 'IOC' });
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order).at(-1)).toBe('expired 0.1');
    expect(bench.told(order)).toEqual(['accepted', 'fill 0.1', 'expired 0.1']);
  });

  test('that is partly filled and cancelled books its fills first (C14)', async () => {
    await admin(bench.venue, 'POST', 'liquidity', { symbol: 'BTCUSDT', quantity: '0.1' });
    const order = aLimit('50000.1', { quantity: decimal('0.3') });
    bench.desk.submit(order);
    await expect.poll(() => bench.told(order)).toContain('fill 0.1');
    bench.desk.cancel(order);
    await expect.poll(() => bench.told(order).at(-1)).toBe('cancelled 0.1');
    expect(bench.told(order)).toEqual(['accepted', 'fill 0.1', 'cancelled 0.1']);
  });

  test('without a usable size or price never leaves (F14)', async () => {
    bench.desk.submit(anOrder({ quantity: -decimal('0.1') }));
    bench.desk.submit(anOrder({ quantity: 0n }));
    bench.desk.submit(anOrder({ quantity: undefined as unknown as bigint }));
    bench.desk.submit(aLimit('50000.12'));
    await expect
      .poll(() => bench.of('order_rejected').map(({ code }) => code))
      .toEqual(Array.from({ length: 4 }, () => 'LAST_GATE_REFUSED'));
    expect(bench.of('venue_message').filter(({ name }) => name === 'createOrder')).toEqual([]);
    expect(bench.venue.state.orders.size).toBe(0);
  });

  test('that would add risk is refused until the connection is ready; an exit is not', async () => {
    bench.desk.submit(anOrder());
    await expect.poll(() => bench.told()).toContain('fill 0.1');
    bench.desk.onConnection('down');
    const entry = anOrder();
    const exit = anExit();
    bench.desk.submit(entry);
    bench.desk.submit(exit);
    expect(bench.told(entry)).toEqual(['rejected VENUE_NOT_READY']);
    await expect.poll(() => bench.told(exit)).toEqual(['accepted', 'fill 0.1']);
  });

  test('[P2] that would add risk waits for the permit of the run; an exit does not', async () => {
    await bench.close();
    let denial: string | null = null;
    const permit = {
      get denial(): string | null {
        return denial;
      },
      onWithdrawn: () => undefined,
      given: () => Promise.resolve(),
    };
    bench = await aBench({ parts: { permit } });
    bench.desk.submit(anOrder());
    await expect.poll(() => bench.told()).toContain('fill 0.1');
    denial = 'the lock is not proven';
    const [entry, exit] = [anOrder(), anExit()];
    bench.desk.submit(entry);
    bench.desk.submit(exit);
    expect(bench.of('order_rejected')).toMatchObject([
      { order: entry.key, code: 'VENUE_NOT_READY', detail: denial },
    ]);
    await expect.poll(() => bench.told(exit)).toEqual(['accepted', 'fill 0.1']);
  });
});

describe('reduce-only', () => {
  test('without a position is told as nothing left to reduce (P4)', async () => {
    const exit = anExit();
    bench.desk.submit(exit);
    await expect.poll(() => bench.told(exit)).toEqual(['rejected REDUCE_ONLY_FLAT']);
  });

  test('that the exchange makes smaller ends with what it did (P6)', async () => {
    bench.desk.submit(anOrder());
    await expect.poll(() => bench.told()).toContain('fill 0.1');
    const exit = anExit({ quantity: decimal('0.3') });
    bench.desk.submit(exit);
    await expect.poll(() => bench.told(exit).at(-1)).toBe('expired 0.1 REDUCE_ONLY_FLAT');
    expect(bench.told(exit)).toEqual(['accepted', 'fill 0.1', 'expired 0.1 REDUCE_ONLY_FLAT']);
  });
});

describe('a stop at the exchange', () => {
  test('rests apart, and is linked to the order that it becomes (C18)', async () => {
    bench.desk.submit(anOrder());
    await expect.poll(() => bench.told()).toContain('fill 0.1');
    const stop = aStop('49500');
    bench.desk.submit(stop);
    await expect.poll(() => bench.told(stop)).toEqual(['accepted']);
    const [algo] = [...bench.venue.state.algos.values()];
    expect(bench.of('order_accepted').at(-1)?.venueOrderId).toBe(String(algo?.algoId));
    await admin(bench.venue, 'POST', 'price', { symbol: 'BTCUSDT', price: '49400' });
    await expect.poll(() => bench.told(stop)).toEqual(['accepted', 'triggered', 'fill 0.1']);
    expect(bench.of('order_triggered')[0]?.venueOrderId).toBe(String(algo?.actualOrderId));
    expect(bench.of('external_fill')).toEqual([]);
  });

  test('is taken back at its own address', async () => {
    bench.desk.submit(anOrder());
    await expect.poll(() => bench.told()).toContain('fill 0.1');
    const stop = aStop('49500');
    bench.desk.submit(stop);
    await expect.poll(() => bench.told(stop)).toEqual(['accepted']);
    bench.desk.cancel(stop);
    await expect.poll(() => bench.told(stop)).toEqual(['accepted', 'cancelled 0']);
    const [algo] = [...bench.venue.state.algos.values()];
    expect(algo?.status).toBe('CANCELED');
  });

  test('with a limit is cancelled as the order that it became', async () => {
    bench.desk.submit(anOrder());
    await expect.poll(() => bench.told()).toContain('fill 0.1');
    const stop = aStop('49500', { type: 'stop_limit', price: decimal('49500') });
    bench.desk.submit(stop);
    await expect.poll(() => bench.told(stop)).toEqual(['accepted']);
    await admin(bench.venue, 'POST', 'price', { symbol: 'BTCUSDT', price: '49400' });
    await expect.poll(() => bench.told(stop)).toEqual(['accepted', 'triggered']);
    bench.desk.cancel(stop);
    await expect.poll(() => bench.told(stop).at(-1)).toBe('cancelled 0');
  });

  test('that is triggered while it is being cancelled is told as filled (C20)', async () => {
    bench.desk.submit(anOrder());
    await expect.poll(() => bench.told()).toContain('fill 0.1');
    const stop = aStop('49500');
    bench.desk.submit(stop);
    await expect.poll(() => bench.told(stop)).toEqual(['accepted']);
    await bench.fault({ endpoint: 'stream *', kind: 'drop_frame', times: 0 });
    await admin(bench.venue, 'POST', 'price', { symbol: 'BTCUSDT', price: '49400' });
    bench.desk.cancel(stop);
    await expect.poll(() => bench.told(stop)).toEqual(['accepted', 'triggered', 'fill 0.1']);
  });
});

describe('a hedged account', () => {
  test('holds both sides, and exits name their side instead of reduce-only', async () => {
    await bench.close();
    bench = await aBench({ isHedged: true, hasStream: false });
    const mode = await bench.client.call('setPositionMode', (exchange) =>
      exchange.setPositionMode(true),
    );
    expect(mode.ok).toBe(true);
    const long = anOrder();
    const short = anOrder({ positionSide: 'short' });
    bench.desk.submit(long);
    bench.desk.submit(short);
    await expect.poll(() => bench.of('fill_reported')).toHaveLength(2);
    const exit = anExit({ positionSide: 'short' });
    bench.desk.submit(exit);
    await expect.poll(() => bench.told(exit)).toEqual(['accepted', 'fill 0.1']);
    const { account } = bench.venue.state;
    const held = (side: 'LONG' | 'SHORT') => account.position('BTCUSDT', side).quantity.toFixed();
    expect([held('LONG'), held('SHORT')]).toEqual(['0.1', '0']);
    expect([bench.held(SYMBOL, 'long'), bench.held(SYMBOL, 'short')]).toEqual([decimal('0.1'), 0n]);
  });
});
