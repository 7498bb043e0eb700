import { describe, expect, test } from 'vitest';
import { averageEntry, format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  cancel,
  dca,
  idOf,
  limitAt,
  openLong,
  openShort,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

/** `quantity @ trigger` of the resting stop. */
function stopOf(world: World): string | undefined {
  const [stop] = world.leg('sl').filter(({ status }) => status === 'accepted');
  return stop && `${format(stop.quantity)} @ ${format(stop.stopPrice!)}`;
}

function targetsOf(world: World): readonly string[] {
  return world
    .orders()
    .filter(({ leg, status }) => leg.startsWith('tp') && status === 'accepted')
    .map(({ leg, quantity, price }) => `${leg} ${format(quantity)} @ ${format(price!)}`);
}

describe('[rule-14] levels fill one after the other', () => {
  test('[rule-14] each level adds to the same position and counts up', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: dca(1), 2: dca(2) },
      bars: [100, 100, 90, 80, 80],
    });
    const position = world.position()!;
    expect([format(position.quantity), position.dcaLevel]).toEqual(['3', 2]);
    expect(format(averageEntry(position))).toBe('90');
    expect(position.openIntentId).toBe(idOf(0, 'open.long'));
  });

  test.each([
    ['skipped', 2],
    ['repeated', 1],
  ])('[rule-14] a level that is %s is denied', (title, level) => {
    const strategy =
      title === 'skipped'
        ? { 0: openLong(), 1: dca(level) }
        : { 0: openLong(), 1: dca(1), 3: dca(level) };
    const world = aWatchedWorld({ strategy, bars: [100, 100, 100, 100, 100] });
    const expected = title === 'skipped' ? '1' : '2';
    expect(world.denied()).toMatchObject([
      { code: 'DCA_LEVEL_INVALID', path: '/level', numbers: { level: `${level}`, expected } },
    ]);
  });

  test('[rule-14] a level beyond max_levels is denied', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: dca(1, { max_levels: 1 }), 3: dca(2, { max_levels: 1 }) },
      bars: [100, 100, 100, 100, 100],
    });
    expect(world.denied()).toMatchObject([
      { code: 'DCA_MAX_LEVELS', numbers: { level: '2', max_levels: '1' } },
    ]);
  });

  test('[rule-14] a level that never filled may be asked for again', () => {
    const far = { order: limitAt('60') };
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: dca(1, far), 2: cancel({ orders: 'entries' }), 3: dca(1) },
      bars: [100, 100, 100, 100, 100],
    });
    expect(world.denied()).toEqual([]);
    expect(world.position()!.dcaLevel).toBe(1);
  });
});

describe('[rule-14] one entry works at a time', () => {
  test('[rule-14] a level beside a working one is denied', () => {
    const far = { order: limitAt('60') };
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: dca(1, far), 2: dca(1) },
      bars: [100, 100, 100, 100],
    });
    expect(world.denied()).toMatchObject([{ code: 'DCA_ENTRY_WORKING' }]);
    expect(world.denied()[0]!.detail).toContain(`${idOf(1, 'dca.long')}/entry/1`);
  });

  test('[rule-14] the rest of a partly filled opening entry counts as working', () => {
    const world = aWatchedWorld({ strategy: { 0: openLong(), 1: dca(1) }, venue: 'manual' });
    world.bar(100);
    const [entry] = world.venue.submitted;
    world.venue.accept(entry!);
    world.venue.fill(entry!, '100', { quantity: '0.4' });
    world.bar(100);
    expect(world.codes()).toEqual(['DCA_ENTRY_WORKING']);
  });
});

describe('[rule-14] the price must improve on the average entry', () => {
  const needs = (bps: number, more: object = {}) => ({ require_improvement_bps: bps, ...more });

  test.each([
    ['at the last price', 1000, 90.1, {}, { price: '90.1', average_entry: '100', limit: '90' }],
    ['at its limit price', 1000, 95, { order: limitAt('91') }, { price: '91' }],
  ])('[rule-14] not enough %s is denied with the numbers', (_what, bps, last, more, numbers) => {
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: dca(1, needs(bps, more)) },
      bars: [100, [100, 100, last, last], last],
    });
    expect(world.denied()).toMatchObject([{ code: 'DCA_NO_IMPROVEMENT', numbers }]);
  });

  test('[rule-14] just enough is taken', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: dca(1, needs(1000)) },
      bars: [100, [100, 100, 90, 90], 90],
    });
    expect(world.denied()).toEqual([]);
    expect(format(world.position()!.quantity)).toBe('2');
  });

  test('[rule-14] a short improves upwards', () => {
    const target = { target: { side: 'short' } };
    const deny = aWatchedWorld({
      strategy: { 0: openShort(), 1: dca(1, needs(1000, target)) },
      bars: [100, [100, 109.9, 100, 109.9], 109.9],
    });
    expect(deny.codes()).toEqual(['DCA_NO_IMPROVEMENT']);
    const take = aWatchedWorld({
      strategy: { 0: openShort(), 1: dca(1, needs(1000, target)) },
      bars: [100, [100, 110, 100, 110], 110],
    });
    expect(format(take.position('short')!.quantity)).toBe('2');
  });

  test('[rule-14] is measured against the average, not the last level', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: dca(1), 2: dca(2, needs(500)) },
      bars: [100, 100, 80, [80, 86, 80, 86]],
    });
    // Average 90: 5 % better is 85.5; the last level was at 80.
    expect(world.codes()).toEqual([]);
    expect(world.bar(86).position()!.dcaLevel).toBe(2);
  });
});

