// Sends orders, and knows after each answer which of three it is: the venue has it, the venue has
// proven that it has not, or nobody knows. An exit that was certainly not executed is sent again
// until it is; an entry is not.
import type { Order as CcxtOrder } from 'ccxt';
import { type AbsenceEvidence, startEvidence } from './absence-proof.js';
import { type Order, isProtectionLeg } from '@strategy-runner/core';
import type { CallFailure, CallResult } from './exchange-client.js';
import type { Refusal } from './last-gate.js';
import type { OrderCalls } from './order-calls.js';
import type { OrderInquiry } from './order-inquiry.js';
import type { OrderProgress, Refused } from './order-progress.js';
import { alteration, requestOf } from './order-request.js';
import { type TrackedOrder, missing } from './our-orders.js';
import { type BackoffLimits, backoffMs, pause, steadyMs } from './pause.js';
import type { TradeIntake } from './trade-intake.js';

export interface SenderParts {
  readonly calls: OrderCalls;
  readonly progress: OrderProgress;
  readonly inquiry: OrderInquiry;
  readonly trades: TradeIntake;
  readonly now: () => number;
  readonly wallMs: () => number;
  readonly isHedged: () => boolean;
  /** The last look, before it queues and right before the bytes leave. */
  readonly gate: (order: Order) => Refusal | undefined;
  /** Whether entries may leave. */
  readonly isReady: () => boolean;
  /** Whether requests have a chance: connected, if only just. */
  readonly isReachable: () => boolean;
  /** Cancels under way whose orders bind what this exit would close. */
  readonly competing: (order: Order) => readonly Promise<void>[];
  readonly backoff: BackoffLimits;
  readonly signal: AbortSignal;
}

/** How long an exit waits for the orders that make room for it, wall ms. */
const ROOM_WITHIN_MS = 3000;

export class OrderSender {
  readonly #parts: SenderParts;
  #size = 0;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Sendings under way. */
  get size(): number {
    return this.#size;
  }

