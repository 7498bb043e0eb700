import { describe, expect, test } from 'vitest';
import { decimal, format } from '@strategy-runner/core';
import { freeBalance } from '../../../../core/src/ledger/account.js';
import { aWorld, dca, openLong, openShort, quantity } from '../../../support/world.js';

describe('free balance', () => {
  test.each([
    ['1', '900'],
    ['10', '990'],
  ])('leaves out the margin of a position at the leverage %s of its entry', (leverage, free) => {
    const world = aWorld({ cash: '1000', strategy: { 0: openLong({ leverage }) }, bars: [100] });
    // While it works, and when it has filled.
    expect(format(freeBalance(world.engine))).toBe(free);
    world.bar(100);
    expect(format(freeBalance(world.engine))).toBe(free);
  });

  test('adds up entries of different leverage, at the last close', () => {
    const world = aWorld({
      cash: '1000',
      sizing: { leverage: decimal('2') },
      strategy: {
        0: openLong({ leverage: '10' }),
        1: dca(1, { sizing_policy: quantity('1'), order: { type: 'market' } }),
      },
      bars: [100, 100, 90, 90],
    });
    expect(world.fills()).toHaveLength(2);
    // Cost 190; at 90 the loss is 10, the margin 90 ÷ 10 + 90 ÷ 2.
    expect(format(freeBalance(world.engine))).toBe('936');
  });

  test('lets a second entry in that the margin of the first leaves room for', () => {
    const strategy = { 0: openLong({ leverage: '10' }), 1: openShort({ leverage: '10' }) };
    const world = aWorld({ cash: '21', strategy, bars: [100, 100, 100] });
    expect(world.codes()).toEqual([]);
    expect(world.fills()).toHaveLength(2);
  });
});
