import { describe, expect, test } from 'vitest';
import type { SizingPolicy } from '@strategy-runner/contracts';
import { decimal, format } from '@strategy-runner/core';
import { type SizingInput, sizeEntry } from '../../../../core/src/sizing/size.js';
import {
  type WorldOptions,
  aWorld,
  anInstrument,
  openLong,
  quantity,
} from '../../../support/world.js';

interface Given {
  readonly price?: string;
  readonly stop?: string;
  readonly side?: 'long' | 'short';
  readonly leverage?: string;
  readonly options?: WorldOptions;
}

/** The quantity before the lot, or the code of the denial. Cash is 10 000. */
function size(policy: SizingPolicy, given: Given = {}) {
  const { price = '100', stop, side = 'long', leverage = '1', options = {} } = given;
  const world = aWorld({ bars: [100], ...options });
  const input: SizingInput = {
    policy,
    instrument: anInstrument(options.instrument),
    price: decimal(price),
    stopPrice: stop === undefined ? null : decimal(stop),
    leverage: decimal(leverage),
    side,
  };
  const sized = sizeEntry(world.engine, input);
  return sized.ok ? format(sized.value.quantity) : sized.code;
}

describe('qty', () => {
  test('is the quantity itself, whatever the price', () => {
    expect(size({ mode: 'qty', qty: '0.123456', unit: 'base' }, { price: '7' })).toBe('0.123456');
  });

  test('in contracts is multiplied by the size of a contract', () => {
    const options = { instrument: { contract_size: '0.001' } };
    expect(size({ mode: 'qty', qty: '250', unit: 'contracts' }, { options })).toBe('0.25');
  });
});

describe('quote_notional', () => {
  test('is the amount over the price, cut off and never rounded up', () => {
    expect(size({ mode: 'quote_notional', amount: '150' }, { price: '64000' })).toBe('0.00234375');
    expect(size({ mode: 'quote_notional', amount: '2' }, { price: '3' })).toBe(
      '0.666666666666666666',
    );
  });
});

describe('equity_fraction', () => {
  const half = { mode: 'equity_fraction', fraction_bps: 5000, basis: 'equity' } as const;

  test('is a share of equity over the price', () => {
    expect(size(half, { price: '80' })).toBe('62.5');
  });

  test('counts the profit of open positions as equity', () => {
    const options = { strategy: { 0: openLong() }, bars: [100, 100, 150] } as const;
    expect(size(half, { price: '150', options })).toBe('33.5');
  });

  test('of free balance leaves out what positions bind', () => {
    const options = { strategy: { 0: openLong() }, bars: [100, 100] } as const;
    expect(size({ ...half, basis: 'free' }, { options })).toBe('49.5');
  });

  test('of an allocation is a share of that', () => {
    const options = { sizing: { allocation: decimal('300') } };
    expect(size({ ...half, basis: 'allocation' }, { options })).toBe('1.5');
  });

  test('of an equity below zero is nothing', () => {
    // 2 × 100 bought with 100 of cash, and the price falls to 1.
    const options = {
      strategy: { 0: openLong({ leverage: '5', sizing_policy: quantity('2') }) },
      cash: '100',
      bars: [100, 100, [100, 100, 1, 1]],
    } as const;
    expect(size(half, { options })).toBe('0');
  });
});

describe('risk_percent', () => {
  const policy = { mode: 'risk_percent', risk_bps: 50, basis: 'equity' } as const;

  test('is the risk over the distance to the stop', () => {
    // 0.5 % of 10 000 over 100 − 98.
    expect(size(policy, { stop: '98' })).toBe('25');
    expect(size(policy, { stop: '102', side: 'short' })).toBe('25');
  });

  test('takes fees of both sides and slippage at the stop as part of the loss', () => {
    const options = { costs: { takerFeeBps: '10', slippageBps: '20' } };
    // 50 / (2 + 198 × 0.001 + 98 × 0.002) = 50 / 2.394
    expect(size(policy, { stop: '98', options })).toBe('20.88554720133667502');
  });

  test('needs a stop', () => {
    expect(size(policy)).toBe('STOP_REQUIRED');
  });

  test.each([
    ['100', 'long'],
    ['100.1', 'long'],
    ['100', 'short'],
    ['99.9', 'short'],
  ] as const)('is denied for a stop at %s of a %s from 100', (stop, side) => {
    expect(size(policy, { stop, side })).toBe('STOP_REQUIRED');
  });
});

describe('delegate_notional', () => {
  const options = { sizing: { delegateNotional: decimal('250') } };

  test('is the amount of the host over the price', () => {
    expect(size('delegate_notional', { options })).toBe('2.5');
    expect(size({ mode: 'delegate_notional' }, { options })).toBe('2.5');
  });

  test('is weighted by the plugin', () => {
    expect(size({ mode: 'delegate_notional', weight_bps: 2500 }, { options })).toBe('0.625');
  });

  test('without a sizing rule of the host is denied', () => {
    expect(size('delegate_notional')).toBe('SIZING_NOT_CONFIGURED');
  });
});

describe('caps', () => {
  const large = { mode: 'qty', qty: '500', unit: 'base' } as const;

  test('max_notional bounds every mode', () => {
    expect(size({ ...large, max_notional: '250' })).toBe('2.5');
    const delegated = { mode: 'delegate_notional', max_notional: '50' } as const;
    const options = { sizing: { delegateNotional: decimal('250') } };
    expect(size(delegated, { options })).toBe('0.5');
  });

  test('scale_down stops at what margin and fee leave', () => {
    const policy = { ...large, on_insufficient: 'scale_down' } as const;
    expect(size(policy)).toBe('100');
    const options = { costs: { takerFeeBps: '25' }, risk: { maxLeverage: decimal('4') } };
    // 10 000 / (100 / 4 + 0.25)
    expect(size(policy, { leverage: '4', options })).toBe('396.039603960396039603');
  });

  test('without scale_down the size stays for risk to deny', () => {
    expect(size(large)).toBe('500');
  });
});
