import { afterEach, describe, expect, test } from 'vitest';
import type { AccountEvent, FeedItem, VenueEvent } from '@strategy-runner/core';
import {
  BarFeed,
  type BarFeedTiming,
  type BarSeriesWanted,
} from '../../../adapters/src/venue/ccxt/bar-feed.js';
import type { CcxtClient } from '../../../adapters/src/venue/ccxt/client.js';
import { createClient } from '../../../adapters/src/venue/ccxt/create-client.js';
import { closedBars, lastClosedBars } from '../../../adapters/src/venue/ccxt/history.js';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';
import { MINUTE_MS, START_MS, SYMBOL, aSymbol, aVenue, admin } from '../ccxt-client.js';
import { aWhile, until } from './account-bench.js';

const CLOSES = ['50000', '50100', '49900', '50000', '50050', '50010', '50020', '50030'];

interface FeedBench {
  readonly venue: RunningVenue;
  readonly client: CcxtClient;
  readonly feed: BarFeed;
  readonly events: readonly (VenueEvent | AccountEvent)[];
  /** Open times of the bars that were given, in minutes from the first. */
  readonly given: readonly number[];
  readonly items: readonly FeedItem[];
  step(bars: number): Promise<unknown>;
}

const open: FeedBench[] = [];

interface FeedOptions {
  readonly series?: Partial<BarSeriesWanted>;
  readonly timing?: Partial<BarFeedTiming>;
  /** Of the clock of the client: market ms per wall ms. */
  readonly speed?: number;
  readonly closes?: readonly string[];
  readonly isOpen?: boolean;
}

async function aFeed(options: FeedOptions = {}): Promise<FeedBench> {
  const venue = await aVenue({ symbols: [aSymbol(options.closes ?? CLOSES)] });
  const events: (VenueEvent | AccountEvent)[] = [];
  const client = await createClient({
    account: {
      exchange: 'binanceusdm',
      rest_url: venue.url,
      stream_url: venue.url.replace('http', 'ws'),
      call_deadline_ms: 2000,
      recv_window_ms: 5000,
      reconcile_interval_ms: 30_000,
      outage_kill_after_ms: null,
    },
    credentials: venue.credentials,
    emit: (event) => void events.push(event),
    market: { marketMs: venue.state.nowMs, speed: options.speed ?? 0 },
  });
  client.exchange.throttle = () => Promise.resolve();
  await client.connect();
  const series = { symbol: SYMBOL, timeframe: '1m', timeframeMs: MINUTE_MS };
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  const feed = new BarFeed({
    client,
    series: [{ ...series, first: [], lastOpenMs: START_MS, ...options.series }],
    emit: (event) => void events.push(event),
    log,
    timing: { graceMs: 60, checkMs: 10, ...options.timing },
  });
  const given: number[] = [];
  const items: FeedItem[] = [];
  feed.start();
  void take(feed, (item) => {
    given.push((item.bar.openMs - START_MS) / MINUTE_MS);
    items.push(item);
  });
  if (options.isOpen !== false) feed.open();
  await until('the kline stream is open', () => hasStream(venue));
  const step = (bars: number) => admin(venue, 'POST', 'step', { bars });
  const made = { venue, client, feed, events, given, items, step };
  open.push(made);
  return made;
}

async function take(feed: BarFeed, onItem: (item: FeedItem) => void): Promise<void> {
  for (let item = await feed.next(); item !== undefined; item = await feed.next()) onItem(item);
}

function hasStream(venue: RunningVenue): boolean {
  let isThere = false;
  venue.hub.each('all', ({ streams }) => {
    if ([...streams].some((name) => name.includes('kline'))) isThere = true;
  });
  return isThere;
}

afterEach(async () => {
  for (const { feed, client, venue } of open.splice(0)) {
    feed.stop();
    await client.close();
    await venue.stop();
  }
});

