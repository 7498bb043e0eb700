import { describe, expect, test } from 'vitest';
import {
  type AbsenceEvidence,
  absenceLimits,
  doWitnessesAgree,
  isRipe,
  noteNotFound,
  startEvidence,
} from '../../../../../adapters/src/venue/ccxt/absence-proof.js';

const after = (...times: readonly number[]): AbsenceEvidence =>
  times.reduce((evidence, ms) => noteNotFound(evidence, ms), startEvidence(1000));

describe('proof of absence', () => {
  test('takes longer than a request can be under way, and 5 seconds at least', () => {
    expect(absenceLimits(10_000)).toEqual({ notFound: 3, windowMs: 11_000 });
    expect(absenceLimits(2000)).toEqual({ notFound: 3, windowMs: 5000 });
  });

  test('needs three answers that reach over the whole window', () => {
    const limits = absenceLimits(10_000);
    expect(isRipe(after(2000, 12_000), limits)).toBe(false);
    expect(isRipe(after(2000, 3000, 11_999), limits)).toBe(false);
    expect(isRipe(after(2000, 3000, 12_000), limits)).toBe(true);
  });

  test('does not count an answer from before the call ended', () => {
    expect(after(500, 900).notFound).toBe(0);
  });

  test('needs every other list to agree, and takes none that was not read', () => {
    const agreeing = { isAmongOpenOrders: false, isFreeOfTrades: true, doesPositionAgree: true };
    expect(doWitnessesAgree(agreeing)).toBe(true);
    expect(doWitnessesAgree({ ...agreeing, isAmongOpenOrders: true })).toBe(false);
    expect(doWitnessesAgree({ ...agreeing, isFreeOfTrades: false })).toBe(false);
    expect(doWitnessesAgree({ ...agreeing, doesPositionAgree: false })).toBe(false);
    for (const unread of Object.keys(agreeing)) {
      expect(doWitnessesAgree({ ...agreeing, [unread]: null })).toBe(false);
    }
  });
});