  send(tracked: TrackedOrder): void {
    this.#size += 1;
    tracked.isAbsent = false;
    tracked.isCancelWanted = false;
    tracked.evidence = null;
    const sending = this.#send(tracked).catch((error: unknown) => {
      // Whatever went wrong here, it may have gone wrong behind the sending.
      this.#unknown(tracked, error instanceof Error ? error.message : String(error));
    });
    tracked.sending = sending.finally(() => {
      this.#size -= 1;
      tracked.sending = null;
    });
  }

  async #send(tracked: TrackedOrder): Promise<void> {
    const { signal, wallMs, progress } = this.#parts;
    await this.#untilThereIsRoom(tracked);
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      if (tracked.isCancelWanted && attempt > 1) return progress.end(tracked, 'cancelled');
      const failure = await this.#attempt(tracked);
      if (failure === undefined) return;
      // Only an exit comes here again, and what is urgent waits for a ban only.
      const untilMs = failure.verdict === 'banned' ? (failure.untilMs ?? 0) - wallMs() : 0;
      await pause(Math.max(untilMs, backoffMs(attempt, this.#parts.backoff)), signal);
    }
  }

  // Resting reduce-only orders bind the quantity (-4118). The engine has taken them back just
  // before; an exit that overtook those cancels would be refused or shrunk. It does not wait for
  // ever.
  async #untilThereIsRoom({ order, isStop }: TrackedOrder): Promise<void> {
    const isProtection = isProtectionLeg(order.leg) && order.type !== 'market';
    if (!order.reduceOnly || isStop || isProtection) return;
    const cancels = this.#parts.competing(order);
    if (cancels.length === 0) return;
    await Promise.race([Promise.all(cancels), pause(ROOM_WITHIN_MS, this.#parts.signal)]);
  }

  /** The failure after which it may be sent again, since it was certainly not executed. */
  async #attempt(tracked: TrackedOrder): Promise<CallFailure | undefined> {
    const { calls, isReachable } = this.#parts;
    if (!isReachable()) {
      const probe = await (tracked.isStop ? calls.fetchStop(tracked) : calls.fetchOrder(tracked));
      if (probe.kind === 'unread') return OUT_OF_REACH;
      if (probe.kind === 'report') return this.#show(tracked, probe.report, {});
      if (probe.failure.verdict !== 'not_found') return probe.failure;
    }
    const refusal = this.#parts.gate(tracked.order);
    if (refusal !== undefined) {
      this.#refuse(tracked, { ...refusal, reason: 'other' });
      return undefined;
    }
    const request = requestOf(tracked.order, {
      market: calls.market(tracked.symbol),
      clientOrderId: tracked.clientOrderId ?? '',
      isHedged: this.#parts.isHedged(),
    });
    const altered = this.#alteration(request);
    if (altered !== undefined) {
      this.#refuse(tracked, { code: 'LAST_GATE_REFUSED', reason: 'other', detail: altered });
      return undefined;
    }
    const urgency = tracked.order.reduceOnly ? 'urgent' : 'normal';
    const onSent = (sentMs: number): void => {
      tracked.sentMs = sentMs;
    };
    const onLate = (late: CallResult<CcxtOrder>): void => {
      if (late.ok) this.#showAnswer(tracked, late);
    };
    const hold: { by: Refused | undefined } = { by: undefined };
    const heldBy = (): string | undefined => {
      hold.by = this.#holds(tracked);
      return hold.by?.detail;
    };
    const { key } = tracked;
    const result = await calls.create(request, { key, urgency, onSent, heldBy, onLate });
    if (hold.by !== undefined) return this.#heldBack(tracked, hold.by);
    if (!result.ok) return this.#failed(tracked, result.failure);
    if (!this.#showAnswer(tracked, result)) {
      this.#unknown(tracked, 'the answer does not name the order');
    }
    return undefined;
  }

  // It may have queued for seconds: a kill, a loss of the connection or another price since then
  // holds for it as well.
  #holds({ order, isCancelWanted }: TrackedOrder): Refused | undefined {
    const reason = 'other';
    if (isCancelWanted) return { code: '', reason, detail: 'it was taken back while it queued' };
    const { signal, isReady, gate } = this.#parts;
    if (order.action === 'entry' && (signal.aborted || !isReady())) {
      const detail = 'while it queued the connection was lost or the run stopped';
      return { code: 'VENUE_NOT_READY', reason, detail };
    }
    const refusal = gate(order);
    return refusal === undefined ? undefined : { ...refusal, reason };
  }

  #heldBack(tracked: TrackedOrder, held: Refused): undefined {
    if (tracked.isCancelWanted) this.#parts.progress.end(tracked, 'cancelled');
    else this.#refuse(tracked, held);
    return undefined;
  }

  #alteration(request: ReturnType<typeof requestOf>): string | undefined {
    try {
      return alteration(this.#parts.calls.exchange, request);
    } catch (error) {
      return `the exchange client refuses it: ${error instanceof Error ? error.message : error}`;
    }
  }

  /** False when the answer is not one about this order (C8). */
  #showAnswer(tracked: TrackedOrder, answer: CallResult<CcxtOrder> & { ok: true }): boolean {
    const report = this.#parts.calls.readOrder(answer.value, tracked.isStop);
    if (report === null || report.clientOrderId !== tracked.clientOrderId) return false;
    this.#show(tracked, report, { sentMs: answer.sentMs, ackedMs: answer.ackedMs });
    return true;
  }

  #show(
    tracked: TrackedOrder,
    report: NonNullable<ReturnType<OrderCalls['readOrder']>>,
    times: { readonly sentMs?: number; readonly ackedMs?: number },
  ): undefined {
    const { progress, inquiry, now } = this.#parts;
    progress.report(tracked, report, { atMs: now(), ...times });
    // The answer counts what was filled but does not list the fills, nor their fees (F3).
    if (missing(tracked) > 0n || report.status === 'unknown') void inquiry.start(tracked);
    return undefined;
  }

  async #failed(tracked: TrackedOrder, failure: CallFailure): Promise<CallFailure | undefined> {
    const { inquiry } = this.#parts;
    // Whatever the answer was, the order has been seen.
    if (tracked.isAccepted || tracked.isOver) {
      void inquiry.start(tracked);
      return undefined;
    }
    if (failure.isDuplicate) {
      // It exists: an earlier sending arrived (C5).
      const look = await inquiry.once(tracked);
      if (look.kind !== 'known') this.#unknown(tracked, failure.detail);
      return undefined;
    }
    if (failure.verdict === 'rejected') {
      this.#refuse(tracked, await this.#refusalOf(tracked, failure));
      return undefined;
    }
    if (!isNotExecuted(failure)) {
      this.#unknown(tracked, failure.detail);
      return undefined;
    }
    if (tracked.order.action === 'exit') return failure;
    const { detail } = failure;
    this.#refuse(tracked, { code: 'VENUE_NOT_READY', reason: 'other', detail });
    return undefined;
  }

  async #refusalOf(tracked: TrackedOrder, failure: CallFailure): Promise<Refused> {
    const { reason, detail } = failure;
    if (failure.venueCode !== '-2022') return { code: codeOf(failure), reason, detail };
    // The position is gone already, or something else holds all of it (P4): look before saying so.
    const { trades, calls } = this.#parts;
    await trades.since(tracked.symbol);
    const position = await calls.position(tracked.symbol);
    const side = tracked.order.positionSide;
    const held =
      position?.ok === true ? (position.value.get(side) ?? position.value.get('net')) : 1n;
    const isFlat = held === undefined || held === 0n || held < 0n === (side === 'long');
    return { code: isFlat ? 'REDUCE_ONLY_FLAT' : 'VENUE_REJECTED', reason, detail };
  }

  #refuse(tracked: TrackedOrder, refusal: Refused): void {
    this.#parts.progress.rejected(tracked, refusal);
  }

  #unknown(tracked: TrackedOrder, detail: string): void {
    const { progress, inquiry } = this.#parts;
    const evidence: AbsenceEvidence = startEvidence(steadyMs());
    tracked.evidence = evidence;
    progress.unknown(tracked, detail);
    void inquiry.start(tracked);
  }
}

const OUT_OF_REACH: CallFailure = {
  verdict: 'retry',
  httpStatus: null,
  venueCode: null,
  reason: 'other',
  isDuplicate: false,
  detail: 'the venue is out of reach',
  untilMs: null,
};

const NOT_EXECUTED = ['rate_limited', 'banned', 'clock', 'auth'];

function isNotExecuted({ verdict, neverLeft }: CallFailure): boolean {
  return neverLeft === true || NOT_EXECUTED.includes(verdict);
}

const CODES: Readonly<Record<string, string>> = {
  '-2018': 'BALANCE_INSUFFICIENT',
  '-2019': 'BALANCE_INSUFFICIENT',
  '-2021': 'STOP_WOULD_TRIGGER',
  '-4164': 'BELOW_MIN_NOTIONAL',
};

function codeOf({ reason, venueCode, detail }: CallFailure): string {
  if (reason === 'post_only') return 'POST_ONLY_WOULD_CROSS';
  if (/insufficient balance/i.test(detail)) return 'BALANCE_INSUFFICIENT';
  return CODES[venueCode ?? ''] ?? 'VENUE_REJECTED';
}
