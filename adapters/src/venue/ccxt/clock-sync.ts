// Keeps the offset between this clock and the venue's: measured on connecting, now and then, and
// when the venue refuses a timestamp (-1021). Drift is told once per change, not per request.
import type { Exchange } from 'ccxt';

export interface ClockSyncParts {
  readonly wall: () => number;
  /** The venue's time, or undefined where it could not be read. */
  readTime(): Promise<number | undefined>;
  /** The instances that sign requests. */
  readonly exchanges: readonly Exchange[];
  setOffset(offsetMs: number): void;
  /** The clocks are further apart than is healthy. */
  onDrift(offsetMs: number): void;
}

const DRIFT_MAX_MS = 500;
/** A venue that keeps refusing timestamps is not asked for its time on each of them. */
const INTERVAL_MIN_MS = 1000;

export class ClockSync {
  readonly #parts: ClockSyncParts;
  #running: Promise<boolean> | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;
  #toldMs = 0;

  constructor(parts: ClockSyncParts) {
    this.#parts = parts;
  }

  /** True = the offset is fresh. Calls that overlap share one reading. */
  sync(): Promise<boolean> {
    this.#running ??= this.#read().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #read(): Promise<boolean> {
    const { wall, readTime, exchanges, setOffset, onDrift } = this.#parts;
    const before = wall();
    if (Math.abs(before - this.#lastMs) < INTERVAL_MIN_MS) return false;
    const venueMs = await readTime();
    if (venueMs === undefined) return false;
    const after = wall();
    this.#lastMs = after;
    const offsetMs = Math.round(venueMs - (before + after) / 2);
    // Signed with the later of both ends: a stamp slightly in the past passes, one ahead does not.
    for (const { options } of exchanges) options['timeDifference'] = after - venueMs;
    setOffset(offsetMs);
    if (Math.abs(offsetMs - this.#toldMs) > DRIFT_MAX_MS) {
      this.#toldMs = offsetMs;
      onDrift(offsetMs);
    }
    return true;
  }
}
