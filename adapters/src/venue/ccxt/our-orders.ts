// The orders of this session by every name that a venue gives them: our key, the client order id,
// the id of the stop, the id of the order in the book. Ended ones stay for a while, since their
// fills may still arrive.
import { type Order, ZERO, isTerminal } from '@strategy-runner/core';
import type { AbsenceEvidence } from './absence-proof.js';

/** How the venue has ended an order, told only when every fill that it counts has been told. */
export interface OrderEnd {
  readonly status: 'filled' | 'cancelled' | 'expired';
  readonly filled: bigint;
}

export interface TrackedOrder {
  readonly key: string;
  readonly symbol: string;
  /** Null for an adopted order, which carries somebody else's. */
  readonly clientOrderId: string | null;
  /** Rests outside the book and becomes an order with another id. */
  readonly isStop: boolean;
  order: Order;
  /** Id of the stop. */
  stopId: string | null;
  /** Id in the book. */
  venueOrderId: string | null;
  readonly seenTrades: Set<string>;
  /** Sum of the fills that were told. */
  filled: bigint;
  /** What the venue says is filled in all; never goes back. */
  venueFilled: bigint;
  isAccepted: boolean;
  isTriggered: boolean;
  end: OrderEnd | null;
  /** Its end has been told, or it is filled. */
  isOver: boolean;
  /** When its last submission left, market time; null = not by this process. */
  sentMs: number | null;
  /** A submitting call is under way. */
  sending: Promise<void> | null;
  /** The venue has shown that it never had it; it may be sent again. */
  isAbsent: boolean;
  isCancelWanted: boolean;
  evidence: AbsenceEvidence | null;
}

const ENDED_MAX = 2000;

export class OurOrders {
  readonly #byKey = new Map<string, TrackedOrder>();
  readonly #byClientId = new Map<string, TrackedOrder>();
  readonly #byVenueId = new Map<string, TrackedOrder>();

  /** Known from now on, before anything is sent: an event may overtake the answer (W1). */
  register(order: Order, names: { clientOrderId: string | null; isStop: boolean }): TrackedOrder {
    const known = this.#byKey.get(order.key);
    if (known !== undefined) {
      known.order = order;
      return known;
    }
    const isTriggered = order.isTriggered && order.venueOrderId !== null;
    const isWaiting = names.isStop && !isTriggered;
    const tracked: TrackedOrder = {
      key: order.key,
      symbol: order.symbol,
      ...names,
      order,
      stopId: isWaiting ? order.venueOrderId : null,
      venueOrderId: isWaiting ? null : order.venueOrderId,
      seenTrades: new Set(order.tradeIds),
      filled: order.filled,
      venueFilled: order.filled,
      isAccepted: order.venueOrderId !== null,
      isTriggered: order.isTriggered,
      end: null,
      isOver: isTerminal(order.status),
      sentMs: null,
      sending: null,
      isAbsent: false,
      isCancelWanted: false,
      evidence: null,
    };
    this.#byKey.set(order.key, tracked);
    if (names.clientOrderId !== null) this.#byClientId.set(names.clientOrderId, tracked);
    if (order.venueOrderId !== null)
      this.#byVenueId.set(idIn(order.symbol, order.venueOrderId), tracked);
    this.#forgetOldest();
    return tracked;
  }

  linkStop(tracked: TrackedOrder, stopId: string): void {
    tracked.stopId = stopId;
    this.#byVenueId.set(idIn(tracked.symbol, stopId), tracked);
  }

  linkOrder(tracked: TrackedOrder, venueOrderId: string): void {
    tracked.venueOrderId = venueOrderId;
    this.#byVenueId.set(idIn(tracked.symbol, venueOrderId), tracked);
  }

  byKey(key: string): TrackedOrder | undefined {
    return this.#byKey.get(key);
  }

  byClientId(clientOrderId: string): TrackedOrder | undefined {
    return this.#byClientId.get(clientOrderId);
  }

  byVenueId(symbol: string, venueOrderId: string): TrackedOrder | undefined {
    return this.#byVenueId.get(idIn(symbol, venueOrderId));
  }

  live(): readonly TrackedOrder[] {
    return [...this.#byKey.values()].filter(({ isOver, isAbsent }) => !isOver && !isAbsent);
  }

  /** Stops that may have become an order whose id nobody has told yet. */
  unlinkedStops(symbol: string): readonly TrackedOrder[] {
    return this.live().filter(
      (tracked) => tracked.isStop && tracked.symbol === symbol && tracked.venueOrderId === null,
    );
  }

  symbols(): readonly string[] {
    return [...new Set([...this.#byKey.values()].map(({ symbol }) => symbol))];
  }

  #forgetOldest(): void {
    if (this.#byKey.size <= ENDED_MAX) return;
    for (const [key, tracked] of this.#byKey) {
      if (this.#byKey.size <= ENDED_MAX) return;
      if (!tracked.isOver) continue;
      this.#byKey.delete(key);
      if (tracked.clientOrderId !== null) this.#byClientId.delete(tracked.clientOrderId);
      for (const id of [tracked.venueOrderId, tracked.stopId]) {
        if (id !== null) this.#byVenueId.delete(idIn(tracked.symbol, id));
      }
    }
  }
}

// A venue counts its orders per symbol: the same number may name another symbol's.
function idIn(symbol: string, venueOrderId: string): string {
  return `${symbol}|${venueOrderId}`;
}

/** What the venue says is filled beyond what we have told. */
export function missing(tracked: TrackedOrder): bigint {
  const known = tracked.end?.filled ?? ZERO;
  const told = known > tracked.venueFilled ? known : tracked.venueFilled;
  return told > tracked.filled ? told - tracked.filled : ZERO;
}
