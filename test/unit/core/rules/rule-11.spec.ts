import { describe, expect, test } from 'vitest';
import {
  SYMBOL,
  aWorld,
  amendProtection,
  closeLong,
  closeSide,
  dca,
  idOf,
  openLong,
  openShort,
  partialClose,
} from '../../../support/world.js';

const half = { share_bps: 5000, of: 'current' };
const trailing = { trailing_stop: { distance_bps: 500 } };
const longId = `pos:${idOf(0, 'open.long')}`;
const shortId = `pos:${idOf(0, 'open.short')}`;

/** Both sides are open; the answer comes at the third bar. */
function hedged(...bodies: unknown[]) {
  return aWorld({
    strategy: { 0: [openLong(), openShort()], 2: bodies },
    bars: [100, 100, 100, 100],
  });
}

/** Only a long is open. */
function holdingLong(...bodies: unknown[]) {
  return aWorld({ strategy: { 0: openLong(), 2: bodies }, bars: [100, 100, 100, 100] });
}

describe('[rule-11] a target is exactly one position', () => {
  const each = [
    ['close', (target: object) => closeLong({ target })],
    ['partial_close', (target: object) => partialClose(half, { target })],
    ['dca', (target: object) => dca(1, { target })],
    ['amend_protection', (target: object) => amendProtection(trailing, { target })],
  ] as const;

  test.each(each)('[rule-11] %s with an empty target means the only position', (_kind, body) => {
    const world = holdingLong(body({}));
    expect(world.denied()).toEqual([]);
    expect(world.accepted()[1]!.positionId).toBe(longId);
  });

  test.each(each)('[rule-11] %s with an empty target is ambiguous beside two', (_kind, body) => {
    const world = hedged(body({}));
    expect(world.denied()).toMatchObject([{ code: 'AMBIGUOUS_TARGET', path: '/target' }]);
    expect(world.accepted()).toHaveLength(2);
  });

  test.each(each)('[rule-11] %s by id means that position', (_kind, body) => {
    const world = hedged(body({ position_id: shortId }));
    expect(world.accepted()[2]!.positionId).toBe(shortId);
  });

  test.each(each)('[rule-11] %s by side means the position of that side', (_kind, body) => {
    const world = hedged(body({ side: 'long' }));
    expect(world.accepted()[2]!.positionId).toBe(longId);
  });
});

describe('[rule-11] a target that is no position', () => {
  test.each([
    ['partial_close', partialClose(half)],
    ['dca', dca(1)],
    ['amend_protection', amendProtection(trailing)],
  ])('[rule-11] %s while flat is denied', (_kind, body) => {
    const world = aWorld({ strategy: { 0: body }, bars: [100] });
    expect(world.denied()).toMatchObject([{ code: 'NO_POSITION', path: '/target' }]);
    expect(world.created()).toEqual([]);
  });

  test('[rule-11] a close while flat is an outcome and no error', () => {
    const world = aWorld({ strategy: { 0: closeLong() }, bars: [100] });
    expect(world.denied()).toEqual([]);
    expect(world.outcome(idOf(0, 'close.long'))).toBe('noop_flat');
    expect(world.heard.intents.map(({ type }) => type)).toEqual(['accepted', 'noop_flat']);
    expect(world.created()).toEqual([]);
  });

  test('[rule-11] an id and a side that contradict each other name nothing', () => {
    const contradiction = { position_id: longId, side: 'short' };
    expect(hedged(partialClose(half, { target: contradiction })).codes()).toEqual(['NO_POSITION']);
  });

  test('[rule-11] an id of a position that is closed names nothing', () => {
    const world = aWorld({
      strategy: { 0: openLong(), 2: closeLong(), 4: dca(1, { target: { position_id: longId } }) },
      bars: [100, 100, 100, 100, 100],
    });
    expect(world.codes()).toEqual(['NO_POSITION']);
  });

  test('[rule-11] a position of another instance is none of this one', () => {
    const theirs = `pos:${idOf(0, 'open.long', 1, `${SYMBOL}:other-1`)}`;
    const world = aWorld({
      strategy: {
        2: partialClose(half),
        3: [closeLong(), closeSide('long', { target: { position_id: theirs } })],
      },
      also: [{ strategy: { 0: openLong() } }],
      bars: [100, 100, 100, 100, 100],
    });
    expect(world.codes()).toEqual(['NO_POSITION']);
    const closes = [1, 2].map((nth) => world.outcome(idOf(3, 'close.long', nth)));
    expect(closes.filter((outcome) => outcome !== 'noop_flat')).toEqual([undefined]);
    expect(world.position()?.id).toBe(theirs);
  });
});
