// What a session remembers over a restart and an outage, and what it leaves behind when it ends:
// pending entries, protection, bars that were missed, and nothing in flight.
import { describe, expect, test } from 'vitest';
import {
  cancel,
  closeLong,
  dca,
  limitAt,
  openLong,
  quantity,
  stopAt,
} from '../../support/bodies.js';
import { LIVE_START_MS, type LiveWorld, aLiveWorld } from '../../support/live-world.js';
import { isEvent } from '../failures/journal-reads.js';

const HALF = quantity('0.5');
const HELD = openLong({ sizing_policy: HALF, protection: stopAt('47000') });
const BID = openLong({ sizing_policy: HALF, order: limitAt('49000') });

/** Orders of the book that are open, then stops that wait, as quantities. */
function resting({ venue: { state } }: LiveWorld): readonly string[] {
  const book = [...state.orders.values()].filter(({ status }) => status === 'NEW');
  const stops = [...state.algos.values()].filter(({ status }) => status === 'NEW');
  return [
    ...book.map(({ quantity: size }) => `order ${size.toFixed()}`),
    ...stops.map(({ quantity: size }) => `stop ${size.toFixed()}`),
  ];
}

const held = ({ venue: { state } }: LiveWorld): readonly string[] =>
  state.account.openPositions().map(({ quantity: size }) => size.toFixed());

describe('a pending limit entry', () => {
  test('survives a restart, and fills afterwards as if nothing had been [R9]', async () => {
    const world = await aLiveWorld({
      strategy: { 0: { ...BID, protection: stopAt('47000') } },
      closes: [50_000, 50_000, 48_900, 48_900],
    });
    await world.bars(2);
    const pending = [...world.state.orders.values()].map(({ key, status }) => [key, status]);
    expect(pending).toEqual([[expect.any(String), 'accepted']]);
    expect(resting(world)).toEqual(['order 0.5']);
    await world.restart();
    expect([...world.state.orders.values()].map(({ key, status }) => [key, status])).toEqual(
      pending,
    );
    expect(resting(world)).toEqual(['order 0.5']);
    await world.bars(2);
    expect(held(world)).toEqual(['0.5']);
    expect(resting(world)).toEqual(['stop 0.5']);
    expect(await world.differences()).toEqual([]);
  });

  test('gets its last fills before it is dropped, when it went stale meanwhile [R11]', async () => {
    const world = await aLiveWorld({
      strategy: { 0: { ...BID, protection: stopAt('47000'), expires: { after_bars: 3 } } },
      closes: [50_000, 50_000, 48_990, 50_000, 50_000, 50_000],
      symbolSetup: { liquidity: '0.1' },
    });
    await world.bars(2);
    await world.end();
    // It fills in part, and then its time is over, while nobody looks.
    for (let bar = 0; bar < 3; bar += 1) world.venue.playback.playBar();
    const [order] = [...world.venue.state.orders.values()];
    const filled = order!.executed.toFixed();
    expect(Number(filled)).toBeGreaterThan(0);
    expect(Number(filled)).toBeLessThan(0.5);
    await world.begin();
    await world.bars(1);
    expect(order!.status).toBe('CANCELED');
    expect(held(world)).toEqual([filled]);
    expect(resting(world)).toEqual([`stop ${filled}`]);
    const journal = await world.journal();
    const place = (isMeant: (entry: (typeof journal)[number]) => boolean) =>
      journal.findIndex(isMeant);
    const firstFill = place((entry) => 'kind' in entry && entry.kind === 'fill_reported');
    const end = place((entry) => 'kind' in entry && entry.kind === 'order_ended');
    expect(firstFill).toBeGreaterThan(0);
    expect(end).toBeGreaterThan(firstFill);
    expect(await world.differences()).toEqual([]);
  });
});

