import { describe, expect, test } from 'vitest';
import {
  SYMBOL,
  amendProtection,
  aWorld,
  cancel,
  closeLong,
  dca,
  hold,
  idOf,
  limitAt,
  openLong,
  openShort,
  partialClose,
  stopAt,
} from '../../../support/world.js';

const longId = `pos:${idOf(0, 'open.long')}`;
const half = { share_bps: 5000, of: 'current' };

/** A long is held; the answer comes at the third bar. */
function answered(...bodies: unknown[]) {
  return aWorld({
    strategy: { 0: openLong({ protection: stopAt('50') }), 2: bodies },
    bars: [100, 100, 100, 100],
  });
}

describe('the order of acting', () => {
  test('is cancel, amend, close, partial close, dca, open, hold, whatever the answer says', () => {
    const world = aWorld({
      strategy: {
        0: [openLong({ protection: stopAt('50') }), openShort()],
        2: [
          hold(),
          openLong(),
          dca(1, { target: { side: 'short' } }),
          partialClose(half, { target: { side: 'short' } }),
          closeLong(),
          amendProtection({ stop_loss: { at: { abs: '60' } } }),
          cancel({ orders: 'all' }),
        ],
      },
      bars: [100, 100, 100],
    });
    const acted = world.records.flatMap((record) =>
      (record.type === 'intent_accepted' || record.type === 'intent_denied') &&
      record.ts === world.now
        ? [record.type === 'intent_accepted' ? record.intent.kind : record.kind]
        : [],
    );
    const kinds = ['cancel', 'amend_protection', 'close', 'partial_close', 'dca', 'open', 'hold'];
    expect(acted).toEqual(kinds);
  });

  test('is the order of the answer among equals', () => {
    const world = answered(
      partialClose({ qty: '0.1' }, { reason: { code: 'first' } }),
      partialClose({ qty: '0.2' }, { reason: { code: 'second' } }),
    );
    const reasons = world.accepted().map(({ intent }) => intent.reason.code);
    expect(reasons.slice(1)).toEqual(['first', 'second']);
  });

  test('lets a cancel free what an open needs', () => {
    const world = aWorld({
      strategy: {
        0: openLong({ order: limitAt('90') }),
        1: [openLong({ order: limitAt('95') }), cancel({ orders: 'entries' })],
      },
      venue: 'manual',
      bars: [100, 100],
    });
    expect(world.venue.cancelled).toEqual([`${idOf(0, 'open.long')}/entry/1`]);
    // The cancel is not confirmed yet, and until then the order can still fill: the open waits.
    expect(world.codes()).toEqual([]);
    expect(world.leg('entry')).toHaveLength(1);
  });
});

describe('a close outranks', () => {
  test.each([
    ['a dca on the same side', dca(1), closeLong()],
    ['a partial close on the same side', partialClose(half), closeLong()],
    ['a dca by id', dca(1, { target: { position_id: longId } }), closeLong()],
    ['a dca without a target', dca(1, { target: {} }), closeLong()],
    ['a dca, being itself without a target', dca(1), closeLong({ target: {} })],
    ['a dca that also says the symbol', dca(1, { symbol: SYMBOL }), closeLong()],
    ['a dca, saying the symbol itself', dca(1), closeLong({ symbol: SYMBOL })],
  ])('%s', (_what, body, close) => {
    const world = answered(body, close);
    expect(world.denied()).toMatchObject([
      { code: 'CONFLICT', path: '/target', detail: 'the same answer closes this target' },
    ]);
    expect(world.state.positions.size).toBe(0);
  });

  test.each([
    ['the other side', closeLong({ target: { side: 'short' } })],
    ['another position', closeLong({ target: { position_id: 'pos:another-one' } })],
  ])('nothing that is for %s', (_what, close) => {
    const world = answered(dca(1, { target: { side: 'long', position_id: longId } }), close);
    expect(world.codes()).toEqual([]);
    expect(world.fills()).toHaveLength(2);
  });

  test('no other kind', () => {
    const world = answered(hold(), closeLong());
    expect(world.denied()).toEqual([]);
  });

  test('nothing when it is itself broken', () => {
    const world = answered(dca(1), closeLong({ surprise: true }));
    expect(world.codes()).toEqual(['SCHEMA_INVALID']);
    expect(world.fills()).toHaveLength(2);
  });
});

describe('the size of a batch', () => {
  test('at the limit is taken, beyond it nothing is', () => {
    const holds = (count: number) => Array.from({ length: count }, () => hold());
    const policy = { maxIntentsPerAnswer: 3 };
    const world = aWorld({ policy, strategy: { 0: holds(3), 1: holds(4) }, bars: [100, 100] });
    expect(world.accepted()).toHaveLength(3);
    expect(world.denied()).toMatchObject([
      { code: 'BATCH_TOO_LARGE', numbers: { intents: '4', max: '3' }, intentId: idOf(1, 'batch') },
    ]);
  });
});
