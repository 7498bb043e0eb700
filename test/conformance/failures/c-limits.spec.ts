// C21–C24: refusals that are certain, through the whole live path. An entry ends and is not
// sent in a hot loop; an exit goes on until it is executed; nobody takes a refusal for an unknown.
import { describe, expect, test } from 'vitest';
import type { FaultRule } from '../../../adapters/src/venue-server/faults.js';
import { closeLong, dca, openLong, quantity } from '../../support/bodies.js';
import { type LiveWorld, aLiveWorld } from '../../support/live-world.js';
import { admin } from '../ccxt-client.js';
import { answersTo, expectSound } from './case-checks.js';

const ORDER = 'POST /fapi/v1/order';
const SPOT_ORDER = 'POST /api/v3/order';

const TENTH = quantity('0.1');
const OPEN = openLong({ sizing_policy: TENTH });
const ADD = dca(1, { sizing_policy: TENTH });

const answers = (world: LiveWorld, endpoint = ORDER) => answersTo(world, endpoint);

function refuse(http: number, code: number, more: Partial<FaultRule> = {}): FaultRule {
  return { endpoint: ORDER, kind: 'reject', http, code, ...more };
}

/** What the plugin was told about an intent that did not come through. */
const refusalsHeard = ({ heard }: LiveWorld) =>
  heard.intents.filter(({ type }) => type === 'rejected');

describe('a refusal for want of margin (C21) or by a cap of the venue (C24)', () => {
  test.each([
    ['C21: want of margin (-2019)', -2019, 'BALANCE_INSUFFICIENT'],
    ['C24: too many open orders (-2025)', -2025, 'VENUE_REJECTED'],
    ['C24: the largest position at this leverage (-2027)', -2027, 'VENUE_REJECTED'],
  ])('%s ends the entry, is told to the plugin, and is not tried again', async (_, code, name) => {
    const world = await aLiveWorld({ strategy: { 0: OPEN, 3: OPEN, 4: closeLong() } });
    world.venue.faults.add(refuse(400, code));
    await world.bars(3);
    expect(answers(world)).toEqual([code]);
    expect(refusalsHeard(world)).toMatchObject([{ code: name }]);
    expect(await world.eventsOf('order_unknown')).toEqual([]);
    await world.bars(2);
    expect(answers(world)).toEqual([code, 200, 200]);
    expect(world.state.positions.size).toBe(0);
    await expectSound(world);
  });

  test('C24: too many orders for now (-1015) keeps entries back, and an exit goes', async () => {
    const world = await aLiveWorld({ strategy: { 0: OPEN, 1: ADD, 2: ADD, 3: closeLong() } });
    await world.bars();
    world.venue.faults.add(refuse(400, -1015));
    await world.bars(3);
    expect(answers(world)).toEqual([200, -1015, 200]);
    expect(world.state.positions.size).toBe(0);
    await expectSound(world);
  });
});

describe('C22: a rate limit', () => {
  test.each([
    [429, -1003],
    [400, -1003],
  ])('by %i %i keeps entries back and lets an exit pass', async (http, code) => {
    const world = await aLiveWorld({ strategy: { 0: OPEN, 1: ADD, 2: ADD, 3: closeLong() } });
    await world.bars();
    world.venue.faults.add(refuse(http, code));
    await world.bars(2);
    expect(answers(world)).toEqual([200, code]);
    await world.bars();
    expect(answers(world)).toEqual([200, code, 200]);
    expect(world.state.positions.size).toBe(0);
    await expectSound(world);
  });

  test('that became a ban (418) keeps all back until its end, and the exit goes then', async () => {
    const world = await aLiveWorld({ strategy: { 0: OPEN, 1: closeLong() } });
    await world.bars();
    await admin(world.venue, 'POST', 'ban', { http: 418, ms: 3000 });
    await world.bars();
    const [first, ...later] = answers(world).slice(1);
    expect([first, later.length]).toEqual([-1003, 1]);
    expect(world.state.positions.size).toBe(0);
    await expectSound(world);
  });
});

describe('C23: a key that is refused in mid-session (-2015)', () => {
  test('halts entries and says so, until it is accepted again', async () => {
    const world = await aLiveWorld({
      strategy: { 0: OPEN, 1: ADD, 2: ADD, 3: closeLong(), 5: OPEN },
      // Reconnecting costs as much weight here as at the real one.
      account: { call_deadline_ms: 10_000 },
      limits: { backoff: { firstMs: 1000, maxMs: 2000 } },
    });
    await world.bars();
    const everything = ['GET /fapi/*', 'POST /fapi/*', 'PUT /fapi/*', 'DELETE /fapi/*'];
    for (const endpoint of everything) {
      world.venue.faults.add({ ...refuse(401, -2015), endpoint, times: 0 });
    }
    world.venue.playback.playBar();
    await world.until(() => !world.run.isReady);
    const errors = () => world.eventsOf('api_error');
    await expect.poll(errors, { timeout: 15_000 }).not.toEqual([]);
    expect((await errors())[0]).toMatchObject({ venueCode: '-2015', verdict: 'auth' });
    expect(answers(world)).toEqual([200, -2015]);
    world.venue.faults.remove();
    await world.until(() => world.run.isReady);
    await world.bars(4);
    expect(await world.recordsOf('fill')).toHaveLength(4);
    await expectSound(world);
  });

  test('on spot too, where the client library would have it tried again', async () => {
    const symbol = 'BTC/USDT';
    const world = await aLiveWorld({
      strategy: { 0: OPEN, 2: closeLong() },
      exchange: 'binance',
      symbol,
    });
    await world.bars();
    expect(answers(world, SPOT_ORDER)).toEqual([200]);
    world.venue.faults.add(refuse(401, -2015, { endpoint: SPOT_ORDER }));
    await world.bars();
    await world.bars();
    expect(await world.eventsOf('api_error')).toMatchObject([
      { venueCode: '-2015', verdict: 'auth' },
    ]);
    expect(answers(world, SPOT_ORDER)).toEqual([200, -2015, 200]);
    await expectSound(world);
  });
});
