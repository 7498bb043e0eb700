import { describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  type WorldOptions,
  limitAt,
  openLong,
  openShort,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

function traded(protection: object, bars: WorldOptions['bars']): World {
  return aWatchedWorld({ strategy: { 0: openLong({ protection }) }, bars: bars ?? [] });
}

function exits(world: World): readonly string[] {
  return world
    .fills()
    .filter(({ action }) => action === 'exit')
    .map(({ leg, quantity, price }) => `${leg} ${format(quantity)} @ ${format(price)}`);
}

function closeReasons(world: World): readonly string[] {
  return world.recordsOf('position_closed').map(({ reason }) => reason);
}

describe('[rule-18] trailing stop', () => {
  const trailing = (more: object = {}) => ({ trailing_stop: { distance_bps: 1000, ...more } });

  function stops(world: World): readonly string[] {
    const created = world.created().filter(({ leg }) => leg === 'sl');
    return created.map(({ stopPrice }) => format(stopPrice!));
  }

  test('[rule-18] active at once, it covers the first fill from the entry', () => {
    expect(stops(traded(trailing(), [100, 100]))).toEqual(['90']);
  });

  test('[rule-18] beside a stop loss the tighter of the two counts', () => {
    expect(stops(traded({ ...stopAt('95'), ...trailing() }, [100, 100]))).toEqual(['95']);
    expect(stops(traded({ ...stopAt('80'), ...trailing() }, [100, 100]))).toEqual(['90']);
  });

  test('[rule-18] follows the best close, never the extremes, and never back', () => {
    const bars = [100, 100, [100, 130, 100, 110], [110, 110, 105, 105], 120] as const;
    expect(stops(traded(trailing(), bars))).toEqual(['90', '99', '108']);
  });

  test('[rule-18] moves by its step at least', () => {
    const bars = [100, 100, [100, 101, 100, 101], [101, 103, 101, 103]] as const;
    expect(stops(traded(trailing({ step_bps: 200 }), bars))).toEqual(['90', '92.7']);
  });

  test('[rule-18] takes effect with the next bar, and closes as trailing_stop', () => {
    const world = traded(trailing(), [100, 100, [100, 110, 100, 110], [110, 110, 98, 98]]);
    expect(exits(world)).toEqual(['sl 1 @ 99']);
    expect(closeReasons(world)).toEqual(['trailing_stop']);
  });

  test('[rule-18] waits for its activation, which a high may reach', () => {
    const activated = trailing({ activate_at: { abs: '108' } });
    const bars = [100, 100, [100, 107, 100, 107], [107, 108, 105, 106]] as const;
    expect(stops(traded(activated, bars.slice(0, 3)))).toEqual([]);
    expect(stops(traded(activated, bars))).toEqual(['95.4']);
  });

  test('[rule-18] a high of the bar in which it was entered may have come before the entry', () => {
    const activated = trailing({ activate_at: { abs: '108' } });
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: activated, order: limitAt('100') }) },
      bars: [105, [106, 109, 99, 100], [100, 101, 99, 100]],
    });
    expect(world.fills()).toHaveLength(1);
    expect(stops(world)).toEqual([]);
  });

  test('[rule-18] of a short follows the best close downwards', () => {
    const world = aWatchedWorld({
      strategy: { 0: openShort({ protection: trailing() }) },
      bars: [100, 100, [100, 100, 80, 90], [90, 95, 90, 95]],
    });
    expect(stops(world)).toEqual(['110', '99']);
  });
});

describe('[rule-18] breakeven', () => {
  const even = { ...stopAt('90'), breakeven: { activate_at: { abs: '106' }, offset_bps: 50 } };

  test('[rule-18] moves the stop to the entry and its offset once the level is reached', () => {
    const world = traded(even, [100, 100, [100, 106, 100, 103]]);
    expect(world.leg('sl')).toMatchObject([{ attempt: 2, status: 'accepted' }]);
    expect(format(world.leg('sl')[0]!.stopPrice!)).toBe('100.5');
    world.bar(103, 103, 100, 100);
    expect(exits(world)).toEqual(['sl 1 @ 100.5']);
    expect(closeReasons(world)).toEqual(['breakeven']);
  });

  test('[rule-18] not before, and once only', () => {
    const world = traded(even, [100, 100, [100, 105.9, 100, 103]]);
    expect(format(world.leg('sl')[0]!.stopPrice!)).toBe('90');
    world.bars([
      [103, 106, 103, 103],
      [103, 120, 103, 119],
    ]);
    expect(world.created().filter(({ leg }) => leg === 'sl')).toHaveLength(2);
  });

  test('[rule-18] never loosens a stop that is tighter already', () => {
    const tight = { ...even, trailing_stop: { distance_bps: 100 } };
    const world = traded(tight, [100, 100, [100, 106, 100, 106]]);
    expect(format(world.leg('sl')[0]!.stopPrice!)).toBe('105');
  });
});
