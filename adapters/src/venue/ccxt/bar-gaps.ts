// Fetches the bars of one series that did not come by themselves, and holds back those after them.
// It never gives up on a bar that the venue may still have, and never waits for one that it shows
// not to have.
import type { BarRow } from '@strategy-runner/core';
import type { BarSequence } from './bar-sequence.js';
import type { ExchangeClient } from './exchange-client.js';
import { type BarsWanted, closedBars } from './history.js';
import { backoffMs, pause, wallMs } from './pause.js';
import type { StreamLog } from './stream-keeper.js';

export interface BarGapsParts {
  readonly client: ExchangeClient;
  readonly log: StreamLog;
  readonly wanted: Omit<BarsWanted, 'fromMs' | 'untilMs'>;
  readonly sequence: BarSequence;
  /** How long after its close a bar may be missing, wall ms. */
  readonly graceMs: number;
  readonly give: (bar: BarRow) => void;
  readonly tell: (name: string, fields: object) => void;
}

const BACKOFF = { firstMs: 500, maxMs: 10_000 };

export class BarGaps {
  readonly #parts: BarGapsParts;
  readonly #held = new Map<number, BarRow>();
  readonly #stop = new AbortController();
  #isFilling = false;
  #isWanted = false;
  #dueMs: number | null = null;
  #polls = 0;

  constructor(parts: BarGapsParts) {
    this.#parts = parts;
  }

  /** A bar that has come before others. */
  hold(bar: BarRow): void {
    this.#held.set(bar.openMs, bar);
    this.fill();
  }

  /** Fetches what is missing; while that is under way, once more. */
  fill(): void {
    this.#isWanted = true;
    if (!this.#isFilling) void this.#run();
  }

  /** Fetches the next bar where it should have come. */
  check(): void {
    const { client, sequence, wanted, graceMs } = this.#parts;
    const { nextOpenMs } = sequence;
    const isDue = nextOpenMs !== null && client.clock.now() >= nextOpenMs + wanted.timeframeMs;
    if (!isDue || this.#isFilling) {
      if (!isDue) this.#polls = 0;
      this.#dueMs = null;
      return;
    }
    this.#dueMs ??= wallMs() + (this.#polls === 0 ? graceMs : backoffMs(this.#polls, BACKOFF));
    if (wallMs() < this.#dueMs) return;
    this.#dueMs = null;
    this.#polls += 1;
    this.fill();
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    this.#isFilling = true;
    let failures = 0;
    while (this.#isWanted && !signal.aborted) {
      this.#isWanted = false;
      const isDone = await this.#fetch();
      if (isDone) failures = 0;
      else {
        failures += 1;
        this.#isWanted = true;
        await pause(backoffMs(failures, BACKOFF), signal);
      }
    }
    this.#isFilling = false;
  }

  /** False where a held bar still waits for earlier ones. */
  async #fetch(): Promise<boolean> {
    const { client, log, wanted, sequence } = this.#parts;
    const fromMs = sequence.nextOpenMs;
    if (fromMs === null) return true;
    const answer = await closedBars(client, { ...wanted, fromMs });
    if (this.#stop.signal.aborted) return true;
    if (!answer.ok) {
      log.warn({ event: 'bars_unread', detail: answer.detail }, 'bars could not be fetched');
      return false;
    }
    for (const bar of answer.value) this.#held.set(bar.openMs, bar);
    this.#release(answer.value.at(-1)?.openMs ?? -1);
    return this.#held.size === 0;
  }

  // In order; over a hole only where the venue has shown a bar behind it and none in it.
  #release(shownMs: number): void {
    const { sequence, give, tell } = this.#parts;
    for (const bar of [...this.#held.values()].sort((a, b) => a.openMs - b.openMs)) {
      const arrival = sequence.judge(bar);
      if (arrival.kind === 'gap') {
        if (bar.openMs > shownMs) return;
        tell('bar_missing', { fromMs: arrival.fromMs, toMs: bar.openMs });
      }
      this.#held.delete(bar.openMs);
      if (arrival.kind === 'gap' || arrival.kind === 'next') give(bar);
      if (arrival.kind === 'revised') tell('bar_revised', { given: arrival.before, revised: bar });
    }
  }
}
