import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Desk } from './a-venue.js';

describe('what a spot account can pay', () => {
  test('bounds what is bought at an open above the decision; the rest is over', () => {
    // 100 ÷ 130 = 0.769…
    const desk = new Desk({ cash: '100' }).place({});
    expect(desk.bar(130)).toEqual(['a 0.769 @ 130 taker', 'a expired BALANCE_INSUFFICIENT']);
    expect(desk.cash).toBe('0.03');
  });

  test('has to carry the fees as well', () => {
    const desk = new Desk({ cash: '100', takerFeeBps: '10' }).place({});
    expect(desk.bar(100)).toEqual(['a 0.999 @ 100 taker', 'a expired BALANCE_INSUFFICIENT']);
    expect(new Desk({ cash: '100.1', takerFeeBps: '10' }).place({}).bar(100)).toEqual([
      'a 1 @ 100 taker',
    ]);
  });

  test('buys nothing where it pays for less than a lot, nor a part of fill or kill', () => {
    const desk = new Desk({ cash: '0.05' }).place({});
    expect(desk.bar(100)).toEqual(['a expired BALANCE_INSUFFICIENT']);
    const fok = { type: 'limit', price: '140', timeInForce: 'FOK' } as const;
    expect(new Desk({ cash: '100' }).place(fok).bar(130)).toEqual([
      'a expired BALANCE_INSUFFICIENT',
    ]);
  });

  test('bounds a resting limit too, and leaves sales alone', () => {
    const desk = new Desk({ cash: '100' }).place({ name: 'one', quantity: '0.5' });
    desk.bar(100);
    desk.place({ name: 'two', type: 'limit', price: '90' });
    desk.bar(100);
    expect(desk.bar(95, 95, 89, 90)).toEqual([
      'two 0.555 @ 90 maker',
      'two expired BALANCE_INSUFFICIENT',
    ]);
    desk.place({ name: 'out', action: 'exit', quantity: '1.055' });
    expect(desk.bar(90)).toEqual(['out 1.055 @ 90 taker']);
  });

  test('never goes below zero, whatever cash, price, lot and fee', () => {
    const large = fc.integer({ min: 0, max: 10_000_000 }).map((n) => (n / 1000).toFixed(3));
    const dust = fc.integer({ min: 0, max: 200 }).map((n) => (n / 1e8).toFixed(8));
    fc.assert(
      fc.property(
        fc.oneof(fc.tuple(large, fc.constant('50')), fc.tuple(dust, fc.constant('0.000001'))),
        fc.integer({ min: 1, max: 500_000 }),
        fc.constantFrom('0.00000001', '0.001', '1'),
        fc.constantFrom('0', '7.5', '3333.3'),
        ([cash, quantity], thousandths, lot, takerFeeBps) => {
          const desk = new Desk({ cash, lot, takerFeeBps }).place({ quantity });
          desk.bar(thousandths / 1000);
          expect(Number(desk.cash)).toBeGreaterThanOrEqual(0);
        },
      ),
      {
        numRuns: 2000,
        // Here cost and fee are both rounded up.
        examples: [[['0.0000017', '0.000001'], 3542, '0.00000001', '3333.3']],
      },
    );
  });
});
