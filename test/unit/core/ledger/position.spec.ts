import fc from 'fast-check';
import { Decimal } from 'decimal.js';
import { describe, expect, test } from 'vitest';
import {
  type LotsMethod,
  type Position,
  averageEntry,
  decimal,
  format,
  unrealized,
} from '@strategy-runner/core';
import { quantityOfLots, withEntry, withExit } from '../../../../core/src/ledger/position.js';

const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_EVEN });

function flat(lotsMethod: LotsMethod = 'fifo', side: Position['side'] = 'long'): Position {
  return {
    id: 'pos:1',
    instance: 'i',
    symbol: 'BTC/USDT:USDT',
    side,
    quantity: 0n,
    cost: 0n,
    marginQuantity: 0n,
    peakQuantity: 0n,
    enteredQuantity: 0n,
    enteredNotional: 0n,
    exitedQuantity: 0n,
    exitedNotional: 0n,
    firstPrice: 0n,
    openedMs: 0,
    openedBar: 0,
    openIntentId: 'one',
    referencePrice: 0n,
    lotsMethod,
    lots: [],
    nextLot: 1,
    dcaLevel: 0,
    grossPnl: 0n,
    fees: 0n,
    funding: 0n,
    exitReason: '',
    protection: null,
    initialRisk: null,
    quantityNumber: 0,
    entryNumber: 0,
  };
}

let intent = 0;

function enter(
  position: Position,
  quantity: string,
  price: string,
  { intentId, leverage = '1' }: { intentId?: string; leverage?: string } = {},
): Position {
  intent += 1;
  return withEntry(position, {
    price: decimal(price),
    quantity: decimal(quantity),
    fee: decimal('0.01'),
    leverage: decimal(leverage),
    intentId: intentId ?? `intent-${intent}`,
    ts: intent,
  });
}

function exit(position: Position, quantity: string, price: string) {
  const fill = { price: decimal(price), quantity: decimal(quantity), fee: decimal('0.02') };
  return withExit(position, { ...fill, reason: 'strategy' });
}

/** `quantity @ price` of each lot. */
function lotsOf({ lots }: Position): readonly string[] {
  return lots.map(({ quantity, price }) => `${format(quantity)} @ ${format(price)}`);
}

/** 1 @ 100, 2 @ 90, 1 @ 80: average 90. */
function ladder(method: LotsMethod, side: Position['side'] = 'long'): Position {
  const first = enter(flat(method, side), '1', '100');
  return enter(enter(first, '2', '90'), '1', '80');
}

describe('average cost', () => {
  test('an entry moves the average by its share', () => {
    expect(format(averageEntry(ladder('fifo')))).toBe('90');
    expect(format(averageEntry(enter(flat(), '3', '0.1')))).toBe('0.1');
    expect(averageEntry(flat())).toBe(0n);
  });

  test.each([
    ['long', '20'],
    ['short', '-20'],
  ] as const)('a partial exit of a %s realises against the average', (side, expected) => {
    const { realized, position } = exit(ladder('fifo', side), '2', '100');
    expect(format(realized)).toBe(expected);
    expect(format(averageEntry(position))).toBe('90');
    expect(format(position.quantity)).toBe('2');
  });

  test('the last exit takes what is left of the cost, so that nothing remains by rounding', () => {
    const third = enter(flat(), '3', '100.01');
    const first = exit(third, '1', '101');
    const last = exit(first.position, '2', '101');
    expect(last.position).toMatchObject({ quantity: 0n, cost: 0n, lots: [] });
    expect(format(first.realized + last.realized)).toBe('2.97');
  });

  test('a whole exit leaves no cost behind, whatever its digits', () => {
    const { position } = exit(enter(flat(), '0.333', '1.000000000000000003'), '0.333', '1');
    expect(position.cost).toBe(0n);
  });

  test('each entry binds margin at its own leverage, and an exit frees its share', () => {
    const geared = enter(flat(), '2', '100', { leverage: '10' });
    const both = enter(geared, '2', '100', { leverage: '4' });
    expect(format(both.marginQuantity)).toBe('0.7'); // 2 ÷ 10 + 2 ÷ 4
    const { position } = exit(both, '1', '100');
    expect(format(position.marginQuantity)).toBe('0.525');
    expect(exit(position, '3', '100').position.marginQuantity).toBe(0n);
  });

  test('peak, entered and exited quantities and fees are kept', () => {
    const { position } = exit(ladder('fifo'), '3', '100');
    const again = enter(position, '1', '100');
    expect({
      peak: format(again.peakQuantity),
      entered: format(again.enteredQuantity),
      exited: format(again.exitedQuantity),
      fees: format(again.fees),
      notional: format(again.enteredNotional),
    }).toEqual({ peak: '4', entered: '5', exited: '3', fees: '0.06', notional: '460' });
  });

  test('unrealised profit follows the side, half-even at 1e-8', () => {
    expect(format(unrealized(ladder('fifo'), decimal('91')))).toBe('4');
    expect(format(unrealized(ladder('fifo', 'short'), decimal('91')))).toBe('-4');
    const fine = enter(flat(), '0.00000001', '0.5');
    expect(format(unrealized(fine, decimal('1')))).toBe('0');
    expect(format(unrealized(fine, decimal('2.5')))).toBe('0.00000002');
  });
});

