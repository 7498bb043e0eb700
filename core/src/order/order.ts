// An order as the engine knows it, and the type-state of its way to the venue: only a normalised
// order can be approved, and the venue port takes only an approved one.
import type { Decimal } from '../decimal.js';
import type { Side } from '@strategy-runner/contracts';

export type OrderStatus =
  | 'created'
  | 'submitted'
  | 'unknown'
  | 'accepted'
  | 'partially_filled'
  | 'pending_cancel'
  | 'filled'
  | 'cancelled'
  | 'expired'
  | 'rejected';

export type OrderType = 'market' | 'limit' | 'stop_market' | 'stop_limit';
export type TimeInForce = 'GTC' | 'IOC' | 'FOK';

/** What is asked of the venue, before rounding. */
export interface OrderRequest {
  readonly intentId: string;
  /** entry, exit, sl (sl.2 …), tp1…tp10, time, fallback, topup, flatten. */
  readonly leg: string;
  readonly attempt: number;
  readonly instance: string;
  readonly symbol: string;
  readonly positionSide: Side;
  readonly action: 'entry' | 'exit';
  readonly type: OrderType;
  readonly quantity: Decimal;
  /** Of an exit that the venue does not take as one order: what leaves when this one is filled. */
  readonly rest?: Decimal;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly leverage: Decimal;
  /** The decision price, anchor of slippage telemetry. */
  readonly referencePrice: Decimal;
}

declare const normalized: unique symbol;
declare const approved: unique symbol;

/** Prices on the tick and quantity on the lot; every rounding has been recorded. */
export type NormalizedOrder = OrderRequest & { readonly [normalized]: true };

/** Has passed every risk check; its exposure is held from this moment. */
export type ApprovedOrder = Order & { readonly [approved]: true };

export interface Order extends OrderRequest {
  /** `<intent id>/<leg>/<attempt>`: the identity that every event refers to. */
  readonly key: string;
  readonly side: 'buy' | 'sell';
  readonly reduceOnly: boolean;
  /** Placed by the host in reaction to the venue, not on a fresh answer of the plugin. */
  readonly isFollowUp: boolean;
  readonly positionId: string;
  readonly createdMs: number;
  readonly status: OrderStatus;
  /** A stop-limit whose trigger was reached. */
  readonly isTriggered: boolean;
  readonly venueOrderId: string | null;
  readonly filled: Decimal;
  /** Sum of price × quantity over the fills. */
  readonly filledNotional: Decimal;
  readonly tradeIds: readonly string[];
  readonly acceptedMs: number | null;
  /** Set when a cancel was asked for, with the reason. */
  readonly cancelReason: string | null;
}

// A key is looked up before its order is placed. Handing out the same string again spares
// flattening and hashing it once more.
let lastKey = '';
let lastIntentId = '';
let lastLeg = '';
let lastAttempt = 0;

export function orderKey(intentId: string, leg: string, attempt: number): string {
  if (attempt === lastAttempt && leg === lastLeg && intentId === lastIntentId) return lastKey;
  lastIntentId = intentId;
  lastLeg = leg;
  lastAttempt = attempt;
  lastKey = `${intentId}/${leg}/${attempt}`;
  return lastKey;
}

export function sideOf(positionSide: Side, action: 'entry' | 'exit'): 'buy' | 'sell' {
  return (positionSide === 'long') === (action === 'entry') ? 'buy' : 'sell';
}

/** What the order and those that follow it are still to do. */
export function outstanding(order: Pick<Order, 'quantity' | 'filled' | 'rest'>): Decimal {
  return remaining(order) + (order.rest ?? 0n);
}

export function remaining(order: Pick<Order, 'quantity' | 'filled'>): Decimal {
  return order.quantity - order.filled;
}

/** Cancels that end an order so that its intent may go on with another one. */
const FOLLOWED_UP = ['fallback', 'chase', 'partial'];

/** On its way out for good: the venue has been asked to cancel it, and nothing will replace it. */
export function isTakenBack({ status, cancelReason }: Pick<Order, 'status' | 'cancelReason'>) {
  return status === 'pending_cancel' && !FOLLOWED_UP.includes(cancelReason ?? '');
}

export function isProtectionLeg(leg: string): boolean {
  return isStopLeg(leg) || leg === 'time' || leg.startsWith('tp');
}

/** The leg of a stop's n-th part: `sl`, and beyond what the venue takes as one order `sl.2` … */
export function stopLeg(part: number): string {
  return part === 1 ? 'sl' : `sl.${part}`;
}

export function isStopLeg(leg: string): boolean {
  return leg === 'sl' || leg.startsWith('sl.');
}
