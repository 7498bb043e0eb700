// Returns of calendar days. A day without a bar keeps its equity, so it counts as a return of 0 and
// 365 days make a year for every timeframe and for data with gaps.
import { RunningMoments } from './running-moments.js';

export interface DailyReturnStatistics {
  readonly days: number;
  readonly mean: number;
  /** Sample deviation, ddof = 1. */
  readonly deviation: number;
  /** Root of the mean of min(return, 0)², over all days. */
  readonly downsideDeviation: number;
  /** NaN when there is no day. */
  readonly best: number;
  readonly worst: number;
}

export class DailyReturns {
  readonly #moments = new RunningMoments();
  #equity: number;
  #downsideSquares = 0;
  #best = Number.NEGATIVE_INFINITY;
  #worst = Number.POSITIVE_INFINITY;

  constructor(initialEquity: number) {
    this.#equity = initialEquity;
  }

  /**
   * Ends a day at this equity. A day that starts at zero or below has no return and is left out.
   */
  endDay(equity: number): void {
    const start = this.#equity;
    this.#equity = equity;
    if (start <= 0) return;
    const dailyReturn = equity / start - 1;
    this.#moments.add(dailyReturn);
    if (dailyReturn < 0) this.#downsideSquares += dailyReturn * dailyReturn;
    this.#widen(dailyReturn);
  }

  skipDays(count: number): void {
    if (count <= 0 || this.#equity <= 0) return;
    this.#moments.addZeros(count);
    this.#widen(0);
  }

  statistics(): DailyReturnStatistics {
    const { count, mean, sampleDeviation } = this.#moments;
    return {
      days: count,
      mean,
      deviation: sampleDeviation,
      downsideDeviation: count === 0 ? 0 : Math.sqrt(this.#downsideSquares / count),
      best: count === 0 ? Number.NaN : this.#best,
      worst: count === 0 ? Number.NaN : this.#worst,
    };
  }

  #widen(dailyReturn: number): void {
    if (dailyReturn > this.#best) this.#best = dailyReturn;
    if (dailyReturn < this.#worst) this.#worst = dailyReturn;
  }
}
