import { describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import { closeLong, dca, idOf, openLong, partialClose } from '../../../support/world.js';

recoverEachWorld();

const DUSTY = { min_quantity: '0.5', lot_size: '0.001', min_notional: '0' };
const ALL_BUT_DUST = { share_bps: 6000, of: 'current' };

/** Long 1 at 100; the partial close is answered at bar 1 and fills at bar 2. */
function reducing(amount: object, more: object = {}, instrument: object = DUSTY) {
  return aWatchedWorld({
    strategy: { 0: openLong(), 1: partialClose({ ...amount }, { ...more }) },
    instrument,
    bars: [100, 100, 100],
  });
}

function heldBy(world: ReturnType<typeof reducing>): string {
  const position = world.position();
  return position === undefined ? 'flat' : format(position.quantity);
}

describe('[rule-13] a partial close that would leave dust', () => {
  test('[rule-13] is denied by default, with the rest and the minimum', () => {
    const world = reducing(ALL_BUT_DUST);
    expect(world.denied()).toMatchObject([
      {
        code: 'PARTIAL_CLOSE_DUST',
        path: '/on_dust',
        numbers: { rest: '0.4', min_quantity: '0.5' },
      },
    ]);
    expect(heldBy(world)).toBe('1');
  });

  test('[rule-13] closes the whole position with close_all, and says so', () => {
    const world = reducing(ALL_BUT_DUST, { on_dust: 'close_all' });
    expect(heldBy(world)).toBe('flat');
    const [, exit] = world.recordsOf('order_created');
    expect(exit!.normalizations.map(({ to, reason }) => [format(to), reason])).toEqual([
      ['1', 'close_all'],
    ]);
  });

  test('[rule-13] leaves the dust with leave, and the dust can be closed afterwards', () => {
    const world = aWatchedWorld({
      strategy: {
        0: openLong(),
        1: partialClose(ALL_BUT_DUST, { on_dust: 'leave' }),
        3: closeLong(),
      },
      instrument: DUSTY,
      bars: [100, 100, 100, 100],
    });
    expect(heldBy(world)).toBe('0.4');
    expect(heldBy(world.bar(100))).toBe('flat');
    expect(world.denied()).toEqual([]);
  });

  test('[rule-13] is denied too where the rest is below the minimum notional', () => {
    const world = reducing(ALL_BUT_DUST, {}, { min_notional: '40.01' });
    expect(world.codes()).toEqual(['PARTIAL_CLOSE_DUST']);
  });

  test.each([
    ['quantity', { min_quantity: '0.4', min_notional: '0' }],
    ['notional', { min_notional: '40' }],
  ])('[rule-13] a rest of exactly the minimum %s is no dust', (_what, instrument) => {
    expect(heldBy(reducing(ALL_BUT_DUST, {}, instrument))).toBe('0.4');
  });

  test('[rule-13] takes its default from the execution policy', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: partialClose(ALL_BUT_DUST) },
      instrument: DUSTY,
      execution: { partial_close: { on_dust: 'close_all' } },
      bars: [100, 100, 100],
    });
    expect(heldBy(world)).toBe('flat');
  });
});

describe('[rule-13] how much a partial close means', () => {
  const FINE = { min_quantity: '0.001', min_notional: '0' };

  test.each([
    ['a share of what is held', { share_bps: 2500, of: 'current' }, '0.75'],
    ['a quantity', { qty: '0.3' }, '0.7'],
    ['an amount of the quote currency at the last price', { quote: '25' }, '0.75'],
    ['more than is held, clipped to it', { qty: '7' }, 'flat'],
    ['a share that is rounded down to the lot', { share_bps: 3333, of: 'current' }, '0.667'],
  ])('[rule-13] %s', (_what, amount, left) => {
    expect(heldBy(reducing(amount, {}, FINE))).toBe(left);
  });

  test('[rule-13] a share of the peak counts from the largest quantity', () => {
    const half = { share_bps: 5000, of: 'peak' };
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: partialClose({ qty: '0.4' }), 2: partialClose(half) },
      bars: [100, 100, 100, 100],
    });
    expect(heldBy(world)).toBe('0.1');
  });

  test('[rule-13] less than one lot is denied with the numbers', () => {
    const world = reducing({ qty: '0.0004' }, {}, FINE);
    expect(world.denied()).toMatchObject([
      { code: 'BELOW_MIN_QTY', numbers: { quantity: '0.0004', lot_size: '0.001' } },
    ]);
  });

  test('[rule-13] [R17] whole lots leave a DCA ladder strictly last in, first out', () => {
    const sized = (qty: string) => ({ sizing_policy: { mode: 'qty', qty, unit: 'base' } });
    const world = aWatchedWorld({
      strategy: {
        0: openLong({ lots: 'lifo', ...sized('1') }),
        1: dca(1, sized('2')),
        2: dca(2, sized('4')),
        3: partialClose({ lots: 1 }),
        4: partialClose({ lots: 1 }),
      },
      bars: [100, 100, 90, 80, 85, 85],
    });
    expect(world.outcome(idOf(4, 'partial_close.long'))).toBe('filled');
    expect(world.fills().map(({ quantity }) => format(quantity))).toEqual([
      '1',
      '2',
      '4',
      '4',
      '2',
    ]);
    expect(world.position()!.lots.map(({ price }) => format(price))).toEqual(['100']);
  });
});
