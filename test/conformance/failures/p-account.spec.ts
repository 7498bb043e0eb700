// P1–P6, P11, P12: modes, reduce-only and ownership of an account, through the whole live
// path. What the account is set to is read, not assumed; exits are never blocked by our own orders.
import { decimal } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import type { RunningVenue } from '../../../adapters/src/venue-server/start-venue.js';
import {
  closeLong,
  closeShort,
  limitAt,
  openLong,
  openShort,
  partialClose,
  quantity,
  stopAt,
} from '../../support/bodies.js';
import { type LiveWorld, type LiveWorldOptions, aLiveWorld } from '../../support/live-world.js';
import { SYMBOL, type UsdmClient, aClient, admin } from '../ccxt-client.js';
import { answersTo, expectSound, heldBy, muteOrders, requestsTo } from './case-checks.js';

const ORDER = 'POST /fapi/v1/order';
const TENTH = quantity('0.1');
const OPEN = openLong({ sizing_policy: TENTH });

/** What a person does by hand, beside the session. */
async function byHand(
  venue: RunningVenue,
  act: (client: UsdmClient) => Promise<unknown>,
): Promise<void> {
  const client = await aClient(venue);
  await client.loadMarkets();
  await act(client);
  await client.close();
}

const refusalOf = (options: LiveWorldOptions) =>
  aLiveWorld(options).then(
    () => 'it started',
    (error: unknown) => (error as { code?: string }).code,
  );

describe('P1: position mode', () => {
  const hedge = (venue: RunningVenue) =>
    byHand(venue, (client) => client.setPositionMode(true, SYMBOL));

  test('of the account that differs from that of the config refuses the start', async () => {
    expect(await refusalOf({ strategy: {}, before: hedge })).toBe('ACCOUNT_MODE_MISMATCH');
    expect(await refusalOf({ strategy: {}, config: { position_mode: 'hedge' } })).toBe(
      'ACCOUNT_MODE_MISMATCH',
    );
  });

  test('hedge holds both sides, and exits name their side instead of reduce-only', async () => {
    const world = await aLiveWorld({
      strategy: {
        0: [OPEN, openShort({ sizing_policy: quantity('0.2') })],
        1: closeLong(),
        2: closeShort(),
      },
      config: { position_mode: 'hedge' },
      before: hedge,
    });
    await world.bars(1);
    expect(heldBy(world)).toEqual([decimal('0.1'), decimal('0.2')]);
    await world.bars(2);
    const bodies = requestsTo(world, ORDER).map(({ params }) => params);
    expect(bodies.map(({ positionSide }) => positionSide)).toEqual([
      'LONG',
      'SHORT',
      'LONG',
      'SHORT',
    ]);
    expect(bodies.filter((body) => 'reduceOnly' in body)).toEqual([]);
    expect(heldBy(world)).toEqual([]);
    await expectSound(world);
  });
});

test('P2: a margin mode that is set already is no error', async () => {
  const world = await aLiveWorld({
    strategy: { 0: OPEN },
    account: { margin_mode: 'cross' },
    before: (venue) => byHand(venue, (client) => client.setMarginMode('cross', SYMBOL)),
  });
  await world.bars(1);
  expect(heldBy(world)).toEqual([decimal('0.1')]);
  await expectSound(world);
});

describe('P3: leverage', () => {
  test('is set and read back where the account has another one', async () => {
    const world = await aLiveWorld({
      strategy: { 0: OPEN },
      before: (venue) => byHand(venue, (client) => client.setLeverage(20, SYMBOL)),
    });
    expect(world.venue.state.account.leverageOf('BTCUSDT')).toBe(5);
    await world.bars(1);
    // What naive code reads it from does not have it.
    await byHand(world.venue, async (client) => {
      const [position] = await client.fetchPositions([SYMBOL]);
      expect(position!.leverage).toBeUndefined();
    });
    await expectSound(world);
  });

  test('that reads back as another one is not believed, and no entry leaves', async () => {
    const starting = aLiveWorld({
      strategy: { 0: OPEN },
      before: async (venue) => {
        await byHand(venue, (client) => client.setLeverage(20, SYMBOL));
        venue.faults.add({ endpoint: 'GET /fapi/v1/symbolConfig', kind: 'freeze', times: 0 });
      },
    });
    await expect(starting).rejects.toThrow(/leverage/i);
  });
});

test('P4: a close of a position that is gone (-2022) is satisfied, not repeated', async () => {
  const world = await aLiveWorld({ strategy: { 0: OPEN, 1: closeLong() } });
  await world.bars(1);
  muteOrders(world);
  await byHand(world.venue, (client) =>
    client.createOrder(SYMBOL, 'market', 'sell', 0.1, undefined, { reduceOnly: true }),
  );
  await world.bars(3);
  expect(answersTo(world, ORDER).filter((answer) => answer === -2022)).toHaveLength(1);
  expect(heldBy(world)).toEqual([]);
  expect(world.state.intents.size).toBe(0);
  await expectSound(world);
});

