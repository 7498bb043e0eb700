import { decimal, format } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { cut, maximumOf, partsOf } from '../../../../core/src/order/maximum.js';
import { anInstrument } from '../../../support/world-config.js';

const RULES = { lot_size: '0.1', min_quantity: '0.5', min_notional: '5' };
const instrument = anInstrument({ ...RULES, max_quantity: '10', max_market_quantity: '3' });

function market(quantity: string) {
  const prices = { price: null, stopPrice: null, referencePrice: decimal('100') };
  return { type: 'market', quantity: decimal(quantity), ...prices } as const;
}

describe('the maximum of one order', () => {
  test.each([
    ['market', '3'],
    ['stop_market', '3'],
    ['limit', '10'],
    ['stop_limit', '10'],
  ] as const)('of a %s order is %s', (type, expected) => {
    expect(format(maximumOf(instrument, type)!)).toBe(expected);
  });

  test('is the lower one at market, and the only one where there is one', () => {
    const lower = anInstrument({ max_quantity: '2', max_market_quantity: '3' });
    expect(format(maximumOf(lower, 'market')!)).toBe('2');
    expect(format(maximumOf(anInstrument({ max_quantity: '2' }), 'market')!)).toBe('2');
    expect(maximumOf(anInstrument({ max_market_quantity: '2' }), 'limit')).toBeNull();
    expect(maximumOf(anInstrument(), 'market')).toBeNull();
    // As a session keeps it that began under a host which knew no maxima.
    const { maxQuantity: _all, maxMarketQuantity: _market, ...earlier } = anInstrument();
    expect(maximumOf(earlier, 'market')).toBeNull();
  });
});

describe('an exit above the maximum', () => {
  test.each([
    ['3', ['3']],
    ['3.1', ['2.6', '0.5']],
    ['6.2', ['3', '2.7', '0.5']],
    ['7', ['3', '3', '1']],
    // A part of a lot, as a fee in the base coin leaves it, goes with the last one.
    ['7.05', ['3', '3', '1.05']],
  ])('of %s leaves as %j: the last one is never too small to be taken', (quantity, expected) => {
    expect(partsOf(market(quantity), instrument).map(format)).toEqual(expected);
  });

  test('leaves the last one enough worth as well', () => {
    const dear = anInstrument({ ...RULES, max_market_quantity: '3', min_notional: '120' });
    expect(partsOf(market('4'), dear).map(format)).toEqual(['2.8', '1.2']);
  });

  test('leaves at most as it is where no two legal orders can be made of it', () => {
    const coarse = anInstrument({ ...RULES, min_quantity: '2', max_market_quantity: '3' });
    expect(partsOf(market('3.5'), coarse).map(format)).toEqual(['3', '0.5']);
  });

  test('is cut on the lot', () => {
    const odd = anInstrument({ ...RULES, max_market_quantity: '2.75' });
    const { quantity, rest } = cut(market('5'), odd);
    expect([format(quantity), format(rest)]).toEqual(['2.7', '2.3']);
  });
});
