// Turns what the venue reports of one of our orders, in any order, late or twice, into events that
// only go forward: one acceptance, each fill once, and an end only behind every fill that the
// venue counts. Never invents a fill from a cumulative quantity.
import type { OrderEnded, VenueEvent } from '@strategy-runner/core';
import type { Emit } from './exchange-client.js';
import type { OrderReport, TradeReport } from './order-reports.js';
import { isEnd } from './order-reports.js';
import { type OurOrders, type TrackedOrder, missing } from './our-orders.js';

/** When the report was heard, on the market's clock. */
export interface Heard {
  readonly atMs: number;
  readonly sentMs?: number;
  readonly ackedMs?: number;
}

export class OrderProgress {
  readonly #orders: OurOrders;
  readonly #emit: Emit;
  readonly #now: () => number;

  constructor(orders: OurOrders, emit: Emit, now: () => number) {
    this.#orders = orders;
    this.#emit = emit;
    this.#now = now;
  }

  report(tracked: TrackedOrder, report: OrderReport, heard: Heard): void {
    if (report.isStop) return this.#stopReport(tracked, report, heard);
    if (tracked.isStop) this.#trigger(tracked, report.venueOrderId);
    if (report.status === 'rejected' && report.filled === 0n) return this.#reject(tracked, report);
    this.#accept(tracked, report, heard);
    if (report.isWorking === true || report.filled > 0n) this.#triggerInPlace(tracked);
    for (const trade of report.trades) this.trade(tracked, trade, heard);
    if (report.filled > tracked.venueFilled) tracked.venueFilled = report.filled;
    if (isEnd(report.status)) this.#noteEnd(tracked, report);
    this.settle(tracked);
  }

