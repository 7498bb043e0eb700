import { describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  type WorldOptions,
  amendProtection,
  dca,
  idOf,
  openLong,
  openShort,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

const target = (abs: string, share_bps = 10_000) => ({ at: { abs }, share_bps });
const BOTH = { ...stopAt('90'), take_profit: [target('110')] };

/** Long 1 at 100 with `protection`, amended at bar 2. */
function amended(amendment: object, protection: object = BOTH, more: WorldOptions = {}): World {
  return aWatchedWorld({
    strategy: { 0: openLong({ protection }), 2: amendment },
    bars: [100, 100, 100],
    ...more,
  });
}

function resting(world: World): readonly string[] {
  return world
    .orders()
    .filter(({ status }) => status === 'accepted')
    .map(({ leg, quantity, price, stopPrice }) => {
      return `${leg} ${format(quantity)} @ ${format((price ?? stopPrice)!)}`;
    })
    .sort();
}

describe('amend_protection changes what it names', () => {
  test('merge sets the legs it says and leaves the others', () => {
    expect(resting(amended(amendProtection(stopAt('95'))))).toEqual(['sl 1 @ 95', 'tp1 1 @ 110']);
  });

  test('replace takes away what it does not say', () => {
    const world = amended(amendProtection(stopAt('95'), { mode: 'replace' }));
    expect(resting(world)).toEqual(['sl 1 @ 95']);
  });

  test('remove takes a leg away', () => {
    const world = amended(amendProtection({}, { protection: undefined, remove: ['take_profit'] }));
    expect(resting(world)).toEqual(['sl 1 @ 90']);
  });

  test('removing everything leaves no protection at all', () => {
    const remove = ['take_profit', 'stop_loss'];
    const world = amended(
      amendProtection({}, { protection: undefined, remove, allow_loosen: true }),
    );
    expect(resting(world)).toEqual([]);
    expect(world.position()!.protection).toBeNull();
  });

  test('a position without protection gets one', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 2: amendProtection(stopAt('95')) },
      bars: [100, 100, 100],
    });
    expect(resting(world)).toEqual(['sl 1 @ 95']);
    expect(world.outcome(idOf(2, 'amend_protection.long'))).toBe('done');
  });

  test('a new ladder starts anew though the old one had filled in part', () => {
    const old = { ...stopAt('90'), take_profit: [target('105', 5000), target('120', 5000)] };
    const world = aWatchedWorld({
      strategy: {
        0: openLong({ protection: old }),
        2: amendProtection({ take_profit: [target('115')] }),
      },
      bars: [100, 100, [100, 106, 100, 104]],
    });
    expect(resting(world)).toEqual(['sl 0.5 @ 90', 'tp1 0.5 @ 115']);
  });

  test('what it does not name stays at its price, though the average has moved', () => {
    const protection = { stop_loss: { at: { distance_bps: 1000, from: 'entry_avg' } } };
    const world = aWatchedWorld({
      strategy: {
        0: openLong({ protection }),
        1: dca(1),
        3: amendProtection({ take_profit: [target('130')] }),
      },
      bars: [100, 100, 92, 92],
    });
    expect(world.denied()).toEqual([]);
    expect(resting(world)).toEqual(['sl 2 @ 90', 'tp1 2 @ 130']);
  });

  test('a stop that trailing has moved stays when something else is amended', () => {
    const world = aWatchedWorld({
      strategy: {
        0: openLong({ protection: { ...stopAt('90'), trailing_stop: { distance_bps: 500 } } }),
        2: amendProtection({ take_profit: [target('130')] }),
      },
      bars: [100, 100, [100, 110, 100, 110]],
    });
    expect(world.denied()).toEqual([]);
    expect(resting(world)).toEqual(['sl 1 @ 104.5', 'tp1 1 @ 130']);
  });

  test('an explicit stop outranks one that trailing has moved, and trailing goes on', () => {
    const trailing = { ...stopAt('90'), trailing_stop: { distance_bps: 500 } };
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: trailing }), 2: amendProtection(stopAt('107')) },
      bars: [100, 100, [100, 110, 100, 110]],
    });
    expect(resting(world)).toEqual(['sl 1 @ 107']);
    expect(resting(world.bar(110, 120, 110, 120))).toEqual(['sl 1 @ 114']);
  });

  test('a breakeven that is said again works again', () => {
    const breakeven = (abs: string, offset_bps: number) => {
      return { breakeven: { activate_at: { abs }, offset_bps } };
    };
    const world = aWatchedWorld({
      strategy: {
        0: openLong({ protection: { ...stopAt('90'), ...breakeven('104', 0) } }),
        3: amendProtection(breakeven('108', 500)),
      },
      bars: [100, 100, [100, 104, 100, 104], 104, [104, 108, 104, 108]],
    });
    expect(resting(world)).toEqual(['sl 1 @ 105']);
  });
});

