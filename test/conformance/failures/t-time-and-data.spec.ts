import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';
import { closeLong, limitAt, openLong, quantity, stopAt } from '../../support/bodies.js';
import { LIVE_START_MS, type LiveWorld, aLiveWorld } from '../../support/live-world.js';
import { answersTo, expectSound, requestsTo } from './case-checks.js';
import { denialsOf, messagesOf, statesOf } from './journal-reads.js';

// In place before ccxt is loaded, which keeps the function that it finds.
const here = vi.hoisted(() => {
  const now = Date.now.bind(Date);
  const moved = { jumpMs: 0 };
  Date.now = () => now() + moved.jumpMs;
  return moved;
});

const ORDER = 'POST /fapi/v1/order';
const MINUTE_MS = 60_000;
const OPEN = openLong({ sizing_policy: quantity('0.5'), protection: stopAt('49000') });

const REST = openLong({ sizing_policy: quantity('0.5'), order: limitAt('49500') });

/** Moves the wall clock of the exchange. */
async function skew({ url }: RunningVenue, skewMs: number): Promise<void> {
  // A clock that was just read is not read again within a second.
  await sleep(1100);
  const body = JSON.stringify({ skew_ms: skewMs });
  const answer = await fetch(`${url}/admin/clock`, { method: 'POST', body });
  expect(answer.status).toBe(200);
}

function loggedDrifts({ logs }: LiveWorld): readonly string[] {
  return logs.filter((line) => line.includes('clock drift'));
}

describe('T1: clocks that are apart', () => {
  test.each([
    ['ahead of the venue', -20_000],
    ['behind the venue', 20_000],
  ])(
    '%s: an order is certainly not executed, the clock is read again, and told',
    async (_, skewMs) => {
      const world = await aLiveWorld({ strategy: { 0: OPEN, 2: OPEN, 4: closeLong() } });
      await skew(world.venue, skewMs);
      await world.bars(1);
      expect(answersTo(world, ORDER)).toEqual([-1021]);
      expect(world.state.positions.size).toBe(0);
      expect((await world.eventsOf('api_error')).map(({ verdict }) => verdict)).toContain('clock');
      expect(await world.eventsOf('order_unknown')).toEqual([]);
      expect(loggedDrifts(world).length).toBeGreaterThan(0);
      await world.bars(2);
      expect(world.state.positions.size).toBe(1);
      await world.bars(2);
      expect(world.state.positions.size).toBe(0);
      await expectSound(world);
    },
  );

  test('never keep an exit from leaving: it is sent again under the right time', async () => {
    const world = await aLiveWorld({ strategy: { 0: OPEN, 2: closeLong() } });
    await world.bars(2);
    await skew(world.venue, 20_000);
    await world.bars(1);
    await world.until(() => world.state.positions.size === 0 && world.state.orders.size === 0);
    expect(answersTo(world, ORDER)).toEqual([200, -1021, 200]);
    await expectSound(world);
  });
});

describe('T2: a clock that jumps, as after a suspended machine', () => {
  test.each([60, -60])('by %i minutes costs a new reading, and no order', async (minutes) => {
    const world = await aLiveWorld({
      strategy: { 0: OPEN, 3: closeLong() },
      limits: { userStream: { pingMs: 30 }, backoff: { firstMs: 50, maxMs: 500 } },
    });
    onTestFinished(() => {
      here.jumpMs = 0;
    });
    await world.bars(2);
    here.jumpMs = minutes * MINUTE_MS;
    // The venue keeps the true time.
    await skew(world.venue, -here.jumpMs);
    await expect.poll(() => statesOf(world), { timeout: 20_000 }).toContain('down');
    const lost = (await world.eventsOf('connection')).find(({ state }) => state === 'down');
    expect(lost?.detail).toMatch(/^the clock here jumped by -?3[56]\d{5} ms$/);
    await world.until(() => world.run.isReady);
    await world.bars(1);
    expect(world.state.positions.size).toBe(1);
    await world.bars(2);
    await world.until(() => world.state.positions.size === 0 && world.state.orders.size === 0);
    expect(await world.eventsOf('order_unknown')).toEqual([]);
    await expectSound(world);
  });
});

