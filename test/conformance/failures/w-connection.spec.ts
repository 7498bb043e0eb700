import { describe, expect, test } from 'vitest';
import { closeLong, openLong, quantity, stopAt } from '../../support/bodies.js';
import { type LiveWorld, type LiveWorldOptions, aLiveWorld } from '../../support/live-world.js';
import { expectSound, requestsTo } from './case-checks.js';
import { denialsOf, expectEachTradeOnce, isEvent, statesOf, untilBack } from './journal-reads.js';

const KEY = 'POST /fapi/v1/listenKey';
const OPEN = openLong({ sizing_policy: quantity('0.5'), protection: stopAt('49000') });
/** The third bar falls through the stop. */
const FALL = [50_000, 50_000, 48_900, 48_900, 48_900, 48_900];
const ONCE = ['connecting', 'syncing', 'ready'];

/** A session that holds a position with its stop at the venue. */
async function holding(more: Partial<LiveWorldOptions> = {}): Promise<LiveWorld> {
  const world = await aLiveWorld({ strategy: { 0: OPEN }, closes: FALL, ...more });
  await world.bars(2);
  expect(world.state.positions.size).toBe(1);
  expect(world.venue.state.openAlgos.size).toBe(1);
  return world;
}

/** The venue fills the stop; who is deaf does not hear of it. */
function fallThrough({ venue }: LiveWorld): void {
  venue.playback.playBar();
  expect(venue.state.account.openPositions()).toEqual([]);
}

async function detailOfLoss(world: LiveWorld): Promise<string | undefined> {
  const changes = await world.eventsOf('connection');
  return changes.find(({ state }) => state === 'down')?.detail;
}

/** What happened while it was away was told before it said that it is ready. */
async function expectReadBeforeReady(world: LiveWorld): Promise<void> {
  const journal = await world.journal();
  const last = (isIt: (entry: (typeof journal)[number]) => boolean): number =>
    journal.findLastIndex(isIt);
  const ready = last((entry) => isEvent(entry, 'connection') && entry.state === 'ready');
  const down = last((entry) => isEvent(entry, 'connection') && entry.state === 'down');
  const told = last((entry) => isEvent(entry, 'fill_reported'));
  const snapshot = last((entry) => isEvent(entry, 'venue_snapshot'));
  expect(down).toBeLessThan(told);
  expect(told).toBeLessThan(snapshot);
  expect(snapshot).toBeLessThan(ready);
}

test('W5: a stream that is open and silent is given up, and what it kept is read', async () => {
  const world = await holding({
    limits: { userStream: { pingMs: 30, deadAfterMs: 300 }, backoff: { firstMs: 50, maxMs: 500 } },
  });
  world.venue.hub.each('user', (connection) => connection.stall());
  fallThrough(world);
  await untilBack(world);
  expect(await detailOfLoss(world)).toMatch(/^no sign of life for \d+ ms$/);
  await world.until(() => world.state.positions.size === 0 && world.state.orders.size === 0);
  await expectReadBeforeReady(world);
  await expectEachTradeOnce(world);
});

test('W8: a stream that has told everything is not suspected by later readings', async () => {
  const world = await aLiveWorld({
    strategy: { 0: OPEN, 2: closeLong() },
    account: { reconcile_interval_ms: 3000 },
    limits: { userStream: { pingMs: 1000 }, reconcile: { quietMs: 100 } },
  });
  await world.bars(4);
  const read = (await world.eventsOf('venue_snapshot')).length;
  await expect
    .poll(async () => (await world.eventsOf('venue_snapshot')).length, { timeout: 20_000 })
    .toBeGreaterThan(read + 1);
  expect(await statesOf(world)).toEqual(ONCE);
  await expectEachTradeOnce(world);
});

