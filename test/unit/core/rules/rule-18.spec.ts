import { describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  type WorldOptions,
  closeLong,
  idOf,
  limitAt,
  openLong,
  openShort,
  partialClose,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');
const ENTRY = `${OPEN}/entry/1`;

const target = (abs: string, share_bps = 10_000) => ({ at: { abs }, share_bps });
const BOTH = { ...stopAt('90'), take_profit: [target('110')] };

/** Open orders of protection, `key quantity status`, without the intent's id. */
function resting(world: World): readonly string[] {
  return world
    .orders()
    .filter(({ leg }) => leg !== 'entry')
    .map(({ leg, attempt, quantity, status }) => `${leg}/${attempt} ${format(quantity)} ${status}`);
}

function played(protection: object, more: WorldOptions = {}, body: object = {}): World {
  const order = limitAt('100');
  return aWatchedWorld({
    strategy: { 0: openLong({ protection, order, ...body }) },
    venue: 'manual',
    ...more,
  }).bar(100);
}

/** Prices of the fills by leg. */
function exits(world: World): readonly string[] {
  return world
    .fills()
    .filter(({ action }) => action === 'exit')
    .map(({ leg, quantity, price }) => `${leg} ${format(quantity)} @ ${format(price)}`);
}

function closeReasons(world: World): readonly string[] {
  return world.recordsOf('position_closed').map(({ reason }) => reason);
}

function traded(protection: object, bars: WorldOptions['bars'], more: WorldOptions = {}): World {
  return aWatchedWorld({ strategy: { 0: openLong({ protection }) }, ...more, bars: bars ?? [] });
}

describe('[rule-18] protection follows the position', () => {
  test('[rule-18] is armed on the first partial fill, for what has filled', () => {
    const world = played(BOTH);
    expect(resting(world)).toEqual([]);
    world.venue.fill(ENTRY, '100', { quantity: '0.3' });
    expect(resting(world)).toEqual(['sl/1 0.3 created', 'tp1/1 0.3 created']);
    expect(world.heard.intents.map(({ type }) => type)).toContain('protection_armed');
  });

  test('[rule-18] is resized with each fill, making the new order before breaking the old', () => {
    const world = played(stopAt('90'));
    world.venue.fill(ENTRY, '100', { quantity: '0.3' });
    world.venue.accept(`${OPEN}/sl/1`);
    world.venue.fill(ENTRY, '100', { quantity: '0.5' });
    expect(resting(world)).toEqual(['sl/1 0.3 accepted', 'sl/2 0.8 created']);
    expect(world.venue.cancelled).toEqual([]);
    world.venue.accept(`${OPEN}/sl/2`);
    expect(world.venue.cancelled).toEqual([`${OPEN}/sl/1`]);
    world.venue.end(`${OPEN}/sl/1`);
    world.venue.fill(ENTRY, '100');
    expect(resting(world)).toEqual(['sl/2 0.8 accepted', 'sl/3 1 created']);
  });

  test('[rule-18] the old stop stays when the new one is refused, and it is tried again', () => {
    const world = played(stopAt('90'));
    world.venue.fill(ENTRY, '100', { quantity: '0.3' });
    world.venue.accept(`${OPEN}/sl/1`);
    world.venue.fill(ENTRY, '100');
    world.venue.reject(`${OPEN}/sl/2`);
    expect(resting(world)).toEqual(['sl/1 0.3 accepted']);
    expect(world.alerts).toHaveLength(1);
    world.bar(100);
    expect(resting(world)).toEqual(['sl/1 0.3 accepted', 'sl/3 1 created']);
  });

  test('[rule-18] is cancelled when the position is flat', () => {
    const world = played(BOTH);
    world.venue.fill(ENTRY, '100');
    world.venue.accept(`${OPEN}/sl/1`);
    world.venue.accept(`${OPEN}/tp1/1`);
    world.venue.fill(`${OPEN}/tp1/1`, '110');
    expect(world.venue.cancelled).toEqual([`${OPEN}/sl/1`]);
    expect(closeReasons(world)).toEqual(['take_profit']);
  });

  test('[rule-18] a stop-out takes back the rest of the entry as well', () => {
    const world = played(stopAt('90'));
    world.venue.accept(ENTRY);
    world.venue.fill(ENTRY, '100', { quantity: '0.3' });
    world.venue.accept(`${OPEN}/sl/1`);
    world.venue.fill(`${OPEN}/sl/1`, '90');
    expect(world.venue.cancelled).toEqual([ENTRY]);
    world.venue.end(ENTRY);
    expect(world.outcome(OPEN)).toBe('partially_filled');
    expect(world.orders()).toEqual([]);
  });

  test('[rule-18] one that the venue ends by itself is placed again', () => {
    const world = played(stopAt('90'));
    world.venue.fill(ENTRY, '100');
    world.venue.accept(`${OPEN}/sl/1`);
    world.venue.tick(1000);
    world.venue.end(`${OPEN}/sl/1`, 'expired');
    expect(resting(world)).toEqual(['sl/2 1 created']);
  });

  test('[rule-18] one that ends as soon as it is placed waits for the next bar', () => {
    const world = played(stopAt('90'));
    world.venue.fill(ENTRY, '100');
    world.venue.accept(`${OPEN}/sl/1`);
    world.venue.end(`${OPEN}/sl/1`, 'expired', 'REDUCE_ONLY_FLAT');
    expect(resting(world)).toEqual([]);
    expect(world.alerts).toMatchObject([{ code: 'PROTECTION_LOST' }]);
    world.bar(100);
    expect(resting(world)).toEqual(['sl/2 1 created']);
  });

  test('[rule-18] a stop that ends partly filled is placed again for the rest, once', () => {
    const world = traded(stopAt('90'), [100, 100, [95, 95, 85, 88]], {
      sim: { shocks: { [`${OPEN}/sl`]: { filledShareBps: 5000 } } },
    });
    expect(exits(world)).toEqual(['sl 0.5 @ 90', 'sl 0.5 @ 90']);
  });

  test('[rule-18] a partial close shrinks all of it alike', () => {
    const half = { share_bps: 5000, of: 'current' };
    const ladder = { ...stopAt('90'), take_profit: [target('110', 5000), target('120', 5000)] };
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: ladder }), 1: partialClose(half) },
      bars: [100, 100, 100],
    });
    expect(resting(world)).toEqual([
      'sl/2 0.5 accepted',
      'tp1/2 0.25 accepted',
      'tp2/2 0.25 accepted',
    ]);
  });

  test('[rule-18] a close keeps the stop until flat, and the targets come back if it fails', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: BOTH }), 1: closeLong() },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(ENTRY, '100');
    world.venue.accept(`${OPEN}/sl/1`);
    world.venue.accept(`${OPEN}/tp1/1`);
    world.bar(100);
    expect(resting(world)).toEqual([
      'sl/1 1 accepted',
      'tp1/1 1 pending_cancel',
      'exit/1 1 created',
    ]);
    world.venue.end(`${OPEN}/tp1/1`);
    world.venue.reject(`${idOf(1, 'close.long')}/exit/1`);
    expect(resting(world)).toEqual(['sl/1 1 accepted', 'tp1/2 1 created']);
  });
});

