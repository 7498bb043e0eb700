import { describe, expect, test } from 'vitest';
import { type Order, decimal, format } from '@strategy-runner/core';
import {
  type Body,
  type WorldOptions,
  aWorld,
  idOf,
  limitAt,
  openLong,
  openShort,
  quantity,
} from '../../../support/world.js';

/** What one entry at the last price of 100 comes to. */
function entry(sizing_policy: Body, options: WorldOptions = {}, more: Body = {}) {
  const world = aWorld({
    strategy: { 0: openLong({ sizing_policy, ...more }) },
    bars: [100],
    ...options,
  });
  const [record] = world.recordsOf('order_created');
  return {
    world,
    quantity: record === undefined ? undefined : format(record.order.quantity),
    changes: (record?.normalizations ?? []).map(({ from, to, reason }) => {
      return [reason, format(from), format(to)];
    }),
    denial: world.denied()[0],
  };
}

describe('[rule-08] the order of resolution', () => {
  test('[rule-08] mode, max_notional, host caps, balance, lot: each only makes it smaller', () => {
    const policy = {
      mode: 'equity_fraction',
      fraction_bps: 10_000,
      basis: 'equity',
      max_notional: '1001',
      on_insufficient: 'scale_down',
    };
    const risk = { maxOrderNotional: decimal('500.55') };
    const found = entry(policy, { risk });
    expect(found.changes).toEqual([
      ['max_notional', '100', '10.01'],
      ['scale_down', '10.01', '5.0055'],
      ['lot', '5.0055', '5.005'],
    ]);
    expect(found.quantity).toBe('5.005');
  });

  test('[rule-08] every change is told to the plugin', () => {
    const { world } = entry(quantity('5', { max_notional: '300.15' }));
    expect(world.heard.intents).toContainEqual({
      type: 'normalized',
      intent_id: idOf(0, 'open.long'),
      time_ms: world.now,
      leg: 'entry',
      diff: [
        { field: 'quantity', from: '5', to: '3.0015', why: 'max_notional' },
        { field: 'quantity', from: '3.0015', to: '3.001', why: 'lot' },
      ],
    });
  });

  test('[rule-08] free balance is what is left beside positions and working entries', () => {
    const world = aWorld({
      strategy: {
        0: openShort({ order: limitAt('110'), sizing_policy: quantity('60') }),
        1: openLong({ sizing_policy: quantity('90', { on_insufficient: 'scale_down' }) }),
      },
      bars: [100, 100],
    });
    const long = world.created().find(({ positionSide }) => positionSide === 'long') as Order;
    // 10 000 less 60 × 110 leaves 3 400.
    expect(format(long.quantity)).toBe('34');
  });

  test('[rule-08] scaling down leaves room for the fee', () => {
    const policy = quantity('200', { on_insufficient: 'scale_down' });
    const { world } = entry(policy, { costs: { takerFeeBps: '10' } });
    // 10 000 / (100 × 1.001) = 99.9000999…
    expect(world.created().map(({ quantity: q }) => format(q))).toEqual(['99.9']);
    expect(world.bar(100).state.cash).toBe(decimal('9990.01'));
  });

  test('[rule-08] leverage multiplies what the balance carries', () => {
    const policy = quantity('2000', { on_insufficient: 'scale_down' });
    expect(entry(policy, {}, { leverage: '3' }).quantity).toBe('300');
  });

  test('[rule-08] without scale_down a balance too small denies, with the numbers', () => {
    const { denial, quantity: sent } = entry(quantity('101'));
    expect(denial).toMatchObject({
      code: 'BALANCE_INSUFFICIENT',
      numbers: { needed: '10100', free: '10000', notional: '10100' },
    });
    expect(sent).toBeUndefined();
  });

  test('[rule-08] without scale_down a host cap denies, with the numbers', () => {
    const { denial } = entry(quantity('6'), { risk: { maxOrderNotional: decimal('500') } });
    expect(denial).toMatchObject({
      code: 'NOTIONAL_EXCEEDS_MAXIMUM',
      numbers: { notional: '600', max: '500' },
    });
  });

  test('[rule-08] lots round down, never up', () => {
    const found = entry(quantity('1.9999'));
    expect(found.quantity).toBe('1.999');
    expect(found.changes).toEqual([['lot', '1.9999', '1.999']]);
  });

  test('[rule-08] contracts are counted in base units', () => {
    const contracts = { mode: 'qty', qty: '30', unit: 'contracts' };
    expect(entry(contracts, { instrument: { contract_size: '0.01' } }).quantity).toBe('0.3');
  });
});

