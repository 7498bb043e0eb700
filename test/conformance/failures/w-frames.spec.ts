import { describe, expect, test } from 'vitest';
import type { FaultRule } from '../../../adapters/src/venue-server/faults.js';
import { closeLong, limitAt, openLong, quantity, stopAt } from '../../support/bodies.js';
import { type LiveWorld, type LiveWorldOptions, aLiveWorld } from '../../support/live-world.js';
import { expectSound } from './case-checks.js';
import { expectEachTradeOnce, isEvent, messagesOf, statesOf, tradesOf } from './journal-reads.js';

const ORDERS = 'stream ORDER_TRADE_UPDATE';
const OPEN = openLong({ sizing_policy: quantity('0.5'), protection: stopAt('49000') });
/** Opens with a stop, and closes two bars later. */
const ROUND_TRIP = { 0: OPEN, 2: closeLong() };
/** Rests below the price until the third bar comes down to it. */
const BID = openLong({ sizing_policy: quantity('0.5'), order: limitAt('49900') });
const DOWN = [50_000, 50_000, { open: '50000', close: '49950', low: '49800' }, 49_950, 49_950];

function always(endpoint: string, kind: FaultRule['kind'], more: Partial<FaultRule> = {}) {
  return { endpoint, kind, times: 0, ...more };
}

async function aRun(rules: readonly FaultRule[], more: Partial<LiveWorldOptions> = {}) {
  const world = await aLiveWorld({ strategy: ROUND_TRIP, ...more });
  for (const rule of rules) world.venue.faults.add(rule);
  return world;
}

test('W1: a fill that is told before the answer to its order is booked to it', async () => {
  const world = await aRun([always('POST /fapi/v1/order', 'delay', { ms: 400 })]);
  await world.bars(4);
  const journal = await world.journal();
  const places = (isIt: (entry: (typeof journal)[number]) => boolean): number =>
    journal.findIndex(isIt);
  const filled = places((entry) => isEvent(entry, 'fill_reported'));
  const answered = places(
    (entry) =>
      isEvent(entry, 'venue_message') &&
      entry.channel === 'response' &&
      entry.name === 'createOrder',
  );
  expect(filled).toBeGreaterThan(0);
  expect(filled).toBeLessThan(answered);
  expect(world.state.positions.size).toBe(0);
  await expectEachTradeOnce(world);
});

test('W2: events that come twice are told once', async () => {
  const world = await aRun([
    always('stream ORDER_TRADE_UPDATE', 'duplicate'),
    always('stream ACCOUNT_UPDATE', 'duplicate'),
    always('stream ALGO_UPDATE', 'duplicate'),
  ]);
  await world.bars(4);
  const trades = (await messagesOf(world, 'ORDER_TRADE_UPDATE')).filter((body) =>
    /"x":\s*"TRADE"/.test(body),
  );
  expect(trades.length).toBe(2 * tradesOf(world).length);
  expect(tradesOf(world).length).toBeGreaterThanOrEqual(2);
  await expectEachTradeOnce(world);
});

test('W3: events in the wrong order never take an order back', async () => {
  const world = await aRun([always(ORDERS, 'reorder')]);
  await world.bars(4);
  const heard = (await messagesOf(world, 'ORDER_TRADE_UPDATE')).map(
    (body) => (JSON.parse(body) as { readonly o: { readonly x: string; readonly i: string } }).o,
  );
  const isLate = ({ x, i }: { x: string; i: string }, at: number): boolean =>
    x === 'NEW' && heard.slice(0, at).some((before) => before.i === i && before.x === 'TRADE');
  expect(heard.filter(isLate).length).toBeGreaterThan(0);
  const ended = new Set<string>();
  const after: object[] = [];
  for (const entry of await world.journal()) {
    if (!('type' in entry)) continue;
    if (entry.type === 'order_moved' && ended.has(entry.order)) after.push(entry);
    if (entry.type === 'fill' && entry.isComplete) ended.add(entry.order);
  }
  expect({ after, ended: ended.size }).toEqual({ after: [], ended: 2 });
  await expectEachTradeOnce(world);
});

test('W4: of events that leave in one burst none is joined with another', async () => {
  const world = await aRun([always(ORDERS, 'merge')], { symbolSetup: { liquidity: '0.05' } });
  await world.bars(4);
  const log = world.venue.truth.text().trim().split('\n');
  const said = log.filter((line) => (JSON.parse(line) as { kind: string }).kind === 'order');
  const heard = await messagesOf(world, 'ORDER_TRADE_UPDATE');
  // The last one of the run may still be held for one that follows it.
  expect(heard.length).toBeGreaterThanOrEqual(said.length - 1);
  expect(said.length).toBeGreaterThan(20);
  await expectEachTradeOnce(world);
});

