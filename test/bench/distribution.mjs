// p50, p95 and p99 of a list of times.

/** Nearest rank: a time that was really measured. */
function rank(sorted, share) {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

export function distributionOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => rank(sorted, share));
  return { count: sorted.length, p50_ms: p50, p95_ms: p95, p99_ms: p99, max_ms: sorted.at(-1) };
}
