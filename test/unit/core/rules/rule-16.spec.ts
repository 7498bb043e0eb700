import { describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  type WorldOptions,
  closeLong,
  dca,
  idOf,
  limitAt,
  openLong,
  openShort,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');
const ENTRY = `${OPEN}/entry/1`;

function entering(body: object = {}, more: WorldOptions = {}): World {
  const world = aWatchedWorld({
    strategy: { 0: openLong(body) },
    venue: 'manual',
    ...more,
  });
  return world.bar(100);
}

function statusOf(world: World, key: string): string | undefined {
  return world.orders().find((order) => order.key === key)?.status;
}

describe('[rule-16] [X7] an outcome that nobody has said is a state of its own', () => {
  test('[rule-16] [X7] the venue is asked, nothing is sent again, and an alert is raised', () => {
    const world = entering();
    world.venue.unknown(ENTRY);
    expect(statusOf(world, ENTRY)).toBe('unknown');
    expect(world.venue.queried).toEqual([ENTRY]);
    expect(world.venue.submitted).toEqual([ENTRY]);
    expect(world.alerts).toMatchObject([{ code: 'UNKNOWN_ORDER_PENDING' }]);
    expect(world.outcome(OPEN)).toBeUndefined();
  });

  test('[rule-16] [X7] time alone never turns it into a rejection', () => {
    const world = entering();
    world.venue.unknown(ENTRY);
    world.bars(Array.from({ length: 50 }, () => 100));
    expect(statusOf(world, ENTRY)).toBe('unknown');
  });

  test('[rule-16] [X7] the symbol takes no new risk until it is settled', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: openShort(), 2: openShort() },
      venue: 'manual',
      bars: [100],
    });
    world.venue.unknown(ENTRY);
    world.bar(100);
    expect(world.denied()).toMatchObject([{ code: 'UNKNOWN_ORDER_PENDING' }]);
    expect(world.denied()[0]!.detail).toContain(ENTRY);
    world.venue.accept(ENTRY);
    world.bar(100);
    expect(world.venue.submitted).toContain(`${idOf(2, 'open.short')}/entry/1`);
  });

  test('[rule-16] [X7] another symbol goes on, and its full exposure is held', () => {
    const other = 'ETH/USDT:USDT';
    const world = aWatchedWorld({
      strategy: { 0: openLong() },
      also: [{ symbol: other, strategy: { 0: openLong(), 1: openLong() } }],
      venue: 'manual',
      cash: '190',
      bars: [100],
    });
    world.venue.unknown(ENTRY);
    world.bar(100, 100, 100, 100, { symbol: other });
    expect(world.denied()).toMatchObject([{ code: 'BALANCE_INSUFFICIENT' }]);
    world.venue.end(ENTRY, 'expired');
    world.bar(90, 90, 90, 90, { symbol: other });
    expect(world.venue.submitted).toHaveLength(2);
  });

  test('[rule-16] exits and protection go on beside it', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: stopAt('90') }), 1: dca(1), 2: closeLong() },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(ENTRY, '100');
    world.bar(100);
    world.venue.unknown(`${idOf(1, 'dca.long')}/entry/1`);
    world.bar(100);
    expect(world.denied()).toEqual([]);
    expect(world.leg('exit')).toHaveLength(1);
  });
});

describe('[rule-16] what the venue answers settles it', () => {
  test('[rule-16] accepted: it rests as if nothing had been', () => {
    const world = entering();
    world.venue.unknown(ENTRY);
    world.venue.accept(ENTRY);
    expect(statusOf(world, ENTRY)).toBe('accepted');
    world.venue.fill(ENTRY, '100');
    expect(format(world.position()!.quantity)).toBe('1');
  });

  test('[rule-16] a fill is proof by itself', () => {
    const world = entering();
    world.venue.unknown(ENTRY);
    world.venue.fill(ENTRY, '100', { quantity: '0.4' });
    expect(statusOf(world, ENTRY)).toBe('partially_filled');
  });

  test('[rule-16] rejected: the intent ends', () => {
    const world = entering();
    world.venue.unknown(ENTRY);
    world.venue.reject(ENTRY);
    expect(world.outcome(OPEN)).toBe('rejected');
  });

  test('[rule-16] [X6] absent: the same order leaves again, same key and body, and once', () => {
    const world = entering({ order: limitAt('98') });
    world.venue.unknown(ENTRY);
    world.venue.absent(ENTRY);
    expect(world.venue.submitted).toEqual([ENTRY, ENTRY]);
    const [first, second] = world.venue.sent.filter(({ kind }) => kind === 'submit');
    const body = ({ status: _status, ...rest }: object & { status: string }) => rest;
    expect(body(second!.order)).toEqual(body(first!.order));
    world.venue.accept(ENTRY);
    world.venue.fill(ENTRY, '98');
    expect(world.fills()).toHaveLength(1);
    expect(world.outcome(OPEN)).toBe('filled');
  });

  test('[rule-16] absent, for an order that is not unknown, changes nothing', () => {
    const world = entering();
    world.venue.accept(ENTRY);
    world.venue.absent(ENTRY);
    expect(statusOf(world, ENTRY)).toBe('accepted');
    expect(world.recordsOf('order_event_ignored')).toMatchObject([{ event: 'order_absent' }]);
  });

  test.each([
    ['expired', (world: World) => world.bar(100).bar(100)],
    ['cancelled', (world: World) => world.command('kill')],
    ['cancelled', (world: World) => world.command('stop')],
    ['cancelled', (world: World) => world.command('pause')],
  ])('[rule-16] absent after a change of mind: it is %s and not sent again (%#)', (end, happen) => {
    const world = entering({ expires: { after_bars: 2 } });
    world.venue.unknown(ENTRY);
    happen(world);
    world.venue.absent(ENTRY);
    expect(world.venue.submitted).toEqual([ENTRY]);
    expect(statusOf(world, ENTRY)).toBeUndefined();
    expect(world.recordsOf('order_moved').at(-1)).toMatchObject({ order: ENTRY });
    expect(world.outcome(OPEN)).toMatch(end);
  });

  test('[rule-16] one that was to be cancelled while unknown is cancelled once it shows', () => {
    const world = entering();
    world.venue.unknown(ENTRY);
    world.command('kill');
    expect(world.venue.cancelled).toEqual([ENTRY]);
    world.venue.accept(ENTRY);
    expect(world.venue.cancelled).toEqual([ENTRY, ENTRY]);
    expect(statusOf(world, ENTRY)).toBe('pending_cancel');
  });

  test('[rule-16] the same where a partial fill is what shows it', () => {
    const world = entering();
    world.venue.unknown(ENTRY);
    world.command('kill');
    world.venue.fill(ENTRY, '100', { quantity: '0.4' });
    expect(statusOf(world, ENTRY)).toBe('pending_cancel');
    expect(world.venue.cancelled).toEqual([ENTRY, ENTRY]);
  });
});

