// What the state of the venue and the age of the data hold back (P1, U3, B13): entries, no exits.
import { describe, expect, test } from 'vitest';
import type { ConnectionState } from '@strategy-runner/core';
import { checkEntryGates } from '../../../../core/src/policy/gates.js';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  MINUTE_MS,
  SYMBOL,
  type World,
  closeLong,
  idOf,
  limitAt,
  openLong,
  stopAt,
} from '../../../support/world.js';
import { anExternalFill } from '../execution/an-external-fill.js';

recoverEachWorld();

const instance = `${SYMBOL}:sample`;
const ENTRY = `${idOf(0, 'open.long')}/entry/1`;

function gate(world: World, symbol = SYMBOL) {
  return checkEntryGates(world.engine, instance, symbol);
}

function connected(world: World, state: ConnectionState): World {
  const base = { kind: 'connection', ts: world.now, detail: '', untilMs: null } as const;
  return world.take({ ...base, state, attempt: 1 });
}

describe('the connection', () => {
  test.each(['connecting', 'down', 'syncing'] as const)('holds entries while %s', (state) => {
    const world = connected(aWatchedWorld({ bars: [100] }), state);
    expect(gate(world)).toMatchObject({ code: 'VENUE_NOT_READY', numbers: { connection: state } });
    expect(gate(connected(world, 'ready'))).toBeUndefined();
  });

  test('holds entries from the start of a run that connects first', () => {
    const world = aWatchedWorld({ strategy: { 0: openLong(), 1: openLong() } });
    const start = { kind: 'run_started', ts: 0, run: 1, start: 'cold' } as const;
    world.take({ ...start, connection: 'connecting' }).bar(100);
    expect(world.codes()).toEqual(['VENUE_NOT_READY']);
    connected(world, 'ready').bar(100);
    expect(world.created()).toHaveLength(1);
  });

  test('[R12] never holds an exit, nor protection', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: stopAt('90') }), 1: closeLong() },
      venue: 'manual',
      bars: [100],
    });
    connected(world, 'down');
    world.venue.fill(ENTRY, '100');
    world.bar(100);
    expect(world.orders().map(({ leg }) => leg)).toEqual(['sl', 'exit']);
  });
});

describe('an entry that proves absent while the account is read', () => {
  function absent(): World {
    const order = limitAt('99');
    const world = aWatchedWorld({
      strategy: { 0: openLong({ order }) },
      venue: 'manual',
      bars: [100],
    });
    world.venue.unknown(ENTRY);
    connected(world, 'syncing');
    world.venue.absent(ENTRY);
    return world;
  }

  test('waits, and leaves again under its own key when the venue is ready', () => {
    const world = absent();
    world.venue.tick(1000);
    expect(world.venue.submitted).toEqual([ENTRY]);
    connected(world, 'ready').venue.tick(1000);
    expect(world.venue.submitted).toEqual([ENTRY, ENTRY]);
    expect(world.codes()).toEqual([]);
  });

  test('ends when something else holds it back meanwhile', () => {
    const world = absent();
    connected(world, 'ready').command('pause').venue.tick(1000);
    expect(world.venue.submitted).toEqual([ENTRY]);
    expect(world.orders()).toEqual([]);
    expect(world.codes()).toEqual(['ENTRIES_PAUSED']);
  });
});

describe('a hold', () => {
  function held(): World {
    const world = aWatchedWorld({ bars: [100] });
    return world.take(anExternalFill(world, { side: 'buy' }));
  }

  test('[B13] holds its symbol, and says what to acknowledge', () => {
    const world = held();
    expect(gate(world)).toMatchObject({
      code: 'SYMBOL_HELD',
      numbers: { ref: 'x1', code: 'FILL_UNMATCHED', symbol: SYMBOL },
    });
    expect(gate(world)!.detail).toContain('runner resume --ack x1');
    expect(gate(world, 'ETH/USDT:USDT')).toBeUndefined();
  });

  test('of all symbols holds each', () => {
    const world = aWatchedWorld({ bars: [100] });
    world.take(anExternalFill(world, { symbol: 'ETH/USDT:USDT', cause: 'adl' }));
    expect(gate(world)).toMatchObject({ code: 'SYMBOL_HELD', numbers: { ref: 'adl:x1' } });
  });

  test('[R12] lets an exit go', () => {
    const world = aWatchedWorld({ strategy: { 0: openLong(), 2: closeLong() }, bars: [100, 100] });
    world
      .take(anExternalFill(world, { quantity: '0.5' }))
      .bar(100)
      .bar(100);
    expect(world.position()).toBeUndefined();
    expect(world.codes()).toEqual([]);
  });

  test('[B13] is released by its acknowledgement alone', () => {
    const world = held();
    world.command('resume');
    expect(gate(world)?.code).toBe('SYMBOL_HELD');
    const ack = { kind: 'command', ts: world.now, command: 'resume', by: 'me' } as const;
    world.take({ ...ack, reason: 'seen', ack: 'other' });
    expect(gate(world)?.code).toBe('SYMBOL_HELD');
    expect(world.recordsOf('symbol_hold')).toHaveLength(1);
    world.take({ ...ack, reason: 'seen', ack: 'x1' });
    expect(gate(world)).toBeUndefined();
    expect(world.recordsOf('symbol_hold').at(-1)).toMatchObject({
      ref: 'x1',
      isHeld: false,
      reason: 'me: seen',
    });
  });

  test('[B13] its acknowledgement ends no pause', () => {
    const world = held().command('pause');
    const base = { kind: 'command', ts: world.now, command: 'resume', by: 'me' } as const;
    world.take({ ...base, reason: 'seen', ack: 'x1' });
    expect(gate(world)?.code).toBe('ENTRIES_PAUSED');
  });
});

describe('the age of the last bar', () => {
  const policy = { maxDataAgeBars: 2 };

  test('[U3] holds entries beyond the permitted number of bars', () => {
    const world = aWatchedWorld({ policy, venue: 'manual', bars: [100] });
    world.venue.tick(2 * MINUTE_MS);
    expect(gate(world)).toBeUndefined();
    world.venue.tick(1);
    expect(gate(world)).toMatchObject({
      code: 'DATA_STALE',
      numbers: { age_ms: '120001', max_ms: '120000' },
    });
  });

  test('counts as too old before the first bar', () => {
    expect(gate(aWatchedWorld({ policy }))?.code).toBe('DATA_STALE');
  });

  test('does not matter where no limit is set', () => {
    const world = aWatchedWorld({ venue: 'manual', bars: [100] });
    world.venue.tick(100 * MINUTE_MS);
    expect(gate(world)).toBeUndefined();
  });
});
