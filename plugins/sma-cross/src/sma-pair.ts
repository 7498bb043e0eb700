// Two simple moving averages over one ring of closes, without an allocation per bar. A bar adds its
// close to a running sum and then takes the leaving close away, in this order. Whenever the ring
// comes round, both sums are added up anew, oldest close first, so that rounding never outlives one
// window and two runs that began at different bars agree.

export type Cross = 'up' | 'down';

/** Whether the fast average is above (1), level with (0) or below (-1) the slow one. */
export type Relation = -1 | 0 | 1;

/** Every float64 survives JSON unchanged, so a restored pair continues with the very same sums. */
export interface SmaPairState {
  readonly fast: number;
  readonly closes: readonly number[];
  readonly next: number;
  readonly count: number;
  readonly fast_sum: number;
  readonly slow_sum: number;
  readonly relation: Relation | null;
}

/** Averages closer than this, relative to the slow one, differ by rounding only: a flat market. */
const LEVEL = 1e-12;

export class SmaPair {
  readonly #fast: number;
  readonly #slow: number;
  readonly #closes: Float64Array;
  #next = 0;
  #count = 0;
  #fastSum = 0;
  #slowSum = 0;
  #relation: Relation | null = null;

  constructor(fast: number, slow: number) {
    this.#fast = fast;
    this.#slow = slow;
    this.#closes = new Float64Array(slow);
  }

  /** Takes in a close; answers a cross if this very bar made one. */
  push(close: number): Cross | undefined {
    const closes = this.#closes;
    const slow = this.#slow;
    const at = this.#next;
    // Rows that nothing has been written to yet hold 0, so a window that fills up loses nothing.
    const leavesFast = closes[at >= this.#fast ? at - this.#fast : at - this.#fast + slow]!;
    const leavesSlow = closes[at]!;
    closes[at] = close;
    this.#fastSum = this.#fastSum + close - leavesFast;
    this.#slowSum = this.#slowSum + close - leavesSlow;
    this.#next = at + 1 === slow ? 0 : at + 1;
    if (this.#next === 0) this.#addUp();
    if (this.#count < slow) this.#count += 1;
    return this.#count < slow ? undefined : this.#compare();
  }

  #addUp(): void {
    const slow = this.#slow;
    let fastSum = 0;
    let slowSum = 0;
    for (let i = 0; i < slow; i += 1) slowSum += this.#closes[i]!;
    for (let i = slow - this.#fast; i < slow; i += 1) fastSum += this.#closes[i]!;
    this.#fastSum = fastSum;
    this.#slowSum = slowSum;
  }

  #compare(): Cross | undefined {
    const slow = this.#slowSum / this.#slow;
    const difference = this.#fastSum / this.#fast - slow;
    const before = this.#relation;
    const now = Math.abs(difference) <= slow * LEVEL ? 0 : difference > 0 ? 1 : -1;
    this.#relation = now;
    if (before === null || now === before) return undefined;
    if (now === 1) return 'up';
    return now === -1 ? 'down' : undefined;
  }

  snapshot(): SmaPairState {
    return {
      fast: this.#fast,
      closes: [...this.#closes],
      next: this.#next,
      count: this.#count,
      fast_sum: this.#fastSum,
      slow_sum: this.#slowSum,
      relation: this.#relation,
    };
  }

  restore(state: SmaPairState): void {
    if (state.fast !== this.#fast || state.closes.length !== this.#slow) {
      throw new RangeError(
        `CONFIG_INVALID: the state is of fast ${state.fast} and slow ${state.closes.length}, the ` +
          `config says ${this.#fast} and ${this.#slow}. Restore the config, or start cold.`,
      );
    }
    this.#closes.set(state.closes);
    this.#next = state.next;
    this.#count = state.count;
    this.#fastSum = state.fast_sum;
    this.#slowSum = state.slow_sum;
    this.#relation = state.relation;
  }
}