describe('P5: a close while a target has all of the position (-4118)', () => {
  test('takes the target back and goes through, and the stop stays until then', async () => {
    const take_profit = [{ at: { abs: '51000' }, share_bps: 10_000 }];
    const world = await aLiveWorld({
      strategy: {
        0: openLong({ sizing_policy: TENTH, protection: { ...stopAt('49000'), take_profit } }),
        1: closeLong(),
      },
    });
    await world.bars(1);
    expect([world.venue.state.openOrders.size, world.venue.state.openAlgos.size]).toEqual([1, 1]);
    await world.bars(2);
    expect(heldBy(world)).toEqual([]);
    expect([world.venue.state.openOrders.size, world.venue.state.openAlgos.size]).toEqual([0, 0]);
    await expectSound(world);
  });

  test('makes room for a partial close, and what is left gets its target back', async () => {
    const take_profit = [{ at: { abs: '50500' }, share_bps: 10_000 }];
    const world = await aLiveWorld({
      strategy: {
        0: openLong({ sizing_policy: quantity('0.2'), protection: { take_profit } }),
        1: partialClose({ qty: '0.1' }),
      },
      closes: [50_000, 50_000, 50_000, 50_600],
    });
    await world.bars(3);
    expect(answersTo(world, ORDER)).toEqual([200, 200, 200, 200]);
    expect(heldBy(world)).toEqual([decimal('0.1')]);
    const [target] = [...world.venue.state.openOrders.values()];
    expect(target!.quantity.toFixed()).toBe('0.1');
    await world.bars(2);
    expect(heldBy(world)).toEqual([]);
    await expectSound(world);
  });
});

test('P6: a resting exit that the venue makes smaller ends with what is left of it', async () => {
  const take_profit = [{ at: { abs: '50500' }, share_bps: 10_000 }];
  const world = await aLiveWorld({
    strategy: { 0: openLong({ sizing_policy: quantity('0.2'), protection: { take_profit } }) },
    closes: [50_000, 50_000, 50_600],
  });
  await world.bars(1);
  await byHand(world.venue, (client) => client.createOrder(SYMBOL, 'market', 'sell', 0.1));
  await world.until(() => heldBy(world)[0] === decimal('0.1'));
  expect(world.venue.truth.text()).toContain('"execution":"AMENDMENT"');
  await world.bars(3);
  expect(heldBy(world)).toEqual([]);
  expect((await world.recordsOf('fill')).at(-1)).toMatchObject({
    leg: 'tp1',
    quantity: decimal('0.1'),
  });
  expect(world.state.orders.size).toBe(0);
  await expectSound(world);
});

describe('P11: orders of one account that meet', () => {
  test('end as the venue says (EXPIRED_IN_MATCH), and no fill is made up', async () => {
    const world = await aLiveWorld({
      strategy: { 0: openLong({ sizing_policy: TENTH, order: limitAt('50000') }) },
    });
    await world.bars(1);
    await byHand(world.venue, (client) => client.createOrder(SYMBOL, 'market', 'sell', 0.2));
    await world.until(() => world.state.orders.size === 0);
    const [ours] = [...world.venue.state.orders.values()];
    expect(ours!.status).toBe('EXPIRED_IN_MATCH');
    expect(await world.recordsOf('fill')).toEqual([]);
    await expectSound(world);
  });
});

describe('P12: an order of another session or person', () => {
  const foreign = (clientOrderId: string, more: object = {}) => ({
    strategy: { 0: OPEN },
    before: (venue: RunningVenue) =>
      byHand(venue, (client) =>
        client.createOrder(SYMBOL, 'limit', 'buy', 0.1, 49_000, { clientOrderId, ...more }),
      ),
  });

  test.each(['sr0123456789abcdefghijklmnopqr', 'by-hand'])(
    'blocks the start when it can open exposure: %s',
    async (clientOrderId) => {
      expect(await refusalOf(foreign(clientOrderId))).toBe('UNTRACKED_ORDER');
    },
  );

  test('that appears in mid-session holds entries, is told, and is never touched', async () => {
    const world = await aLiveWorld({
      strategy: { 0: OPEN, 3: openShort({ sizing_policy: TENTH }), 4: closeLong() },
      account: { reconcile_interval_ms: 300 },
    });
    await world.bars(1);
    await byHand(world.venue, (client) =>
      client.createOrder(SYMBOL, 'limit', 'buy', 0.1, 49_000, { clientOrderId: 'by-hand' }),
    );
    await world.until(() => world.state.holds.size > 0);
    const sent = requestsTo(world, ORDER).length;
    await world.bars(4);
    // A reading in the very moment of the close may hold the symbol too, until the next one.
    const standing = () => [...world.state.holds.values()];
    await expect.poll(standing, { timeout: 15_000 }).toEqual(['UNTRACKED_ORDER']);
    expect(await world.recordsOf('intent_denied')).toHaveLength(1);
    expect(requestsTo(world, ORDER)).toHaveLength(sent + 1);
    expect([...world.venue.state.openOrders.values()]).toMatchObject([
      { clientOrderId: 'by-hand', status: 'NEW' },
    ]);
    expect(heldBy(world)).toEqual([]);
    await expectSound(world);
  });
});

/** Sessions are kept apart by an id that only theirs can have. */
test('P12: two sessions never give the same client order id', async () => {
  const ids = new Set<string>();
  for (let session = 0; session < 2; session += 1) {
    const world: LiveWorld = await aLiveWorld({ strategy: { 0: OPEN } });
    await world.bars(1);
    for (const { params } of requestsTo(world, ORDER)) ids.add(params['newClientOrderId']!);
    await admin(world.venue, 'GET', 'truth');
  }
  expect(ids.size).toBe(2);
});
