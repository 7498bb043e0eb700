import { describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld, recovered } from '../../../support/recovery.js';
import {
  type World,
  aWorld,
  closeLong,
  dca,
  idOf,
  limitAt,
  openLong,
  openShort,
  partialClose,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

const GATES = [
  ['kill', 'KILLED'],
  ['stop', 'ENTRIES_STOPPED'],
  ['pause', 'ENTRIES_PAUSED'],
] as const;

const BOTH = { ...stopAt('90'), take_profit: [{ at: { abs: '110' }, share_bps: 10_000 }] };

/** Long 1 at 100 with protection, then the gate, then `body` at bar 2. */
function gated(command: 'kill' | 'stop' | 'pause', body: unknown): World {
  const world = aWatchedWorld({
    strategy: { 0: openLong({ protection: BOTH }), 2: body },
    bars: [100, 100],
  });
  return world.command(command).bar(100).bar(100);
}

describe.each(GATES)('[R13] %s', (command, code) => {
  test('[R13] denies an open and a level', () => {
    expect(gated(command, [openShort(), dca(1)]).codes()).toEqual([code, code]);
  });

  test('[R13] [R12] lets a close and a partial close go', () => {
    expect(gated(command, closeLong()).position()).toBeUndefined();
    const half = partialClose({ share_bps: 5000, of: 'current' });
    expect(format(gated(command, half).position()!.quantity)).toBe('0.5');
  });

  test('[R13] [R12] leaves stop and target resting, and they fill', () => {
    const world = gated(command, undefined);
    expect(world.orders().map(({ leg, status }) => `${leg} ${status}`)).toEqual([
      'sl accepted',
      'tp1 accepted',
    ]);
    world.bar(100, 100, 89, 90);
    expect(world.recordsOf('position_closed')).toMatchObject([{ reason: 'stop_loss' }]);
  });

  test('[R13] blocks the fallback of an entry, and says so', () => {
    const fallback = { mode: 'limit_to_market', on: ['timeout'], after_ms: 90_000 };
    const order = limitAt('90');
    const world = aWatchedWorld({
      strategy: { 0: openLong({ order, fallback: { ...fallback, max_slippage_bps: 100 } }) },
      bars: [100],
    });
    world.command(command).bar(100).bar(100).bar(100);
    expect(world.created()).toHaveLength(1);
    // A kill takes the entry back at once, so that nothing is left to fall back from.
    expect(world.codes()).toEqual(command === 'kill' ? [] : [code]);
    expect(world.orders()).toEqual([]);
  });

  test('[R13] lets the fallback of an exit go', () => {
    const fallback = { mode: 'limit_to_market', on: ['timeout'], after_ms: 60_000 };
    const close = closeLong({
      order: limitAt('105'),
      fallback: { ...fallback, max_slippage_bps: 100 },
    });
    const world = gated(command, close).bar(100).bar(100);
    expect(world.position()).toBeUndefined();
  });

  test('[R13] survives a restart: it is part of what is recovered', () => {
    const world = gated(command, undefined);
    const gate = { kill: 'killed', stop: 'stopped', pause: 'paused' } as const;
    expect(recovered(world).gates[gate[command]]).toBe(true);
  });

  test('[R13] outlives a warm start while something is open', () => {
    const world = gated(command, undefined);
    world.take({ kind: 'run_started', ts: world.now, run: 2, start: 'warm' });
    const policy = { missedBars: 'act' } as const;
    const again = aWorld({ strategy: { 0: openShort() }, state: recovered(world), policy });
    expect(again.bar(100).codes()).toEqual([code]);
  });
});

describe('[R13] kill', () => {
  test('[R13] takes back working entries and nothing else', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: BOTH }), 1: openShort({ order: limitAt('120') }) },
      bars: [100, 100, 100],
    });
    world.command('kill');
    expect(world.orders().map(({ leg }) => leg)).toEqual(['sl', 'tp1']);
    expect(world.outcome(idOf(1, 'open.short'))).toBe('cancelled');
  });

  test('[R13] a fill that races the cancel is booked and protected', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: BOTH, order: limitAt('95') }) },
      venue: 'manual',
      bars: [100],
    });
    const entry = `${idOf(0, 'open.long')}/entry/1`;
    world.venue.accept(entry);
    world.command('kill');
    world.venue.fill(entry, '95');
    expect(world.leg('sl')).toHaveLength(1);
  });

  test('[R13] is lifted by reset_kill only', () => {
    const world = aWatchedWorld({ strategy: { 0: openLong(), 1: openLong() } });
    world.command('kill').command('resume').bar(100);
    expect(world.codes()).toEqual(['KILLED']);
    world.command('reset_kill').bar(100);
    expect(world.codes()).toEqual(['KILLED']);
    expect(world.created()).toHaveLength(1);
  });
});

describe('[R13] stop and pause', () => {
  test.each(['stop', 'pause'] as const)('[R13] %s leaves a resting entry alone', (command) => {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ order: limitAt('95') }) },
      bars: [100],
    });
    world.command(command).bar(100, 100, 94, 95);
    expect(format(world.position()!.quantity)).toBe('1');
  });

  test('a stop that has come to its end does not hold the next run', () => {
    const world = aWatchedWorld({ strategy: { 0: openLong(), 1: openLong() } });
    world.command('stop').bar(100);
    world.take({ kind: 'run_started', ts: world.now, run: 2, start: 'warm' }).bar(100);
    expect(world.codes()).toEqual(['ENTRIES_STOPPED']);
    expect(world.created()).toHaveLength(1);
  });

  test('[B10] both are taken back by resume', () => {
    const world = aWatchedWorld({ strategy: { 0: openLong(), 1: openLong() } });
    world.command('stop').command('pause').bar(100);
    expect(world.codes()).toHaveLength(1);
    world.command('resume').bar(100);
    expect(world.codes()).toHaveLength(1);
    expect(world.created()).toHaveLength(1);
  });

  test('[R13] the gate is recorded with who and why', () => {
    const world = aWatchedWorld().command('pause', 'news at noon');
    expect(world.recordsOf('gate')).toMatchObject([
      { gate: 'paused', isClosed: true, reason: 'operator: news at noon' },
    ]);
  });
});
