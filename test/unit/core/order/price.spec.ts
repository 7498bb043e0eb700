import { describe, expect, test } from 'vitest';
import type { PriceSpec } from '@strategy-runner/contracts';
import { decimal, format } from '@strategy-runner/core';
import {
  limitOnTick,
  resolvePrice,
  slippageBound,
  stopOnTick,
} from '../../../../core/src/order/price.js';
import { anInstrument } from '../../../support/world.js';

const instrument = anInstrument({ tick_size: '0.5' });
const anchors = { reference: decimal('100'), last: decimal('110') };

function resolved(spec: PriceSpec, side: 'buy' | 'sell') {
  return format(resolvePrice(spec, side, anchors, instrument.tickSize));
}

describe('a limit price', () => {
  test('that is absolute is itself', () => {
    expect(resolved({ abs: '99.123' }, 'buy')).toBe('99.123');
  });

  test.each([
    [{ offset_bps: 25, from: 'reference' }, 'buy', '99.75'],
    [{ offset_bps: 25, from: 'reference' }, 'sell', '100.25'],
    [{ offset_bps: -25, from: 'reference' }, 'buy', '100.25'],
    [{ offset_bps: 100, from: 'last' }, 'buy', '108.9'],
    [{ offset_ticks: 3, from: 'last' }, 'sell', '111.5'],
    [{ offset_ticks: -3, from: 'last' }, 'sell', '108.5'],
    [{ offset_ticks: 0, from: 'reference' }, 'buy', '100'],
    [{ offset_ticks: 2, from: 'mid' }, 'buy', '109'],
    [{ offset_ticks: 2, from: 'near_touch' }, 'buy', '109'],
    [{ offset_ticks: 2, from: 'far_touch' }, 'buy', '109'],
  ] as const)('of %o for a %s is %s: positive is more passive', (spec, side, price) => {
    expect(resolved(spec, side)).toBe(price);
  });
});

describe('on the tick', () => {
  test.each([
    ['99.99', 'buy', '99.5'],
    ['99.99', 'sell', '100'],
    ['99.5', 'buy', '99.5'],
    ['99.5', 'sell', '99.5'],
  ] as const)(
    'a limit of %s to %s is %s: never a worse price than was asked',
    (price, side, on) => {
      expect(format(limitOnTick(decimal(price), side, instrument))).toBe(on);
    },
  );

  test.each([
    ['95.2', 'sell', '95.5'],
    ['104.9', 'buy', '104.5'],
    ['95.5', 'sell', '95.5'],
  ] as const)('a stop at %s to %s is %s: towards the market', (price, side, on) => {
    expect(format(stopOnTick(decimal(price), side, instrument))).toBe(on);
  });

  test.each([
    ['buy', 37, '100'],
    ['buy', 50, '100.5'],
    ['sell', 37, '100'],
    ['sell', 50, '99.5'],
    ['sell', 0, '100'],
  ] as const)('the bound to %s within %i bps of 100 is %s: never beyond it', (side, bps, bound) => {
    expect(format(slippageBound(decimal('100'), side, bps, instrument))).toBe(bound);
  });
});