describe('live bars', () => {
  test('T5: come when they close, once each, and never while they are open', async () => {
    const { step, venue, given, items } = await aFeed();
    await step(2);
    await until('two bars', () => given.length === 2);
    await admin(venue, 'POST', 'step', { ticks: 3 });
    await aWhile();
    expect(given).toEqual([1, 2]);
    await admin(venue, 'POST', 'step', { ticks: 1 });
    await until('the third', () => given.length === 3);
    expect(items.map(({ bar }) => bar.close)).toEqual([50100, 49900, 50000]);
    expect(items.every(({ bar }) => bar.ts >= bar.closeMs)).toBe(true);
    expect(items[2]?.bar).toEqual({
      kind: 'bar',
      symbol: SYMBOL,
      timeframe: '1m',
      ts: START_MS + 4 * MINUTE_MS,
      openMs: START_MS + 3 * MINUTE_MS,
      closeMs: START_MS + 4 * MINUTE_MS,
      open: 49900,
      high: 50000,
      low: 49900,
      close: 50000,
      volume: 100,
    });
  });

  test('wait until the account is open to them', async () => {
    const { step, given, feed } = await aFeed({ isOpen: false });
    await step(2);
    await aWhile();
    expect(given).toEqual([]);
    expect(feed.isReady).toBe(false);
    feed.open();
    await until('both', () => given.length === 2);
  });

  test('follow those that the caller hands in first', async () => {
    const bar = { open: 50000, high: 50000, low: 50000, close: 50000, volume: 1 };
    const first = [0, 1].map((minute) => ({
      ...bar,
      openMs: START_MS + minute * MINUTE_MS,
      closeMs: START_MS + (minute + 1) * MINUTE_MS,
    }));
    const { step, given } = await aFeed({ series: { first, lastOpenMs: null } });
    await step(2);
    await until('three bars', () => given.length === 3);
    // The second of the first is the venue's first: not given again.
    expect(given).toEqual([0, 1, 2]);
  });

  test('T7: are fetched in order where their messages were lost', async () => {
    const { venue, step, given } = await aFeed();
    await step(1);
    await until('the first', () => given.length === 1);
    await admin(venue, 'POST', 'faults', {
      endpoint: 'stream kline',
      kind: 'drop_frame',
      times: 10,
    });
    await step(3);
    await until('all', () => given.length === 4);
    expect(given).toEqual([1, 2, 3, 4]);
  });

  test('T7: are fetched as soon as a later one is under way', async () => {
    const { venue, step, given } = await aFeed();
    const endpoint = 'stream kline';
    await admin(venue, 'POST', 'faults', { endpoint, kind: 'drop_frame', times: 5 });
    await step(1);
    await aWhile();
    expect(given).toEqual([]);
    await admin(venue, 'POST', 'step', { ticks: 1 });
    await until('it was fetched', () => given.length === 1);
    expect(given).toEqual([1]);
  });

  test('T7: are fetched again and again while the venue does not answer', async () => {
    const { venue, step, given } = await aFeed();
    await admin(venue, 'POST', 'faults', {
      endpoint: 'GET /fapi/v1/klines',
      kind: 'reject',
      http: 503,
      code: -1001,
      msg: 'Internal error',
      times: 2,
    });
    await admin(venue, 'POST', 'faults', {
      endpoint: 'stream kline',
      kind: 'drop_frame',
      times: 5,
    });
    await step(2);
    await until('both', () => given.length === 2);
    expect(given).toEqual([1, 2]);
  });

  test('T7: are given once where the message comes twice, and a revised one is told', async () => {
    const { venue, step, given, events } = await aFeed();
    await admin(venue, 'POST', 'faults', { endpoint: 'stream kline', kind: 'duplicate', times: 0 });
    await step(1);
    await until('the first', () => given.length === 1);
    const market = venue.state.markets.get('BTCUSDT')!;
    const last = market.closed.at(-1)!;
    market.closed[market.closed.length - 1] = { ...last, volume: '7' };
    venue.hub.publish({ kind: 'bar', symbol: 'BTCUSDT', bar: last });
    await until('it is told', () =>
      events.some((event) => event.kind === 'venue_message' && event.name === 'bar_revised'),
    );
    expect(given).toEqual([1]);
  });

  test('do not wait for a bar that the venue shows not to have', async () => {
    const { venue, step, given, events } = await aFeed();
    await step(1);
    await until('the first', () => given.length === 1);
    await admin(venue, 'POST', 'faults', {
      endpoint: 'stream kline',
      kind: 'drop_frame',
      times: 5,
    });
    await admin(venue, 'POST', 'faults', { endpoint: 'GET /fapi/v1/klines', kind: 'freeze' });
    await step(1);
    venue.state.markets.get('BTCUSDT')!.closed.splice(-1);
    await step(1);
    await until('the one behind the hole', () => given.length === 2);
    expect(given).toEqual([1, 3]);
    const told = events.find(
      (event) => event.kind === 'venue_message' && event.name === 'bar_missing',
    );
    expect(told).toMatchObject({ channel: 'stream' });
  });
});

