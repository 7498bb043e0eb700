// Spaces requests of one instance. ccxt's own bucket credits no idle time, so that an order a
// minute after another still waits for it; this one does, up to a burst. First come, first served.
export interface PaceOptions {
  /** Wall ms of one unit of cost. */
  readonly unitMs: number;
  /** Units that may leave at once after a pause. */
  readonly burst: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export class Pace {
  readonly #options: PaceOptions;
  /** When everything granted so far will have been paid for. */
  #paidMs = -Infinity;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Milliseconds that this request has to wait; counts it. */
  reserve(cost: number): number {
    const { unitMs, burst, now } = this.#options;
    const at = now();
    this.#paidMs = Math.max(this.#paidMs, at - burst * unitMs);
    const waitMs = Math.max(0, this.#paidMs - at);
    this.#paidMs += cost * unitMs;
    return waitMs;
  }

  async take(cost = 1): Promise<void> {
    const waitMs = this.reserve(cost);
    if (waitMs > 0) await this.#options.sleep(waitMs);
  }
}