describe('[R17] lots', () => {
  test('fifo takes the first lots, and splits the one that is larger', () => {
    expect(lotsOf(exit(ladder('fifo'), '2', '95').position)).toEqual(['1 @ 90', '1 @ 80']);
    expect(lotsOf(exit(ladder('fifo'), '1', '95').position)).toEqual(['2 @ 90', '1 @ 80']);
  });

  test('lifo takes the last lots of a ladder first, strictly', () => {
    const once = exit(ladder('lifo'), '1', '95').position;
    expect(lotsOf(once)).toEqual(['1 @ 100', '2 @ 90']);
    expect(lotsOf(exit(once, '1', '95').position)).toEqual(['1 @ 100', '1 @ 90']);
    expect(lotsOf(exit(ladder('lifo'), '3', '95').position)).toEqual(['1 @ 100']);
  });

  test('average takes from every lot in proportion', () => {
    expect(lotsOf(exit(ladder('average'), '2', '95').position)).toEqual([
      '0.5 @ 100',
      '1 @ 90',
      '0.5 @ 80',
    ]);
  });

  test('fills of one intent are one lot at their average', () => {
    const twice = enter(enter(flat(), '1', '100', { intentId: 'same' }), '3', '104', {
      intentId: 'same',
    });
    expect(lotsOf(twice)).toEqual(['4 @ 103']);
    expect(lotsOf(enter(twice, '1', '90', { intentId: 'other' }))).toEqual(['4 @ 103', '1 @ 90']);
  });

  test.each([
    ['fifo', ['1', '3', '4', '4']],
    ['lifo', ['1', '3', '4', '4']],
    ['average', ['1', '3', '4', '4']],
  ] as const)('%s: whole lots are counted from the end that closes first', (method, expected) => {
    const position = ladder(method);
    expect([1, 2, 3, 9].map((count) => format(quantityOfLots(position, count)))).toEqual(expected);
  });

  test('the first lot under fifo is the oldest, under lifo the newest', () => {
    const grown = enter(enter(flat('fifo'), '1', '100'), '5', '90');
    expect(format(quantityOfLots(grown, 1))).toBe('1');
    expect(format(quantityOfLots({ ...grown, lotsMethod: 'lifo' }, 1))).toBe('5');
  });

  test('ids of lots are never used twice', () => {
    const reduced = exit(ladder('fifo'), '3', '95').position;
    expect(enter(reduced, '1', '70').lots.map(({ id }) => id)).toEqual([3, 4]);
  });
});

interface Step {
  readonly isEntry: boolean;
  readonly units: number;
  readonly ticks: number;
}

const steps = fc.array(
  fc.record({
    isEntry: fc.boolean(),
    units: fc.integer({ min: 1, max: 5000 }),
    ticks: fc.integer({ min: 1, max: 5_000_000 }),
  }),
  { minLength: 1, maxLength: 30 },
);

/** Quantities of 0.001 and prices of 0.01; an exit takes at most what is held. */
function play(method: LotsMethod, side: Position['side'], list: readonly Step[]) {
  let position = flat(method, side);
  let realized = 0n;
  let held = new Exact(0);
  let cost = new Exact(0);
  let expected = new Exact(0);
  for (const { isEntry, units, ticks } of list) {
    const price = new Exact(ticks).dividedBy(100);
    if (isEntry) {
      const quantity = new Exact(units).dividedBy(1000);
      position = enter(position, quantity.toFixed(), price.toFixed());
      held = held.plus(quantity);
      cost = cost.plus(quantity.times(price));
    } else if (!held.isZero()) {
      const quantity = Decimal.min(new Exact(units).dividedBy(1000), held);
      const result = exit(position, quantity.toFixed(), price.toFixed());
      position = result.position;
      realized += result.realized;
      const removed = cost.times(quantity).dividedBy(held);
      const profit = quantity
        .times(price)
        .minus(removed)
        .times(side === 'long' ? 1 : -1);
      expected = expected.plus(profit.toDecimalPlaces(8, Decimal.ROUND_HALF_EVEN));
      held = held.minus(quantity);
      cost = held.isZero() ? new Exact(0) : cost.minus(removed);
    }
  }
  return { position, realized, held, expected };
}

const sides = fc.constantFrom('long' as const, 'short' as const);

test('any run of fills agrees with decimal.js', () => {
  fc.assert(
    fc.property(sides, steps, (side, list) => {
      const { position, realized, held, expected } = play('fifo', side, list);
      expect(format(position.quantity)).toBe(held.toFixed());
      // Core keeps cost at 1e-18, decimal.js at 60 digits: a tie of 1e-8 may fall to the other
      // side.
      const gap = new Exact(format(realized)).minus(expected).abs();
      expect(gap.lessThanOrEqualTo(new Exact('1e-8').times(list.length))).toBe(true);
      const lots = position.lots.reduce((sum, { quantity }) => sum + quantity, 0n);
      expect(lots).toBe(position.quantity);
    }),
    { numRuns: 500 },
  );
});

test('[R17] cash and equity are equal under all lots methods', () => {
  fc.assert(
    fc.property(sides, steps, fc.integer({ min: 1, max: 5_000_000 }), (side, list, ticks) => {
      const mark = decimal(new Exact(ticks).dividedBy(100).toFixed());
      const [fifo, lifo, average] = (['fifo', 'lifo', 'average'] as const).map((method) => {
        const { position, realized } = play(method, side, list);
        return { realized, unrealized: unrealized(position, mark), cost: position.cost };
      });
      expect(lifo).toEqual(fifo);
      expect(average).toEqual(fifo);
    }),
    { numRuns: 300 },
  );
});
