// Trigger keys of what a plugin is told: answers to two events are two intents.
import { describe, expect, test } from 'vitest';
import { MAX_PLUGIN_TIMERS } from '../../../../core/src/strategy/timers.js';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import { type World, MINUTE_MS, hold, idOf, limitAt, openLong } from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');

describe('two events of one kind about one intent', () => {
  /** Each refusal of the post-only order moves it; the plugin answers each with a hold. */
  function repriced(afterMs: number): World {
    const reprice = { max_moves: 3, max_distance_bps: 500 };
    const world = aWatchedWorld({
      strategy: {
        onBar: () => openLong({ order: limitAt('101', { post_only: true, reprice }) }),
        onIntentEvent: ({ type }) => (type === 'repriced' ? hold() : undefined),
      },
      venue: 'manual',
      bars: [100],
    });
    world.venue.reject(`${OPEN}/entry/1`, 'post_only');
    world.venue.tick(afterMs);
    world.venue.reject(`${OPEN}/entry/2`, 'post_only');
    return world;
  }

  const holds = (world: World) =>
    world
      .accepted()
      .filter(({ intent }) => intent.kind === 'hold')
      .map(({ intent }) => intent.intent_id);

  test('in one millisecond have a key each', () => {
    const ids = holds(repriced(0));
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
  });

  test('have the same keys whenever they come', () => {
    expect(holds(repriced(1234))).toEqual(holds(repriced(0)));
  });
});

describe('an answer to a key that was answered before', () => {
  test('is denied, and said so', () => {
    const dueMs = 1;
    const world = aWatchedWorld({
      strategy: {
        onBar: (_bar, ctx, index) => (index < 2 ? ctx.setTimer('again', dueMs) : undefined),
        onTimer: () => hold(),
      },
      bars: [100, 100, 100, 100],
    });
    expect(world.accepted()).toHaveLength(1);
    expect(world.codes()).toEqual(['INTENT_REPEATED']);
    expect(world.heard.intents.at(-1)).toMatchObject({ type: 'denied', code: 'INTENT_REPEATED' });
  });
});

describe('timers of a plugin', () => {
  const FAR_MS = 4_000_000_000_000;
  const PER_BAR = 32;

  /** Sets 32 fresh timers on each bar. */
  function setting(bars: number, from = 0): World {
    return aWatchedWorld({
      strategy: (_bar, ctx, index) => {
        for (let i = 0; i < PER_BAR; i += 1) ctx.setTimer(`t${index}-${i}`, FAR_MS + from);
      },
      bars: Array.from({ length: bars }, () => 100),
    });
  }

  test('may wait up to their number, and one more is a fault', () => {
    const full = MAX_PLUGIN_TIMERS / PER_BAR;
    expect(setting(full).recordsOf('plugin_fault')).toEqual([]);
    const world = setting(full + 1);
    expect(world.recordsOf('plugin_fault')).toMatchObject([{ code: 'TIMER_LIMIT', faults: 1 }]);
    expect(world.state.timers.size).toBe(MAX_PLUGIN_TIMERS);
  });

  test('halt a plugin that goes on asking for more', () => {
    const world = setting(MAX_PLUGIN_TIMERS / PER_BAR + 3);
    expect(world.recordsOf('plugin_fault').at(-1)).toMatchObject({ faults: 3, isHalted: true });
  });

  test('may be replaced at their full number', () => {
    const world = aWatchedWorld({
      strategy: (_bar, ctx, index) => {
        for (let i = 0; i < PER_BAR; i += 1) ctx.setTimer(`t${index % 8}-${i}`, FAR_MS + index);
      },
      bars: Array.from({ length: 20 }, () => 100),
    });
    expect(world.recordsOf('plugin_fault')).toEqual([]);
    expect(world.state.timers.size).toBe(MAX_PLUGIN_TIMERS);
  });

  test('that are put off leave the next one as the earliest', () => {
    const world = aWatchedWorld({
      strategy: (_bar, ctx, index) => {
        if (index === 0) ctx.setTimer('early', ctx.now + 5 * MINUTE_MS);
        if (index === 0) ctx.setTimer('late', FAR_MS);
        if (index === 1) ctx.setTimer('early', FAR_MS + 1);
      },
      bars: [100, 100],
    });
    expect(world.state.nextTimerMs).toBe(FAR_MS);
  });
});