describe('W6: a listen key that has expired', () => {
  test('is replaced as soon as the venue says so, and nothing is missed', async () => {
    const world = await holding();
    const keys = requestsTo(world, KEY).length;
    world.venue.hub.expireListenKey();
    fallThrough(world);
    await untilBack(world);
    expect(await detailOfLoss(world)).toContain('listenKeyExpired');
    expect(requestsTo(world, KEY).length).toBeGreaterThan(keys);
    await world.until(() => world.state.positions.size === 0);
    await expectEachTradeOnce(world);
  });

  test('without a word is found by asking, and the new stream tells', async () => {
    const world = await holding({
      strategy: { 0: OPEN, 4: openLong({ sizing_policy: quantity('0.2') }) },
      limits: { userStream: { pingMs: 30, probeMs: 60 }, backoff: { firstMs: 50, maxMs: 500 } },
    });
    const mute = { endpoint: 'stream listenKeyExpired', kind: 'drop_frame', times: 0 } as const;
    world.venue.faults.add(mute);
    world.venue.hub.expireListenKey();
    fallThrough(world);
    await untilBack(world);
    expect(await detailOfLoss(world)).toBe('the listen key has expired');
    await world.until(() => world.state.positions.size === 0);
    await world.bars(2);
    expect(world.state.positions.size).toBe(1);
    await expectEachTradeOnce(world);
  });
});

describe('W7: a socket that the venue closes', () => {
  test.each([1006, 1008])('with %i is opened again, and the account read first', async (code) => {
    const world = await holding();
    world.venue.hub.each('all', (connection) => connection.close(code));
    fallThrough(world);
    await untilBack(world);
    const states = await statesOf(world);
    expect(states.slice(0, 4)).toEqual([...ONCE, 'down']);
    expect(states.slice(-3)).toEqual(ONCE);
    await world.until(() => world.state.positions.size === 0);
    await expectReadBeforeReady(world);
    await expectEachTradeOnce(world);
  });

  test('holds entries back until the account has been read again, and no exit', async () => {
    const OPEN_AGAIN = openLong({ side: 'short', sizing_policy: quantity('0.1') });
    const world = await holding({
      strategy: { 0: OPEN, 2: closeLong(), 3: OPEN_AGAIN, 5: OPEN_AGAIN },
      closes: [50_000],
    });
    // The socket is gone and no new key is to be had; requests go on.
    const refuse = { http: 503, code: -1001, msg: 'Internal error', times: 0 };
    const rule = world.venue.faults.add({ endpoint: KEY, kind: 'reject', ...refuse });
    world.venue.hub.each('user', (connection) => connection.close(1006));
    await world.until(() => !world.run.isReady);
    await world.bars(2);
    await world.until(() => world.state.positions.size === 0);
    expect(await denialsOf(world)).toEqual(['VENUE_NOT_READY']);
    expect(world.run.isReady).toBe(false);
    world.venue.faults.remove(rule);
    await world.until(() => world.run.isReady);
    await world.bars(2);
    expect([...world.state.positions.values()]).toMatchObject([{ side: 'short' }]);
    await expectSound(world);
  });
});

test('W9: fills of the time without a stream are read by trade id, each once', async () => {
  const world = await holding({ symbolSetup: { liquidity: '0.05' } });
  const before = world.venue.state.trades.length;
  const refuse = { http: 503, code: -1001, msg: 'Internal error', times: 4 };
  world.venue.faults.add({ endpoint: KEY, kind: 'reject', ...refuse });
  world.venue.faults.add({
    endpoint: 'GET /fapi/v1/userTrades',
    kind: 'page_limit',
    limit: 2,
    times: 0,
  });
  world.venue.hub.each('user', (connection) => connection.close(1006));
  fallThrough(world);
  expect(world.venue.state.trades.length).toBeGreaterThan(before + 2);
  await untilBack(world);
  const waits = (await world.eventsOf('connection'))
    .filter(({ state }) => state === 'down')
    .map(({ ts, untilMs }) => (untilMs ?? ts) - ts);
  expect(waits.slice(1, 5)).toEqual([50, 100, 200, 400]);
  await world.until(() => world.state.positions.size === 0);
  await expectReadBeforeReady(world);
  await expectEachTradeOnce(world);
});

describe('W13: a subscription that is never served', () => {
  test('of a symbol that the venue does not list cannot happen: the start is refused', async () => {
    const unlisted = aLiveWorld({ strategy: {}, symbolSetup: { symbol: 'ETH/USDT:USDT' } });
    await expect(unlisted).rejects.toMatchObject({ code: 'SYMBOL_UNKNOWN' });
  });
});
