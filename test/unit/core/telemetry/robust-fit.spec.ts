import { describe, expect, test } from 'vitest';
import { type Sample, nonNegativeLeastSquares, robustFit, valueAt } from '@strategy-runner/core';

const line = (...values: readonly number[]): readonly Sample[] =>
  values.map((value, x) => ({ terms: [1, x], value }));
const constants = (...values: readonly number[]): readonly Sample[] =>
  values.map((value) => ({ terms: [1], value }));

function close(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 9));
}

describe('least squares with coefficients of zero or more', () => {
  test('finds the line that the samples lie on', () => {
    close(nonNegativeLeastSquares(line(1, 3, 5)), [1, 2]);
  });

  test('gives the line of least squares where they lie beside one', () => {
    // Mean 3, slope ((−1)(1−3) + (1)(6−3)) / 2 = 2.5, at x = 0: 3 − 2.5 = 0.5.
    close(nonNegativeLeastSquares(line(1, 2, 6)), [0.5, 2.5]);
  });

  test('leaves a slope that would be negative at zero, and the constant at the mean', () => {
    close(nonNegativeLeastSquares(line(5, 3, 1)), [3, 0]);
  });

  test('takes a column out again once another one has entered', () => {
    // The second column is the steepest at first; the exact answer does without it.
    const samples = [
      { terms: [0, 1, 1], value: 2 },
      { terms: [2, 2, 0], value: 2 },
      { terms: [1, 0, 0], value: 1 },
    ];
    close(nonNegativeLeastSquares(samples), [1, 0, 2]);
  });

  test('weighs samples', () => {
    close(nonNegativeLeastSquares(constants(0, 3), [1, 2]), [2]);
  });

  test('answers one of the solutions where columns depend on each other', () => {
    const samples = [
      { terms: [1, 1, 0], value: 2 },
      { terms: [1, 0, 1], value: 5 },
    ];
    const found = nonNegativeLeastSquares(samples);
    close(
      samples.map((sample) => valueAt(found, sample)),
      [2, 5],
    );
  });

  test('answers zero for a column of zeros and for no samples', () => {
    close(nonNegativeLeastSquares([{ terms: [0, 2], value: 4 }]), [0, 2]);
    expect(nonNegativeLeastSquares([])).toEqual([]);
  });

  test('is nowhere improved by moving a coefficient that may move', () => {
    const random = seeded(7);
    for (let round = 0; round < 50; round += 1) {
      const samples = Array.from({ length: 12 }, () => {
        const [a, b] = [random(), random()];
        // What two columns have in common lets a third one in, that has to leave again.
        return { terms: [1, a, b * 0.01, a + b + random() / 4], value: 3 * a + 2 * b + random() };
      });
      const found = nonNegativeLeastSquares(samples);
      const best = squares(samples, found);
      found.forEach((value, i) => {
        for (const step of [-1e-4, 1e-4]) {
          const moved = found.map((at, j) => (i === j ? Math.max(0, value + step) : at));
          expect(squares(samples, moved)).toBeGreaterThanOrEqual(best - 1e-9);
        }
        expect(value).toBeGreaterThanOrEqual(0);
      });
    }
  });
});

describe('the robust fit', () => {
  test('is bent by a wild sample only as far as its bound', () => {
    // At 2 the median deviation is 1, the bound 1.345 × 1.4826 = 1.994. 0 and 14 lie beyond it and
    // pull equally, 1 + 2 + 3 − 3 × 2 = 0: the mean would be 4.
    close(robustFit(constants(0, 1, 2, 3, 14)), [2]);
  });

  test('is the plain fit where nothing is wild', () => {
    close(robustFit(line(1, 3, 5, 7)), [1, 2]);
  });

  test('keeps the line that all but one sample lie on', () => {
    const [constant, slope] = robustFit(line(1, 3, 5, 7, 9, 11, 500, 15, 17)) as [number, number];
    expect(constant).toBeCloseTo(1, 3);
    expect(slope).toBeCloseTo(2, 3);
  });
});

function squares(samples: readonly Sample[], at: readonly number[]): number {
  return samples.reduce((sum, sample) => sum + (sample.value - valueAt(at, sample)) ** 2, 0);
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
