// Bar lengths as people write them ('5m', '4h') and as milliseconds. Every length is fixed, so
// calendar months have none.
import { EXIT, RunnerError } from '../errors.js';

const UNIT_MS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;

type Unit = keyof typeof UNIT_MS;

const UNITS: readonly Unit[] = ['w', 'd', 'h', 'm', 's'];

export const DAY_MS = UNIT_MS.d;

/** The bar lengths exchanges offer; only these are inferred from a file's times. */
export const STANDARD_TIMEFRAMES = [
  '1s',
  '1m',
  '3m',
  '5m',
  '10m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '6h',
  '8h',
  '12h',
  '1d',
  '3d',
  '1w',
] as const;

/** '5m' → 300000. Throws USAGE for anything without one fixed length. */
export function parseTimeframe(text: string): number {
  if (/^\d+(M|mo|mon|month)s?$/.test(text)) {
    throw unusable(text, 'A calendar month has no fixed length ("m" is minutes)');
  }
  const match = /^([1-9]\d{0,4})([smhdw])$/.exec(text);
  if (match === null) throw unusable(text, 'A timeframe is a count and one of s, m, h, d, w');
  return Number(match[1]) * UNIT_MS[match[2] as Unit];
}

/** 300000 → '5m', in the largest unit that divides it. Only whole seconds have a name. */
export function formatTimeframe(timeframeMs: number): string {
  for (const unit of UNITS) {
    if (timeframeMs % UNIT_MS[unit] === 0) return `${timeframeMs / UNIT_MS[unit]}${unit}`;
  }
  throw new RangeError(`a timeframe is whole seconds, not ${timeframeMs} ms`);
}

export function isStandardTimeframe(timeframeMs: number): boolean {
  return STANDARD_TIMEFRAMES.some((name) => parseTimeframe(name) === timeframeMs);
}

/** A length of time for a message: '1h 30m', '250ms'. */
export function formatDuration(durationMs: number): string {
  if (durationMs < UNIT_MS.s) return `${durationMs}ms`;
  const parts: string[] = [];
  let rest = durationMs;
  for (const unit of UNITS.slice(1)) {
    const count = Math.floor(rest / UNIT_MS[unit]);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * UNIT_MS[unit];
  }
  return parts.slice(0, 2).join(' ');
}

function unusable(text: string, why: string): RunnerError {
  return new RunnerError({
    code: 'USAGE',
    message: `"${text.slice(0, 20)}" is not a timeframe`,
    why,
    next: `use one of ${STANDARD_TIMEFRAMES.join(', ')}`,
    exitCode: EXIT.usage,
    context: { timeframe: text },
  });
}
