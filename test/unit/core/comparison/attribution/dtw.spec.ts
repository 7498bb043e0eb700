import { describe, expect, test } from 'vitest';
import { dtwDistance } from '../../../../../core/src/comparison/attribution/dtw.js';

describe('the warped distance of two series', () => {
  test('is zero for equal ones, and for one that only lags', () => {
    const shape = [0, 0, 1, 3, 1, 0, 0, 0];
    const late = [0, 0, 0, 1, 3, 1, 0, 0];
    expect(dtwDistance(shape, shape)).toBe(0);
    expect(dtwDistance(shape, late)).toBe(0);
  });

  test('is the mean distance along the path of parallel ones', () => {
    expect(dtwDistance([1, 1, 1, 1], [1.5, 1.5, 1.5, 1.5])).toBeCloseTo(0.5, 12);
  });

  test('takes series of unequal length, and none that is empty', () => {
    expect(dtwDistance([1, 2, 3], [1, 1, 2, 2, 3, 3])).toBe(0);
    expect(dtwDistance([], [1])).toBeNull();
  });

  test('does not warp further than the band', () => {
    const early = Array.from({ length: 200 }, (_, i) => (i === 10 ? 1 : 0));
    const near = Array.from({ length: 200 }, (_, i) => (i === 25 ? 1 : 0));
    const far = Array.from({ length: 200 }, (_, i) => (i === 100 ? 1 : 0));
    expect(dtwDistance(early, near)).toBe(0);
    expect(dtwDistance(early, far)).toBeGreaterThan(0);
  });
});
