import { decimal } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import {
  GATE_LIMITS,
  type GateInput,
  type GateRules,
  checkLastGate,
} from '../../../../../adapters/src/venue/ccxt/last-gate.js';
import { aLimit, aStop, anExit, anOrder } from '../../../../support/orders.js';

const RULES: GateRules = {
  tickSize: decimal('0.1'),
  lotSize: decimal('0.001'),
  minQuantity: decimal('0.01'),
  maxQuantity: decimal('100'),
  maxMarketQuantity: decimal('10'),
  minPrice: decimal('10'),
  maxPrice: decimal('1000000'),
};

const NOW = 1_000_000;
const QUOTE = { bid: decimal('49999.9'), ask: decimal('50000.1'), atMs: NOW - 100 };

function check(order: GateInput['order'], more: Partial<GateInput> = {}) {
  const input = { order, rules: RULES, quote: QUOTE, nowMs: NOW, limits: GATE_LIMITS, ...more };
  return checkLastGate(input);
}

describe('the last gate', () => {
  test('lets a normalised order near the market pass', () => {
    expect(check(anOrder())).toBeUndefined();
    expect(check(aLimit('49000'))).toBeUndefined();
    expect(check(anExit())).toBeUndefined();
    expect(check(aStop('45000'))).toBeUndefined();
  });

  test.each([
    ['negative', '-0.1', 'is not above 0'],
    ['zero', '0', 'is not above 0'],
    ['off the step', '0.0105', 'is not a multiple of 0.001'],
    ['below the minimum', '0.009', 'min 0.01'],
    ['above the maximum of a market order', '11', 'max 10'],
  ])('refuses a quantity that is %s (F14)', (_, quantity, detail) => {
    const refusal = check(anOrder({ quantity: decimal(quantity) }));
    expect(refusal?.code).toBe('LAST_GATE_REFUSED');
    expect(refusal?.detail).toContain(detail);
  });

  test('refuses what is no decimal at all (F14)', () => {
    const nothing = undefined as unknown as bigint;
    expect(check(anOrder({ quantity: nothing }))?.detail).toContain('is not a decimal');
    expect(check(aLimit('50000', { price: null }))?.detail).toBe('price is missing');
    expect(check(aStop('45000', { stopPrice: null }))?.detail).toBe('stop price is missing');
  });

  test('refuses prices off the tick or outside of the limits', () => {
    expect(check(aLimit('50000.05'))?.detail).toContain('is not a multiple of 0.1');
    expect(check(aLimit('5'))?.detail).toContain('min 10');
    expect(check(aStop('45000.05'))?.detail).toContain('stop price');
  });

  test('refuses a symbol without rules', () => {
    expect(check(anOrder(), { rules: undefined })?.code).toBe('LAST_GATE_REFUSED');
  });

  test('lets an exit below the minimum pass: a rest must be closable', () => {
    expect(check(anExit({ quantity: decimal('0.001') }))).toBeUndefined();
  });

  test('holds an entry to the fresh quote, and an exit to a wider collar', () => {
    expect(check(aLimit('51000.1'))).toBeUndefined();
    expect(check(aLimit('51000.2'))?.detail).toContain('more than 200 bps above 50000.1');
    const exit = { type: 'limit', side: 'sell' } as const;
    expect(check(anExit({ ...exit, price: decimal('46000') }))).toBeUndefined();
    expect(check(anExit({ ...exit, price: decimal('44000') }))?.code).toBe('LAST_GATE_REFUSED');
  });

  test('refuses a market entry when the market has run away from its decision', () => {
    expect(check(anOrder({ referencePrice: decimal('48000') }))?.detail).toContain('market');
    expect(check(anExit({ referencePrice: decimal('60000') }))).toBeUndefined();
  });

  test('holds the limit of a stop to its trigger', () => {
    const stop = { type: 'stop_limit', price: decimal('40000') } as const;
    expect(check(aStop('45000', stop))?.detail).toContain('below 45000');
  });

  test('refuses entries without a fresh quote, and never exits', () => {
    const stale = { ...QUOTE, atMs: NOW - 10_001 };
    const crossed = { ...QUOTE, bid: decimal('50001') };
    for (const quote of [null, stale, crossed]) {
      expect(check(anOrder(), { quote })?.code).toBe('QUOTE_STALE');
      expect(check(anExit(), { quote })).toBeUndefined();
    }
    expect(check(anOrder(), { quote: { ...QUOTE, atMs: NOW - 10_000 } })).toBeUndefined();
    // The clock here was set back: how old it is, nobody knows.
    const future = { ...QUOTE, atMs: NOW + 10_001 };
    expect(check(anOrder(), { quote: future })?.code).toBe('QUOTE_STALE');
  });
});