test('bars that were missed are shown to the plugin, and not acted on [X19]', async () => {
  const world = await aLiveWorld({ strategy: { 3: HELD, 7: HELD } });
  await world.bars(2);
  await world.end();
  for (let bar = 0; bar < 4; bar += 1) world.venue.playback.playBar();
  await world.begin();
  await world.bars(1);
  const taken = (await world.eventsOf('bar')).map(({ openMs }) => openMs);
  const all = Array.from({ length: 5 + 2 + 4 + 1 }, (_, at) => LIVE_START_MS + at * 60_000);
  expect(taken).toEqual(all);
  expect(world.heard.bars.map(({ open_ms }) => open_ms)).toEqual(expect.arrayContaining(all));
  const dropped = await world.recordsOf('missed_dropped');
  expect(dropped.map(({ bodies }) => bodies.length)).toContain(1);
  expect(held(world)).toEqual([]);
  await world.bars(1);
  expect(held(world)).toEqual(['0.5']);
  expect(await world.differences()).toEqual([]);
});

test('an outage holds entries, keeps exits for later, and is read up on [B4] [R13]', async () => {
  const world = await aLiveWorld({ strategy: { 0: HELD, 2: dca(1), 3: closeLong() } });
  await world.bars(2);
  const { venue } = world;
  // Everything but the public bars is gone.
  for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
    venue.faults.add({ endpoint: `${method} /fapi/*`, kind: 'drop_before', times: 0 });
  }
  venue.hub.each('user', (connection) => connection.close(1006));
  await world.until(() => !world.run.isReady);
  const bar = async (): Promise<void> => {
    const before = world.heard.bars.length;
    venue.playback.playBar();
    await world.until(() => world.heard.bars.length > before);
    await world.run.idle();
  };
  await bar();
  await bar();
  const denied = await world.recordsOf('intent_denied');
  expect(denied.map(({ code }) => code)).toEqual(['VENUE_NOT_READY']);
  expect(held(world)).toEqual(['0.5']);
  venue.faults.remove();
  await world.until(() => world.run.isReady && held(world).length === 0);
  await world.settle();
  const states = (await world.eventsOf('connection')).map(({ state }) => state);
  expect(states.slice(0, 3)).toEqual(['connecting', 'syncing', 'ready']);
  expect(states.slice(3)).toContain('down');
  expect(states.slice(-2)).toEqual(['syncing', 'ready']);
  expect(world.state.orders.size).toBe(0);
  expect(await world.differences()).toEqual([]);
});

describe('a run that is ended while a request is under way', () => {
  test('waits for an entry, and leaves what it opened with its stop [B7] [L12]', async () => {
    const world = await aLiveWorld({ strategy: { 0: HELD } });
    const { venue } = world;
    venue.faults.add({ endpoint: 'POST /fapi/v1/order', kind: 'delay', ms: 700 });
    venue.playback.playBar();
    await world.until(() => held(world).length > 0);
    await world.end();
    expect(resting(world)).toEqual(['stop 0.5']);
    await world.begin();
    const journal = await world.journal();
    const ended = journal.findIndex((entry) => isEvent(entry, 'run_ended'));
    const answered = journal.findIndex((entry) => isEvent(entry, 'order_accepted'));
    expect(answered).toBeGreaterThan(0);
    expect(answered).toBeLessThan(ended);
    expect(await world.differences()).toEqual([]);
  });

  test('does not leave an order behind that was being cancelled [B7]', async () => {
    const world = await aLiveWorld({
      strategy: { 0: BID, 1: cancel({ orders: 'entries' }) },
    });
    await world.bars(1);
    await world.until(() => resting(world).length === 1);
    const { venue } = world;
    venue.faults.add({ endpoint: 'DELETE /fapi/v1/order', kind: 'drop_before' });
    const before = world.heard.bars.length;
    venue.playback.playBar();
    await world.until(() => world.heard.bars.length > before);
    await world.end();
    expect(resting(world)).toEqual([]);
    await world.begin();
    expect(world.state.orders.size).toBe(0);
    expect(await world.differences()).toEqual([]);
  });
});
