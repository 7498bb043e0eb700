// Lengths of timeframes; a month counts 30 days, which is enough to order bars in a test.

const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
};

/** `4h` → 14400000. */
export function millisecondsOf(timeframe: string): number {
  const unit = unitMs[timeframe.slice(-1)];
  const count = Number(timeframe.slice(0, -1));
  if (unit === undefined || !Number.isInteger(count) || count < 1) {
    throw new RangeError(`timeframe ${timeframe} is not a number and one of s, m, h, d, w, M`);
  }
  return count * unit;
}
