// Mean and sample deviation of a stream in one pass (Welford), stable where sums of squares cancel.

export class RunningMoments {
  #count = 0;
  #mean = 0;
  #squares = 0;

  add(x: number): void {
    this.#count += 1;
    const delta = x - this.#mean;
    this.#mean += delta / this.#count;
    this.#squares += delta * (x - this.#mean);
  }

  /** The same as `count` calls of `add(0)`, whatever the count. */
  addZeros(count: number): void {
    if (count <= 0) return;
    const total = this.#count + count;
    this.#squares += (this.#mean * this.#mean * this.#count * count) / total;
    this.#mean *= this.#count / total;
    this.#count = total;
  }

  get count(): number {
    return this.#count;
  }

  get mean(): number {
    return this.#mean;
  }

  /** Divides by count − 1; 0 for fewer than two values. */
  get sampleDeviation(): number {
    return this.#count < 2 ? 0 : Math.sqrt(this.#squares / (this.#count - 1));
  }
}
