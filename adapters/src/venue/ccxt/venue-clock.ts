// The venue's time. At an exchange: the wall clock plus the offset that the venue told. At the
// local exchange: the time of its bars, at its speed, or standing where it is stepped by hand.
import type { MarketClock } from './exchange-client.js';

/** What the local exchange says of its market time. */
export interface MarketTime {
  readonly marketMs: number;
  /** Market milliseconds per wall millisecond; 0 = time moves only by what the venue stamps. */
  readonly speed: number;
}

export class VenueClock implements MarketClock {
  readonly #wall: () => number;
  /** Undefined = the clock of an exchange. */
  #anchor:
    { readonly marketMs: number; readonly wallMs: number; readonly speed: number } | undefined;
  #offsetMs = 0;
  #lastMs = 0;

  constructor(wall: () => number, market?: MarketTime) {
    this.#wall = wall;
    if (market !== undefined) this.follow(market);
  }

  /** From now on the time of bars, not of the wall. */
  follow({ marketMs, speed }: MarketTime): void {
    const known = this.#anchor === undefined ? marketMs : Math.max(marketMs, this.now());
    this.#anchor = { marketMs: known, wallMs: this.#wall(), speed };
    // Wall time may have been told before anybody knew better; the time of bars is the true one.
    this.#lastMs = known;
  }

  /** Venue's time minus wall time. */
  setOffset(offsetMs: number): void {
    this.#offsetMs = offsetMs;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  now(): number {
    const anchor = this.#anchor;
    const wallMs = this.#wall();
    const nowMs =
      anchor === undefined
        ? wallMs + this.#offsetMs
        : anchor.marketMs + (wallMs - anchor.wallMs) * anchor.speed;
    // An offset that shrinks makes time stand until it has caught up, never run back.
    this.#lastMs = Math.max(this.#lastMs, Math.floor(nowMs));
    return this.#lastMs;
  }

  observe(ms: number): void {
    // At an exchange the offset is measured; a stamp is late by its way here and says less.
    if (this.#anchor === undefined || !Number.isSafeInteger(ms) || ms <= this.now()) return;
    this.#anchor = { ...this.#anchor, marketMs: ms, wallMs: this.#wall() };
    this.#lastMs = ms;
  }

  wallMsUntil(ms: number): number {
    const leftMs = Math.max(0, ms - this.now());
    if (leftMs === 0) return 0;
    const speed = this.#anchor?.speed ?? 1;
    return speed === 0 ? Number.POSITIVE_INFINITY : leftMs / speed;
  }
}
