// Everything that one pass over the equity curve can tell: drawdown on every bar, returns by UTC
// day. The account starts with the initial equity at the open of the first bar; times rise
// strictly.
import { DailyReturns, type DailyReturnStatistics } from './daily-returns.js';

const DAY_MS = 86_400_000;

export interface EquityCurve {
  readonly initialEquity: number;
  /** Close of each bar, epoch milliseconds UTC. */
  readonly times: Float64Array;
  /** Marked to market at the close of each bar, net of fees and funding. */
  readonly equity: Float64Array;
  /** Bars in use, at least 1; the arrays may be longer. */
  readonly length: number;
  readonly timeframeMs: number;
}

export interface DrawdownStatistics {
  /** Largest fall below a peak as a positive fraction of it; 1 or more means equity reached 0. */
  readonly maxFraction: number;
  /** Largest fall below a peak in money, positive. */
  readonly maxMoney: number;
  /** Longest time from a peak to the return to it; a fall still open counts to the last bar. */
  readonly maxDurationMs: number;
  /** Root of the mean of squared fractions, over all bars. */
  readonly ulcerIndex: number;
}

export interface EquityStatistics {
  /** From the open of the first bar to the close of the last, in days of 24 hours. */
  readonly elapsedDays: number;
  readonly finalEquity: number;
  readonly meanEquity: number;
  readonly drawdown: DrawdownStatistics;
  readonly daily: DailyReturnStatistics;
}

/** Keeps its state in locals: as fields of an object it made the pass a fifth slower. */
export function measureEquity(curve: EquityCurve): EquityStatistics {
  const { initialEquity, times, equity, length, timeframeMs } = curve;
  const startMs = at(times, 0) - timeframeMs;
  const endMs = at(times, length - 1);
  const returns = new DailyReturns(initialEquity);
  let day = utcDay(at(times, 0));
  let dayEndMs = (day + 1) * DAY_MS;
  let last = initialEquity;
  let sum = 0;
  let peak = initialEquity;
  let peakMs = startMs;
  let [maxFraction, maxMoney, maxDurationMs, squares] = [0, 0, 0, 0];
  for (let i = 0; i < length; i += 1) {
    const timeMs = at(times, i);
    if (timeMs > dayEndMs) {
      returns.endDay(last);
      const today = utcDay(timeMs);
      returns.skipDays(today - day - 1);
      day = today;
      dayEndMs = (day + 1) * DAY_MS;
    }
    const previous = last;
    last = at(equity, i);
    sum += last;
    if (last < peak) {
      const fall = peak - last;
      const fraction = fall / peak;
      squares += fraction * fraction;
      if (fall > maxMoney) maxMoney = fall;
      if (fraction > maxFraction) maxFraction = fraction;
    } else {
      if (previous < peak) maxDurationMs = Math.max(maxDurationMs, timeMs - peakMs);
      peak = last;
      peakMs = timeMs;
    }
  }
  if (last < peak) maxDurationMs = Math.max(maxDurationMs, endMs - peakMs);
  returns.endDay(last);
  const elapsedDays = (endMs - startMs) / DAY_MS;
  assertMeasurable(curve, sum, elapsedDays);
  const ulcerIndex = Math.sqrt(squares / length);
  return {
    elapsedDays,
    finalEquity: last,
    meanEquity: sum / length,
    drawdown: { maxFraction, maxMoney, maxDurationMs, ulcerIndex },
    daily: returns.statistics(),
  };
}

// A bar that closes at midnight belongs to the day it ends, also where the close is given as
// …59.999.
function utcDay(closeMs: number): number {
  return Math.floor((closeMs - 1) / DAY_MS);
}

function at(column: Float64Array, index: number): number {
  return column[index] ?? Number.NaN;
}

// One NaN or infinity anywhere, or a length beyond the arrays, makes the sum not finite.
function assertMeasurable(curve: EquityCurve, sum: number, elapsedDays: number): void {
  if (Number.isFinite(sum + curve.initialEquity) && elapsedDays > 0) return;
  throw new RangeError(
    `METRICS_INPUT_INVALID: the equity curve of ${curve.length} bars ` +
      'has a value that is not finite, ' +
      'a length beyond its arrays, or times that do not rise. Report this as a bug of the engine.',
  );
}
