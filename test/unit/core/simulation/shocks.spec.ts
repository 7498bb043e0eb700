import { describe, expect, test } from 'vitest';
import { decimal, format } from '@strategy-runner/core';
import { Desk, anOrder } from './a-venue.js';

/** One order of leg `a/entry`, with the shock that live observed on it. */
function shocked(shock: object, options: object = {}): Desk {
  return new Desk({ ...options, shocks: { 'a/entry': shock } });
}

describe('shocks put what live observed in the place of what the model gives', () => {
  test('a leg without a shock is the model', () => {
    const desk = new Desk({ shocks: { 'b/entry': { missed: true } } }).place({});
    expect(desk.bar(100)).toEqual(['a 1 @ 100 taker']);
  });

  test('rejected: the venue refuses the order with its code', () => {
    const desk = shocked({ rejected: { code: 'MIN_NOTIONAL', reason: 'other' } });
    desk.place({});
    expect(desk.events).toMatchObject([
      { kind: 'order_rejected', code: 'MIN_NOTIONAL', reason: 'other' },
    ]);
    expect(desk.bar(100)).toEqual([]);
  });

  test('missed: a resting order never fills and stays until it is cancelled', () => {
    const desk = shocked({ missed: true }).place({ type: 'limit', price: '98' });
    expect(desk.bar(100, 100, 90)).toEqual([]);
    expect(desk.bar(90, 90, 80)).toEqual([]);
    expect(desk.cancel('a')).toEqual(['a cancelled']);
  });

  test.each([
    ['a market order', {}],
    ['an IOC order', { type: 'limit', price: '101', timeInForce: 'IOC' }],
  ] as const)('missed: %s is over at the open that it was to meet', (_title, order) => {
    expect(shocked({ missed: true }).place(order).bar(100)).toEqual(['a expired EXPIRED']);
  });

  test('partial: only the share fills, on the lot, and the rest expires', () => {
    const desk = shocked({ filledShareBps: 3333 }).place({ quantity: '2' });
    expect(desk.bar(100)).toEqual(['a 0.666 @ 100 taker', 'a expired EXPIRED']);
  });

  test('partial: a share of nothing expires without a fill', () => {
    expect(shocked({ filledShareBps: 0 }).place({}).bar(100)).toEqual(['a expired EXPIRED']);
  });

  test('partial: an order of the leg that is placed afterwards is the model again', () => {
    const desk = shocked({ filledShareBps: 5000 }).place({});
    expect(desk.bar(100)).toEqual(['a 0.5 @ 100 taker', 'a expired EXPIRED']);
    desk.venue.submit({ ...anOrder({ quantity: '0.5' }), key: 'again' });
    expect(desk.bar(101)).toEqual(['again accepted', 'again 0.5 @ 101 taker']);
  });

  test('timing: the order meets a later open', () => {
    const desk = shocked({ delayBars: 2 }).place({});
    expect([desk.bar(100), desk.bar(101), desk.bar(102)]).toEqual([[], [], ['a 1 @ 102 taker']]);
  });

  test('timing: a limit is held back as long, within bars too', () => {
    const desk = shocked({ delayBars: 1 }).place({ type: 'limit', price: '98' });
    expect(desk.bar(100, 100, 90)).toEqual([]);
    expect(desk.bar(100, 100, 90)).toEqual(['a 1 @ 98 maker']);
  });

  test('price: added to the price of the model, slippage included', () => {
    const desk = shocked({ priceDelta: decimal('-0.25') }, { slippageBps: '10' }).place({});
    expect(desk.bar(100)).toEqual(['a 1 @ 99.85 taker']);
  });

  test('fee: added to the fee of the model, in proportion to the notional', () => {
    const desk = shocked({ feeDeltaBps: decimal('1.5') }, { takerFeeBps: '4' }).place({});
    desk.bar(100);
    const [fill] = desk.events;
    expect(fill?.kind === 'fill_reported' ? format(fill.fee) : fill).toBe('0.055');
  });
});
