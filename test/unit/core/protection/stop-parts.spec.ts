// A stop above the venue's maximum rests in parts that together cover the position.
import { format } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  amendProtection,
  closeLong,
  dca,
  idOf,
  limitAt,
  openLong,
  partialClose,
  quantity,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');
const BIG = { sizing_policy: quantity('2.5'), order: limitAt('100') };

/** Working parts of the stop that are not on their way out. */
const stops = (world: World) =>
  world
    .orders()
    .filter(({ leg, status }) => leg.startsWith('sl') && status !== 'pending_cancel')
    .map(({ leg, attempt, quantity: q, filled }) => `${leg}/${attempt} ${format(q - filled)}`);

function stopped(later: Readonly<Record<number, unknown>> = {}, protection = {}): World {
  const world = aWatchedWorld({
    cash: '100000',
    instrument: { max_quantity: '5', max_market_quantity: '1' },
    venue: 'manual',
    bars: [100],
    strategy: { 0: openLong({ ...BIG, protection: { ...stopAt('90'), ...protection } }), ...later },
  });
  world.venue.fill(`${OPEN}/entry/1`, '100');
  return acceptAll(world);
}

function acceptAll(world: World): World {
  for (const { key, status } of world.orders()) {
    if (status === 'created') world.venue.accept(key);
  }
  return world;
}

const gaps = (world: World) => world.recordsOf('protection_gap');

describe('a stop above the maximum', () => {
  test('rests in parts, each a leg of its own', () => {
    expect(stops(stopped())).toEqual(['sl/1 1', 'sl.2/1 1', 'sl.3/1 0.5']);
  });

  test('covers the position by the sum of its parts', () => {
    const world = stopped();
    world.venue.tick(60_000);
    expect(world.alerts).toEqual([]);
    expect(gaps(world)).toEqual([]);
  });

  test('is a gap as soon as one part is missing, and that part alone is placed again', () => {
    const world = stopped();
    world.venue.tick(5000);
    world.venue.end(`${OPEN}/sl.2/1`, 'expired');
    expect(stops(world)).toEqual(['sl/1 1', 'sl.3/1 0.5', 'sl.2/2 1']);
    world.venue.tick(60_000);
    expect(gaps(world)).toHaveLength(1);
    expect(world.alerts.map(({ code }) => code)).toContain('PROTECTION_LOST');
  });

  test('fills part by part, and the others are left as they are', () => {
    const world = stopped();
    world.venue.fill(`${OPEN}/sl/1`, '90', { quantity: '0.4' });
    world.venue.fill(`${OPEN}/sl.3/1`, '90');
    world.venue.fill(`${OPEN}/sl/1`, '90');
    expect(stops(world)).toEqual(['sl.2/1 1']);
    expect(world.venue.submitted).toHaveLength(4);
    world.venue.fill(`${OPEN}/sl.2/1`, '90');
    expect(world.recordsOf('position_closed')).toMatchObject([{ reason: 'stop_loss' }]);
  });

  test('moves make before break, part by part', () => {
    const amend = amendProtection(stopAt('95'), { target: { side: 'long' } });
    const world = stopped({ 1: amend });
    world.bar(100);
    expect(world.venue.cancelled).toEqual([]);
    expect(stops(world)).toHaveLength(6);
    world.venue.accept(`${OPEN}/sl.2/2`);
    expect(world.venue.cancelled).toEqual([`${OPEN}/sl.2/1`]);
  });

  test('grows by its last part, and by a further one', () => {
    const level = dca(1, { sizing_policy: quantity('0.8') });
    const world = stopped({ 1: level });
    world.bar(100);
    world.venue.fill(`${idOf(1, 'dca.long')}/entry/1`, '100');
    acceptAll(world);
    expect(stops(world)).toEqual(['sl/1 1', 'sl.2/1 1', 'sl.3/2 1', 'sl.4/1 0.3']);
  });

  test('shrinks after a partial close', () => {
    const world = stopped({ 1: partialClose({ qty: '0.9' }) });
    world.bar(100);
    world.venue.fill(`${idOf(1, 'partial_close.long')}/exit/1`, '100');
    acceptAll(world);
    expect(stops(world)).toEqual(['sl/1 1', 'sl.2/2 0.6']);
  });

  test('stays until a close is through', () => {
    const world = stopped({ 1: closeLong() });
    world.bar(100);
    expect(stops(world)).toHaveLength(3);
    world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '100');
    acceptAll(world);
    expect(stops(world)).toEqual(['sl/1 1', 'sl.2/2 0.5']);
  });

  test('of which one is refused as it fires is carried out at market, for that part', () => {
    const world = stopped();
    world.venue.reject(`${OPEN}/sl.2/1`);
    const [exit] = world.created().slice(-1);
    expect([exit!.leg, exit!.type, format(exit!.quantity)]).toEqual(['sl.2', 'market', '1']);
    expect(exit).not.toHaveProperty('rest');
    expect(stops(world)).toEqual(['sl/1 1', 'sl.3/1 0.5', 'sl.2/2 1']);
  });

  test('that must rest at the exchange is given up as a whole where a part is refused', () => {
    const world = aWatchedWorld({
      cash: '100000',
      instrument: { max_quantity: '5', max_market_quantity: '1' },
      venue: 'manual',
      bars: [100],
      strategy: {
        0: openLong({ ...BIG, protection: { ...stopAt('90'), place: 'exchange_required' } }),
      },
    });
    world.venue.fill(`${OPEN}/entry/1`, '100');
    world.venue.accept(`${OPEN}/sl/1`);
    world.venue.end(`${OPEN}/sl.2/1`, 'expired');
    const last = world.created().at(-1)!;
    expect([last.leg, last.type, format(last.quantity)]).toEqual(['sl', 'market', '1']);
    expect(format(last.rest!)).toBe('1.5');
  });

  test('is filled whole by the simulated venue', () => {
    const world = aWatchedWorld({
      cash: '100000',
      instrument: { max_quantity: '5', max_market_quantity: '1' },
      bars: [100, 99, 99, 85],
      strategy: { 0: openLong({ ...BIG, protection: stopAt('90') }) },
    });
    const filled = world.fills().slice(1);
    expect(filled.map(({ leg, quantity: q }) => `${leg} ${format(q)}`)).toEqual([
      'sl 1',
      'sl.2 1',
      'sl.3 0.5',
    ]);
    expect(world.position()).toBeUndefined();
    expect(world.orders()).toEqual([]);
  });
});