describe('a stream that is not to be relied on', () => {
  test('W5: is made up for by asking, a moment after the close', async () => {
    const { venue, step, given } = await aFeed({ speed: 600 });
    await admin(venue, 'POST', 'faults', {
      endpoint: 'stream kline',
      kind: 'drop_frame',
      times: 0,
    });
    await step(2);
    await until('both were fetched', () => given.length === 2);
    expect(given).toEqual([1, 2]);
  });

  test('W5: (W13) is rebuilt when it says nothing for too long', async () => {
    const { venue } = await aFeed({ speed: 1, timing: { staleAfterMs: 200 } });
    const [before] = sockets(venue);
    await until('another socket', () => {
      const [now] = sockets(venue);
      return now !== undefined && now !== before && hasStream(venue);
    });
  });

  test('W7: comes back by itself after a close, and what was missed is fetched', async () => {
    const { venue, step, given } = await aFeed();
    await step(1);
    await until('the first', () => given.length === 1);
    const [before] = sockets(venue);
    venue.hub.each('all', (connection) => connection.close(1006));
    await until('it is gone', () => !sockets(venue).includes(before!));
    await step(1);
    await until('it is back', () => hasStream(venue));
    await step(1);
    await until('all', () => given.length === 3);
    expect(given).toEqual([1, 2, 3]);
  });
});

function sockets(venue: RunningVenue): readonly object[] {
  const found: object[] = [];
  venue.hub.each('all', (connection) => found.push(connection));
  return found;
}

describe('history', () => {
  const wanted = { symbol: SYMBOL, timeframe: '1m', timeframeMs: MINUTE_MS };

  test('T5: holds closed bars only, however its pages are cut', async () => {
    const { venue, client, step } = await aFeed();
    await step(4);
    await admin(venue, 'POST', 'step', { ticks: 2 });
    await until('the clock follows', () => client.clock.now() >= venue.state.nowMs);
    const whole = await closedBars(client, { ...wanted, fromMs: START_MS + 4 * MINUTE_MS });
    expect(whole.ok && whole.value.map(({ close }) => close)).toEqual([50050]);
    await admin(venue, 'POST', 'faults', {
      endpoint: 'GET /fapi/v1/klines',
      kind: 'page_limit',
      limit: 2,
      times: 0,
    });
    const bars = await closedBars(client, { ...wanted, fromMs: START_MS + MINUTE_MS });
    expect(bars.ok && bars.value.map(({ close }) => close)).toEqual([50100, 49900, 50000, 50050]);
    const last = await lastClosedBars(client, wanted, 2);
    expect(last.ok && last.value.map(({ close }) => close)).toEqual([50000, 50050]);
  });

  test('is all of it or a failure', async () => {
    const { venue, client, step } = await aFeed();
    await step(4);
    await until('the clock follows', () => client.clock.now() >= venue.state.nowMs);
    for (const rule of [
      { kind: 'page_limit', limit: 2, times: 1 },
      { kind: 'empty_object', times: 1 },
    ]) {
      await admin(venue, 'POST', 'faults', { endpoint: 'GET /fapi/v1/klines', ...rule });
    }
    const bars = await closedBars(client, { ...wanted, fromMs: START_MS + MINUTE_MS });
    expect(bars.ok).toBe(false);
  });
});
