import { describe, expect, test } from 'vitest';
import { decimal, format } from '@strategy-runner/core';
import {
  type WorldOptions,
  aWorld,
  closeLong,
  dca,
  limitAt,
  openLong,
  openShort,
} from '../../../support/world.js';

function created(body: unknown, options: WorldOptions = {}) {
  const world = aWorld({ strategy: { 0: body }, bars: [100], ...options });
  const order = world.created()[0];
  if (order === undefined) return world.codes()[0];
  const { type, price, stopPrice, timeInForce, postOnly } = order;
  const texts = [price, stopPrice].map((value) => (value === null ? null : format(value)));
  return [type, ...texts, timeInForce, postOnly];
}

describe('the order style comes from the intent [R8]', () => {
  test('market', () => {
    expect(created(openLong())).toEqual(['market', null, null, 'GTC', false]);
  });

  test('market with a slippage bound leaves as an IOC limit at the bound', () => {
    const order = { type: 'market', max_slippage_bps: 20 };
    expect(created(openLong({ order }))).toEqual(['limit', '100.2', null, 'IOC', false]);
    expect(created(openShort({ order }))).toEqual(['limit', '99.8', null, 'IOC', false]);
  });

  test('the bound of the host is the larger word', () => {
    const order = { type: 'market', max_slippage_bps: 500 };
    const policy = { maxSlippageBps: 30 };
    expect(created(openLong({ order }), { policy })).toEqual([
      'limit',
      '100.3',
      null,
      'IOC',
      false,
    ]);
  });

  test.each(['GTC', 'IOC', 'FOK'])('limit with time in force %s', (time_in_force) => {
    const order = limitAt('99', { time_in_force });
    expect(created(openLong({ order }))).toEqual(['limit', '99', null, time_in_force, false]);
  });

  test('GTD rests until the host takes it back', () => {
    const order = limitAt('99', { time_in_force: 'GTD', good_for_ms: 60_000 });
    const world = aWorld({ strategy: { 0: openLong({ order }) }, bars: [100] });
    expect(world.leg('entry')).toMatchObject([{ timeInForce: 'GTC' }]);
    expect(world.bar(100).orders()).toEqual([]);
  });

  test('post-only', () => {
    const order = limitAt('99', { post_only: true });
    expect(created(openLong({ order }))).toEqual(['limit', '99', null, 'GTC', true]);
  });

  test('a trigger in the direction of the order', () => {
    const trigger = { price: '105', direction: 'rise_to' };
    expect(created(openLong({ order: { type: 'market', trigger } }))).toEqual([
      'stop_market',
      null,
      '105',
      'GTC',
      false,
    ]);
    expect(created(openLong({ order: limitAt('106', { trigger }) }))).toEqual([
      'stop_limit',
      '106',
      '105',
      'GTC',
      false,
    ]);
  });

  test('a slippage bound behind a trigger is not dropped', () => {
    const trigger = { price: '105', direction: 'rise_to' };
    const order = { type: 'market', trigger, max_slippage_bps: 600 };
    expect(created(openLong({ order }))).toEqual(['stop_limit', '106', '105', 'GTC', false]);
  });

  test('a trigger against the direction of the order is denied', () => {
    const trigger = { price: '95', direction: 'fall_to' };
    expect(created(openLong({ order: { type: 'market', trigger } }))).toBe(
      'SIMULATION_UNSUPPORTED',
    );
  });

  test.each([
    ['ticks', { offset_ticks: 1000, from: 'last' }],
    ['more ticks', { offset_ticks: 1000, from: 'reference' }],
  ])('an offset in %s that reaches zero or below is denied', (_what, price) => {
    const sizing_policy = { mode: 'quote_notional', amount: '100' };
    const instrument = { tick_size: '0.1' };
    const order = { type: 'limit', price };
    const options = { instrument, bars: [[100, 100, 100, 100]] } as const;
    expect(created(openLong({ order, sizing_policy }), options)).toBe('PRICE_OUTSIDE_COLLAR');
    const below = { ...options, instrument: { tick_size: '0.5' } };
    expect(created(openLong({ order, sizing_policy }), below)).toBe('PRICE_OUTSIDE_COLLAR');
  });
});

describe('the host never picks a style by itself [R8]', () => {
  test('an open without one is denied', () => {
    const world = aWorld({ strategy: { 0: openLong({ order: undefined }) }, bars: [100] });
    expect(world.denied()).toMatchObject([{ code: 'ORDER_STYLE_MISSING', path: '/order' }]);
    expect(world.created()).toEqual([]);
  });

  test('so are a dca and a close', () => {
    const world = aWorld({
      strategy: {
        0: openLong(),
        2: dca(1, { order: undefined }),
        3: closeLong({ order: undefined }),
      },
      bars: [100, 100, 100, 100],
    });
    expect(world.codes()).toEqual(['ORDER_STYLE_MISSING', 'ORDER_STYLE_MISSING']);
    expect(world.fills()).toHaveLength(1);
  });
});

describe('every order belongs to an intent of the plugin [R1]', () => {
  test('a plugin that says nothing trades nothing, whatever the host has configured', () => {
    const world = aWorld({
      strategy: {},
      sizing: { delegateNotional: decimal('100'), allocation: decimal('1000') },
      execution: { open: { order: { type: 'market' } } },
      bars: [100, 150, 50, 100],
    });
    expect(world.created()).toEqual([]);
    expect(world.state.cash).toBe(decimal('10000'));
  });

  test('entry, protection and fallback carry the id of the intent that permits them', () => {
    const fallback = {
      mode: 'limit_to_market',
      on: ['timeout'],
      after_ms: 1,
      max_slippage_bps: 50,
    };
    const protection = { stop_loss: { at: { abs: '50' } } };
    const open = openLong({ order: limitAt('99.9'), fallback, protection });
    const world = aWorld({ strategy: { 0: open, 3: closeLong() }, bars: Array(6).fill(100) });
    const accepted = world.accepted().map(({ intent }) => intent.intent_id);
    expect(world.created().map(({ leg, intentId }) => [leg, accepted.indexOf(intentId)])).toEqual([
      ['entry', 0],
      ['fallback', 0],
      ['sl', 0],
      ['exit', 1],
    ]);
  });
});