describe('[rule-16] a cancel without an answer', () => {
  test('[rule-16] leaves the order fillable and asks what became of it', () => {
    const world = entering({ order: limitAt('98') });
    world.venue.accept(ENTRY);
    world.command('kill');
    world.take({ kind: 'cancel_rejected', ts: world.now, order: ENTRY, detail: 'too busy' });
    expect(world.venue.queried).toEqual([ENTRY]);
    world.venue.fill(ENTRY, '98');
    expect(format(world.position()!.quantity)).toBe('1');
  });

  test('[rule-16] [R13] a refused cancel is asked for again until the order is gone', () => {
    const world = entering({ order: limitAt('98') });
    world.venue.accept(ENTRY);
    world.command('kill');
    world.take({ kind: 'cancel_rejected', ts: world.now, order: ENTRY, detail: 'too busy' });
    world.venue.accept(ENTRY);
    world.venue.tick(999);
    expect(world.venue.cancelled).toEqual([ENTRY]);
    world.venue.tick(1);
    expect(world.venue.cancelled).toEqual([ENTRY, ENTRY]);
    world.venue.end(ENTRY);
    world.venue.tick(5000);
    expect(world.venue.cancelled).toEqual([ENTRY, ENTRY]);
  });

  test('[rule-16] proof of absence ends an order that was being cancelled', () => {
    const world = entering({ order: limitAt('98') });
    world.command('kill');
    world.venue.absent(ENTRY);
    expect(world.orders()).toEqual([]);
    expect(world.outcome(OPEN)).toBe('cancelled');
  });
});

describe('[rule-16] a restart', () => {
  test('[rule-16] an order without an outcome is unknown and asked about, never sent again', () => {
    const world = entering();
    world.take({ kind: 'run_started', ts: world.now, run: 2, start: 'warm' });
    expect(statusOf(world, ENTRY)).toBe('unknown');
    expect(world.venue.queried).toEqual([ENTRY]);
    expect(world.venue.submitted).toEqual([ENTRY]);
  });

  test('[rule-16] one that was unknown already is asked about again', () => {
    const world = entering();
    world.venue.unknown(ENTRY);
    world.take({ kind: 'run_started', ts: world.now, run: 2, start: 'warm' });
    expect(world.venue.queried).toEqual([ENTRY, ENTRY]);
  });

  test('[rule-16] one that is acknowledged is left in peace', () => {
    const world = entering();
    world.venue.accept(ENTRY);
    world.take({ kind: 'run_started', ts: world.now, run: 2, start: 'warm' });
    expect(statusOf(world, ENTRY)).toBe('accepted');
    expect(world.venue.queried).toEqual([]);
  });

  test('[rule-16] a cancel that was under way is asked for again', () => {
    const world = entering();
    world.venue.accept(ENTRY);
    world.command('kill');
    world.take({ kind: 'run_started', ts: world.now, run: 2, start: 'warm' });
    expect(world.venue.cancelled).toEqual([ENTRY, ENTRY]);
  });
});

describe('[rule-16] protection of unknown outcome', () => {
  test('[rule-16] is not placed twice, and leaves again when it proves absent', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: stopAt('90') }) },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(ENTRY, '100');
    const stop = `${OPEN}/sl/1`;
    world.venue.unknown(stop);
    world.bar(100).bar(100);
    expect(world.venue.submitted).toEqual([ENTRY, stop]);
    world.venue.absent(stop);
    expect(world.venue.submitted).toEqual([ENTRY, stop, stop]);
  });

  test('[rule-16] is not sent again for a position that is flat by then', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: stopAt('90') }), 1: closeLong() },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(ENTRY, '100');
    const stop = `${OPEN}/sl/1`;
    world.venue.unknown(stop);
    world.bar(100);
    world.venue.fill(`${idOf(1, 'close.long')}/exit/1`, '100');
    world.venue.absent(stop);
    expect(world.venue.submitted.filter((key) => key === stop)).toEqual([stop]);
    expect(world.orders()).toEqual([]);
  });
});
