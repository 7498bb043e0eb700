// SIGINT and SIGTERM from the first moment of a command on: what asks it to stop while it still
// starts must not kill it half-way, and must not be forgotten. A supervisor that is gone counts as
// one of them: nobody else would stop or restart what it has started.
import { setImmediate } from 'node:timers/promises';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const ORPHANED = 'supervisor_gone';

export class StopSignals {
  #cause: string | undefined;
  #onStop: ((cause: string) => void) | undefined;
  readonly #take = (signal: string): void => {
    this.#cause ??= signal.toLowerCase();
    this.#onStop?.(this.#cause);
  };

  readonly #takeOrphaned = (): void => this.#take(ORPHANED);

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#take);
    if (process.send === undefined) return;
    if (process.connected) process.once('disconnect', this.#takeOrphaned);
    else this.#takeOrphaned();
  }

  /** What has asked to stop up to now; undefined = nothing. */
  async cause(): Promise<string | undefined> {
    // A signal is delivered between two rounds of the event loop, and the first may be under way.
    await setImmediate();
    await setImmediate();
    return this.#cause;
  }

  /** Runs `work`; whoever asks to stop meanwhile reaches `stop`. */
  async during<Result>(
    stop: (cause: string) => void,
    work: () => Promise<Result>,
  ): Promise<Result> {
    this.#onStop = stop;
    if (this.#cause !== undefined) stop(this.#cause);
    try {
      return await work();
    } finally {
      this.#onStop = undefined;
    }
  }

  /** Runs `work` after a stop; whoever asks once more aborts the signal that it is given. */
  async untilAgain<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const again = new AbortController();
    this.#onStop = () => again.abort();
    try {
      return await work(again.signal);
    } finally {
      this.#onStop = undefined;
    }
  }

  /** Signals end the process again. */
  release(): void {
    for (const signal of SIGNALS) process.removeListener(signal, this.#take);
    process.removeListener('disconnect', this.#takeOrphaned);
  }
}