describe('[rule-18] a ladder of targets', () => {
  test('[rule-18] each closes its share, the last one what is left', () => {
    const ladder = { take_profit: [target('105', 3333), target('106', 3333), target('107', 3334)] };
    const world = traded(ladder, [100, 100, [104, 108, 104, 107]]);
    expect(exits(world)).toEqual(['tp1 0.333 @ 105', 'tp2 0.333 @ 106', 'tp3 0.334 @ 107']);
    expect(world.position()).toBeUndefined();
  });

  test('[rule-18] the stop shrinks with each target', () => {
    const ladder = { ...stopAt('90'), take_profit: [target('105', 2500), target('120', 2500)] };
    const world = traded(ladder, [100, 100, [104, 106, 104, 104]]);
    expect(resting(world)).toEqual(['tp2/1 0.25 accepted', 'sl/2 0.75 accepted']);
    world.bar(80);
    expect(exits(world)).toEqual(['tp1 0.25 @ 105', 'sl 0.75 @ 80']);
  });

  test('[rule-18] shares below the whole leave the rest to the stop', () => {
    const world = traded({ take_profit: [target('105', 4000)] }, [100, 100, [104, 106, 104, 104]]);
    expect(format(world.position()!.quantity)).toBe('0.6');
  });

  test('[rule-18] a partly filled target keeps its share', () => {
    const ladder = { take_profit: [target('105', 5000), target('120', 5000)] };
    const world = played(ladder);
    world.venue.fill(ENTRY, '100');
    world.venue.accept(`${OPEN}/tp1/1`);
    world.venue.accept(`${OPEN}/tp2/1`);
    world.venue.fill(`${OPEN}/tp1/1`, '105', { quantity: '0.2' });
    expect(resting(world)).toEqual(['tp1/1 0.5 partially_filled', 'tp2/1 0.5 accepted']);
    world.venue.fill(`${OPEN}/tp1/1`, '105');
    expect(resting(world)).toEqual(['tp2/1 0.5 accepted']);
  });

  test('[rule-18] levels mean distances from the entry, and multiples of the first risk', () => {
    const protection = {
      stop_loss: { at: { distance_bps: 200, from: 'entry_avg' } },
      take_profit: [
        { at: { r_bps: 10_000 }, share_bps: 5000 },
        { at: { distance_bps: 300, from: 'entry_avg' }, share_bps: 5000 },
      ],
    };
    const prices = (world: World) =>
      world.orders().map(({ leg, price, stopPrice }) => `${leg} ${format((price ?? stopPrice)!)}`);
    expect(prices(traded(protection, [100, 100]))).toEqual(['sl 98', 'tp1 102', 'tp2 103']);
    const short = aWatchedWorld({
      strategy: { 0: openShort({ protection }) },
      bars: [100, 100],
    });
    expect(prices(short)).toEqual(['sl 102', 'tp1 98', 'tp2 97']);
  });
});

