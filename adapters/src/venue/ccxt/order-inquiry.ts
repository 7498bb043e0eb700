// Finds out what became of an order, and does not rest before it is known: by its client id, then
// its fills, then, when the venue keeps saying that there is no such order, by proof of absence.
// One inquiry per order at a time, with growing waits.
import type { Side } from '@strategy-runner/contracts';
import {
  type AbsenceLimits,
  type Witnesses,
  doWitnessesAgree,
  isRipe,
  noteNotFound,
  startEvidence,
} from './absence-proof.js';
import { type OrderCalls, type ReportResult, urgencyOf } from './order-calls.js';
import type { OrderProgress } from './order-progress.js';
import { type OurOrders, type TrackedOrder, missing } from './our-orders.js';
import { backoffMs, pause, steadyMs } from './pause.js';
import type { TradeIntake } from './trade-intake.js';

export interface InquiryParts {
  readonly calls: OrderCalls;
  readonly orders: OurOrders;
  readonly progress: OrderProgress;
  readonly trades: TradeIntake;
  readonly now: () => number;
  readonly wallMs: () => number;
  readonly absence: AbsenceLimits;
  readonly backoff: InquiryBackoff;
  /** What our fills make of a position: signed and netted, or of one side of a hedged account. */
  readonly held: (symbol: string, side: Side | null) => bigint;
  /** Nothing can be asked before the markets are known. */
  readonly isConnecting: () => boolean;
  readonly signal: AbortSignal;
}

export interface InquiryBackoff {
  readonly firstMs: number;
  /** While an order may still appear. */
  readonly graceMs: number;
  readonly maxMs: number;
}

export const CONNECTING_POLL_MS = 50;

/** `incomplete` = known, but fills that the venue counts are not listed yet. */
export type Look =
  | { readonly kind: 'known' | 'incomplete' | 'not_found' }
  | { readonly kind: 'failed'; readonly untilMs: number | null };

export class OrderInquiry {
  readonly #parts: InquiryParts;
  readonly #running = new Map<string, Promise<void>>();
  readonly #looking = new Map<string, Promise<Look>>();

