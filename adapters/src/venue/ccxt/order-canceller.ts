// Takes orders back, and does not call one gone that is not: after a refusal or a silence the order
// is looked at, and what is true of it is told. Asked once, it goes on until the order is over.
import type { Emit } from './exchange-client.js';
import type { OrderCalls } from './order-calls.js';
import { CONNECTING_POLL_MS, type OrderInquiry } from './order-inquiry.js';
import type { OrderProgress } from './order-progress.js';
import { type TrackedOrder, missing } from './our-orders.js';
import { type BackoffLimits, backoffMs, pause } from './pause.js';

export interface CancellerParts {
  readonly calls: OrderCalls;
  readonly progress: OrderProgress;
  readonly inquiry: OrderInquiry;
  readonly emit: Emit;
  readonly now: () => number;
  readonly wallMs: () => number;
  readonly isConnecting: () => boolean;
  readonly backoff: BackoffLimits;
  readonly signal: AbortSignal;
}

const SEEN_POLL_MS = 10;

interface Running {
  readonly tracked: TrackedOrder;
  readonly work: Promise<void>;
}

export class OrderCanceller {
  readonly #parts: CancellerParts;
  readonly #running = new Map<string, Running>();

  constructor(parts: CancellerParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#running.size;
  }

  start(tracked: TrackedOrder): void {
    tracked.isCancelWanted = true;
    if (this.#running.has(tracked.key)) return;
    const work = this.#run(tracked).finally(() => this.#running.delete(tracked.key));
    this.#running.set(tracked.key, { tracked, work });
  }

  /** The cancels under way of orders that fit; each resolves when its order is over. */
  runningFor(isMeant: (tracked: TrackedOrder) => boolean): readonly Promise<void>[] {
    return [...this.#running.values()]
      .filter(({ tracked }) => isMeant(tracked))
      .map(({ work }) => work);
  }

  async drain(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ work }) => work));
  }

  async #run(tracked: TrackedOrder): Promise<void> {
    const { signal, wallMs } = this.#parts;
    for (let attempt = 1; this.#isWanted(tracked); attempt += 1) {
      await this.#untilSeen(tracked);
      if (!this.#isWanted(tracked)) return;
      const untilMs = await this.#attempt(tracked);
      if (!this.#isWanted(tracked)) return;
      await pause(Math.max(untilMs - wallMs(), backoffMs(attempt, this.#parts.backoff)), signal);
    }
  }

  #isWanted(tracked: TrackedOrder): boolean {
    const isDone = tracked.isOver || tracked.isAbsent || !tracked.isCancelWanted;
    return !isDone && !this.#parts.signal.aborted;
  }

  // A cancel that overtakes its order finds nothing, and the order would rest after all.
  async #untilSeen(tracked: TrackedOrder): Promise<void> {
    const { isConnecting, signal } = this.#parts;
    while (isConnecting() && !signal.aborted) await pause(CONNECTING_POLL_MS, signal);
    while (tracked.sending !== null && !tracked.isAccepted && !signal.aborted) {
      await Promise.race([tracked.sending, pause(SEEN_POLL_MS, signal)]);
    }
  }

  /** Wall time before which nothing more may be sent, or 0. */
  async #attempt(tracked: TrackedOrder): Promise<number> {
    const { calls, progress, inquiry, now } = this.#parts;
    const wasStop = tracked.isStop && !tracked.isTriggered;
    const result = await calls.cancel(tracked);
    if (result.ok && !wasStop) {
      const report = calls.readOrder(result.value, false);
      const isTold = report !== null && calls.isAbout(tracked, report);
      if (isTold) progress.report(tracked, report, { atMs: now() });
      if (!isTold || missing(tracked) > 0n) await inquiry.start(tracked);
      return 0;
    }
    if (!result.ok && result.failure.verdict === 'rejected') {
      return this.#refused(tracked, result.failure.detail);
    }
    if (!result.ok && result.failure.untilMs !== null) {
      // What is urgent waits for a ban only.
      return result.failure.verdict === 'banned' ? result.failure.untilMs : 0;
    }
    // Gone, filled, triggered, or never there: the order itself says which (C13, C17, C20).
    const look = await inquiry.once(tracked);
    if (look.kind === 'incomplete' || look.kind === 'not_found') await inquiry.start(tracked);
    return 0;
  }

  #refused(tracked: TrackedOrder, detail: string): number {
    tracked.isCancelWanted = false;
    const base = { ts: this.#parts.now(), order: tracked.key } as const;
    this.#parts.emit({ ...base, kind: 'cancel_rejected', detail });
    return 0;
  }
}
