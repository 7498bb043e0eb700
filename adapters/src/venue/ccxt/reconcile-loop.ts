// Compares again and again, however well the streams look: one lost frame leaves no other trace
// (W8). It waits for a moment in which nothing moves, but not for ever.
import type { VenueSnapshot } from '@strategy-runner/core';
import type { Desk } from './account-snapshot.js';
import type { Emit, MarketClock } from './exchange-client.js';
import { pause, wallMs } from './pause.js';
import type { Reading } from './reading.js';
import type { StreamLog } from './stream-keeper.js';

export interface ReconcileTiming {
  readonly intervalMs: number;
  /** How long nothing may have moved before a reading, wall ms. */
  readonly quietMs: number;
  /** Readings in a row that may fail before the connection counts as lost. */
  readonly failuresMax: number;
}

const TIMING: ReconcileTiming = { intervalMs: 30_000, quietMs: 2000, failuresMax: 3 };
/** Without a quiet moment for this many intervals it reads all the same. */
const INTERVALS_MAX = 4;
const SAMPLES_PER_QUIET = 8;
const MISSED_MAX = 2;

export interface ReconcileParts {
  readonly clock: MarketClock;
  readonly desk: Pick<Desk, 'isBusySince' | 'changes'>;
  readonly takeSnapshot: () => Promise<Reading<VenueSnapshot>>;
  readonly emit: Emit;
  readonly log: StreamLog;
  readonly isReady: () => boolean;
  /** Calls keep failing. */
  readonly onFailing: (detail: string) => void;
  /** A reading in a quiet moment has found what no stream had told. */
  readonly onUntold?: () => void;
  /** So many turns in a row have brought no reading, told once; `beat` begins anew. */
  readonly onMissed?: (missed: number, why: string) => void;
  readonly timing?: Partial<ReconcileTiming>;
}

export class ReconcileLoop {
  readonly #parts: ReconcileParts;
  readonly #timing: ReconcileTiming;
  readonly #stop = new AbortController();
  #failures = 0;
  #missed = 0;
  #nudge = new AbortController();

  constructor(parts: ReconcileParts) {
    this.#parts = parts;
    this.#timing = { ...TIMING, ...parts.timing };
  }

  start(): void {
    void this.#run();
  }

  /** Something was heard that only a reading explains: it is done without waiting for its turn. */
  soon(): void {
    this.#nudge.abort();
  }

  /** The account has been read, by whomever. */
  beat(): void {
    this.#missed = 0;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#nudge = new AbortController();
      const either = AbortSignal.any([signal, this.#nudge.signal]);
      const isItsTurn = await pause(this.#timing.intervalMs, either);
      if (signal.aborted) return;
      const missing = await this.#turn();
      if (missing !== null && isItsTurn) this.#miss(missing);
    }
  }

  /** Why the account was not read; null where it was. */
  async #turn(): Promise<string | null> {
    if (!this.#parts.isReady()) {
      this.#failures = 0;
      return 'the connection is not ready';
    }
    await this.#untilQuiet();
    if (this.#stop.signal.aborted) return null;
    return this.#parts.isReady() ? this.#reconcile() : 'the connection was lost';
  }

  #miss(why: string): void {
    this.#missed += 1;
    if (this.#missed === MISSED_MAX) this.#parts.onMissed?.(MISSED_MAX, why);
  }

  // The desk counts in market time, which may run faster than the wall, or stand: what market time
  // it was when the quiet began is remembered, not computed.
  async #untilQuiet(): Promise<void> {
    const { clock, desk } = this.#parts;
    const { intervalMs, quietMs } = this.#timing;
    const giveUpMs = wallMs() + (INTERVALS_MAX - 1) * intervalMs;
    let sinceMs = clock.now();
    let quietFromMs = wallMs();
    while (await pause(quietMs / SAMPLES_PER_QUIET, this.#stop.signal)) {
      const isBusy = desk.isBusySince(sinceMs);
      if (wallMs() >= giveUpMs) return;
      if (isBusy) {
        sinceMs = clock.now();
        quietFromMs = wallMs();
      } else if (wallMs() - quietFromMs >= quietMs) return;
    }
  }

  async #reconcile(): Promise<string | null> {
    const { desk, takeSnapshot, emit, log, onFailing, onUntold, isReady } = this.#parts;
    const before = desk.changes;
    const snapshot = await takeSnapshot();
    if (this.#stop.signal.aborted) return null;
    if (!isReady()) return 'the connection was lost';
    if (desk.changes !== before) onUntold?.();
    if (snapshot.ok) {
      this.#failures = 0;
      this.beat();
      emit(snapshot.value);
      return null;
    }
    this.#failures += 1;
    log.warn(
      { event: 'account_unread', failures: this.#failures, detail: snapshot.detail },
      'unread',
    );
    if (this.#failures >= this.#timing.failuresMax) {
      this.#failures = 0;
      onFailing(snapshot.detail);
    }
    return snapshot.detail;
  }
}
