// 7. Makes the order, with its deterministic key, and asks for its submission. The record that
// holds it is committed before the effect is performed: persist before submit.
import { format } from '../decimal.js';
import { type Outcome, deny, pass } from '../outcome.js';
import { checkDeadline } from '../policy/expiry.js';
import { checkRisk } from '../risk/risk.js';
import type { Normalization } from '../records.js';
import { recall } from '../state/recent.js';
import { notifyIntent } from '../strategy/notify.js';
import { type Turn, instrumentOf } from '../turn.js';
import { type Normalized, normalize, withAdjustments } from './normalize.js';
import {
  type ApprovedOrder,
  type Order,
  type OrderRequest,
  isProtectionLeg,
  isTakenBack,
  orderKey,
  sideOf,
} from './order.js';

/** Runs 5 and 6 without placing anything: what the order would be, or why not. */
export function prepare(turn: Turn, request: OrderRequest): Outcome<Normalized> {
  const expired = checkDeadline(turn, request);
  if (expired !== undefined) return expired;
  const normalized = normalize(request, instrumentOf(turn, request.symbol));
  if (!normalized.ok) return normalized;
  const denial = checkRisk(turn, normalized.value.order);
  return denial ?? normalized;
}

/** Places what `prepare` approved. From here on its exposure is held. */
export function place(
  turn: Turn,
  prepared: Normalized,
  positionId: string,
  isFollowUp = turn.cause !== 'answer',
): Order {
  const request = prepared.order;
  // Written out: one allocation of one shape, where spreading would grow it field by field.
  const whole: Order = {
    intentId: request.intentId,
    leg: request.leg,
    attempt: request.attempt,
    instance: request.instance,
    symbol: request.symbol,
    positionSide: request.positionSide,
    action: request.action,
    type: request.type,
    quantity: request.quantity,
    price: request.price,
    stopPrice: request.stopPrice,
    timeInForce: request.timeInForce,
    postOnly: request.postOnly,
    leverage: request.leverage,
    referencePrice: request.referencePrice,
    key: orderKey(request.intentId, request.leg, request.attempt),
    side: sideOf(request.positionSide, request.action),
    reduceOnly: request.action === 'exit',
    isFollowUp,
    positionId,
    createdMs: turn.now,
    status: 'created',
    isTriggered: false,
    venueOrderId: null,
    filled: 0n,
    filledNotional: 0n,
    tradeIds: NO_TRADES,
    acceptedMs: null,
    cancelReason: null,
  };
  const { rest } = request;
  const order = rest === undefined ? whole : { ...whole, rest };
  const { normalizations } = prepared;
  if (turn.config.exitsCompete) makeRoom(turn, order);
  turn.emit({ type: 'order_created', ts: turn.now, order, normalizations });
  turn.effect({ kind: 'submit', order: order as ApprovedOrder });
  if (normalizations.length > 0) tellNormalized(turn, order, normalizations);
  return order;
}

// An exit that must go now finds nothing to reduce where targets have bound all of it. They are
// taken back first; whoever sends the exit lets those cancels be answered before it. The stop
// stays: it rests apart, and closing must not leave the position naked.
function makeRoom(turn: Turn, exit: Order): void {
  if (exit.action === 'entry' || canRestAsProtection(exit)) return;
  for (const order of [...turn.state.orders.values()] as Order[]) {
    if (order.symbol !== exit.symbol || order.positionSide !== exit.positionSide) continue;
    if (order.leg.startsWith('tp')) requestCancel(turn, order, 'room');
  }
}

function canRestAsProtection({ leg, type, timeInForce }: Order): boolean {
  return isProtectionLeg(leg) && type !== 'market' && timeInForce === 'GTC';
}

// Protection rounds by itself at each sync; its author hears of what was asked for in the intent
// only.
function tellNormalized(turn: Turn, order: Order, changes: readonly Normalization[]): void {
  const { intentId, leg } = order;
  if (isProtectionLeg(leg)) return;
  const diff = changes.map(({ field, from, to, reason }) => {
    return { field, from: format(from), to: format(to), why: reason };
  });
  notifyIntent(turn, intentId, { type: 'normalized', leg, diff });
}

const NO_TRADES: readonly string[] = [];

/**
 * The attempt number after the highest one that this leg has had. A late fill can bring back a
 * position whose counts are gone; its keys are not used again.
 */
export function nextAttempt(turn: Turn, intentId: string, leg: string): number {
  const { attempts, endedOrders, orders } = turn.state;
  const isUsed = (key: string): boolean =>
    orders.has(key) || recall(endedOrders, key) !== undefined;
  let attempt = (attempts.get(intentId)?.[leg] ?? 0) + 1;
  while (isUsed(orderKey(intentId, leg, attempt))) attempt += 1;
  return attempt;
}

/** Prepares and places in one go; used for exits, which only the price collar can refuse. */
export function placeExit(
  turn: Turn,
  request: OrderRequest,
  positionId: string,
  adjustments: readonly Normalization[] = [],
): Outcome<Order> {
  if (request.quantity <= 0n) return deny('NO_POSITION', '', 'nothing is held');
  const prepared = prepare(turn, request);
  if (!prepared.ok) return prepared;
  return pass(place(turn, withAdjustments(prepared.value, adjustments), positionId));
}

/**
 * Asks for a cancel once. The order stays fillable until the venue has confirmed; one whose outcome
 * is unknown stays unknown, since a cancel proves nothing about it, but is not sent again when it
 * proves absent.
 */
export function requestCancel(turn: Turn, order: Order, reason: string): void {
  if (order.status === 'pending_cancel') {
    // Whoever wants it gone for good outranks a cancel that meant to replace it. Its end in time
    // does not: what was due before may still follow, if the intent itself is not over.
    const isFinal = reason !== 'expired' && isTakenBack({ ...order, cancelReason: reason });
    if (isFinal && !isTakenBack(order)) {
      const { key, status } = order;
      const moved = { status, venueOrderId: null, cancelReason: reason, code: '' } as const;
      turn.emit({ type: 'order_moved', ts: turn.now, order: key, ...moved });
    }
    return;
  }
  const { key } = order;
  const status = order.status === 'unknown' ? 'unknown' : 'pending_cancel';
  const moved = { status, venueOrderId: null, cancelReason: reason } as const;
  turn.emit({ type: 'order_moved', ts: turn.now, order: key, ...moved, code: '' });
  const current = turn.state.orders.get(key);
  if (current !== undefined) turn.effect({ kind: 'cancel', order: current });
}
