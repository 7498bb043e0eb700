// C13–C20: cancels, expiries and stops, through the whole live path. A cancel that fails says
// nothing about the order: it is looked at, its fills are booked first, and nothing replaces it
// before that.
import { describe, expect, test } from 'vitest';
import { cancel, closeLong, limitAt, openLong, quantity, stopAt } from '../../support/bodies.js';
import { type LiveWorld, aLiveWorld } from '../../support/live-world.js';
import { SYMBOL, aClient } from '../ccxt-client.js';
import { answersTo, expectSound, heldBy, muteOrders, requestsTo } from './case-checks.js';

const ORDER = 'POST /fapi/v1/order';
const CANCEL = 'DELETE /fapi/v1/order';
const STOP = 'POST /fapi/v1/algoOrder';
const CANCEL_STOP = 'DELETE /fapi/v1/algoOrder';

const TENTH = quantity('0.1');
const STOPPED = openLong({ sizing_policy: TENTH, protection: stopAt('49000') });
const REST = openLong({ sizing_policy: TENTH, order: limitAt('49900') });

const statuses = ({ venue }: LiveWorld) =>
  [...venue.state.orders.values()].map(({ status }) => status);

const ONE_TENTH = 100_000_000_000_000_000n;

describe('C13: a cancel that comes after the fill', () => {
  const fallback = { mode: 'limit_to_market', on: ['timeout'], after_ms: 120_000 };
  test.each([
    ['is answered by booking the fill', { 0: REST, 1: cancel({ orders: 'entries' }) }],
    [
      'is not followed by the order that was to replace it',
      { 0: { ...REST, fallback: { ...fallback, max_slippage_bps: 100 } } },
    ],
  ])('%s', async (_, strategy) => {
    const world = await aLiveWorld({ strategy, closes: [50_000, 49_800, 49_800, 49_800] });
    await world.bars(1);
    muteOrders(world);
    await world.bars(3);
    expect(answersTo(world, CANCEL)).toEqual([-2011]);
    expect(requestsTo(world, ORDER)).toHaveLength(1);
    expect(heldBy(world)).toEqual([ONE_TENTH]);
    await expectSound(world);
  });
});

test('C14: what an order got before its cancel is booked first, and is the position', async () => {
  const order = limitAt('49900');
  const world = await aLiveWorld({
    strategy: {
      0: openLong({ sizing_policy: quantity('3'), order }),
      1: cancel({ orders: 'entries' }),
    },
    closes: [50_000, { close: '49899.9' }, 49_950],
    symbolSetup: { liquidity: '0.5' },
    cash: '1000000',
  });
  await world.bars(3);
  const [only] = [...world.venue.state.orders.values()];
  expect(only!.status).toBe('CANCELED');
  expect(only!.executed.toNumber()).toBeGreaterThan(0);
  expect(only!.executed.toNumber()).toBeLessThan(3);
  const entries = await world.journal();
  const at = (kind: string) => entries.findIndex((entry) => 'kind' in entry && entry.kind === kind);
  expect(at('fill_reported')).toBeLessThan(at('order_ended'));
  expect(world.state.orders.size).toBe(0);
  await expectSound(world);
});

describe('C15: an order that the venue lets expire', () => {
  test.each([
    ['with what it got: a market order larger than the book', { type: 'market' }, 'EXPIRED'],
    ['with what it got: immediate-or-cancel', ioc('50000.4'), 'EXPIRED'],
    ['with nothing: immediate-or-cancel below the market', ioc('49900'), 'EXPIRED'],
  ])('ends %s', async (_, order, status) => {
    const world = await aLiveWorld({
      strategy: { 0: openLong({ sizing_policy: quantity('1.5'), order }) },
      symbolSetup: { liquidity: '0.1' },
    });
    await world.bars(2);
    expect(statuses(world)).toEqual([status]);
    const [only] = [...world.venue.state.orders.values()];
    const executed = only!.executed.toNumber();
    expect(executed).toBeLessThan(1.5);
    expect(heldBy(world).length).toBe(executed === 0 ? 0 : 1);
    expect(world.state.intents.size).toBe(0);
    await expectSound(world);
  });

  test('is refused for good where it cannot fill at once (FOK, -5021)', async () => {
    const order = limitAt('50000.4', { time_in_force: 'FOK' });
    const world = await aLiveWorld({
      strategy: { 0: openLong({ sizing_policy: quantity('5'), order }) },
      symbolSetup: { liquidity: '0.1' },
      cash: '1000000',
    });
    await world.bars(2);
    expect(requestsTo(world, ORDER)).toHaveLength(1);
    expect(heldBy(world)).toEqual([]);
    await expectSound(world);
  });
});

function ioc(price: string): object {
  return limitAt(price, { time_in_force: 'IOC' });
}