test('T2: a clock that jumps makes no proof of absence ripe', async () => {
  const world = await aLiveWorld({
    strategy: { 0: REST },
    limits: { desk: { absenceWindowMs: 8000, retryFirstMs: 50, retryGraceMs: 100 } },
  });
  onTestFinished(() => {
    here.jumpMs = 0;
  });
  const { faults } = world.venue;
  for (const name of ['ORDER_TRADE_UPDATE', 'ACCOUNT_UPDATE']) {
    faults.add({ endpoint: `stream ${name}`, kind: 'drop_frame', times: 0 });
  }
  faults.add({ endpoint: ORDER, kind: 'drop_after' });
  const hidden = ['GET /fapi/v1/order', 'GET /fapi/v1/openOrders'].map((endpoint) =>
    faults.add({ endpoint, kind: 'not_visible', times: 0 }),
  );
  world.venue.playback.playBar();
  const isAsked = () => requestsTo(world, 'GET /fapi/v1/order').length;
  await world.until(() => isAsked() >= 4);
  here.jumpMs = 60 * MINUTE_MS;
  const before = isAsked();
  const isTold = () => requestsTo(world, ORDER).length > 1;
  await world.until(() => isTold() || isAsked() >= before + 4);
  expect(await world.eventsOf('order_absent')).toEqual([]);
  here.jumpMs = 0;
  for (const rule of hidden) faults.remove(rule);
  await world.until(() => [...world.state.orders.values()][0]?.status === 'accepted');
  expect(requestsTo(world, ORDER)).toHaveLength(1);
  await expectSound(world);
});

test('T3: an order that came too late for the matching engine is refused for good', async () => {
  const world = await aLiveWorld({ strategy: { 0: OPEN, 2: OPEN, 4: closeLong() } });
  const late = { code: -5028, http: 400, msg: 'Timestamp for this request is outside of ME' };
  world.venue.faults.add({ endpoint: ORDER, kind: 'reject', ...late });
  await world.bars(2);
  expect(answersTo(world, ORDER)).toEqual([-5028]);
  expect(await world.eventsOf('order_unknown')).toEqual([]);
  expect((await world.eventsOf('order_rejected')).map(({ code }) => code)).toEqual([
    'VENUE_REJECTED',
  ]);
  await world.bars(3);
  expect(answersTo(world, ORDER)).toEqual([-5028, 200, 200]);
  await expectSound(world);
});

test('T4: a day begins at midnight UTC of the venue, wherever the host stands', async () => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'America/St_Johns';
  try {
    const midnightMs = Date.UTC(2024, 2, 10);
    const world = await aLiveWorld({
      strategy: {},
      symbolSetup: { bars: minutesFrom(midnightMs - 8 * MINUTE_MS) },
    });
    await world.bars(6);
    const days = (await world.recordsOf('day_started')).map(({ day }) => day);
    expect(days).toEqual([midnightMs / 86_400_000 - 1, midnightMs / 86_400_000]);
    expect(new Date(midnightMs).getHours()).not.toBe(0);
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});

function* minutesFrom(fromMs: number) {
  for (let openMs = fromMs; ; openMs += MINUTE_MS) {
    const price = '50000';
    yield { openMs, open: price, high: price, low: price, close: price, volume: '10' };
  }
}

/** Closes that a plugin has heard of, by the number of the live bar. */
function heardOf({ heard }: LiveWorld): readonly (readonly [number, number])[] {
  const firstMs = LIVE_START_MS + 5 * MINUTE_MS;
  return heard.bars
    .filter(({ open_ms }) => open_ms >= firstMs)
    .map(({ open_ms, close }) => [(open_ms - firstMs) / MINUTE_MS, close] as const);
}

