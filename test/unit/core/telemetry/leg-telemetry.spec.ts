import { describe, expect, test } from 'vitest';
import { decimal, latenciesOf, stepsOf, takerBpsOf } from '@strategy-runner/core';
import { START_MS } from '../../../support/world.js';
import { HandJournal } from './a-journal.js';

const HOUR_MS = 3_600_000;

function only({ telemetry }: HandJournal) {
  expect(telemetry.rows).toHaveLength(1);
  return telemetry.rows[0]!;
}

describe('slippage of an order', () => {
  test('is taken apart into steps that add up, in bps of the decision price [R15]', () => {
    const journal = new HandJournal().bar(100).bar(101).order({ reference: '100' }).bar(102);
    journal.accepted({ sentMs: journal.ms + 5, ackedMs: journal.ms + 25 }).fill('104');
    const row = only(journal);
    const steps = stepsOf(row)!;
    expect(steps.decisionToArrival).toBeCloseTo(100, 9);
    expect(steps.arrivalToSubmit).toBeCloseTo(100, 9);
    expect(steps.submitToFill).toBeCloseTo(200, 9);
    expect(steps.total).toBeCloseTo(400, 9);
    // Against the market as it was when the order left: 2 on 102.
    expect(takerBpsOf(row)).toBeCloseTo((2 / 102) * 10_000, 9);
  });

  test('is a cost where a sale gets less, and a gain where it gets more', () => {
    const sale = { positionSide: 'short' } as const;
    const worse = only(new HandJournal().bar(100).order(sale).accepted().fill('99'));
    expect(stepsOf(worse)!.total).toBeCloseTo(100, 9);
    const better = only(new HandJournal().bar(100).order(sale).accepted().fill('101'));
    expect(stepsOf(better)!.total).toBeCloseTo(-100, 9);
  });

  test('takes the price known when it was sent, not one that came before the answer', () => {
    const journal = new HandJournal().bar(100).order();
    const sentMs = journal.ms + 10;
    expect(only(journal.bar(105).accepted({ sentMs }).fill('101')).prices).toMatchObject({
      arrival: decimal('100'),
      submit: decimal('100'),
    });
  });

  test('averages its fills by their quantities', () => {
    const journal = new HandJournal().bar(100).order({ quantity: '4' }).accepted();
    journal.fill('101', { quantity: '1' }).fill('103', { quantity: '3' });
    const { prices, quantity } = only(journal);
    expect({ fill: prices.fill, quantity }).toEqual({
      fill: decimal('102.5'),
      quantity: decimal('4'),
    });
  });

  test('counts what the simulated market gave before slippage as its base', () => {
    const journal = new HandJournal().bar(100).order().accepted().fill('102', { base: '101' });
    expect(only(journal).prices.base).toBe(decimal('101'));
  });

  test('of a stop is measured from its level, not from the price at which it was placed', () => {
    const stop = { leg: 'sl', type: 'stop_market', stop: '90', positionSide: 'long' } as const;
    const journal = new HandJournal().bar(100).order({ ...stop, action: 'exit', reference: '90' });
    const row = only(journal.accepted().bar(89).fill('89.1'));
    expect(stepsOf(row)).toMatchObject({ decisionToArrival: 0, arrivalToSubmit: 0 });
    expect(takerBpsOf(row)).toBeCloseTo(100, 9);
    expect(latenciesOf(row).ackedToFilledMs).toBeNull();
  });

  test('of a maker or of both kinds of fill says nothing of what takers pay', () => {
    const maker = new HandJournal().bar(100).order().accepted().fill('99', { liquidity: 'maker' });
    expect(takerBpsOf(only(maker))).toBeNull();
    const mixed = new HandJournal().bar(100).order({ quantity: '2' }).accepted().fill('99');
    expect(takerBpsOf(only(mixed.fill('99', { liquidity: 'maker' })))).toBeNull();
  });

  test('has no steps where the decision had no price', () => {
    const journal = new HandJournal().bar(100).order({ reference: '0' }).accepted().fill('99');
    expect(stepsOf(only(journal))).toBeNull();
  });
});

describe('the moment of a fill', () => {
  test('knows the bars that had closed before it and none of those after', () => {
    const journal = new HandJournal().bar(100, 50).bar(101, 20).order({ quantity: '4' });
    const row = only(journal.accepted().fill('101', { quantity: '4' }).bar(200, 1));
    expect(row.participation).toBe(4 / 20);
    // One move, of 1 %.
    expect(row.volatilityBps).toBeCloseTo(100, 9);
    expect(row.hour).toBe(new Date(START_MS).getUTCHours());
  });

  test('has the UTC hour that the venue stamped', () => {
    const venueMs = START_MS + 5 * HOUR_MS;
    const journal = new HandJournal().bar(100).order().accepted().fill('100', { venueMs });
    expect(only(journal).hour).toBe(new Date(venueMs).getUTCHours());
  });

  test('has no participation where bars have no volume', () => {
    const journal = new HandJournal().bar(100, 0).order().accepted().fill('100');
    expect(only(journal).participation).toBe(0);
  });
});

describe('latency of an order', () => {
  test('goes from the decision over the sending and the answer to the last fill', () => {
    const journal = new HandJournal().bar(100).order({ quantity: '2' });
    const at = (ms: number): number => journal.ms + ms;
    journal.accepted({ sentMs: at(3), ackedMs: at(43), venueMs: at(20) });
    journal.fill('100', { venueMs: at(50) }).fill('100', { venueMs: at(70) });
    const row = only(journal);
    expect(latenciesOf(row)).toEqual({
      decidedToSentMs: 3,
      sentToAckedMs: 40,
      ackedToFilledMs: 27,
    });
    expect(row.times.venue).toBe(at(20));
  });

  test('is null where no venue measured it', () => {
    expect(latenciesOf(only(new HandJournal().bar(100).order().accepted().fill('100')))).toEqual({
      decidedToSentMs: null,
      sentToAckedMs: null,
      ackedToFilledMs: null,
    });
  });
});

describe('the rows of a journal', () => {
  test('are one per order that has filled, in the order of the first fills', () => {
    const journal = new HandJournal().bar(100);
    journal.order({ name: 'a' }).order({ name: 'b' }).order({ name: 'c' });
    journal.fill('100', {}, 'b').fill('100', {}, 'a');
    expect(journal.telemetry.rows.map(({ intentId }) => intentId)).toEqual(['b', 'a']);
  });

  test('take a fill in that comes after the end of its order', () => {
    const journal = new HandJournal().bar(100).order({ quantity: '2' }).fill('100').ended();
    expect(only(journal.fill('102')).prices.fill).toBe(decimal('101'));
  });
});
