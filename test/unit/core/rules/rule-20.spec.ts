import { describe, expect, test } from 'vitest';
import { format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  type World,
  SYMBOL,
  amendProtection,
  cancel,
  closeLong,
  closeShort,
  dca,
  hold,
  idOf,
  limitAt,
  openLong,
  openShort,
  partialClose,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

/** Long and short of 1 at 100; the batch is answered at bar 2. */
function answering(...batch: readonly unknown[]): World {
  return aWatchedWorld({
    strategy: { 0: [openLong(), openShort()], 2: batch },
    bars: [100, 100, 100, 100],
  });
}

function actedOn(world: World): readonly string[] {
  return world
    .accepted()
    .slice(2)
    .map(({ intent }) => intent.kind);
}

const half = { share_bps: 5000, of: 'current' };

describe('[rule-20] the intents of one answer', () => {
  test('[rule-20] are acted on in a safe order: what frees comes before what binds', () => {
    const world = answering(
      hold(),
      openLong({ on_existing: 'ignore' }),
      dca(1),
      partialClose({ qty: '0.1' }),
      closeShort(),
      amendProtection(stopAt('90')),
      cancel({ orders: 'entries' }),
    );
    expect(world.denied()).toEqual([]);
    expect(actedOn(world)).toEqual([
      'cancel',
      'amend_protection',
      'close',
      'partial_close',
      'dca',
      'open',
      'hold',
    ]);
  });

  test('[rule-20] of one kind keep the order of the answer', () => {
    const world = answering(hold({ tags: { n: 'a' } }), hold({ tags: { n: 'b' } }));
    expect(world.accepted().map(({ intent }) => intent.tags?.['n'])).toEqual([
      undefined,
      undefined,
      'a',
      'b',
    ]);
  });

  test('[rule-20] keep the ids that their places in the answer give them', () => {
    const world = answering(
      partialClose({ qty: '0.1' }),
      closeShort(),
      partialClose({ qty: '0.2' }),
    );
    const ids = world.accepted().map(({ intent }) => [intent.intent_id, intent.as_of.seq]);
    expect(ids.slice(2)).toEqual([
      [idOf(2, 'close.short'), 1],
      [idOf(2, 'partial_close.long'), 0],
      [idOf(2, 'partial_close.long', 2), 2],
    ]);
  });

  test('[rule-20] a cancel frees the place that an open of the same answer takes', () => {
    const world = aWatchedWorld({
      strategy: {
        0: openLong({ order: limitAt('90') }),
        1: [openLong({ order: limitAt('95') }), cancel({ orders: 'entries' })],
      },
      bars: [100, 100, 100],
    });
    expect(world.codes()).toEqual([]);
    expect(world.orders().map(({ key }) => key)).toEqual([`${idOf(1, 'open.long')}/entry/1`]);
  });

  test('[rule-20] too many of them are denied as one, and none is taken', () => {
    const world = aWatchedWorld({
      strategy: { 0: [openLong(), hold(), hold()] },
      policy: { maxIntentsPerAnswer: 2 },
      bars: [100, 100],
    });
    expect(world.denied()).toMatchObject([
      { code: 'BATCH_TOO_LARGE', numbers: { intents: '3', max: '2' } },
    ]);
    expect(world.created()).toEqual([]);
  });

  test('[rule-20] as many as allowed are taken', () => {
    const world = aWatchedWorld({
      strategy: { 0: [openLong(), hold()] },
      policy: { maxIntentsPerAnswer: 2 },
      bars: [100, 100],
    });
    expect(world.accepted()).toHaveLength(2);
  });
});

describe('[rule-20] a close beats what else is said about its target', () => {
  test.each([
    ['partial_close', partialClose(half)],
    ['dca', dca(1)],
  ])('[rule-20] %s of the same side is a conflict', (_kind, body) => {
    const world = answering(body, closeLong());
    expect(world.denied()).toMatchObject([{ code: 'CONFLICT', path: '/target' }]);
    expect(world.position('long')).toBeUndefined();
  });

  test('[rule-20] the other side is none', () => {
    const world = answering(partialClose(half), closeShort());
    expect(world.denied()).toEqual([]);
    expect(format(world.position('long')!.quantity)).toBe('0.5');
    expect(world.position('short')).toBeUndefined();
  });

  test('[rule-20] naming the symbol on one of them changes nothing', () => {
    const world = answering(partialClose(half, { symbol: SYMBOL }), closeLong());
    expect(world.codes()).toEqual(['CONFLICT']);
  });

  test('[rule-20] two names of one position are the same target', () => {
    const target = { position_id: `pos:${idOf(0, 'open.long')}` };
    const world = answering(partialClose(half, { target }), closeLong());
    expect(world.codes()).toEqual(['CONFLICT']);
  });

  test('[rule-20] ids of two positions are not', () => {
    const world = answering(
      partialClose(half, { target: { position_id: `pos:${idOf(0, 'open.long')}` } }),
      closeShort({ target: { position_id: `pos:${idOf(0, 'open.short')}` } }),
    );
    expect(world.denied()).toEqual([]);
  });
});
