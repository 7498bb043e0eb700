// Least squares with coefficients of zero or more (Lawson and Hanson's active set), and the same
// made robust: what lies far off counts less (Huber). Deterministic; columns may depend on each
// other.
import { medianOf } from './quantiles.js';

export interface Sample {
  /** One number per coefficient. */
  readonly terms: readonly number[];
  readonly value: number;
}

const TOLERANCE = 1e-10;
const ROUNDS_MAX = 100;

/** Coefficients ≥ 0 that minimise the weighted squares; all zero where no sample is given. */
export function nonNegativeLeastSquares(
  samples: readonly Sample[],
  weights?: readonly number[],
): readonly number[] {
  const size = samples[0]?.terms.length ?? 0;
  const { gram, moments, norms } = normalEquations(samples, size, weights);
  const passive: number[] = [];
  let x = zeros(size);
  // Each column may leave and enter again, so that rounding alone could go on without an end.
  for (let round = 0; round < 3 * size; round += 1) {
    const enters = steepest({ gram, moments, x, passive });
    if (enters === undefined) break;
    passive.push(enters);
    x = settle({ gram, moments, x, passive });
  }
  return x.map((value, i) => (value === 0 ? 0 : value / norms[i]!));
}

/** Tuned so that a sample without outliers costs 5 % of the precision. */
const HUBER = 1.345;
/** Makes the median of normal deviations their standard deviation. */
const NORMAL = 1.4826;

/** Coefficients ≥ 0 that a few wild samples do not bend. */
export function robustFit(samples: readonly Sample[]): readonly number[] {
  let fitted = nonNegativeLeastSquares(samples);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const deviations = samples.map((sample) => Math.abs(sample.value - valueAt(fitted, sample)));
    const scale = NORMAL * medianOf(deviations);
    if (scale < 1e-9) break;
    const weights = deviations.map((off) => Math.min(1, (HUBER * scale) / off));
    const next = nonNegativeLeastSquares(samples, weights);
    const moved = Math.max(...next.map((value, i) => Math.abs(value - fitted[i]!)));
    fitted = next;
    if (moved < 1e-9) break;
  }
  return fitted;
}

export function valueAt(coefficients: readonly number[], { terms }: Pick<Sample, 'terms'>): number {
  return terms.reduce((sum, term, i) => sum + term * coefficients[i]!, 0);
}

interface Equations {
  readonly gram: readonly (readonly number[])[];
  readonly moments: readonly number[];
}

// Each column is brought to length one, so that a share and a number of bps weigh alike.
function normalEquations(
  samples: readonly Sample[],
  size: number,
  weights: readonly number[] | undefined,
): Equations & { readonly norms: readonly number[] } {
  const gram = Array.from({ length: size }, () => zeros(size));
  const moments = zeros(size);
  samples.forEach(({ terms, value }, row) => {
    const weight = weights?.[row] ?? 1;
    for (let i = 0; i < size; i += 1) {
      const weighted = weight * terms[i]!;
      moments[i]! += weighted * value;
      for (let j = 0; j < size; j += 1) gram[i]![j]! += weighted * terms[j]!;
    }
  });
  const norms = gram.map((line, i) => Math.sqrt(line[i]!));
  const scaled = (value: number, i: number): number => (norms[i] === 0 ? 0 : value / norms[i]!);
  return {
    gram: gram.map((line, i) => line.map((value, j) => scaled(scaled(value, i), j))),
    moments: moments.map(scaled),
    norms,
  };
}

interface Step extends Equations {
  readonly x: readonly number[];
  /** The columns that may be above zero. */
  readonly passive: number[];
}

// A column that the passive ones already span has no gradient, and never enters.
function steepest({ gram, moments, x, passive }: Step): number | undefined {
  const least = TOLERANCE * Math.max(1, ...moments.map(Math.abs));
  let best: number | undefined;
  let bestGradient = least;
  moments.forEach((moment, i) => {
    if (passive.includes(i) || gram[i]![i] === 0) return;
    const gradient = gram[i]!.reduce((left, value, j) => left - value * x[j]!, moment);
    if (gradient <= bestGradient) return;
    best = i;
    bestGradient = gradient;
  });
  return best;
}

// Solves for the passive columns, and goes only as far as the first that would turn negative.
function settle({ gram, moments, x, passive }: Step): number[] {
  let at = [...x];
  while (passive.length > 0) {
    const solved = solve(
      passive.map((i) => passive.map((j) => gram[i]![j]!)),
      passive.map((i) => moments[i]!),
    );
    if (solved === undefined) {
      passive.pop();
      return at;
    }
    const aim = at.map((_value, i) => (passive.includes(i) ? solved[passive.indexOf(i)]! : 0));
    const negative = passive.filter((i) => aim[i]! <= 0);
    if (negative.length === 0) return aim;
    const share = Math.min(...negative.map((i) => at[i]! / (at[i]! - aim[i]!)));
    at = at.map((value, i) => value + share * (aim[i]! - value));
    const out = passive.filter((i) => aim[i]! <= 0 && at[i]! <= TOLERANCE);
    for (const i of out) {
      passive.splice(passive.indexOf(i), 1);
      at[i] = 0;
    }
  }
  return at;
}

function zeros(size: number): number[] {
  return Array.from({ length: size }, () => 0);
}

/** Gaussian elimination with the largest pivot; undefined where the matrix is singular. */
function solve(
  matrix: readonly (readonly number[])[],
  right: readonly number[],
): readonly number[] | undefined {
  const size = right.length;
  const lines = matrix.map((line, i) => [...line, right[i]!]);
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let i = column + 1; i < size; i += 1) {
      if (Math.abs(lines[i]![column]!) > Math.abs(lines[pivot]![column]!)) pivot = i;
    }
    if (Math.abs(lines[pivot]![column]!) < TOLERANCE) return undefined;
    [lines[column], lines[pivot]] = [lines[pivot]!, lines[column]!];
    const top = lines[column]!;
    for (let i = 0; i < size; i += 1) {
      if (i === column) continue;
      const factor = lines[i]![column]! / top[column]!;
      for (let j = column; j <= size; j += 1) lines[i]![j]! -= factor * top[j]!;
    }
  }
  return lines.map((line, i) => line[size]! / line[i]!);
}
