// One job after the other, in the order in which they were given. A job that fails fails its own
// caller and nobody else.

export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();

  run<Result>(job: () => Promise<Result>): Promise<Result> {
    const result = this.#tail.then(job);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
