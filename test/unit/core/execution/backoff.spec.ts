import { describe, expect, test } from 'vitest';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  type WorldOptions,
  START_MS,
  closeLong,
  dca,
  idOf,
  openLong,
  openShort,
  partialClose,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

/** Entries at each of the first bars, each refused by the venue with `reason`. */
function refused(
  count: number,
  reason: 'other' | 'post_only' | 'price' = 'other',
  more: WorldOptions = {},
): World {
  const world = aWatchedWorld({
    strategy: (_bar: unknown, _ctx: unknown, index: number) =>
      index < 20 ? openLong() : undefined,
    venue: 'manual',
    policy: { backoffAfterRejects: 2, backoffInitialMs: 90_000, backoffMaxMs: 200_000 },
    ...more,
  });
  for (let i = 0; i < count; i += 1) {
    world.bar(100);
    const entry = `${idOf(i, 'open.long')}/entry/1`;
    if (world.venue.submitted.includes(entry)) world.venue.reject(entry, reason);
  }
  return world;
}

describe('[R14] after venue rejects new entries are held back', () => {
  test('[R14] from the configured number in a row on, visibly', () => {
    const world = refused(2);
    expect(world.recordsOf('backoff')).toMatchObject([
      { rejects: 1, untilMs: 0 },
      { rejects: 2, untilMs: START_MS + 120_000 + 90_000 },
    ]);
    expect(world.alerts).toMatchObject([{ code: 'BACKOFF_ACTIVE' }]);
    world.bar(100);
    expect(world.denied()).toMatchObject([
      { code: 'BACKOFF_ACTIVE', numbers: { until_ms: `${START_MS + 210_000}`, rejects: '2' } },
    ]);
  });

  test('[R14] until the pause is over, which grows with each further reject to its maximum', () => {
    const world = refused(12);
    const untils = world.recordsOf('backoff').map(({ ts, untilMs }) => Math.max(0, untilMs - ts));
    expect(untils).toEqual([0, 90_000, 180_000, 200_000, 200_000]);
  });

  test('[R14] an accepted entry ends it', () => {
    const world = refused(2);
    world.bars([100, 100]);
    const entry = `${idOf(3, 'open.long')}/entry/1`;
    expect(world.venue.submitted).toContain(entry);
    world.venue.accept(entry);
    expect(world.recordsOf('backoff').at(-1)).toMatchObject({ rejects: 0, untilMs: 0 });
  });

  test('[R14] post-only rejects are the price of being passive and do not count', () => {
    expect(refused(5, 'post_only').recordsOf('backoff')).toEqual([]);
  });

  test('[R14] rejects of exits do not count', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong(), 1: closeLong(), 2: closeLong(), 3: closeLong() },
      venue: 'manual',
      policy: { backoffAfterRejects: 1 },
      bars: [100],
    });
    world.venue.fill(`${idOf(0, 'open.long')}/entry/1`, '100');
    for (const index of [1, 2, 3]) {
      world.bar(100);
      world.venue.reject(`${idOf(index, 'close.long')}/exit/1`);
    }
    expect(world.recordsOf('backoff')).toEqual([]);
  });
});

describe('[R12] backoff never holds back an exit', () => {
  const BOTH = { ...stopAt('90'), take_profit: [{ at: { abs: '110' }, share_bps: 10_000 }] };

  /**
   * Long 1 with protection, then a short that the venue refuses, then `body` during the backoff.
   */
  function holding(body: unknown): World {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ protection: BOTH }), 1: openShort(), 2: body },
      venue: 'manual',
      policy: { backoffAfterRejects: 1, backoffInitialMs: 3_000_000 },
      bars: [100],
    });
    world.venue.fill(`${idOf(0, 'open.long')}/entry/1`, '100');
    for (const { key } of world.orders()) world.venue.accept(key);
    world.bar(100);
    world.venue.reject(`${idOf(1, 'open.short')}/entry/1`);
    return world.bar(100);
  }

  test('[R12] [R14] an entry and a level are denied', () => {
    expect(holding([openShort(), dca(1)]).codes()).toEqual(['BACKOFF_ACTIVE', 'BACKOFF_ACTIVE']);
  });

  test.each([
    ['a close', closeLong()],
    ['a partial close', partialClose({ share_bps: 5000, of: 'current' })],
  ])('[R12] %s leaves', (_what, body) => {
    expect(holding(body).leg('exit')).toHaveLength(1);
  });

  test('[R12] stop and target stay, and are placed again where they are lost', () => {
    const world = holding(undefined);
    expect(world.orders().map(({ leg }) => leg)).toEqual(['sl', 'tp1']);
    world.venue.end(world.leg('sl')[0]!.key, 'expired');
    expect(world.leg('sl')).toMatchObject([{ status: 'created' }]);
  });
});
