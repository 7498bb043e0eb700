import { describe, expect, test } from 'vitest';
import { kindAndSide } from '../../../../core/src/intent/stamp.js';
import { aWorld, openLong, partialClose, hold, closeLong, cancel } from '../../../support/world.js';

describe('kind and side in an id', () => {
  test.each([
    [openLong(), 'open.long'],
    [closeLong(), 'close.long'],
    [partialClose({ qty: '1' }, { target: {} }), 'partial_close'],
    [cancel({ orders: 'all' }), 'cancel'],
    [hold(), 'hold'],
  ])('of %o are %s', (body, expected) => {
    expect(kindAndSide(body as unknown as { kind: 'hold' })).toBe(expected);
  });
});

describe('an id of what cannot be read', () => {
  test.each([
    ['no object', 7, 'unreadable'],
    ['a kind that is no text', { kind: {} }, 'unreadable'],
    ['a kind that would break the id', { kind: 'open/../#1' }, 'unreadable'],
    ['a side that is none', { kind: 'open', side: 'up#1' }, 'open'],
    ['a target that is none', { kind: 'close', target: null }, 'close'],
  ])('names %s harmlessly', (_what, body, expected) => {
    const world = aWorld({ strategy: { 0: body }, bars: [100] });
    expect(world.denied()[0]!.intentId.split('#')).toEqual([expect.any(String), `${expected}.1`]);
  });
});