test('[rule-14] caps count the whole position', () => {
  const world = aWatchedWorld({
    strategy: { 0: openLong(), 1: dca(1) },
    risk: { maxPositionNotional: 150n * 10n ** 18n },
    bars: [100, 100, 100],
  });
  expect(world.denied()).toMatchObject([
    { code: 'POSITION_EXCEEDS_MAXIMUM', numbers: { notional: '200', max: '150' } },
  ]);
});

describe('[rule-14] protection_mode says what happens to the protection', () => {
  const tenPercent = {
    protection: {
      stop_loss: { at: { distance_bps: 1000, from: 'entry_avg' } },
      take_profit: [{ at: { distance_bps: 1000, from: 'entry_avg' }, share_bps: 10_000 }],
    },
  };
  /** Long 1 at 100, the level 1 at 95: average 97.5. */
  const laddered = (more: object) =>
    aWatchedWorld({
      strategy: { 0: openLong(tenPercent), 1: dca(1, more) },
      bars: [100, 100, [95, 96, 95, 96]],
    });

  test('[rule-14] keep: prices stay, quantities follow the position', () => {
    const world = laddered({ protection_mode: 'keep' });
    expect([stopOf(world), targetsOf(world)]).toEqual(['2 @ 90', ['tp1 2 @ 110']]);
  });

  test('[rule-14] rebase_to_average: prices move with the new average', () => {
    const world = laddered({ protection_mode: 'rebase_to_average' });
    expect([stopOf(world), targetsOf(world)]).toEqual(['2 @ 87.8', ['tp1 2 @ 107.3']]);
  });

  test('[rule-14] replace: what the level says takes the place of what was', () => {
    const protection = { stop_loss: { at: { abs: '70' } } };
    const world = laddered({ protection_mode: 'replace', protection });
    expect([stopOf(world), targetsOf(world)]).toEqual(['2 @ 70', []]);
  });

  test('[rule-14] replace also outranks a stop that trailing had moved', () => {
    const trailing = { stop_loss: { at: { abs: '90' } }, trailing_stop: { distance_bps: 500 } };
    const world = aWatchedWorld({
      strategy: {
        0: openLong({ protection: trailing }),
        2: dca(1, { protection_mode: 'replace', protection: stopAt('80') }),
      },
      bars: [100, 100, [100, 110, 100, 110]],
    });
    expect(stopOf(world)).toBe('1 @ 104.5');
    expect(stopOf(world.bar(110))).toBe('2 @ 80');
  });

  test('[rule-14] replace starts anew on the first fill of the level only', () => {
    const protection = { take_profit: [{ at: { abs: '110' }, share_bps: 5000 }] };
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: dca(1, { protection_mode: 'replace', protection }) },
      venue: 'manual',
    });
    world.bar(100);
    world.venue.fill(`${idOf(0, 'open.long')}/entry/1`, '100');
    world.bar(100);
    const level = `${idOf(1, 'dca.long')}/entry/1`;
    world.venue.accept(level);
    world.venue.fill(level, '100', { quantity: '0.4' });
    const target = world.leg('tp1')[0]!;
    expect(format(target.quantity)).toBe('0.7');
    world.venue.accept(target.key);
    world.venue.fill(target.key, '110');
    world.venue.fill(level, '100');
    // Its half was taken at the first target; the rest of the level brings no second one.
    expect(world.position()!.protection!.targets).toMatchObject([{ isDone: true }]);
    expect(world.leg('tp1')).toEqual([]);
  });

  test.each([
    ['a stop through the market', { protection_mode: 'replace', protection: stopAt('96') }],
    [
      'a rebased stop that the fill itself would hit',
      { protection_mode: 'rebase_to_average', order: limitAt('81') },
    ],
  ])('[rule-14] [rule-19] %s is denied before anything is bought', (_what, more) => {
    const near = { stop_loss: { at: { distance_bps: 300, from: 'entry_avg' } } };
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: near }), 1: dca(1, more) },
      bars: [98, [98, 98, 96, 96], 96],
    });
    expect(world.codes()).toEqual(['PROTECTION_INVALID']);
    expect(format(world.position()!.quantity)).toBe('1');
  });
});