describe('W8: frames that are lost while the stream is well', () => {
  test('are made up for by the comparison that goes on for ever', async () => {
    const world = await aLiveWorld({
      strategy: { 0: BID },
      closes: DOWN,
      account: { reconcile_interval_ms: 500 },
    });
    await world.bars(2);
    expect(world.state.positions.size).toBe(0);
    for (const endpoint of [ORDERS, 'stream ACCOUNT_UPDATE']) {
      world.venue.faults.add(always(endpoint, 'drop_frame'));
    }
    await world.bars(1);
    expect(tradesOf(world).length).toBeGreaterThan(0);
    await world.until(() => world.state.positions.size === 1);
    expect(await messagesOf(world, 'ORDER_TRADE_UPDATE')).toHaveLength(1);
    await expectEachTradeOnce(world);
  });

  test('of a stop that was hit leave neither a position nor an order behind', async () => {
    const world = await aLiveWorld({
      strategy: { 0: OPEN },
      closes: [50_000, 50_000, 48_900, 48_900, 48_900],
      account: { reconcile_interval_ms: 500 },
    });
    await world.bars(2);
    expect(world.state.positions.size).toBe(1);
    world.venue.faults.add(always('stream *', 'drop_frame'));
    world.venue.playback.playBar();
    expect(world.venue.state.account.openPositions()).toEqual([]);
    await world.until(() => world.state.positions.size === 0 && world.state.orders.size === 0);
    await expectEachTradeOnce(world);
  });
});

describe('W10: an event of an instrument that nobody lists', () => {
  test('is kept as it came, and what follows it is still read', async () => {
    const world = await aLiveWorld({ strategy: { 1: OPEN, 3: closeLong() } });
    const readings = (await world.eventsOf('venue_snapshot')).length;
    const o = { s: 'NEWUSDT', c: 'x', S: 'BUY', x: 'TRADE', X: 'FILLED', i: 1, q: '1', z: '1' };
    const payload = { e: 'ORDER_TRADE_UPDATE', E: 1, T: 1, o: { ...o, o: 'LIMIT', t: 7 } };
    world.venue.hub.each('user', (connection) => connection.push({ name: 'foreign', payload }));
    await world.bars(5);
    expect((await messagesOf(world, 'ORDER_TRADE_UPDATE'))[0]).toContain('NEWUSDT');
    expect(await messagesOf(world, 'unreadable:ORDER_TRADE_UPDATE')).toHaveLength(1);
    // It may concern the account: the account is read again, without waiting for its turn.
    await expect
      .poll(async () => (await world.eventsOf('venue_snapshot')).length, { timeout: 20_000 })
      .toBeGreaterThan(readings);
    expect(tradesOf(world).length).toBeGreaterThanOrEqual(2);
    await expectEachTradeOnce(world);
  });
});

describe('W11: words and fields that nobody knows', () => {
  test('hide no fill: what they stand for is asked of the venue', async () => {
    const world = await aRun([always(ORDERS, 'unknown_enum')]);
    await world.bars(4);
    expect((await messagesOf(world, 'ORDER_TRADE_UPDATE'))[0]).toContain('NOBODY_KNOWS');
    expect(world.state.positions.size).toBe(0);
    await expectEachTradeOnce(world);
  });

  test('of a resting order that is filled hide nothing either', async () => {
    const world = await aRun([always(ORDERS, 'unknown_enum')], {
      strategy: { 0: BID },
      closes: DOWN,
    });
    await world.bars(3);
    await world.until(() => world.state.positions.size === 1);
    await expectEachTradeOnce(world);
  });

  test('beside known ones change nothing', async () => {
    const world = await aRun([always('stream *', 'extra_fields')]);
    await world.bars(4);
    expect(await world.eventsOf('api_error')).toEqual([]);
    await expectEachTradeOnce(world);
  });
});

test('W14: a fill that a reading finds before the stream tells it is booked once', async () => {
  const world = await aLiveWorld({
    strategy: { 0: BID },
    closes: DOWN,
    account: { reconcile_interval_ms: 500 },
  });
  await world.bars(2);
  world.venue.faults.add(always(ORDERS, 'delay_frame', { ms: 3000 }));
  await world.bars(1);
  await world.until(() => world.state.positions.size === 1);
  const early = await messagesOf(world, 'ORDER_TRADE_UPDATE');
  expect(early.some((body) => body.includes('TRADE"'))).toBe(false);
  await expect
    .poll(async () => (await messagesOf(world, 'ORDER_TRADE_UPDATE')).length, { timeout: 20_000 })
    .toBeGreaterThan(early.length);
  expect([...world.state.holds.keys()]).toEqual([]);
  await expectEachTradeOnce(world);
});

describe('W12: a book that cannot be', () => {
  test('is no quote: it holds entries back, and never an exit', async () => {
    const world = await aLiveWorld({
      strategy: { 0: OPEN, 2: openLong({ side: 'short' }), 3: closeLong(), 5: OPEN },
    });
    await world.bars(2);
    for (const endpoint of ['stream bookTicker', 'GET /fapi/v1/ticker/bookTicker']) {
      const kind = endpoint.startsWith('stream') ? 'drop_frame' : 'silent_before';
      world.venue.faults.add(always(endpoint, kind));
    }
    crossTheBook(world);
    await world.bars(2);
    await world.bars(2);
    expect(world.state.positions.size).toBe(0);
    const rejected = await world.eventsOf('order_rejected');
    expect(rejected.map(({ code }) => code)).toEqual(['QUOTE_STALE']);
    expect(await statesOf(world)).toEqual(['connecting', 'syncing', 'ready']);
    await expectSound(world);
  });
});

function crossTheBook({ venue }: LiveWorld): void {
  const top = { s: 'BTCUSDT', b: '50010', B: '1', a: '50000', A: '1', u: 1, T: 1, E: 1 };
  const payload = { e: 'bookTicker', ...top };
  venue.hub.each('all', (connection) => {
    if ([...connection.streams].some((name) => name.endsWith('@bookTicker'))) {
      connection.push({ name: 'crossed', payload });
    }
  });
}
