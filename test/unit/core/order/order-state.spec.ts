import { describe, expect, test } from 'vitest';
import { type OrderStatus, canMove, isTerminal } from '@strategy-runner/core';

const TERMINAL = ['filled', 'cancelled', 'expired', 'rejected'] as const;
const WORKING = [
  'created',
  'submitted',
  'unknown',
  'accepted',
  'partially_filled',
  'pending_cancel',
] as const;
const ALL: readonly OrderStatus[] = [...WORKING, ...TERMINAL];

describe('an order', () => {
  test.each(TERMINAL)('that is %s never leaves that state', (status) => {
    expect(isTerminal(status)).toBe(true);
    expect(ALL.filter((next) => canMove(status, next))).toEqual([]);
  });

  test.each(WORKING)('that is %s can still be filled', (status) => {
    expect(isTerminal(status)).toBe(false);
    expect(canMove(status, 'filled')).toBe(true);
  });

  test('is created again from unknown only, by proof of absence', () => {
    expect(ALL.filter((status) => canMove(status, 'created'))).toEqual(['unknown']);
  });

  test('that was partly filled can no longer be rejected', () => {
    expect(canMove('partially_filled', 'rejected')).toBe(false);
  });

  test('whose cancel is under way does not go back to accepted', () => {
    expect(canMove('pending_cancel', 'accepted')).toBe(false);
  });
});
