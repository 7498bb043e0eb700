// Quantiles of a sample, or N/A where the sample is too small to say anything about that one.

/** Smallest samples from which each quantile is given. */
export const QUANTILE_SAMPLES = { p50: 5, p95: 20, p99: 100 } as const;

export interface Quantiles {
  readonly n: number;
  /** Null = N/A: fewer values than `QUANTILE_SAMPLES` asks for. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Nearest rank: each quantile is a value of the sample. */
export function quantilesOf(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  const at = (share: number, least: number): number | null =>
    n < least ? null : sorted[Math.max(0, Math.ceil(share * n) - 1)]!;
  return {
    n,
    p50: at(0.5, QUANTILE_SAMPLES.p50),
    p95: at(0.95, QUANTILE_SAMPLES.p95),
    p99: at(0.99, QUANTILE_SAMPLES.p99),
  };
}

export function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}

/** The middle one, or the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[half]!;
  return sorted.length === 0 ? 0 : (sorted[half - 1]! + sorted[half]!) / 2;
}