  constructor(parts: InquiryParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Resolves when it is known what became of the order, or at the stop. */
  start(tracked: TrackedOrder): Promise<void> {
    const running = this.#running.get(tracked.key);
    if (running !== undefined) return running;
    const inquiry = this.#run(tracked).finally(() => this.#running.delete(tracked.key));
    this.#running.set(tracked.key, inquiry);
    return inquiry;
  }

  /** Asks once; a look that is under way is shared. */
  once(tracked: TrackedOrder): Promise<Look> {
    const looking = this.#looking.get(tracked.key);
    if (looking !== undefined) return looking;
    const look = this.#look(tracked).finally(() => this.#looking.delete(tracked.key));
    this.#looking.set(tracked.key, look);
    return look;
  }

  /** Which order a stop has become, if any. No trades are read: who reads them asks for this. */
  async link(stop: TrackedOrder): Promise<Look> {
    return this.#apply(stop, await this.#parts.calls.fetchStop(stop));
  }

  async drain(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #run(tracked: TrackedOrder): Promise<void> {
    const { signal, wallMs } = this.#parts;
    let attempt = 0;
    while (!signal.aborted) {
      if (this.#parts.isConnecting()) {
        await pause(CONNECTING_POLL_MS, signal);
        continue;
      }
      // What is still on its way to the venue cannot be found absent there.
      await tracked.sending;
      const look = await this.once(tracked);
      if (look.kind === 'known' || tracked.isOver) return;
      if (look.kind === 'not_found' && (await this.#noteAbsence(tracked))) return;
      attempt += 1;
      const until = look.kind === 'failed' ? (look.untilMs ?? 0) - wallMs() : 0;
      await pause(Math.max(until, this.#waitMs(tracked, attempt)), signal);
    }
  }

  #waitMs(tracked: TrackedOrder, attempt: number): number {
    const { backoff, absence } = this.#parts;
    const { evidence } = tracked;
    const isGrace = evidence !== null && steadyMs() - evidence.sinceMs < 2 * absence.windowMs;
    const maxMs = isGrace ? backoff.graceMs : backoff.maxMs;
    return backoffMs(attempt, { firstMs: backoff.firstMs, maxMs });
  }

  async #look(tracked: TrackedOrder): Promise<Look> {
    const { calls, trades } = this.#parts;
    if (tracked.isStop && !tracked.isTriggered) {
      const look = this.#apply(tracked, await calls.fetchStop(tracked));
      // A trigger that is under way has no order yet.
      if (look.kind !== 'known' || !tracked.isTriggered) return look;
    }
    const look = this.#apply(tracked, await calls.fetchOrder(tracked));
    if (look.kind !== 'known' || missing(tracked) === 0n) return look;
    if (!(await trades.ofOrder(tracked))) return { kind: 'failed', untilMs: null };
    return { kind: missing(tracked) === 0n ? 'known' : 'incomplete' };
  }

  #apply(tracked: TrackedOrder, result: ReportResult): Look {
    const { progress, now } = this.#parts;
    if (result.kind === 'report') {
      const { report } = result;
      progress.report(tracked, report, { atMs: now() });
      const isOpenEnd =
        report.status === 'unknown' || (report.status === 'triggered' && !report.childId);
      return { kind: isOpenEnd ? 'incomplete' : 'known' };
    }
    if (result.kind === 'unread') return { kind: 'failed', untilMs: null };
    const { verdict, untilMs } = result.failure;
    if (verdict === 'not_found') return { kind: 'not_found' };
    // What is urgent waits for a ban only.
    const isHeld = verdict === 'banned' || urgencyOf(tracked) === 'normal';
    return { kind: 'failed', untilMs: isHeld ? untilMs : null };
  }

  /** True when the order has been shown to be absent, or gone. */
  async #noteAbsence(tracked: TrackedOrder): Promise<boolean> {
    const { absence, progress } = this.#parts;
    const evidence = tracked.evidence ?? startEvidence(steadyMs());
    tracked.evidence = noteNotFound(evidence, steadyMs());
    if (!isRipe(tracked.evidence, absence)) return false;
    const wasAccepted = tracked.isAccepted;
    const witnesses = await this.#witnesses(tracked);
    if (!doWitnessesAgree(witnesses)) return false;
    // The venue drops ended orders after some days (C12): it had it, and has it no more.
    if (wasAccepted) progress.end(tracked, 'cancelled');
    else progress.absent(tracked);
    return true;
  }

  async #witnesses(tracked: TrackedOrder): Promise<Witnesses> {
    const { calls, trades, progress, now } = this.#parts;
    const told = tracked.filled;
    const wasAccepted = tracked.isAccepted;
    const open = await calls.openOrders(tracked.symbol);
    const mine = open.ok
      ? open.value.find(({ clientOrderId }) => clientOrderId === tracked.clientOrderId)
      : undefined;
    if (mine !== undefined) progress.report(tracked, mine, { atMs: now() });
    const reading = await trades.since(tracked.symbol);
    const isUnchanged = tracked.filled === told && tracked.isAccepted === wasAccepted;
    return {
      isAmongOpenOrders: open.ok ? mine !== undefined : null,
      isFreeOfTrades: reading.ok ? isUnchanged : null,
      doesPositionAgree: wasAccepted ? true : await this.#doesPositionAgree(tracked.symbol),
    };
  }

  async #doesPositionAgree(symbol: string): Promise<boolean | null> {
    const { calls, held } = this.#parts;
    const reading = await calls.position(symbol);
    // Spot has balances only, and they are compared by the continuous reconciliation.
    if (reading === null) return true;
    if (!reading.ok) return null;
    const isHedged = reading.value.has('long') || reading.value.has('short');
    if (!isHedged) return (reading.value.get('net') ?? 0n) === held(symbol, null);
    return (['long', 'short'] as const).every((side) => {
      const quantity = reading.value.get(side) ?? 0n;
      return (quantity < 0n ? -quantity : quantity) === held(symbol, side);
    });
  }
}
