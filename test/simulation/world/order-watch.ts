// Follows every order by the engine's records, with its own idea of which way is forward.
import type { EngineRecord, Order, OrderMoved, OrderStatus } from '@strategy-runner/core';
import { must } from './violation.js';

interface Watched {
  readonly order: Order;
  status: OrderStatus;
  filled: bigint;
  /** The exchange has shown that it has the order. */
  isSeen: boolean;
}

const RANK: Readonly<Record<OrderStatus, number>> = {
  created: 0,
  submitted: 1,
  unknown: 2,
  accepted: 3,
  partially_filled: 4,
  pending_cancel: 5,
  filled: 6,
  cancelled: 6,
  expired: 6,
  rejected: 6,
};
const OVER = 6;

export class OrderWatch {
  readonly #orders = new Map<string, Watched>();

  take(record: EngineRecord): void {
    if (record.type === 'order_created') this.#create(record.order);
    else if (record.type === 'order_moved') this.#move(record);
    else if (record.type === 'fill') this.#fill(record.order, record.quantity);
  }

  #create(order: Order): void {
    const isNew = !this.#orders.has(order.key);
    must(isNew, 'executed-once', () => `${order.key} was created twice`);
    this.#orders.set(order.key, { order, status: 'created', filled: 0n, isSeen: false });
  }

  #move({ order: key, status, venueOrderId }: OrderMoved): void {
    const watched = this.#orders.get(key)!;
    const from = watched.status;
    // An order that nobody has seen may prove absent, and a cancel of it proves nothing.
    const isUnsure = from === 'pending_cancel' && status === 'unknown';
    const isAbsent = from === 'unknown' && status === 'created';
    const isForward = RANK[status] >= RANK[from] && RANK[from] < OVER;
    const isAllowed = isForward || ((isUnsure || isAbsent) && !watched.isSeen);
    must(isAllowed, 'forward-only', () => `${key} went from ${from} to ${status}`);
    watched.status = status;
    if (venueOrderId !== null) watched.isSeen = true;
  }

  // A late fill of an order that is over changes what it filled, and never opens it again.
  #fill(key: string, quantity: bigint): void {
    const watched = this.#orders.get(key)!;
    watched.filled += quantity;
    watched.isSeen = true;
    const { order, filled, status } = watched;
    const isWithin = quantity > 0n && filled <= order.quantity;
    must(isWithin, 'forward-only', () => `${key} has filled ${filled} of ${order.quantity}`);
    if (RANK[status] === OVER) return;
    if (filled === order.quantity) watched.status = 'filled';
    else if (status !== 'pending_cancel') watched.status = 'partially_filled';
  }

  statusOf(key: string): OrderStatus | undefined {
    return this.#orders.get(key)?.status;
  }
}
