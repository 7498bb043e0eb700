import { describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import { type World, closeLong, idOf, limitAt, openLong } from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');
const ENTRY = `${OPEN}/entry/1`;
const RETRY = { max_attempts: 2, on: ['network'], initial_ms: 1000, max_ms: 1500 };

function entering(more: object = {}): World {
  const world = aWatchedWorld({
    strategy: { 0: openLong({ order: limitAt('98'), ...more }) },
    venue: 'manual',
  });
  return world.bar(100);
}

/** The venue proves once more that it never had the order. */
function absentAgain(world: World, key = ENTRY): void {
  world.venue.unknown(key);
  world.venue.absent(key);
}

describe('[rule-17] a tolerance never widens on a retry', () => {
  test('[rule-17] the same price and quantity leave each time, though the market has moved', () => {
    const world = entering({ order: { type: 'market', max_slippage_bps: 50 }, retry: RETRY });
    absentAgain(world);
    world.bar(105);
    absentAgain(world);
    world.venue.tick(1000);
    const bodies = world.venue.sent
      .filter(({ kind }) => kind === 'submit')
      .map(({ order }) => `${order.key} ${format(order.quantity)} @ ${format(order.price!)}`);
    expect(bodies).toEqual(Array.from({ length: 3 }, () => `${ENTRY} 1 @ 100.5`));
  });

  test('[rule-17] a fallback after moves is bounded from the first decision price', () => {
    const chase = { interval_ms: 60_000, max_moves: 5, max_distance_bps: 200 };
    const fallback = { mode: 'limit_to_market', on: ['reject'], max_slippage_bps: 150 };
    const world = entering({ order: limitAt('98', { chase }), fallback });
    world.venue.accept(ENTRY);
    world.bar(101);
    world.venue.end(ENTRY);
    world.venue.reject(`${OPEN}/entry/2`, 'price');
    const sent = world.created().at(-1)!;
    expect([sent.leg, format(sent.price!)]).toEqual(['fallback', '101.5']);
  });
});

describe('[rule-17] sending an entry again is bounded by its retry permission', () => {
  test('[rule-17] without one, it leaves again once: it may never have left before', () => {
    const world = entering();
    absentAgain(world);
    absentAgain(world);
    expect(world.venue.submitted).toEqual([ENTRY, ENTRY]);
    expect(world.outcome(OPEN)).toBe('cancelled');
    expect(world.orders()).toEqual([]);
  });

  test('[rule-17] with max_attempts, that often more, after doubling waits up to max_ms', () => {
    const world = entering({ retry: RETRY });
    absentAgain(world);
    expect(world.venue.submitted).toHaveLength(2);
    absentAgain(world);
    world.venue.tick(999);
    expect(world.venue.submitted).toHaveLength(2);
    world.venue.tick(1);
    expect(world.venue.submitted).toHaveLength(3);
    absentAgain(world);
    world.venue.tick(1499);
    expect(world.venue.submitted).toHaveLength(3);
    world.venue.tick(1);
    expect(world.venue.submitted).toHaveLength(4);
    absentAgain(world);
    world.venue.tick(10_000);
    expect(world.venue.submitted).toHaveLength(4);
    expect(world.outcome(OPEN)).toBe('cancelled');
  });

  test('[rule-17] permission for another transport error is none for this', () => {
    const world = entering({ retry: { ...RETRY, on: ['rate_limit'] } });
    absentAgain(world);
    absentAgain(world);
    expect(world.venue.submitted).toHaveLength(2);
  });

  test('[rule-17] full jitter draws the wait from seed and order, the same in every run', () => {
    const waits = [0, 1].map(() => {
      const world = entering({ retry: { ...RETRY, jitter: 'full' } });
      absentAgain(world);
      absentAgain(world);
      const timer = world.recordsOf('timer_set').find(({ name }) => name === `resend:${ENTRY}`)!;
      return timer.dueMs - world.now;
    });
    expect(waits[0]).toBe(waits[1]);
    expect(waits[0]).toBeGreaterThan(0);
    expect(waits[0]).toBeLessThan(1000);
  });

  test('[rule-17] each time is recorded with its count', () => {
    const world = entering({ retry: RETRY });
    absentAgain(world);
    absentAgain(world);
    expect(world.recordsOf('intent_progress')).toMatchObject([
      { step: 'sent_again', resends: 1 },
      { step: 'sent_again', resends: 2 },
    ]);
  });

  test.each(['kill', 'stop', 'pause'] as const)(
    '[rule-17] [R13] %s while it waits: it does not leave again',
    (command) => {
      const world = entering({ retry: RETRY });
      absentAgain(world);
      absentAgain(world);
      world.command(command);
      world.venue.tick(1000);
      world.venue.absent(ENTRY);
      expect(world.venue.submitted).toEqual([ENTRY, ENTRY]);
      expect(world.outcome(OPEN)).toBe('cancelled');
    },
  );

  test('[rule-17] [R12] an exit is never given up', () => {
    const world = aWatchedWorld({ strategy: { 0: openLong(), 1: closeLong() }, venue: 'manual' });
    world.bar(100);
    world.venue.fill(ENTRY, '100');
    world.bar(100);
    const exit = `${idOf(1, 'close.long')}/exit/1`;
    for (let i = 0; i < 20; i += 1) absentAgain(world, exit);
    expect(world.venue.submitted.filter((key) => key === exit)).toHaveLength(21);
  });
});
