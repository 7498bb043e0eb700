import { describe, expect, test } from 'vitest';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import { type World, idOf, limitAt, openLong, openShort, stopAt } from '../../../support/world.js';

recoverEachWorld();

// Amendments are held to the same rule in execution/amend.spec.ts, levels of a ladder in rule-14.

const distance = (distance_bps: number) => ({ distance_bps, from: 'entry_avg' });
const target = (at: object, share_bps = 10_000) => ({ at, share_bps });

function opened(side: 'long' | 'short', protection: object, more: object = {}): World {
  const open = side === 'long' ? openLong : openShort;
  return aWatchedWorld({ strategy: { 0: open({ protection, ...more }) }, bars: [100, 100] });
}

describe('[rule-19] protection that cannot mean what it says is denied before any order', () => {
  test.each([
    ['a stop above the entry', 'long', stopAt('101'), 'stop_loss/at'],
    ['a stop at the entry', 'long', stopAt('100'), 'stop_loss/at'],
    ["a short's stop below the entry", 'short', stopAt('99'), 'stop_loss/at'],
    [
      'a distance of less than a tick',
      'long',
      { stop_loss: { at: { distance_bps: 9, from: 'reference' } } },
      'stop_loss/at',
    ],
    [
      'a target below the entry',
      'long',
      { take_profit: [target({ abs: '99' })] },
      'take_profit/0/at',
    ],
    [
      'a target at the entry',
      'long',
      { take_profit: [target({ abs: '100' })] },
      'take_profit/0/at',
    ],
    [
      "a short's target above the entry",
      'short',
      { take_profit: [target({ abs: '101' })] },
      'take_profit/0/at',
    ],
    [
      'the second of two targets on the wrong side',
      'long',
      { take_profit: [target({ abs: '110' }, 5000), target({ abs: '90' }, 5000)] },
      'take_profit/1/at',
    ],
    [
      'shares of more than the whole',
      'long',
      { take_profit: [target(distance(100), 5000), target(distance(200), 5001)] },
      'take_profit/1/share_bps',
    ],
    [
      'a multiple of risk without a stop',
      'long',
      { take_profit: [target({ r_bps: 20_000 })] },
      'take_profit/0/at',
    ],
    [
      'a trailing stop that starts at a multiple of risk without a stop',
      'long',
      { trailing_stop: { distance_bps: 100, activate_at: { r_bps: 10_000 } } },
      'trailing_stop/activate_at',
    ],
    [
      'a breakeven at a multiple of risk without a stop, beside a sound trailing stop',
      'long',
      {
        trailing_stop: { distance_bps: 100, activate_at: distance(500) },
        breakeven: { activate_at: { r_bps: 10_000 }, offset_bps: 0 },
      },
      'breakeven/activate_at',
    ],
    [
      'a breakeven that would put the stop through the price that moves it',
      'long',
      { ...stopAt('90'), breakeven: { activate_at: { abs: '101' }, offset_bps: 100 } },
      'breakeven/offset_bps',
    ],
    [
      "a short's breakeven through the price that moves it",
      'short',
      { ...stopAt('110'), breakeven: { activate_at: { abs: '99' }, offset_bps: 150 } },
      'breakeven/offset_bps',
    ],
  ] as const)('[rule-19] %s', (_what, side, protection, path) => {
    const world = opened(side, protection);
    expect(world.denied()).toMatchObject([
      { code: 'PROTECTION_INVALID', path: `/protection/${path}` },
    ]);
    expect(world.created()).toEqual([]);
  });

  test('[rule-19] the denial holds the numbers', () => {
    expect(opened('long', stopAt('101')).denied()[0]!.numbers).toEqual({
      stop: '101',
      entry: '100',
    });
  });

  test.each([
    ['a stop one tick away', 'long', stopAt('99.9')],
    ["a short's stop one tick away", 'short', stopAt('100.1')],
    ['shares of exactly the whole', 'long', { take_profit: [target(distance(100))] }],
    [
      'a breakeven that locks in less than its activation',
      'long',
      { ...stopAt('90'), breakeven: { activate_at: { abs: '102' }, offset_bps: 100 } },
    ],
  ] as const)('[rule-19] %s is taken', (_what, side, protection) => {
    expect(opened(side, protection).denied()).toEqual([]);
  });

  test('[rule-19] a limit entry is held against its own price, not the last one', () => {
    const world = opened('long', stopAt('95'), { order: limitAt('94') });
    expect(world.codes()).toEqual(['PROTECTION_INVALID']);
    expect(world.outcome(idOf(0, 'open.long'))).toBe('PROTECTION_INVALID');
  });

  test('[rule-19] a triggered entry is held against its trigger', () => {
    const trigger = { price: '105', direction: 'rise_to' };
    const world = opened('long', stopAt('102'), { order: { type: 'market', trigger } });
    expect(world.denied()).toEqual([]);
  });
});
