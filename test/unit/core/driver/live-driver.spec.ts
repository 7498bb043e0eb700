// The driver of a session that is written down, with a venue that outlives it: what leaves when,
// which timers fire, and what it still does when the journal is gone.
import { describe, expect, test } from 'vitest';
import {
  type Alarm,
  type ApprovedOrder,
  type BarEvent,
  type Effect,
  Engine,
  type Feed,
  type FeedItem,
  type JournalRow,
  LiveDriver,
  type Order,
  type SessionStore,
  type Venue,
  decode,
  decimal,
  emptySeries,
} from '@strategy-runner/core';
import { InlineRuntime } from '../../../../adapters/src/plugin-runtime/inline.js';
import { JournalSink } from '../../../../adapters/src/store/journal.js';
import { closeLong, limitAt, openLong, stopAt } from '../../../support/bodies.js';
import { MINUTE_MS, START_MS, SYMBOL, aConfig } from '../../../support/world-config.js';
import { type WorldStrategy, definitionOf, nothingHeard } from '../../../support/world-strategy.js';
import { aBar } from '../../../support/world.js';

class HandFeed implements Feed {
  readonly isReady = false;
  readonly #items: FeedItem[] = [];
  #wake: () => void = () => undefined;
  #isStopped = false;

  push(bar: BarEvent): void {
    this.#items.push({ bar, funding: [] });
    this.#wake();
  }

  async next(): Promise<FeedItem | undefined> {
    while (this.#items.length === 0 && !this.#isStopped) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#items.shift();
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }
}

class HandAlarm implements Alarm {
  dueMs = Infinity;
  #fire: () => void = () => undefined;

  set(dueMs: number, fire: () => void): void {
    this.dueMs = dueMs;
    this.#fire = fire;
  }

  clear(): void {
    this.dueMs = Infinity;
  }

