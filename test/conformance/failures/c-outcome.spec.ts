// C1–C12: an order whose outcome nobody has told, through the whole live path. What becomes of
// it is found out by asking; it is never sent again on a guess, and executed once at most.
import { describe, expect, test } from 'vitest';
import type { FaultRule } from '../../../adapters/src/venue-server/faults.js';
import { closeLong, limitAt, openLong, quantity } from '../../support/bodies.js';
import { type LiveWorld, aLiveWorld } from '../../support/live-world.js';
import { SYMBOL, aClient } from '../ccxt-client.js';
import { expectSound, muteOrders, requestsTo } from './case-checks.js';

const ORDER = 'POST /fapi/v1/order';
const QUERY = 'GET /fapi/v1/order';

const OPEN = openLong({ sizing_policy: quantity('0.1') });
const REST = openLong({ sizing_policy: quantity('0.1'), order: limitAt('49500') });

type Fault = Omit<FaultRule, 'endpoint'>;

/** A session whose one order meets the fault; only asking can tell what became of it. */
async function opening(fault: Fault, body: object = OPEN): Promise<LiveWorld> {
  const world = await aLiveWorld({ strategy: { 0: body } });
  muteOrders(world);
  world.venue.faults.add({ endpoint: ORDER, ...fault });
  await world.bars();
  return world;
}

const sent = (world: LiveWorld) => requestsTo(world, ORDER);

async function expectOpenedOnce(world: LiveWorld): Promise<void> {
  expect([...world.state.positions.values()]).toMatchObject([
    { quantity: 100_000_000_000_000_000n },
  ]);
  await expectSound(world);
}

describe('an executed order whose answer is lost is found, booked once and not sent again', () => {
  test.each<readonly [string, Fault]>([
    ['C1: by a timeout behind the gateway (-1007)', reject(408, -1007)],
    ['C2: by silence until our deadline', { kind: 'silent_after' }],
    ['C3: by a reset connection', { kind: 'drop_after' }],
    ['C6: by a body that stalls behind its headers', { kind: 'stall_body' }],
    ['C7: by a truncated body', { kind: 'truncate' }],
    ['C7: by a page of HTML', { kind: 'html' }],
    ['C7: by an empty body', { kind: 'empty' }],
    ['C8: by an object without ids', { kind: 'empty_object' }],
    ['C9: by a server error (502)', { kind: 'html', http: 502 }],
    ['C9: by a server error that denies it (503, -1001)', reject(503, -1001)],
    ['C9: by a server error that claims a refusal (503, -2019)', reject(503, -2019)],
    ['C9: by a gateway that waited too long (504)', { kind: 'html', http: 504 }],
  ])('%s', async (_, fault) => {
    const world = await opening(fault);
    expect(sent(world)).toHaveLength(1);
    expect(requestsTo(world, QUERY).length).toBeGreaterThan(0);
    await expectOpenedOnce(world);
  });
});

function reject(http: number, code: number): Fault {
  return { kind: 'reject', http, code, executes: true };
}

test('C3: an order whose connection broke before it arrived goes again, the same', async () => {
  const world = await opening({ kind: 'drop_before' });
  const [first, second] = sent(world).map(({ params }) => params);
  expect(sent(world)).toHaveLength(2);
  const { newClientOrderId, side, type, quantity: size } = first!;
  expect(second).toMatchObject({ newClientOrderId, side, type, quantity: size });
  expect(await world.eventsOf('order_absent')).toHaveLength(1);
  await expectOpenedOnce(world);
});

test('C4: a client order id is looked up, where naive code executes it twice', async () => {
  const world = await opening({ kind: 'drop_after' });
  await expectOpenedOnce(world);
  const naive = await aClient(world.venue);
  const again = { clientOrderId: 'naive-1' };
  await naive.createOrder(SYMBOL, 'market', 'buy', 0.1, undefined, again);
  await naive.createOrder(SYMBOL, 'market', 'sell', 0.1, undefined, again);
  await naive.close();
  const naively = world.venue.state.trades.filter((trade) => trade.clientOrderId === 'naive-1');
  expect(naively).toHaveLength(2);
});

