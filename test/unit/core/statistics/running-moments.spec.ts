import { describe, expect, test } from 'vitest';
import { RunningMoments } from '../../../../core/src/statistics/running-moments.js';

function momentsOf(...values: number[]): RunningMoments {
  const moments = new RunningMoments();
  for (const value of values) moments.add(value);
  return moments;
}

describe('RunningMoments', () => {
  test('divides by one less than the count', () => {
    const moments = momentsOf(2, 4, 4, 4, 5, 5, 7, 9);
    expect(moments.count).toBe(8);
    expect(moments.mean).toBeCloseTo(5, 12);
    expect(moments.sampleDeviation).toBeCloseTo(Math.sqrt(32 / 7), 12);
  });

  test('keeps a small spread around a large mean, where sums of squares lose it', () => {
    expect(momentsOf(1e9 + 1, 1e9 + 2, 1e9 + 3).sampleDeviation).toBeCloseTo(1, 9);
  });

  test('has no deviation for fewer than two values', () => {
    expect(momentsOf().sampleDeviation).toBe(0);
    expect(momentsOf(3).sampleDeviation).toBe(0);
  });

  test('adds many zeros at once as if one by one', () => {
    const atOnce = momentsOf(3, -1, 4);
    atOnce.addZeros(5);
    atOnce.add(2);
    const oneByOne = momentsOf(3, -1, 4, 0, 0, 0, 0, 0, 2);
    expect(atOnce.count).toBe(oneByOne.count);
    expect(atOnce.mean).toBeCloseTo(oneByOne.mean, 12);
    expect(atOnce.sampleDeviation).toBeCloseTo(oneByOne.sampleDeviation, 12);
  });

  test('takes no zeros as nothing', () => {
    const moments = momentsOf(3);
    moments.addZeros(0);
    expect([moments.count, moments.mean]).toEqual([1, 3]);
  });
});