  ring(): void {
    this.#fire();
  }
}

interface Sent {
  readonly what: Effect['kind'];
  readonly key: string;
  /** Rows that were durable when it left. */
  readonly durable: number;
}

function aRun(strategy: WorldStrategy, failAfterRows = Infinity) {
  const config = aConfig();
  const durable: JournalRow[] = [];
  const emergency: JournalRow[] = [];
  const alerts: string[] = [];
  const sent: Sent[] = [];
  const note =
    (what: Effect['kind']) =>
    ({ key }: Order | ApprovedOrder): void =>
      void sent.push({ what, key, durable: durable.length });
  const venue: Venue = {
    outlivesProcess: true,
    submit: note('submit'),
    cancel: note('cancel'),
    query: note('query'),
  };
  const store = {
    append: (rows: readonly JournalRow[]) => {
      if (durable.length >= failAfterRows) return Promise.reject(new Error('disk full'));
      durable.push(...rows);
      return Promise.resolve();
    },
    writeSnapshot: () => Promise.resolve(),
  } as unknown as SessionStore;
  const series = emptySeries(config);
  const rows = new JournalSink({ sessionId: config.sessionId, head: undefined });
  const engine = new Engine({ config, sink: rows, series });
  const { id } = config.instances[0]!;
  const plugin = { instance: id, definition: definitionOf(strategy, nothingHeard()), config: {} };
  const view = { config, state: engine.state, series };
  const runtime = new InlineRuntime(view, [plugin], () => undefined);
  const alarm = new HandAlarm();
  const feed = new HandFeed();
  const clock = { now: () => engine.now };
  const driver = new LiveDriver({
    engine,
    runtime,
    venue,
    store,
    rows,
    clock,
    time: { now: clock.now, alarm },
    emergency: { append: (taken) => void emergency.push(...taken) },
    onAlert: (code) => void alerts.push(code),
  });
  const start = { kind: 'run_started', ts: START_MS, run: 1, start: 'cold' } as const;
  const run = driver.run(feed, start);
  const bar = async (n: number, close = 100): Promise<void> => {
    const openMs = START_MS + n * MINUTE_MS;
    feed.push(aBar({ openMs, close, symbol: SYMBOL }));
    // The bar is taken in a later turn of the event loop than the mail that follows it.
    await new Promise((resolve) => setTimeout(resolve, 5));
    await driver.idle();
  };
  const end = async (): Promise<string> => {
    driver.stop('test');
    return run;
  };
  return { driver, engine, alarm, bar, end, sent, durable, emergency, alerts };
}

const accept = (order: string) =>
  ({ kind: 'order_accepted', ts: 0, order, venueOrderId: '1' }) as const;

const fill = (order: string) =>
  ({
    kind: 'fill_reported',
    ts: 0,
    order,
    tradeId: `t-${order}`,
    price: decimal('100'),
    quantity: decimal('1'),
    fee: 0n,
    feeCurrency: 'USDT',
    liquidity: 'taker',
    basePrice: null,
  }) as const;

describe('LiveDriver', () => {
  test('lets an order leave only when the record that holds it is durable', async () => {
    const run = aRun({ 0: openLong() });
    await run.bar(0);
    const [{ key, durable }] = run.sent as [Sent];
    const kinds = run.durable.slice(0, durable).map(({ payload }) => decode(payload));
    expect(kinds).toContainEqual(expect.objectContaining({ type: 'order_created' }));
    expect(run.engine.state.orders.get(key)?.status).toBe('created');
    await run.end();
  });

  test('fires a timer when market time reaches it, without a bar', async () => {
    const run = aRun({ 0: openLong({ order: limitAt('90'), expires: { after_ms: 30_000 } }) });
    await run.bar(0);
    const [{ key }] = run.sent as [Sent];
    run.driver.deliver(accept(key));
    await run.driver.idle();
    expect(run.alarm.dueMs).toBe(START_MS + MINUTE_MS + 30_000);
    run.alarm.ring();
    await run.driver.idle();
    expect(run.sent.map(({ what }) => what)).toEqual(['submit', 'cancel']);
    expect(run.engine.now).toBe(START_MS + MINUTE_MS + 30_000);
    await run.end();
    expect(run.alarm.dueMs).toBe(Infinity);
  });

  test('wakes for a position whose stop the venue has not accepted in time', async () => {
    const run = aRun({ 0: openLong({ protection: stopAt('90') }) });
    await run.bar(0);
    const [{ key }] = run.sent as [Sent];
    run.driver.deliver(fill(key));
    await run.driver.idle();
    const { maxUnprotectedMs } = run.engine.config.policy;
    expect(run.alarm.dueMs).toBe(START_MS + MINUTE_MS + maxUnprotectedMs);
    run.alarm.ring();
    await run.driver.idle();
    expect(run.alerts).toEqual(['POSITION_UNPROTECTED']);
    await run.end();
  });

  test('takes an event that is older than the last one at the time of the last one', async () => {
    const run = aRun({ 0: openLong() });
    await run.bar(0);
    const [{ key }] = run.sent as [Sent];
    run.driver.deliver(accept(key));
    await run.driver.idle();
    expect(run.engine.now).toBe(START_MS + MINUTE_MS);
    const times = run.durable.map(({ ts }) => ts);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    await run.end();
  });

  test('without its journal refuses entries, alerts once, and writes elsewhere', async () => {
    const run = aRun({ 0: openLong() }, 1);
    await run.bar(0);
    await run.bar(1);
    expect(run.driver.isJournalLost).toBe(true);
    expect(run.sent).toEqual([]);
    expect(run.alerts).toEqual(['STORE_WRITE_FAILED']);
    const kinds = run.emergency.map(({ kind }) => kind);
    expect(kinds).toContain('order_created');
    expect(kinds).toContain('order_rejected');
    await run.end();
  });

  test('without its journal still closes what is open', async () => {
    const run = aRun({ 0: openLong(), 2: closeLong() });
    await run.bar(0);
    const [{ key }] = run.sent as [Sent];
    run.driver.deliver(accept(key));
    run.driver.deliver(fill(key));
    await run.bar(1);
    const kept = run.durable.length;
    Object.defineProperty(run.durable, 'push', {
      value: () => {
        throw new Error('disk full');
      },
    });
    await run.bar(2);
    expect(run.driver.isJournalLost).toBe(true);
    expect(run.durable.length).toBe(kept);
    expect(run.sent.map(({ what }) => what)).toEqual(['submit', 'submit']);
    expect(run.emergency.some(({ kind }) => kind === 'order_created')).toBe(true);
    expect(await run.end()).toBe('test');
  });
});
