// A reproducible source of chance (xorshift32): the same seed gives the same exchange.

export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    // Small seeds differ in few bits; the multiplication spreads them, and zero would stay zero.
    this.#state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
  }

  /** In [0, 1). */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state / 0x1_0000_0000;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
}