test('C4: every order of a session has a client order id of its own', async () => {
  const world = await aLiveWorld({
    strategy: { 0: OPEN, 1: closeLong(), 2: OPEN, 3: closeLong() },
  });
  await world.bars(4);
  const ids = sent(world).map(({ params }) => params['newClientOrderId']);
  expect(ids).toHaveLength(4);
  expect(new Set(ids).size).toBe(4);
  await expectSound(world);
});

describe('C5: an order that the venue has', () => {
  test('is not sent again once the stream has shown it', async () => {
    const world = await aLiveWorld({ strategy: { 0: REST } });
    world.venue.faults.add({ endpoint: ORDER, kind: 'silent_after' });
    await world.bars();
    await world.until(() => [...world.state.orders.values()][0]?.status === 'accepted');
    await world.bars(2);
    expect(sent(world)).toHaveLength(1);
    await expectSound(world);
  });

  test('is accepted, not refused, when the answer calls it a duplicate (-4116)', async () => {
    const world = await opening(reject(400, -4116), REST);
    expect([...world.state.orders.values()]).toMatchObject([{ status: 'accepted' }]);
    expect(await world.eventsOf('order_rejected')).toEqual([]);
    expect(sent(world)).toHaveLength(1);
    await expectSound(world);
  });
});

describe('C10: an overloaded venue (-1008)', () => {
  const overload: Fault = { kind: 'reject', http: 503, code: -1008, times: 0 };

  test('gets an entry again once, after its absence was shown, and not in a hot loop', async () => {
    const world = await opening(overload);
    expect(sent(world)).toHaveLength(2);
    expect(await world.eventsOf('order_absent')).toHaveLength(2);
    await world.bars(2);
    expect(sent(world)).toHaveLength(2);
    await expectSound(world);
  });

  test('gets an exit until it is executed', async () => {
    const world = await aLiveWorld({ strategy: { 0: OPEN, 1: closeLong() } });
    await world.bars();
    world.venue.faults.add({ endpoint: ORDER, ...overload, times: 2 });
    await world.bars();
    expect(
      sent(world)
        .slice(1)
        .map(({ http }) => http),
    ).toEqual([503, 503, 200]);
    expect(world.state.positions.size).toBe(0);
    await expectSound(world);
  });
});

describe('C11: an order that the venue does not show at first', () => {
  test.each([
    ['for some queries is waited for', 4],
    ['for longer than that is not called absent, since its trade is there', 25],
  ])('%s', async (_, times) => {
    const world = await aLiveWorld({ strategy: { 0: OPEN } });
    muteOrders(world);
    world.venue.faults.add({ endpoint: ORDER, kind: 'drop_after' });
    world.venue.faults.add({ endpoint: QUERY, kind: 'not_visible', times });
    await world.bars();
    expect(requestsTo(world, QUERY).length).toBeGreaterThan(times);
    expect(await world.eventsOf('order_absent')).toEqual([]);
    expect(sent(world)).toHaveLength(1);
    await expectOpenedOnce(world);
  });
});

describe('C12: an order that the venue has dropped from its books', () => {
  test('stays ended as the ledger has it, and is not asked for', async () => {
    const cancelling = { kind: 'cancel', scope: { orders: 'entries' }, reason: { code: 'test' } };
    const world = await aLiveWorld({ strategy: { 0: REST, 1: cancelling } });
    await world.bars(2);
    expect(world.state.orders.size).toBe(0);
    world.venue.faults.add({ endpoint: QUERY, kind: 'not_visible', times: 0 });
    const asked = requestsTo(world, QUERY).length;
    await world.restart();
    expect(requestsTo(world, QUERY)).toHaveLength(asked);
    await expectSound(world);
  });

  test('that ended while nobody listened ends here too, after proof', async () => {
    const world = await aLiveWorld({ strategy: { 0: REST } });
    await world.bars();
    const [order] = world.state.orders.values();
    await world.end();
    const naive = await aClient(world.venue);
    await naive.cancelOrder(order!.venueOrderId!, SYMBOL);
    await naive.close();
    world.venue.faults.add({ endpoint: QUERY, kind: 'not_visible', times: 0 });
    await world.begin();
    await world.until(() => world.state.orders.size === 0);
    expect(sent(world)).toHaveLength(1);
    await expectSound(world);
  });
});
