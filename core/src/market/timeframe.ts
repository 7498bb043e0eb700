// Lengths of timeframes. Months are not a length and are refused.

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds of `1m`, `4h`, `1d`, …; undefined for anything else. */
export function timeframeMsOf(timeframe: string): number | undefined {
  const match = /^([1-9]\d{0,3})([smhdw])$/.exec(timeframe);
  return match === null ? undefined : Number(match[1]) * UNIT_MS[match[2]!]!;
}