  /** A fill: told once, whichever way it comes. */
  trade(tracked: TrackedOrder, trade: TradeReport, heard: Heard): void {
    if (tracked.seenTrades.has(trade.tradeId)) return;
    tracked.seenTrades.add(trade.tradeId);
    if (tracked.isStop) this.#trigger(tracked, trade.venueOrderId);
    this.#accept(tracked, trade, heard);
    this.#triggerInPlace(tracked);
    tracked.filled += trade.quantity;
    if (tracked.filled > tracked.venueFilled) tracked.venueFilled = tracked.filled;
    const { tradeId, price, quantity, fee, feeCurrency, liquidity, venueMs } = trade;
    this.#tell({
      kind: 'fill_reported',
      ts: this.#now(),
      order: tracked.key,
      tradeId,
      price,
      quantity,
      fee,
      feeCurrency,
      liquidity,
      basePrice: null,
      ...(venueMs === null ? {} : { venueMs }),
    });
    this.settle(tracked);
  }

  /** Tells the end once every fill that it counts has been told. */
  settle(tracked: TrackedOrder): void {
    if (tracked.end === null || tracked.isOver || missing(tracked) > 0n) return;
    tracked.isOver = true;
    this.tellEnd(tracked);
  }

  /** Also for somebody who asks again and has not heard it. */
  tellEnd(tracked: TrackedOrder): void {
    const event = endOf(tracked, this.#now());
    if (event !== undefined) this.#tell(event);
  }

  /** The venue knows it no more and nothing else is to come (C12). */
  end(tracked: TrackedOrder, status: 'cancelled' | 'expired'): void {
    tracked.end ??= { status, filled: tracked.filled };
    this.settle(tracked);
  }

  rejected(tracked: TrackedOrder, refusal: Refused): void {
    tracked.isOver = true;
    const { code, reason, detail } = refusal;
    const base = { ts: this.#now(), order: tracked.key } as const;
    this.#tell({ ...base, kind: 'order_rejected', code, reason, detail });
  }

  unknown(tracked: TrackedOrder, detail: string): void {
    if (tracked.isAccepted || tracked.isOver) return;
    this.#tell({ kind: 'order_unknown', ts: this.#now(), order: tracked.key, detail });
  }

  absent(tracked: TrackedOrder): void {
    tracked.evidence = null;
    tracked.isAbsent = true;
    this.#tell({ kind: 'order_absent', ts: this.#now(), order: tracked.key });
  }

  #stopReport(tracked: TrackedOrder, report: OrderReport, heard: Heard): void {
    if (tracked.stopId === null) this.#orders.linkStop(tracked, report.venueOrderId);
    if (report.status === 'rejected') return this.#reject(tracked, report);
    this.#accept(tracked, report, heard);
    if (report.childId !== null) this.#trigger(tracked, report.childId);
    // What became of a triggered one is for its child to say.
    if (tracked.isTriggered || report.status === 'triggered') return;
    if (isEnd(report.status)) this.#noteEnd(tracked, report);
    this.settle(tracked);
  }

  #accept(tracked: TrackedOrder, shown: Shown, heard: Heard): void {
    const { venueOrderId } = shown;
    if (!tracked.isStop && tracked.venueOrderId === null) {
      this.#orders.linkOrder(tracked, venueOrderId);
    }
    tracked.evidence = null;
    tracked.isAbsent = false;
    if (tracked.isAccepted || tracked.isOver) return;
    tracked.isAccepted = true;
    // The stream may be ahead of the answer, which alone knows when the request left.
    const { sentMs = tracked.sentMs, ackedMs } = heard;
    this.#tell({
      kind: 'order_accepted',
      ts: this.#now(),
      order: tracked.key,
      venueOrderId: tracked.stopId ?? venueOrderId,
      ...(sentMs === null ? {} : { sentMs }),
      ...(ackedMs === undefined ? {} : { ackedMs }),
      ...(shown.venueMs === null ? {} : { venueMs: shown.venueMs }),
    });
  }

  #trigger(tracked: TrackedOrder, venueOrderId: string): void {
    if (tracked.venueOrderId !== venueOrderId) this.#orders.linkOrder(tracked, venueOrderId);
    if (tracked.isTriggered || tracked.isOver) return;
    // An acceptance that got lost: the engine hears of the stop before it hears of its trigger.
    this.#accept(tracked, { venueOrderId: tracked.stopId ?? venueOrderId, venueMs: null }, NOW);
    tracked.isTriggered = true;
    const base = { ts: this.#now(), order: tracked.key } as const;
    this.#tell({ ...base, kind: 'order_triggered', venueOrderId });
  }

  /** A stop of spot goes on under its own id: it is triggered when it is in the book. */
  #triggerInPlace(tracked: TrackedOrder): void {
    const { isStop, isTriggered, isOver, order, key } = tracked;
    if (isStop || isTriggered || isOver || !order.type.startsWith('stop')) return;
    tracked.isTriggered = true;
    this.#tell({ kind: 'order_triggered', ts: this.#now(), order: key });
  }

  #reject(tracked: TrackedOrder, report: OrderReport): void {
    if (tracked.isOver) return;
    const detail = report.detail || `the venue shows it as ${report.rawStatus}`;
    this.rejected(tracked, { code: 'VENUE_REJECTED', reason: 'other', detail });
  }

  #noteEnd(tracked: TrackedOrder, report: OrderReport): void {
    const status = report.status === 'rejected' ? 'cancelled' : report.status;
    if (status !== 'filled' && status !== 'cancelled' && status !== 'expired') return;
    // The first end stands; a later report may only count more.
    const filled = report.filled > tracked.venueFilled ? report.filled : tracked.venueFilled;
    tracked.end = { status: tracked.end?.status ?? status, filled };
  }

  #tell(event: VenueEvent): void {
    this.#emit(event);
  }
}

export interface Refused {
  readonly code: string;
  readonly reason: 'post_only' | 'price' | 'liquidity' | 'other';
  readonly detail: string;
}

type Shown = Pick<OrderReport, 'venueOrderId' | 'venueMs'>;
const NOW: Heard = { atMs: 0 };

function endOf(tracked: TrackedOrder, ts: number): OrderEnded | undefined {
  const { end, key, order } = tracked;
  if (end === null) return undefined;
  const base = { kind: 'order_ended', ts, order: key, filled: end.filled } as const;
  if (end.status !== 'filled') return { ...base, status: end.status, code: '' };
  // The venue made it smaller, as it does with a reduce-only order (P6): the rest is no more.
  if (tracked.filled >= order.quantity) return undefined;
  return { ...base, status: 'expired', code: 'REDUCE_ONLY_FLAT' };
}
