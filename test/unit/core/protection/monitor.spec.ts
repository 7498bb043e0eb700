import { describe, expect, test } from 'vitest';
import { decimal, encode, format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld, recovered } from '../../../support/recovery.js';
import {
  MINUTE_MS,
  SYMBOL,
  type World,
  type WorldOptions,
  aWorld,
  amendProtection,
  closeLong,
  idOf,
  openLong,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');
const ENTRY = `${OPEN}/entry/1`;
const POSITION = `pos:${OPEN}`;
const stop = (attempt: number): string => `${OPEN}/sl/${attempt}`;

/** A long of 1 whose stop has been sent and not answered yet. */
function entered(options: WorldOptions = {}, script: WorldOptions['strategy'] = {}): World {
  const strategy = { 0: openLong({ protection: stopAt('90') }), ...script };
  const world = aWatchedWorld({ strategy, venue: 'manual', ...options }).bar(100);
  world.venue.fill(ENTRY, '100');
  return world;
}

/** The same with its stop in place, a while later. */
function covered(options: WorldOptions = {}, script: WorldOptions['strategy'] = {}): World {
  const world = entered(options, script);
  world.venue.accept(stop(1));
  world.venue.tick(10_000);
  expect(world.recordsOf('protection_gap')).toEqual([]);
  return world;
}

/** Gaps as `began at` or `ended after`, in ms since `fromMs`. */
function gaps(world: World, fromMs: number): readonly string[] {
  return world.recordsOf('protection_gap').map(({ sinceMs, unprotectedMs }) => {
    return sinceMs === null ? `ended after ${unprotectedMs}` : `began at ${sinceMs - fromMs}`;
  });
}

const alarms = (world: World) => world.alerts.filter(({ code }) => code === 'POSITION_UNPROTECTED');

describe('a gap in the protection', () => {
  test('is none where the venue accepts within the same moment', () => {
    const world = entered();
    world.venue.accept(stop(1));
    world.venue.tick(60_000);
    expect(world.recordsOf('protection_gap')).toEqual([]);
    expect(world.state.unprotectedMs).toBe(0);
  });

  test('lasts from the fill until the venue has accepted the stop', () => {
    const world = entered();
    const filledMs = world.now;
    world.venue.tick(200);
    expect(gaps(world, filledMs)).toEqual(['began at 0']);
    expect([...world.state.unprotectedSince]).toEqual([[POSITION, filledMs]]);
    world.venue.accept(stop(1));
    expect(gaps(world, filledMs)).toEqual(['began at 0', 'ended after 200']);
    expect(world.state.unprotectedSince.size).toBe(0);
    expect(world.state.unprotectedMs).toBe(200);
    expect(world.state.timers.has(`protect:${POSITION}`)).toBe(false);
  });

  test('ends with its position', () => {
    const world = entered({}, { 1: closeLong() });
    world.bar(100);
    world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '100');
    expect(gaps(world, 0).at(-1)).toBe(`ended after ${MINUTE_MS}`);
    expect(world.state.unprotectedSince.size).toBe(0);
  });

  test('is none while an older stop still covers the whole position', () => {
    const amended = amendProtection(stopAt('95'));
    const world = covered({}, { 1: amended });
    world.bar(100);
    expect(world.leg('sl').map(({ status }) => status)).toEqual(['accepted', 'created']);
    world.venue.tick(1000);
    world.venue.accept(stop(2));
    world.venue.tick(1000);
    expect(world.leg('sl').map(({ status }) => status)).toEqual(['pending_cancel', 'accepted']);
    expect(world.recordsOf('protection_gap')).toEqual([]);
  });

  test('is one where an older stop covers less than the position', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: stopAt('90') }) },
      venue: 'manual',
    }).bar(100);
    world.venue.fill(ENTRY, '100', { quantity: '0.4' });
    world.venue.accept(stop(1));
    world.venue.fill(ENTRY, '100');
    world.venue.tick(5000);
    expect(alarms(world)[0]?.text).toMatch(/^0\.6 of /);
  });

  test('is none while the whole position leaves at market', () => {
    const world = covered({}, { 1: closeLong() });
    world.bar(100);
    world.venue.accept(`${idOf(1, 'close.long')}/exit/1`);
    world.venue.end(stop(1), 'expired');
    world.venue.tick(60_000);
    expect(world.recordsOf('protection_gap')).toEqual([]);
  });

  test('is one while a limit exit only rests', () => {
    const order = { type: 'limit', price: { abs: '120' } };
    const world = covered({}, { 1: closeLong({ order }) });
    world.bar(100);
    world.venue.accept(`${idOf(1, 'close.long')}/exit/1`);
    world.venue.end(stop(1), 'expired');
    world.venue.tick(1);
    expect(world.recordsOf('protection_gap')).toHaveLength(1);
  });

  test('is none of protection that the host holds, nor without any', () => {
    for (const protection of [{ ...stopAt('90'), place: 'host' }, undefined]) {
      const world = aWatchedWorld({
        strategy: { 0: openLong(protection === undefined ? {} : { protection }) },
        venue: 'manual',
      }).bar(100);
      world.venue.fill(ENTRY, '100');
      world.venue.tick(60_000);
      expect(world.recordsOf('protection_gap')).toEqual([]);
    }
  });

  test('is one of a position without any where policy requires a stop [U6]', () => {
    const manual = {
      kind: 'external_fill',
      tradeId: 't1',
      venueOrderId: '5',
      symbol: SYMBOL,
      side: 'buy',
      positionSide: 'long',
      price: decimal('100'),
      quantity: decimal('2'),
      fee: 0n,
      feeCurrency: 'USDT',
      liquidity: 'taker',
      cause: 'manual',
    } as const;
    for (const requireStop of [true, false]) {
      const world = aWorld({ venue: 'manual', policy: { requireStop } }).bar(100);
      world.take({ ...manual, ts: world.now });
      world.venue.tick(5000);
      expect(alarms(world)).toHaveLength(requireStop ? 1 : 0);
      if (requireStop) expect(alarms(world)[0]?.text).toContain('close it at the exchange');
    }
  });
});