describe('C16: post-only that would cross', () => {
  const crossing = limitAt('50050', { post_only: true });

  test('is refused for good, and nothing takes its place unless permitted', async () => {
    const world = await aLiveWorld({
      strategy: { 0: openLong({ sizing_policy: TENTH, order: crossing }) },
    });
    await world.bars(2);
    expect(answersTo(world, ORDER)).toEqual([-5022]);
    expect(world.venue.state.trades).toEqual([]);
    await expectSound(world);
  });

  test('is followed by one market order where the intent permits exactly that', async () => {
    const on = ['post_only_reject'];
    const fallback = { mode: 'limit_to_market', on, max_slippage_bps: 50 };
    const world = await aLiveWorld({
      strategy: { 0: openLong({ sizing_policy: TENTH, order: crossing, fallback }) },
    });
    await world.bars(2);
    expect(answersTo(world, ORDER)).toEqual([-5022, 200]);
    expect(heldBy(world)).toEqual([ONE_TENTH]);
    await expectSound(world);
  });
});

describe('C17: a cancel whose answer is lost', () => {
  test.each([
    ['before it was executed', 'silent_before'],
    ['after it was executed', 'silent_after'],
  ] as const)('%s ends the order once it is shown to be over', async (_, kind) => {
    const world = await aLiveWorld({ strategy: { 0: REST, 1: cancel({ orders: 'entries' }) } });
    await world.bars(1);
    muteOrders(world);
    world.venue.faults.add({ endpoint: CANCEL, kind });
    await world.bars(2);
    expect(world.state.orders.size).toBe(0);
    expect(await world.eventsOf('order_ended')).toMatchObject([{ status: 'cancelled' }]);
    await expectSound(world);
  });

  test('leaves the order fillable, and its exposure held, until then', async () => {
    const world = await aLiveWorld({ strategy: { 0: REST, 1: cancel({ orders: 'entries' }) } });
    await world.bars(1);
    muteOrders(world);
    world.venue.faults.add({ endpoint: CANCEL, kind: 'drop_before', times: 0 });
    world.venue.faults.add({ endpoint: 'GET /fapi/v1/order', kind: 'drop_before', times: 0 });
    world.venue.playback.playBar();
    await world.until(() => requestsTo(world, CANCEL).length > 1);
    expect([...world.state.orders.values()]).toMatchObject([{ status: 'pending_cancel' }]);
    expect(await world.eventsOf('order_ended')).toEqual([]);
    world.venue.faults.remove();
    await world.settle();
    expect(world.state.orders.size).toBe(0);
    await expectSound(world);
  });
});

describe('C18: a stop', () => {
  test('rests where stops rest, and fills under the id of the order that it becomes', async () => {
    const world = await aLiveWorld({ strategy: { 0: STOPPED }, closes: [50_000, 50_000, 48_900] });
    await world.bars(2);
    expect(requestsTo(world, STOP)).toHaveLength(1);
    expect(world.venue.state.openOrders.size).toBe(0);
    await world.bars(2);
    const fills = await world.recordsOf('fill');
    expect(fills.map(({ leg }) => leg)).toEqual(['entry', 'sl']);
    expect(heldBy(world)).toEqual([]);
    const [triggered] = await world.recordsOf('order_triggered');
    const child = [...world.venue.state.orders.values()].at(-1)!;
    expect(triggered!.venueOrderId).toBe(String(child.id));
    await expectSound(world);
  });

  test('that the venue refuses (-4120) leaves no position that needs it', async () => {
    const protection = { ...stopAt('49000'), place: 'exchange_required' };
    const world = await aLiveWorld({
      strategy: { 0: openLong({ sizing_policy: TENTH, protection }) },
    });
    world.venue.faults.add({ endpoint: STOP, kind: 'reject', http: 400, code: -4120, times: 0 });
    await world.bars(2);
    expect(answersTo(world, STOP)).toEqual([-4120]);
    expect(heldBy(world)).toEqual([]);
    await expectSound(world);
  });
});

test('C19: a stop that fills while the host is down is booked before any ask', async () => {
  const world = await aLiveWorld({
    strategy: { 0: STOPPED, 4: openLong({ sizing_policy: TENTH }) },
    closes: [50_000, 50_000, 48_900, 48_900, 48_900, 48_900],
  });
  await world.bars(2);
  await world.end();
  world.venue.playback.playBar();
  await world.begin();
  expect(heldBy(world)).toEqual([]);
  expect((await world.recordsOf('fill')).map(({ leg }) => leg)).toEqual(['entry', 'sl']);
  await world.bars(3);
  expect(heldBy(world)).toEqual([ONE_TENTH]);
  await expectSound(world);
});

test('C20: a stop that is gone when it is cancelled is resolved, and nothing fails', async () => {
  const world = await aLiveWorld({ strategy: { 0: STOPPED, 1: closeLong() } });
  await world.bars(1);
  muteOrders(world);
  const naive = await aClient(world.venue);
  const [stop] = world.venue.state.openAlgos.keys();
  await naive.cancelOrder(String(stop), SYMBOL, { trigger: true });
  await naive.close();
  await world.bars(2);
  expect(answersTo(world, CANCEL_STOP)).toContain(-2011);
  expect(heldBy(world)).toEqual([]);
  expect(world.state.orders.size).toBe(0);
  await expectSound(world);
});
