// F7–F12, F14: the venue's trading rules through the whole live path. What leaves is on the
// grid, never worse than what was asked, large enough, or does not leave; a way out is never closed
// by a rule that is meant for entries.
import { decimal, format } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import {
  closeLong,
  dca,
  limitAt,
  openLong,
  openShort,
  partialClose,
  quantity,
  stopAt,
} from '../../support/bodies.js';
import { type LiveWorld, aLiveWorld } from '../../support/live-world.js';
import { SYMBOL, aClient, admin, failure } from '../ccxt-client.js';
import { answersTo, expectSound, heldBy, requestsTo } from './case-checks.js';

const ORDER = 'POST /fapi/v1/order';
const TENTH = quantity('0.1');

const denials = async (world: LiveWorld) =>
  (await world.recordsOf('intent_denied')).map(({ code }) => code);
const QUICK = { limits: { instruments: { leastMs: 50 } } };
const bodies = (world: LiveWorld) => requestsTo(world, ORDER).map(({ params }) => params);

describe('F7: a quantity between two lots', () => {
  test('leaves as the lower one, and the rounding is told and booked', async () => {
    const world = await aLiveWorld({
      strategy: { 0: openLong({ sizing_policy: quantity('0.0119') }) },
    });
    await world.bars(1);
    expect(bodies(world)).toMatchObject([{ quantity: '0.011' }]);
    const [created] = await world.recordsOf('order_created');
    expect(created!.normalizations).toMatchObject([
      { field: 'quantity', from: decimal('0.0119'), to: decimal('0.011') },
    ]);
    expect(heldBy(world)).toEqual([decimal('0.011')]);
    await expectSound(world);
  });

  test('is denied with its numbers where that is none, and nothing leaves', async () => {
    const world = await aLiveWorld({
      strategy: { 0: openLong({ sizing_policy: quantity('0.0009') }) },
    });
    await world.bars(1);
    expect(await denials(world)).toEqual(['BELOW_MIN_QTY']);
    expect(bodies(world)).toEqual([]);
    await expectSound(world);
  });
});

describe('F8: a price between two ticks', () => {
  test('is never rounded to one that is worse, as the client library does', async () => {
    const world = await aLiveWorld({
      strategy: {
        0: openLong({ sizing_policy: TENTH, order: limitAt('49899.96') }),
        1: { kind: 'cancel', scope: { orders: 'all' }, reason: { code: 'test' } },
        2: openShort({ sizing_policy: TENTH, order: limitAt('50100.04') }),
      },
    });
    const naive = await aClient(world.venue);
    await naive.loadMarkets();
    expect(naive.priceToPrecision(SYMBOL, 49_899.96)).toBe('49900');
    expect(naive.priceToPrecision(SYMBOL, 50_100.04)).toBe('50100');
    await naive.close();
    await world.bars(3);
    expect(bodies(world).map(({ price }) => price)).toEqual(['49899.9', '50100.1']);
    await expectSound(world);
  });
});

describe('F9: a tick that changes while it runs', () => {
  test('is read again after the first refusal, and the next order is on it', async () => {
    const order = limitAt('49900.3');
    const open = openLong({ sizing_policy: TENTH, order });
    const world = await aLiveWorld({ ...QUICK, strategy: { 0: open, 2: open } });
    await admin(world.venue, 'POST', 'instrument', { symbol: 'BTCUSDT', tick: '0.5' });
    await world.bars(1);
    expect(answersTo(world, ORDER)).toEqual([-4014]);
    await expect.poll(() => world.eventsOf('filters_changed'), { timeout: 15_000 }).toHaveLength(1);
    await world.bars(2);
    expect(answersTo(world, ORDER)).toEqual([-4014, 200]);
    expect(bodies(world)[1]).toMatchObject({ price: '49900' });
    await expectSound(world);
  });
});

describe('F10: an order below the least notional', () => {
  const symbolSetup = { minNotional: '100' };

  test('is denied here if it opens, and leaves if it only closes', async () => {
    const world = await aLiveWorld({
      symbolSetup,
      strategy: {
        0: openLong({ sizing_policy: quantity('0.001') }),
        1: openLong({ sizing_policy: quantity('0.004') }),
        2: partialClose({ qty: '0.001' }),
      },
    });
    await world.bars(3);
    expect(await denials(world)).toEqual(['BELOW_MIN_NOTIONAL']);
    expect(answersTo(world, ORDER)).toEqual([200, 200]);
    expect(heldBy(world)).toEqual([decimal('0.003')]);
    await expectSound(world);
  });

  test('is no rest of a partial close: that is denied, or takes all', async () => {
    const world = await aLiveWorld({
      symbolSetup,
      strategy: {
        0: openLong({ sizing_policy: quantity('0.004') }),
        1: partialClose({ qty: '0.003' }),
        2: partialClose({ qty: '0.003' }, { on_dust: 'close_all' }),
      },
    });
    await world.bars(3);
    expect(await denials(world)).toEqual(['PARTIAL_CLOSE_DUST']);
    expect(heldBy(world)).toEqual([]);
    await expectSound(world);
  });

  test('is a definite refusal where the venue has raised it meanwhile (-4164)', async () => {
    const open = openLong({ sizing_policy: quantity('0.004') });
    const world = await aLiveWorld({ ...QUICK, strategy: { 0: open, 1: open } });
    await admin(world.venue, 'POST', 'instrument', { symbol: 'BTCUSDT', min_notional: '500' });
    await world.bars(1);
    expect(answersTo(world, ORDER)).toEqual([-4164]);
    expect(await world.eventsOf('order_rejected')).toMatchObject([{ code: 'BELOW_MIN_NOTIONAL' }]);
    await expect.poll(() => world.eventsOf('filters_changed'), { timeout: 15_000 }).toHaveLength(1);
    await world.bars(1);
    expect(await denials(world)).toEqual(['BELOW_MIN_NOTIONAL']);
    expect(answersTo(world, ORDER)).toEqual([-4164]);
    await expectSound(world);
  });
});