describe('the alarm', () => {
  test('comes when the longest permitted time has passed, and says for how long', () => {
    const world = entered();
    world.venue.tick(4999);
    expect(alarms(world)).toEqual([]);
    world.venue.tick(1);
    expect(alarms(world)).toHaveLength(1);
    expect(alarms(world)[0]?.text).toContain(`(${POSITION}) has had no stop`);
    expect(alarms(world)[0]?.text).toContain('for 5 s');
  });

  test('makes the driver wake in time, though nothing else happens', () => {
    const world = entered();
    expect(world.state.nextTimerMs).toBe(Infinity);
    expect(world.engine.wakeMs).toBe(world.now + 5000);
    world.venue.tick(5000);
    expect(alarms(world)).toHaveLength(1);
    world.venue.accept(stop(1));
    expect(world.engine.wakeMs).toBe(Infinity);
  });

  test('is repeated, never faster than once a second', () => {
    const world = entered({ policy: { maxUnprotectedMs: 0 } });
    for (let i = 0; i < 40; i += 1) world.venue.tick(100);
    expect(alarms(world)).toHaveLength(4);
  });

  test('arms the stop again where none is on its way', () => {
    const world = covered();
    world.venue.end(stop(1), 'expired');
    world.venue.reject(stop(2));
    expect(world.leg('sl')).toEqual([]);
    world.venue.tick(5000);
    expect(world.leg('sl').map(({ key }) => key)).toEqual([stop(3)]);
    world.venue.reject(stop(3));
    world.venue.tick(4000);
    expect(world.leg('sl')).toEqual([]);
    world.venue.tick(1000);
    expect(world.leg('sl').map(({ key }) => key)).toEqual([stop(4)]);
    expect(alarms(world)).toHaveLength(2);
  });

  test('places no second stop beside one whose outcome is unknown', () => {
    const world = entered();
    world.venue.unknown(stop(1));
    world.venue.tick(5000);
    expect(alarms(world)).toHaveLength(1);
    expect(world.created().filter(({ leg }) => leg === 'sl')).toHaveLength(1);
  });
});

describe('a restart', () => {
  test('finds the gap that the crash left behind, since the last moment before it', () => {
    const world = entered();
    const crashedMs = world.now;
    const strategy = { 0: openLong({ protection: stopAt('90') }) };
    const again = aWorld({ strategy, venue: 'manual', state: recovered(world) });
    again.take({ kind: 'run_started', ts: crashedMs + 7000, run: 2, start: 'warm' });
    expect(gaps(again, crashedMs)).toEqual(['began at 0']);
    again.venue.tick(1);
    expect(alarms(again)[0]?.text).toContain('for 7.001 s');
  });
});

describe('a stop that the venue ends by itself', () => {
  test('is placed again at once, with a code of its own', () => {
    const world = covered();
    world.venue.end(stop(1), 'expired');
    expect(world.alerts.map(({ code }) => code)).toEqual(['PROTECTION_LOST']);
    expect(world.leg('sl').map(({ key }) => key)).toEqual([stop(2)]);
  });

  test('as soon as it is placed is tried again in time, without waiting for a bar', () => {
    const world = entered();
    world.venue.accept(stop(1));
    world.venue.end(stop(1), 'expired');
    expect(world.alerts.map(({ code }) => code)).toEqual(['PROTECTION_LOST']);
    expect(world.leg('sl')).toEqual([]);
    world.venue.tick(5000);
    expect(world.leg('sl').map(({ key }) => key)).toEqual([stop(2)]);
  });
});

test('a simulated run records no gap, and sets no timer for one', () => {
  const strategy = { 0: openLong({ protection: stopAt('90') }) };
  const world = aWatchedWorld({ strategy, bars: [100, 100, 101, [95, 95, 85, 88], 88] });
  expect(world.fills().map(({ leg, price }) => `${leg} ${format(price)}`)).toEqual([
    'entry 100',
    'sl 90',
  ]);
  expect(world.recordsOf('protection_gap')).toEqual([]);
  expect(world.recordsOf('timer_set')).toEqual([]);
  expect(encode(world.alerts)).toBe('[]');
});