describe('[rule-08] minimums', () => {
  test('[rule-08] [R21] zero after rounding is denied with the numbers', () => {
    expect(entry(quantity('0.0009')).denial).toMatchObject({
      code: 'BELOW_MIN_QTY',
      path: '/sizing_policy',
      numbers: { quantity: '0', min_quantity: '0.001', lot_size: '0.001' },
    });
  });

  test('[rule-08] [R21] a quantity below the minimum is denied with the numbers', () => {
    const instrument = { min_quantity: '0.1' };
    expect(entry(quantity('0.099'), { instrument }).denial).toMatchObject({
      code: 'BELOW_MIN_QTY',
      numbers: { quantity: '0.099', min_quantity: '0.1' },
    });
    expect(entry(quantity('0.1'), { instrument }).quantity).toBe('0.1');
  });

  test('[rule-08] [R21] a notional below the minimum is denied with the numbers', () => {
    expect(entry(quantity('0.049')).denial).toMatchObject({
      code: 'BELOW_MIN_NOTIONAL',
      numbers: { notional: '4.9', min_notional: '5' },
    });
    expect(entry(quantity('0.05')).quantity).toBe('0.05');
  });

  test('[rule-08] [R21] the minimum holds at the stop too, else the stop could not execute', () => {
    const protection = { stop_loss: { at: { abs: '80' } } };
    expect(entry(quantity('0.062'), {}, { protection }).denial).toMatchObject({
      code: 'STOP_BELOW_MIN_NOTIONAL',
      path: '/protection/stop_loss',
      numbers: { notional: '4.96', min_notional: '5' },
    });
    expect(entry(quantity('0.063'), {}, { protection }).quantity).toBe('0.063');
  });
});

describe('[rule-08] raise_to_min', () => {
  const raised = (qty: string, more: Body = {}) =>
    quantity(qty, { on_below_min: 'raise_to_min', ...more });

  test('[rule-08] raises to the larger of both minimums, on the lot, and notes it', () => {
    const found = entry(raised('0.01'), { instrument: { min_notional: '5.04', lot_size: '0.01' } });
    expect(found.quantity).toBe('0.06');
    expect(found.changes).toEqual([['raise_to_min', '0.01', '0.06']]);
    const larger = entry(raised('0.01'), { instrument: { min_quantity: '0.2' } });
    expect(larger.quantity).toBe('0.2');
  });

  test('[rule-08] raises a minimum that is off the lot to the next lot', () => {
    const instrument = { min_quantity: '0.0615', min_notional: '0' };
    expect(entry(raised('0.0616'), { instrument }).quantity).toBe('0.062');
  });

  test('[rule-08] raises so far that the stop can execute', () => {
    const protection = { stop_loss: { at: { abs: '80' } } };
    expect(entry(raised('0.01'), {}, { protection }).quantity).toBe('0.063');
  });

  test('[rule-08] leaves alone what is large enough', () => {
    const found = entry(raised('0.0509'));
    expect(found.quantity).toBe('0.05');
    expect(found.changes).toEqual([['lot', '0.0509', '0.05']]);
  });

  test('[rule-08] [R21] may not break max_notional', () => {
    expect(entry(raised('0.01', { max_notional: '4.99' })).denial).toMatchObject({
      code: 'BELOW_MIN_QTY',
      numbers: { quantity: '0.01', min_quantity: '0.05', notional: '5' },
    });
    expect(entry(raised('0.01', { max_notional: '5' })).quantity).toBe('0.05');
  });

  test('[rule-08] may not break a host cap', () => {
    const risk = { maxOrderNotional: decimal('4.99') };
    expect(entry(raised('0.01'), { risk }).denial).toMatchObject({ code: 'BELOW_MIN_QTY' });
  });

  test('[rule-08] may not take more risk than risk_bps', () => {
    const policy = { mode: 'risk_percent', risk_bps: 1, basis: 'allocation' };
    const sizing = { allocation: decimal('10') };
    const protection = { stop_loss: { at: { abs: '90' } } };
    const more = { ...policy, on_below_min: 'raise_to_min' };
    expect(entry(more, { sizing }, { protection }).denial).toMatchObject({ code: 'BELOW_MIN_QTY' });
  });

  test('[rule-08] may not break the balance', () => {
    const found = entry(raised('0.01'), { cash: '4.9' });
    expect(found.denial).toMatchObject({ code: 'BALANCE_INSUFFICIENT' });
  });
});
