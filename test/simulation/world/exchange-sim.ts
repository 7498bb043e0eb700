// The exchange as the host meets it, adapter included: it outlives the process and answers every
// request some day. An absence is told only while it is true, an end tells how much was filled, and
// a poll finds what the stream lost.
import type { ApprovedOrder, Order, Venue, VenueEvent } from '@strategy-runner/core';
import type { Boundaries } from './crash.js';
import { ExchangeTruth, type TickBar } from './exchange-truth.js';
import { aRandom } from './random.js';
import { CALM, STORMY, Wire } from './wire.js';

const STEP_MS = 5_000;
const POLL_EVERY_BARS = 6;
const POLL_BACK_MS = 20 * 60_000;

/** Chances of a request's fate. */
const LOST = 0.04;
const SILENT = 0.06;
const REFUSED = 0.03;
const CANCEL_LOST = 0.15;

export interface ExchangeOptions {
  readonly seed: number;
  readonly isFaulty: boolean;
  readonly boundaries: Boundaries;
  /** Told of each submission that leaves the host, before anything becomes of it. */
  readonly onSubmit: (order: Order) => void;
  /** Default true; see `ExchangeTruth`. */
  readonly tellsFilled?: boolean;
  /** Whether it claims to survive the process: false makes a driver send before it commits. */
  readonly outlivesProcess?: boolean;
}

export class ExchangeSim implements Venue {
  readonly outlivesProcess: boolean;
  readonly truth: ExchangeTruth;
  readonly #options: ExchangeOptions;
  readonly #random;
  readonly #wire: Wire;
  readonly #submissions = new Map<string, number>();
  readonly #asked = new Map<VenueEvent, number>();
  #isFaulty: boolean;
  #bars = 0;
  nowMs = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.outlivesProcess = options.outlivesProcess ?? true;
    this.#isFaulty = options.isFaulty;
    this.#random = aRandom(options.seed * 31 + 7);
    this.#wire = new Wire(aRandom(options.seed * 17 + 3), options.isFaulty ? STORMY : CALM);
    this.truth = new ExchangeTruth(
      this.#random,
      (event) => this.#wire.push(event),
      options.tellsFilled ?? true,
    );
  }

  submit(order: ApprovedOrder): void {
    this.#options.boundaries.pass('before submit');
    this.#options.onSubmit(order);
    this.#submissions.set(order.key, this.#submissionsOf(order.key) + 1);
    const fate = this.#isFaulty ? this.#random.next() : 1;
    if (fate < LOST) this.#unknown(order);
    else if (this.truth.orders.has(order.key)) this.#unknown(order);
    else if (fate < LOST + REFUSED) this.truth.reject(order);
    else {
      this.truth.submit(order);
      if (fate < LOST + REFUSED + SILENT) this.#unknown(order);
    }
    this.#options.boundaries.pass('after submit');
  }

  #unknown({ key }: Order): void {
    this.#wire.reply([{ kind: 'order_unknown', ts: 0, order: key, detail: 'no answer in time' }]);
  }

  cancel(order: Order): void {
    this.#options.boundaries.pass('before cancel');
    const isLost = this.#isFaulty && this.#random.chance(CANCEL_LOST);
    if (isLost || !this.truth.cancel(order.key)) {
      const detail = isLost ? 'no answer in time' : 'not a working order';
      this.#wire.reply([{ kind: 'cancel_rejected', ts: 0, order: order.key, detail }]);
    }
    this.#options.boundaries.pass('after cancel');
  }

  query({ key }: Order): void {
    const truth = this.truth.orders.get(key);
    if (truth !== undefined) return this.#wire.reply([...truth.history]);
    const absent: VenueEvent = { kind: 'order_absent', ts: 0, order: key };
    this.#asked.set(absent, this.#submissionsOf(key));
    this.#wire.reply([absent]);
  }

  #submissionsOf(key: string): number {
    return this.#submissions.get(key) ?? 0;
  }

  /** The market trades a bar, whether or not a host is there to see it. */
  trade(bar: TickBar): void {
    if (bar.closeMs <= this.truth.tradedMs) return;
    this.nowMs = Math.max(this.nowMs, bar.openMs);
    this.truth.trade(bar);
    this.#bars += 1;
    if (this.#bars % 8 === 0) this.truth.payFunding();
    if (this.#bars % POLL_EVERY_BARS === 0) this.poll();
  }

  /** What arrives with the next step of time, stamped with the host's clock. */
  step(untilMs: number): readonly VenueEvent[] {
    this.nowMs = Math.max(this.nowMs, Math.min(untilMs, this.nowMs + STEP_MS));
    const due = this.#wire.step().filter((event) => this.#isStillTrue(event));
    return due.map((event) => ({ ...event, ts: this.nowMs }));
  }

  // An absence that was found before the last submission says nothing about that one.
  #isStillTrue(event: VenueEvent): boolean {
    if (event.kind !== 'order_absent') return true;
    const isUntouched = this.#asked.get(event) === this.#submissionsOf(event.order);
    return isUntouched && !this.truth.orders.has(event.order);
  }

  /** What a poll of orders, trades and payments answers: all that is open or has changed lately. */
  poll(): void {
    const sinceMs = this.truth.tradedMs - POLL_BACK_MS;
    for (const { isOpen, changedMs, history } of this.truth.orders.values()) {
      if (isOpen || changedMs >= sinceMs) this.#wire.reply([...history]);
    }
    this.#wire.reply(this.truth.funding.slice(-8));
  }

  /** A new process connects: what was under way to the old one is gone; it asks for all. */
  connect(): void {
    this.#wire.cut();
    this.poll();
  }

  calm(): void {
    this.#isFaulty = false;
    this.#wire.faults = CALM;
  }
}
