// What happens to an order between its submission and its bytes: it may queue for the request
// budget, and what was true when it began to queue may be true no more.
import { decimal } from '@strategy-runner/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Quote } from '../../../adapters/src/venue/ccxt/last-gate.js';
import { aLimit, anExit, anOrder } from '../../support/orders.js';
import { type Bench, type BenchOptions, aBench } from './desk-bench.js';

interface Queue {
  readonly bench: Bench;
  /** How many orders wait to leave. */
  readonly waiting: () => number;
  readonly open: () => void;
}

/** Requests for orders wait, as they do while the budget is spent. */
async function aQueue(options: BenchOptions = {}): Promise<Queue> {
  const bench = await aBench({ hasStream: false, ...options });
  const waiters: (() => void)[] = [];
  const { exchange } = bench.client;
  const fetch = exchange.createOrder.bind(exchange);
  exchange.createOrder = async (...order: Parameters<typeof fetch>) => {
    await new Promise<void>((resolve) => void waiters.push(resolve));
    return fetch(...order);
  };
  const open = (): void => {
    for (const go of waiters.splice(0)) go();
  };
  onTestFinished(async () => {
    open();
    await bench.close();
  });
  return { bench, waiting: () => waiters.length, open };
}

const sent = ({ bench }: Queue) => bench.venue.state.orders.size;

describe('an entry that queues', () => {
  test('never leaves once it was taken back, as by a kill', async () => {
    const queue = await aQueue();
    const order = anOrder();
    queue.bench.desk.submit(order);
    await expect.poll(queue.waiting).toBe(1);
    queue.bench.desk.cancel(order);
    queue.open();
    await expect.poll(() => queue.bench.told(order)).toEqual(['cancelled 0']);
    expect(sent(queue)).toBe(0);
  });

  test('never leaves once the connection is not ready', async () => {
    const queue = await aQueue();
    const order = anOrder();
    queue.bench.desk.submit(order);
    await expect.poll(queue.waiting).toBe(1);
    queue.bench.desk.onConnection('down');
    queue.open();
    await expect.poll(() => queue.bench.told(order)).toEqual(['rejected VENUE_NOT_READY']);
    expect(sent(queue)).toBe(0);
  });

  test('meets the last gate again when it is its turn', async () => {
    let quote: Quote | null = { bid: decimal('50000'), ask: decimal('50001'), atMs: Date.now() };
    const queue = await aQueue({ parts: { quote: () => quote } });
    const order = anOrder();
    queue.bench.desk.submit(order);
    await expect.poll(queue.waiting).toBe(1);
    quote = null;
    queue.open();
    await expect.poll(() => queue.bench.told(order)).toEqual(['rejected QUOTE_STALE']);
    expect(sent(queue)).toBe(0);
  });

  test('leaves when nothing has changed', async () => {
    const queue = await aQueue();
    const order = aLimit('49000');
    queue.bench.desk.submit(order);
    await expect.poll(queue.waiting).toBe(1);
    queue.open();
    await expect.poll(() => queue.bench.told(order)).toEqual(['accepted']);
  });
});

test('an exit leaves although the connection was lost meanwhile', async () => {
  const bench = await aBench({ hasStream: false });
  onTestFinished(() => bench.close());
  bench.desk.submit(anOrder());
  await expect.poll(() => bench.told().at(-1)).toMatch('fill');
  const exit = anExit();
  bench.desk.submit(exit);
  bench.desk.onConnection('down');
  await expect.poll(() => bench.told(exit)).toEqual(['accepted', 'fill 0.1']);
});

test('an order that was shown to be absent is over as soon as it is taken back', async () => {
  const bench = await aBench({ hasStream: false, callDeadlineMs: 500 });
  onTestFinished(() => bench.close());
  await bench.fault({ endpoint: 'POST /fapi/v1/order', kind: 'silent_before' });
  const order = anOrder();
  bench.desk.submit(order);
  await expect.poll(() => bench.told(order), { timeout: 8000 }).toEqual(['unknown', 'absent']);
  bench.desk.cancel(order);
  expect(bench.told(order)).toEqual(['unknown', 'absent', 'cancelled 0']);
});
