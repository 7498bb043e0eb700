import { describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  amendProtection,
  closeLong,
  limitAt,
  openLong,
  openShort,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

function answered(body: unknown): World {
  return aWatchedWorld({ strategy: { 0: body }, bars: [100, 100] });
}

describe('[rule-23] what cannot be simulated is an error and never something else', () => {
  const at = (price: string, direction: string, more: object = {}) => ({
    order: { type: 'market', trigger: { price, direction, ...more } },
  });

  test.each([
    ['a buy that falls to its trigger', openLong(at('95', 'fall_to')), 'trigger/direction'],
    ['a sale that rises to its trigger', openShort(at('105', 'rise_to')), 'trigger/direction'],
    ['a trigger by the mark price', openLong(at('105', 'rise_to', { by: 'mark' })), 'trigger/by'],
    ['a trigger by the index', openLong(at('105', 'rise_to', { by: 'index' })), 'trigger/by'],
  ])('[rule-23] %s is denied', (_what, body, path) => {
    const world = answered(body);
    expect(world.denied()).toMatchObject([
      { code: 'SIMULATION_UNSUPPORTED', path: `/order/${path}` },
    ]);
    expect(world.created()).toEqual([]);
  });

  test('[rule-23] so it is for an exit', () => {
    const order = { type: 'market', trigger: { price: '110', direction: 'rise_to' } };
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: closeLong({ order }) },
      bars: [100, 100, 100],
    });
    expect(world.codes()).toEqual(['SIMULATION_UNSUPPORTED']);
  });

  test.each(['mark', 'index'])('[rule-23] a stop loss triggered by the %s price', (trigger_by) => {
    const protection = { stop_loss: { at: { abs: '90' }, trigger_by } };
    expect(answered(openLong({ protection })).denied()).toMatchObject([
      { code: 'SIMULATION_UNSUPPORTED', path: '/protection/stop_loss/trigger_by' },
    ]);
    const amended = aWatchedWorld({
      strategy: { 0: openLong({ protection: stopAt('90') }), 1: amendProtection(protection) },
      bars: [100, 100, 100],
    });
    expect(amended.codes()).toEqual(['SIMULATION_UNSUPPORTED']);
  });

  test('[rule-23] said by last price, it is what happens anyway', () => {
    const protection = { stop_loss: { at: { abs: '90' }, trigger_by: 'last' } };
    expect(answered(openLong({ protection })).denied()).toEqual([]);
  });
});

describe('[rule-23] what can be simulated is simulated as it is said', () => {
  test.each([
    ['a buy that rises to its trigger', openLong, 'rise_to', '105', [104, 106, 104, 105]],
    ['a sale that falls to it', openShort, 'fall_to', '95', [96, 96, 94, 95]],
  ] as const)('[rule-23] %s', (_what, open, direction, price, bar) => {
    const order = { type: 'market', trigger: { price, direction } };
    const world = aWatchedWorld({ strategy: { 0: open({ order }) }, bars: [100, 100, bar] });
    expect(world.fills().map((fill) => format(fill.price))).toEqual([price]);
  });

  test('[rule-23] a triggered limit', () => {
    const trigger = { price: '105', direction: 'rise_to' };
    const world = aWatchedWorld({
      strategy: { 0: openLong({ order: limitAt('105.5', { trigger }) }) },
      bars: [100, 100, [107, 107, 106, 106], [106, 106, 105.4, 106]],
    });
    expect(world.fills().map((fill) => format(fill.price))).toEqual(['105.5']);
  });

  test('[rule-23] a bar that touches stop and target counts as stopped', () => {
    const protection = {
      ...stopAt('95'),
      take_profit: [{ at: { abs: '105' }, share_bps: 10_000 }],
    };
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection }) },
      bars: [100, 100, [100, 120, 80, 119]],
    });
    expect(world.recordsOf('position_closed')).toMatchObject([{ reason: 'stop_loss' }]);
  });
});