test('T5: a bar that is not closed yet reaches nobody', async () => {
  const world = await aLiveWorld({
    strategy: {},
    closes: [50_000, { open: '50000', high: '50900', low: '49100', close: '50100' }],
  });
  await world.bars(1);
  for (const _ of ['open', 'low', 'high']) await world.tick();
  const kline = world.venue.truth.text();
  expect(kline).not.toContain('"close":"50100"');
  expect(heardOf(world)).toEqual([[0, 50_000]]);
  world.venue.playback.playTick();
  await world.until(() => heardOf(world).length === 2);
  expect(heardOf(world)).toEqual([
    [0, 50_000],
    [1, 50_100],
  ]);
});

test('T6: data that is too old holds entries back, and no exit', async () => {
  const world = await aLiveWorld({
    strategy: {
      onBar: (_bar, ctx, index) => {
        if (index !== 0) return undefined;
        ctx.setTimer('enter', ctx.now + 4 * MINUTE_MS);
        ctx.setTimer('leave', ctx.now + 5 * MINUTE_MS);
        return OPEN;
      },
      onTimer: ({ name }) =>
        name === 'enter'
          ? openLong({ side: 'short', sizing_policy: quantity('0.1') })
          : closeLong(),
    },
    config: { policy: { max_data_age_bars: 2 }, position_mode: 'one_way' },
  });
  await world.bars(1);
  world.venue.faults.add({ endpoint: 'stream kline', kind: 'drop_frame', times: 0 });
  world.venue.faults.add({ endpoint: 'GET /fapi/v1/klines', kind: 'silent_before', times: 0 });
  for (let bar = 0; bar < 7; bar += 1) world.venue.playback.playBar();
  await world.until(() => world.state.positions.size === 0 && world.heard.timers.length === 2);
  expect(heardOf(world)).toHaveLength(1);
  expect(await denialsOf(world)).toEqual(['DATA_STALE']);
  await expectSound(world);
});

describe('T7: bars that are missing or are told otherwise later', () => {
  test('are fetched, and reach the plugin in order and once', async () => {
    const world = await aLiveWorld({
      strategy: { 0: OPEN, 4: closeLong() },
      closes: [50_000, 50_010, 50_020, 50_030, 50_040, 50_050],
    });
    await world.bars(1);
    const rule = world.venue.faults.add({
      endpoint: 'stream kline',
      kind: 'drop_frame',
      times: 0,
    });
    for (let bar = 0; bar < 2; bar += 1) world.venue.playback.playBar();
    world.venue.faults.remove(rule);
    world.venue.playback.playBar();
    await world.until(() => heardOf(world).length === 4);
    await world.bars(2);
    expect(heardOf(world)).toEqual(
      [0, 10, 20, 30, 40, 50].map((over, place) => [place, 50_000 + over]),
    );
    expect(world.state.positions.size).toBe(0);
    await expectSound(world);
  });

  test('are not asked about twice: a revision is told, and decides nothing', async () => {
    const world = await aLiveWorld({ strategy: { 0: OPEN, 4: closeLong() } });
    await world.bars(2);
    const openMs = LIVE_START_MS + 6 * MINUTE_MS;
    const k = { t: openMs, T: openMs + MINUTE_MS - 1, s: 'BTCUSDT', i: '1m', x: true };
    const prices = { o: '50000', h: '51000', l: '49000', c: '50500', v: '9', n: 1, q: '1' };
    const payload = { e: 'kline', E: openMs, s: 'BTCUSDT', k: { ...k, ...prices } };
    world.venue.hub.each('all', (connection) => {
      if ([...connection.streams].some((name) => name.includes('@kline'))) {
        connection.push({ name: 'revision', payload });
      }
    });
    await expect.poll(() => messagesOf(world, 'bar_revised'), { timeout: 20_000 }).toHaveLength(1);
    expect(heardOf(world)).toHaveLength(2);
    await world.bars(3);
    await expectSound(world);
  });
});
