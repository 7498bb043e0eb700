import { describe, expect, test } from 'vitest';
import { decimal, format } from '@strategy-runner/core';
import { type Body, type WorldOptions, aWorld, dca, openLong } from '../../../support/world.js';

function entry(body: Body, options: WorldOptions = {}) {
  return aWorld({ strategy: { 0: body }, bars: [100, 100], ...options });
}

const delegating = { sizing: { delegateNotional: decimal('250') } };

describe('[rule-07] an entry says its size', () => {
  test.each([
    ['open', openLong({ sizing_policy: undefined })],
    ['dca', dca(1, { sizing_policy: undefined })],
  ])('[rule-07] [R7] the kind %s without a sizing policy is denied', (_kind, body) => {
    const world = entry(body, delegating);
    expect(world.codes()).toEqual(['SCHEMA_INVALID']);
    expect(world.denied()[0]!.path).toBe('/sizing_policy');
    expect(world.created()).toEqual([]);
  });

  test.each([
    ['qty without a quantity', { mode: 'qty', unit: 'base' }],
    ['qty without a unit', { mode: 'qty', qty: '1' }],
    ['quote_notional without an amount', { mode: 'quote_notional' }],
    ['equity_fraction without a fraction', { mode: 'equity_fraction', basis: 'equity' }],
    ['a bare string that is no policy', 'qty'],
    ['a quantity of zero', { mode: 'qty', qty: '0', unit: 'base' }],
    ['a quantity as a number', { mode: 'qty', qty: 1, unit: 'base' }],
  ])('[rule-07] [R7] denies %s, even where the host has a sizing rule', (_what, sizing_policy) => {
    const world = entry(openLong({ sizing_policy }), delegating);
    expect(world.codes()).toEqual(['SCHEMA_INVALID']);
    expect(world.denied()[0]!.path.startsWith('/sizing_policy')).toBe(true);
  });
});

describe('[rule-07] delegate_notional', () => {
  test.each([
    ['the bare string', 'delegate_notional'],
    ['the object', { mode: 'delegate_notional' }],
  ])('[rule-07] [R7] %s lets the host decide by its sizing rule', (_what, sizing_policy) => {
    const world = entry(openLong({ sizing_policy }), delegating);
    expect(world.fills().map(({ quantity }) => format(quantity))).toEqual(['2.5']);
    expect(world.accepted()[0]!.intent).toMatchObject({
      sizing_policy: { mode: 'delegate_notional' },
    });
  });

  test('[rule-07] the weight of the plugin scales the amount of the host', () => {
    const sizing_policy = { mode: 'delegate_notional', weight_bps: 2000 };
    const world = entry(openLong({ sizing_policy }), delegating);
    expect(world.fills().map(({ quantity }) => format(quantity))).toEqual(['0.5']);
  });

  test('[rule-07] [R7] is denied for an open where the host has no sizing rule', () => {
    const world = entry(openLong({ sizing_policy: 'delegate_notional' }));
    expect(world.denied()[0]).toMatchObject({
      code: 'SIZING_NOT_CONFIGURED',
      path: '/sizing_policy',
      detail: 'the host has no sizing rule; set sizing.delegate_notional in the config',
    });
    expect(world.created()).toEqual([]);
  });

  test('[rule-07] [R7] is denied for a dca where the host has no sizing rule', () => {
    const world = aWorld({
      strategy: { 0: openLong(), 2: dca(1, { sizing_policy: 'delegate_notional' }) },
      bars: [100, 100, 100, 100],
    });
    expect(world.codes()).toEqual(['SIZING_NOT_CONFIGURED']);
    expect(world.fills()).toHaveLength(1);
  });

  test('[rule-07] no other mode takes the amount of the host', () => {
    const sizing_policy = { mode: 'quote_notional', amount: '100' };
    const world = entry(openLong({ sizing_policy }), delegating);
    expect(world.fills().map(({ quantity }) => format(quantity))).toEqual(['1']);
  });
});