// Trailing and breakeven are in protection/moving-stop.spec.ts, time exits in time-exit.spec.ts.

describe('[rule-18] protection that the host holds', () => {
  const HELD = { ...BOTH, place: 'host' };

  test('[rule-18] rests nowhere, triggers inside a bar and leaves at the next open', () => {
    const world = traded(HELD, [100, 100, [100, 100, 89, 95]]);
    expect(resting(world)).toEqual(['sl/1 1 accepted']);
    world.bar(97);
    expect(exits(world)).toEqual(['sl 1 @ 97']);
    expect(closeReasons(world)).toEqual(['stop_loss']);
  });

  test('[rule-18] a bar that reaches both counts as stopped', () => {
    const world = traded(HELD, [100, 100, [100, 120, 80, 100], 100]);
    expect(closeReasons(world)).toEqual(['stop_loss']);
  });

  test('[rule-18] a target leaves at market', () => {
    const world = traded(HELD, [100, 100, [100, 110, 100, 109], 108]);
    expect(exits(world)).toEqual(['tp1 1 @ 108']);
    expect(closeReasons(world)).toEqual(['take_profit']);
  });

  test('[rule-18] a target is not taken from a high of the bar of the entry', () => {
    const body = { protection: HELD, order: limitAt('100') };
    const world = aWatchedWorld({
      strategy: { 0: openLong(body) },
      bars: [105, [106, 111, 99, 100], 100],
    });
    expect(exits(world)).toEqual([]);
  });

  test('[rule-18] is what a venue without stops gets', () => {
    const world = traded(BOTH, [100, 100, [100, 100, 89, 95], 97], {
      config: { venueHoldsStops: false },
    });
    expect(exits(world)).toEqual(['sl 1 @ 97']);
  });

  test('[rule-18] a target that goes at market is the host’s even where stops rest', () => {
    const protection = { ...stopAt('90'), take_profit: [{ ...target('110'), order: 'market' }] };
    const world = traded(protection, [100, 100, [100, 111, 100, 110]]);
    expect(resting(world)).toEqual(['sl/1 1 accepted', 'tp1/1 1 accepted']);
    world.bar(107);
    expect(exits(world)).toEqual(['tp1 1 @ 107']);
  });
});

describe('[rule-18] exchange_required', () => {
  const REQUIRED = { ...stopAt('90'), place: 'exchange_required' };

  test('[rule-18] a stop that the venue refuses flattens the position, with an alert', () => {
    const world = played(REQUIRED);
    world.venue.fill(ENTRY, '100');
    world.venue.reject(`${OPEN}/sl/1`);
    expect(world.orders()).toMatchObject([{ leg: 'sl', type: 'market', attempt: 2 }]);
    expect(world.alerts.at(-1)!.text).toContain('closed at market');
    world.venue.fill(`${OPEN}/sl/2`, '99');
    expect(world.position()).toBeUndefined();
  });

  test('[rule-18] while an older stop still covers it, nothing is flattened', () => {
    const world = played(REQUIRED);
    world.venue.fill(ENTRY, '100', { quantity: '0.3' });
    world.venue.accept(`${OPEN}/sl/1`);
    world.venue.fill(ENTRY, '100');
    world.venue.reject(`${OPEN}/sl/2`);
    expect(resting(world)).toEqual(['sl/1 0.3 accepted']);
  });

  test('[rule-18] exchange_preferred only alerts, and tries again at the next bar', () => {
    const world = played(stopAt('90'));
    world.venue.fill(ENTRY, '100');
    world.venue.reject(`${OPEN}/sl/1`);
    expect(resting(world)).toEqual([]);
    expect(world.alerts).toHaveLength(1);
    world.bar(100);
    expect(resting(world)).toEqual(['sl/2 1 created']);
  });

  test('[rule-18] a refused flatten is not repeated in a loop, but at the next bar', () => {
    const world = played(REQUIRED);
    world.venue.fill(ENTRY, '100');
    world.venue.reject(`${OPEN}/sl/1`);
    world.venue.reject(`${OPEN}/sl/2`);
    expect(world.orders()).toEqual([]);
    world.bar(100);
    expect(world.orders()).toMatchObject([{ leg: 'sl', type: 'stop_market', attempt: 3 }]);
  });

  test('[rule-18] is denied where the venue holds no stops at all', () => {
    const world = traded(REQUIRED, [100, 100], { config: { venueHoldsStops: false } });
    expect(world.denied()).toMatchObject([
      { code: 'PROTECTION_INVALID', path: '/protection/place' },
    ]);
  });
});