test('F11: a position that has become too small to open is closed all the same', async () => {
  const world = await aLiveWorld({
    symbolSetup: { minNotional: '100' },
    strategy: { 0: openLong({ sizing_policy: quantity('0.002') }), 2: closeLong() },
    closes: [50_000, 49_000, 49_000],
  });
  await world.bars(3);
  expect(bodies(world)[1]).toMatchObject({ quantity: '0.002', reduceOnly: 'true' });
  expect(heldBy(world)).toEqual([]);
  await expectSound(world);
});

describe('F12: an addition that is filled in part', () => {
  const adding = dca(1, { sizing_policy: quantity('3'), order: limitAt('49900') });
  const closes = [50_000, 50_000, 49_899.9, 50_000];
  const more = { symbolSetup: { liquidity: '0.5' }, cash: '1000000' };

  test('does not hold up the close of all of it', async () => {
    const open = openLong({ sizing_policy: TENTH });
    const world = await aLiveWorld({
      ...more,
      closes,
      strategy: { 0: open, 1: adding, 3: closeLong() },
    });
    await world.bars(3);
    expect(heldBy(world)).toEqual([decimal('1.1')]);
    await world.bars(1);
    await expect.poll(() => world.state.orders.size, { timeout: 15_000 }).toBe(0);
    expect(heldBy(world)).toEqual([]);
    await expectSound(world);
  });

  test('of which the close learns too late is closed behind it', async () => {
    const open = openLong({ sizing_policy: TENTH });
    const world = await aLiveWorld({
      ...more,
      closes,
      strategy: { 0: open, 1: adding, 2: closeLong() },
    });
    await world.bars(2);
    // The fills of this bar are told after the bar.
    for (const name of ['ORDER_TRADE_UPDATE', 'ACCOUNT_UPDATE']) {
      world.venue.faults.add({
        endpoint: `stream ${name}`,
        kind: 'delay_frame',
        ms: 100,
        times: 0,
      });
    }
    await world.bars(1);
    await world.until(() => world.heard.intents.some(({ type }) => type === 'position_changed'));
    await expect.poll(() => heldBy(world), { timeout: 15_000 }).toEqual([]);
    const exits = (await world.recordsOf('fill')).filter(({ leg }) => leg === 'exit');
    expect(format(exits.reduce((sum, fill) => sum + fill.quantity, 0n))).toBe('1.1');
    await expectSound(world);
  });

  test('does not hold up the stop, which covers what it added', async () => {
    const open = openLong({ sizing_policy: TENTH, protection: stopAt('49850') });
    const world = await aLiveWorld({
      ...more,
      strategy: { 0: open, 1: adding },
      closes: [50_000, 50_000, 49_899.9, { open: '49899.9', close: '49840', high: '49899.9' }],
    });
    await world.bars(3);
    const [held] = heldBy(world);
    expect(held).toBeGreaterThan(decimal('0.1'));
    const [stop] = [...world.venue.state.openAlgos.values()];
    expect(format(held!)).toBe(stop!.quantity.toFixed());
    await world.bars(3);
    expect((await world.recordsOf('fill')).at(-1)).toMatchObject({ leg: 'sl' });
    await expectSound(world);
  });
});

describe('F14: a size that is no size', () => {
  test('never leaves, whatever a strategy answers', async () => {
    const sizes: readonly unknown[] = [
      { mode: 'qty', qty: Number.NaN, unit: 'base' },
      { mode: 'qty', qty: 'NaN', unit: 'base' },
      { mode: 'qty', unit: 'base' },
      { mode: 'qty', qty: '-0.01', unit: 'base' },
      { mode: 'qty', qty: '0', unit: 'base' },
      { mode: 'qty', qty: Number.POSITIVE_INFINITY, unit: 'base' },
      { mode: 'qty', qty: '1e3', unit: 'base' },
      undefined,
    ];
    const world = await aLiveWorld({
      strategy: { 0: sizes.map((size) => openLong({ sizing_policy: size })) },
    });
    await world.bars(1);
    expect(await denials(world)).toHaveLength(sizes.length);
    expect(bodies(world)).toEqual([]);
    await expectSound(world);
  });

  test('leaves naive code as an order without a quantity, or one below zero', async () => {
    const world = await aLiveWorld({ strategy: {} });
    const naive = await aClient(world.venue);
    await naive.loadMarkets();
    const nothing = undefined as unknown as number;
    await failure(naive.createOrder(SYMBOL, 'market', 'buy', nothing));
    await failure(naive.createOrder(SYMBOL, 'market', 'buy', -0.01));
    const nan = await failure(naive.createOrder(SYMBOL, 'market', 'buy', Number.NaN));
    expect(nan.name).toBe('SyntaxError');
    await naive.close();
    expect(bodies(world).map((body) => body['quantity'])).toEqual([undefined, '-0.01']);
    await expectSound(world);
  });
});
