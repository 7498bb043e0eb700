import { describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  START_MS,
  type World,
  type WorldOptions,
  idOf,
  openLong,
  openShort,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');

function timed(time_exit: object, more: object = {}, options: WorldOptions = {}): World {
  const protection = { ...stopAt('80'), time_exit, ...more };
  return aWatchedWorld({ strategy: { 0: openLong({ protection }) }, ...options });
}

function exits(world: World): readonly string[] {
  return world
    .fills()
    .filter(({ action }) => action === 'exit')
    .map(
      ({ leg, price, ts }) => `${leg} ${format(price)} at ${Math.round((ts - START_MS) / 60_000)}`,
    );
}

describe('a time exit falls due', () => {
  test('after bars of the position, at the open of the next', () => {
    const world = timed({ after_bars: 2 }).bars([100, 100, 101, 102, 103]);
    expect(exits(world)).toEqual(['time 102 at 3']);
    expect(world.recordsOf('position_closed')).toMatchObject([{ reason: 'time_expired' }]);
  });

  test.each([
    ['after_ms', { after_ms: 90_000 }],
    ['at_ms', { at_ms: START_MS + 150_000 }],
    ['the earliest of several', { after_ms: 90_000, after_bars: 50, at_ms: START_MS * 2 }],
  ])('by %s, once the bar in which it lies has closed', (_what, time_exit) => {
    const world = timed(time_exit).bars([100, 100, 101, 102, 103]);
    expect(exits(world)).toEqual(['time 102 at 3']);
  });

  test('by its own timer between two bars', () => {
    const world = timed({ after_ms: 20_000 }, {}, { venue: 'manual', bars: [100] });
    world.venue.fill(`${OPEN}/entry/1`, '100');
    world.venue.tick(19_999);
    expect(world.leg('time')).toEqual([]);
    world.venue.tick(1);
    expect(world.leg('time')).toMatchObject([{ type: 'market' }]);
  });

  test('the end of the opening intent does not take its timer away', () => {
    const world = timed({ after_ms: 20_000 }, {}, { venue: 'manual', bars: [100] });
    world.venue.fill(`${OPEN}/entry/1`, '100');
    expect(world.outcome(OPEN)).toBe('filled');
    expect([...world.state.timers.keys()]).toEqual([`time:pos:${OPEN}`]);
  });

  test('the end of the position does', () => {
    const world = timed({ after_ms: 2_000_000 }).bars([100, 100, 70]);
    expect(world.position()).toBeUndefined();
    expect(world.state.timers.size).toBe(0);
  });
});

describe('its condition', () => {
  test.each([
    ['in_profit', [100, 100, 99, 98, 101, 102], ['time 102 at 5']],
    ['in_loss', [100, 100, 101, 102, 99, 98], ['time 98 at 5']],
    ['always', [100, 100, 99, 98, 101, 102], ['time 99 at 2']],
  ] as const)('%s is looked at each bar until it holds', (only_if, bars, expected) => {
    expect(exits(timed({ after_bars: 1, only_if }).bars(bars))).toEqual(expected);
  });

  test('flat at the entry price is neither profit nor loss', () => {
    const bars = [100, 100, 100, 100];
    expect(exits(timed({ after_bars: 1, only_if: 'in_profit' }).bars(bars))).toEqual([]);
    expect(exits(timed({ after_bars: 1, only_if: 'in_loss' }).bars(bars))).toEqual([]);
  });

  test('a short is in profit below its entry', () => {
    const protection = { ...stopAt('120'), time_exit: { after_bars: 1, only_if: 'in_profit' } };
    const world = aWatchedWorld({
      strategy: { 0: openShort({ protection }) },
      bars: [100, 100, 101, 99, 98],
    });
    expect(exits(world)).toEqual(['time 98 at 4']);
  });
});

describe('what it sends', () => {
  const take_profit = [{ at: { abs: '130' }, share_bps: 10_000 }];

  test('the targets go, the stop stays until the position is flat', () => {
    const world = timed({ after_bars: 1 }, { take_profit }, { venue: 'manual', bars: [100] });
    world.venue.fill(`${OPEN}/entry/1`, '100');
    world.bar(100);
    expect(world.venue.cancelled).toEqual([`${OPEN}/tp1/1`]);
    world.venue.fill(`${OPEN}/time/1`, '100');
    expect(world.venue.cancelled).toEqual([`${OPEN}/tp1/1`, `${OPEN}/sl/1`]);
  });

  test('as a limit it rests at the last price', () => {
    const world = timed({ after_bars: 1, order: 'limit' }).bars([100, 100, 99]);
    expect(world.leg('time')).toMatchObject([{ type: 'limit', status: 'accepted' }]);
    expect(exits(world.bar(99, 100.1, 99, 100))).toEqual(['time 100 at 4']);
  });

  test('[R20] an unfilled limit has its own permission for the market', () => {
    const fallback = {
      mode: 'limit_to_market',
      on: ['timeout'],
      after_ms: 60_000,
      max_slippage_bps: 300,
    };
    const world = timed({ after_bars: 1, order: 'limit', fallback });
    world.bars([100, 100, 99, 98, 97.5]);
    expect(exits(world)).toEqual(['time 98 at 3']);
  });

  test('[R20] without a permission the limit keeps resting', () => {
    const world = timed({ after_bars: 1, order: 'limit' }).bars([100, 100, 99, 98, 97]);
    expect(exits(world)).toEqual([]);
    expect(world.leg('time')).toHaveLength(1);
    expect(world.leg('sl')).toHaveLength(1);
  });

  test('one that is refused is sent again at the next bar', () => {
    const world = timed({ after_bars: 1 }, {}, { venue: 'manual', bars: [100] });
    world.venue.fill(`${OPEN}/entry/1`, '100');
    world.bar(100);
    world.venue.reject(`${OPEN}/time/1`);
    expect(world.leg('time')).toEqual([]);
    world.bar(100);
    expect(world.leg('time')).toMatchObject([{ attempt: 2 }]);
  });

  test('a position that leaves at market already is not sent out twice', () => {
    const world = timed({ after_bars: 1 }, { place: 'host' }, { venue: 'manual', bars: [100] });
    world.venue.fill(`${OPEN}/entry/1`, '100');
    world.bar(79);
    expect(world.orders().map(({ leg }) => leg)).toEqual(['sl']);
  });
});