describe('[rule-19] a stop is loosened only where that is said', () => {
  test.each([
    ['long', openLong, '85'],
    ['short', openShort, '115'],
  ] as const)('[rule-19] a wider stop of a %s is denied with both prices', (side, open, wider) => {
    const tight = stopAt(side === 'long' ? '90' : '110');
    const amendment = amendProtection(stopAt(wider), { target: { side } });
    const world = aWatchedWorld({
      strategy: { 0: open({ protection: tight }), 2: amendment },
      bars: [100, 100, 100],
    });
    expect(world.denied()).toMatchObject([
      {
        code: 'STOP_LOOSENED',
        path: '/protection/stop_loss/at',
        numbers: { stop: wider, current_stop: side === 'long' ? '90' : '110' },
      },
    ]);
  });

  test('[rule-19] with allow_loosen it is taken', () => {
    const world = amended(amendProtection(stopAt('85'), { allow_loosen: true }));
    expect(resting(world)).toEqual(['sl 1 @ 85', 'tp1 1 @ 110']);
  });

  test.each([
    ['by name', { protection: undefined, remove: ['stop_loss'] }],
    ['by a replacement without it', { mode: 'replace' }],
  ])('[rule-19] taking the stop away %s loosens it too', (_how, more) => {
    const world = amended(amendProtection({ take_profit: [target('120')] }, more));
    expect(world.codes()).toEqual(['STOP_LOOSENED']);
    expect(resting(world)).toEqual(['sl 1 @ 90', 'tp1 1 @ 110']);
  });

  test('[rule-19] is held against a stop that trailing has moved', () => {
    const trailing = { ...stopAt('90'), trailing_stop: { distance_bps: 500 } };
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: trailing }), 2: amendProtection(stopAt('100')) },
      bars: [100, 100, [100, 110, 100, 110]],
    });
    expect(world.denied()).toMatchObject([
      { code: 'STOP_LOOSENED', numbers: { current_stop: '104.5' } },
    ]);
  });

  test('[rule-19] where the host requires a stop, allow_loosen does not take it away', () => {
    const remove = { protection: undefined, remove: ['stop_loss'], allow_loosen: true };
    const world = amended(amendProtection({}, remove), BOTH, { policy: { requireStop: true } });
    expect(world.codes()).toEqual(['STOP_REQUIRED']);
  });
});

describe('[rule-19] an amendment must make sense', () => {
  test.each([
    ['a stop through the market', stopAt('100'), '/protection/stop_loss/at'],
    [
      'targets of more than the whole',
      { take_profit: [target('110', 6000), target('120', 5000)] },
      '/protection/take_profit/1/share_bps',
    ],
    ['a target on the wrong side', { take_profit: [target('99')] }, '/protection/take_profit/0/at'],
  ])('[rule-19] %s is denied', (_what, protection, path) => {
    const world = amended(amendProtection(protection));
    expect(world.denied()).toMatchObject([{ code: 'PROTECTION_INVALID', path }]);
  });

  test('[rule-19] shares count with multiples of risk as well', () => {
    const leg = { at: { r_bps: 20_000 }, share_bps: 6000 };
    const world = amended(amendProtection({ take_profit: [leg, leg] }));
    expect(world.codes()).toEqual(['PROTECTION_INVALID']);
  });

  test('[rule-19] multiples of risk mean the first risk, though the stop has moved', () => {
    const world = aWatchedWorld({
      strategy: {
        0: openLong({ protection: stopAt('90') }),
        2: amendProtection(stopAt('98')),
        3: amendProtection({ take_profit: [{ at: { r_bps: 20_000 }, share_bps: 10_000 }] }),
      },
      bars: [100, 100, 100, 100],
    });
    expect(resting(world)).toEqual(['sl 1 @ 98', 'tp1 1 @ 120']);
  });

  test('[rule-19] a stop beyond the entry is fine once the position is in profit', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: stopAt('90') }), 2: amendProtection(stopAt('105')) },
      bars: [100, 100, [100, 110, 100, 110]],
    });
    expect(resting(world)).toEqual(['sl 1 @ 105']);
  });
});
