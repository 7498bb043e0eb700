import { describe, expect, test } from 'vitest';
import { decimal, format } from '@strategy-runner/core';
import { START_MS } from '../../../support/world.js';
import { Desk, type OrderOptions } from './a-venue.js';

describe('costs', () => {
  test.each<[string, NonNullable<OrderOptions>, number, string]>([
    ['a buy pays more, rounded up to the tick', {}, 100.3, 'a 1 @ 100.5 taker'],
    ['a sale gets less, rounded down', { positionSide: 'short' }, 100.3, 'a 1 @ 100.1 taker'],
    ['a limit bounds it', { type: 'limit', price: '100.4' }, 100.3, 'a 1 @ 100.4 taker'],
  ])('slippage: %s', (_title, order, open, expected) => {
    expect(new Desk({ slippageBps: '15' }).place(order).bar(open)).toEqual([expected]);
  });

  test('slippage of a sale with a limit stops at the limit', () => {
    const desk = new Desk({ slippageBps: '100' });
    desk.place({ positionSide: 'short', type: 'limit', price: '99.8' });
    expect(desk.bar(100)).toEqual(['a 1 @ 99.8 taker']);
  });

  test('a maker has no slippage', () => {
    const desk = new Desk({ slippageBps: '15' }).place({ type: 'limit', price: '98' });
    expect(desk.bar(100, 100, 97)).toEqual(['a 1 @ 98 maker']);
  });

  test('a price without slippage is not put on the tick', () => {
    expect(new Desk().place({}).bar(100.37)).toEqual(['a 1 @ 100.37 taker']);
  });

  test.each([
    // 0.125 × 100.01 × 2.5 bps = 0.0031253125, half-even at 1e-8 = 0.00312531
    ['taker', {}, 100.01, '0.125', '0.00312531'],
    // 0.00001 × 100 × 2.5 bps = 0.00000025: kept; the tie 0.000000025 × … goes to the even digit
    ['taker', {}, 100, '0.0000002', '0'],
    ['taker', {}, 100, '0.0000006', '0.00000002'],
    ['maker', { type: 'limit', price: '98' }, 100, '1', '0.0098'],
  ] as const)('fees: %s rate, half-even at 1e-8 (%#)', (_kind, order, open, quantity, fee) => {
    const desk = new Desk({ takerFeeBps: '2.5', makerFeeBps: '1', lot: '0.0000001' });
    desk.place({ ...order, quantity });
    desk.bar(open, open, 97);
    const [fill] = desk.events;
    expect(fill?.kind === 'fill_reported' ? format(fill.fee) : fill).toBe(fee);
  });

  test('the fill says the price before slippage', () => {
    const desk = new Desk({ slippageBps: '10' }).place({});
    desk.bar(100);
    expect(desk.events[0]).toMatchObject({ basePrice: decimal('100'), price: decimal('100.1') });
  });
});

describe('funding', () => {
  const rate = decimal('0.001');

  test('is paid at the open on the position carried in, by longs when the rate is positive', () => {
    const desk = new Desk().holding('long', '2', 100);
    const row = { timeMs: START_MS + 60_000, rate, markPrice: null };
    expect(desk.bar(110, 120, 90, 95, { funding: [row] })).toEqual(['funding long -0.22']);
    expect(desk.events[0]!.ts).toBe(START_MS + 60_000);
  });

  test('is received by shorts, at the mark price where there is one', () => {
    const desk = new Desk().holding('short', '2', 100);
    const row = { timeMs: START_MS + 60_000, rate, markPrice: decimal('105') };
    expect(desk.bar(110, 110, 110, 110, { funding: [row] })).toEqual(['funding short 0.21']);
  });

  test('comes before the orders that meet the same open', () => {
    const desk = new Desk().holding('long', '1', 100);
    desk.place({ name: 'more' }, { name: 'out', action: 'exit' });
    const row = { timeMs: START_MS + 60_000, rate, markPrice: null };
    expect(desk.bar(100, 100, 100, 100, { funding: [row] })).toEqual([
      'funding long -0.1',
      'more 1 @ 100 taker',
      'out 1 @ 100 taker',
    ]);
  });

  test('is nothing while flat', () => {
    const row = { timeMs: START_MS, rate, markPrice: null };
    expect(new Desk().place({}).bar(100, 100, 100, 100, { funding: [row] })).toEqual([
      'a 1 @ 100 taker',
    ]);
  });
});
