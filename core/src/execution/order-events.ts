// What the venue says about an order. State only moves forward: a late or repeated event is
// recorded and changes nothing.
import { raiseAlert } from '../alert.js';
import type {
  CancelRejected,
  OrderAbsent,
  OrderAccepted,
  OrderEnded,
  OrderRejected,
  OrderTriggered,
  OrderUnknown,
} from '../events.js';
import { type Decimal, ZERO } from '../decimal.js';
import type { Position } from '../ledger/position.js';
import { canMove } from '../order/order-state.js';
import { type Order, type OrderStatus, isProtectionLeg, isStopLeg } from '../order/order.js';
import { requestCancel } from '../order/place.js';
import { exitByHost } from '../protection/host-exit.js';
import { restingBeside } from '../protection/stop-parts.js';
import { flattenUncovered, supersede, syncProtection } from '../protection/sync.js';
import { rearmTimeExit } from '../protection/time-exit.js';
import { recall } from '../state/recent.js';
import { notifyIntent } from '../strategy/notify.js';
import { clearTimersOf, setTimer } from '../strategy/timers.js';
import type { Turn } from '../turn.js';
import { noteReject, noteSuccess } from './backoff.js';
import { fallBack, permissionOf } from './fallback.js';
import { afterEnd, afterReject, fallbackReasonOf } from './follow-up.js';
import { sendAgain } from './resend.js';
import { resumeAfterCancel } from './resume.js';

interface Move {
  readonly venueOrderId?: string;
  readonly code?: string;
  readonly marketPrice?: Decimal;
}

/** Moves the order if that is legal; otherwise records that the event was ignored. */
function move(
  turn: Turn,
  event: { readonly kind: string; readonly order: string },
  status: OrderStatus,
  given: Move = {},
): Order | undefined {
  const order = turn.state.orders.get(event.order) as Order | undefined;
  if (order === undefined || !canMove(order.status, status)) {
    const base = { ts: turn.now, order: event.order } as const;
    const detail = order === undefined ? 'not a working order' : `is ${order.status} already`;
    turn.emit({ ...base, type: 'order_event_ignored', event: event.kind, detail });
    return undefined;
  }
  turn.emit({
    type: 'order_moved',
    ts: turn.now,
    order: event.order,
    status,
    venueOrderId: given.venueOrderId ?? null,
    cancelReason: null,
    code: given.code ?? '',
    ...(given.marketPrice === undefined ? {} : { marketPrice: given.marketPrice }),
  });
  return (turn.state.orders.get(event.order) ??
    recall(turn.state.endedOrders, event.order)) as Order;
}

export function onAccepted(turn: Turn, event: OrderAccepted): void {
  const before = turn.state.orders.get(event.order);
  if (before?.status === 'pending_cancel' || before?.status === 'partially_filled') {
    const { venueOrderId } = event;
    const base = { type: 'order_moved', ts: turn.now, order: event.order } as const;
    turn.emit({ ...base, status: before.status, venueOrderId, cancelReason: null, code: '' });
    return;
  }
  const order = move(turn, event, 'accepted', { venueOrderId: event.venueOrderId });
  if (order === undefined) return;
  supersede(turn, order);
  if (order.action === 'entry') noteSuccess(turn);
  // It was to be cancelled while nobody knew whether it existed; now it can be.
  if (order.cancelReason !== null) return requestCancel(turn, order, order.cancelReason);
  if (!isProtectionLeg(order.leg)) notifyIntent(turn, order.intentId, { type: 'resting' });
}

export function onRejected(turn: Turn, event: OrderRejected): void {
  const order = move(turn, event, 'rejected', event);
  if (order === undefined) return;
  clearTimersOf(turn, order.key);
  const { code, detail, reason } = event;
  notifyIntent(turn, order.intentId, { type: 'rejected', code, detail, leg: order.leg });
  if (order.action === 'entry' && reason !== 'post_only') noteReject(turn, code);
  if (isProtectionLeg(order.leg)) return protectionRejected(turn, order, event);
  afterReject(turn, order, event);
  resumeAfterCancel(turn, order);
  giveRoomBack(turn, order);
}

// What had to make room for an exit comes back when that one is over.
function giveRoomBack(turn: Turn, { action, positionId }: Order): void {
  if (turn.config.exitsCompete && action === 'exit') syncProtection(turn, positionId);
}

// A position must not stay naked because one order was refused: say so loudly, and sync again at
// the next bar (protection/manage.ts) rather than in a hot loop.
function protectionRejected(turn: Turn, order: Order, event: OrderRejected): void {
  const text = `protection ${order.leg} of ${order.positionId} was rejected: ${event.detail}`;
  raiseAlert(turn, event.code, text);
  const reason = fallbackReasonOf(event);
  if (reason !== undefined && fallBack(turn, order, reason)) return;
  if (order.leg === 'time') rearmTimeExit(turn, order.positionId);
  if (!isStopLeg(order.leg) || order.type === 'market') return;
  const isBeyond = order.acceptedMs !== null || event.code === 'STOP_WOULD_TRIGGER';
  if (isBeyond) exitAtStop(turn, order);
  else flattenUncovered(turn, order.positionId);
}

// A stop that had rested and is refused now was refused as it fired, and one that would fire at
// once comes too late: the price is beyond it, and another stop there would be refused as well.
// What it was to do is done now.
function exitAtStop(turn: Turn, order: Order): void {
  const position = turn.state.positions.get(order.positionId) as Position | undefined;
  if (position === undefined || position.quantity === ZERO) return;
  const at = order.stopPrice ?? position.firstPrice;
  const limit = order.type === 'stop_limit' ? order.price : null;
  const quantity = position.quantity - restingBeside(turn, order);
  if (quantity > ZERO) exitByHost(turn, position, { leg: order.leg, quantity, at, limit });
}

export function onUnknown(turn: Turn, event: OrderUnknown): void {
  const known = turn.state.orders.get(event.order);
  // A missing answer is overtaken by any sign of life of the order itself.
  if (known !== undefined && (known.venueOrderId !== null || known.filled > 0n)) {
    const base = { type: 'order_event_ignored', ts: turn.now, order: event.order } as const;
    turn.emit({ ...base, event: event.kind, detail: 'the venue has shown the order already' });
    return;
  }
  const order = move(turn, event, 'unknown', { code: 'UNKNOWN_ORDER_PENDING' });
  if (order === undefined) return;
  const text = `nobody has said what became of ${order.key}: ${event.detail}`;
  raiseAlert(turn, 'UNKNOWN_ORDER_PENDING', text);
  turn.effect({ kind: 'query', order });
}

/** Proof of absence: what somebody wanted gone is gone; anything else leaves again (resend.ts). */
export function onAbsent(turn: Turn, event: OrderAbsent): void {
  const order = turn.state.orders.get(event.order) as Order | undefined;
  if (order?.status !== 'unknown' && order?.status !== 'pending_cancel') {
    move(turn, event, 'created');
    return;
  }
  const { ts, order: key } = event;
  if (order.cancelReason !== null) {
    return onEnded(turn, { kind: 'order_ended', ts, order: key, status: 'cancelled', code: '' });
  }
  const created = move(turn, event, 'created');
  const code = created === undefined ? undefined : sendAgain(turn, created);
  if (code === undefined) return;
  const status = code === 'EXPIRED' ? 'expired' : 'cancelled';
  onEnded(turn, { kind: 'order_ended', ts, order: key, status, code });
}

export function onTriggered(turn: Turn, event: OrderTriggered): void {
  const order = turn.state.orders.get(event.order) as Order | undefined;
  if (order === undefined) return;
  const { venueOrderId } = event;
  const isNew = venueOrderId !== undefined && venueOrderId !== order.venueOrderId;
  if (order.isTriggered && !isNew) return;
  const base = { type: 'order_triggered', ts: turn.now, order: order.key } as const;
  turn.emit(venueOrderId === undefined ? base : { ...base, venueOrderId });
  if (order.isTriggered) return;
  if (isProtectionLeg(order.leg)) {
    notifyIntent(turn, order.intentId, { type: 'protection_triggered', leg: order.leg });
  }
  const policy = permissionOf(turn, order);
  if (policy?.mode !== 'limit_to_market' || policy.after_ms === undefined) return;
  if (order.type !== 'stop_limit') return;
  setTimer(turn, `fallback:${order.key}`, turn.now + policy.after_ms);
}

export function onEnded(turn: Turn, event: OrderEnded): void {
  if (hasOvertakenFills(turn, event)) return;
  const order = move(turn, event, event.status, { code: event.code });
  if (order === undefined) return;
  clearTimersOf(turn, order.key);
  if (isProtectionLeg(order.leg)) return protectionEnded(turn, order);
  afterEnd(turn, order, event.code);
  resumeAfterCancel(turn, order);
  giveRoomBack(turn, order);
}

const QUERY_AGAIN_MS = 1000;

// Anything further of an order needs its confirmed final fill. An end that knows of fills that have
// not arrived is not taken: soon the venue is asked, tells the fills, and then the end again.
function hasOvertakenFills(turn: Turn, event: OrderEnded): boolean {
  const order = turn.state.orders.get(event.order) as Order | undefined;
  if (order === undefined || event.filled === undefined) return false;
  if (event.filled <= order.filled) return false;
  const base = { type: 'order_event_ignored', ts: turn.now, order: event.order } as const;
  turn.emit({ ...base, event: event.kind, detail: 'has overtaken its fills' });
  const timer = `query:${order.key}`;
  if (!turn.state.timers.has(timer)) setTimer(turn, timer, turn.now + QUERY_AGAIN_MS);
  return true;
}

function protectionEnded(turn: Turn, order: Order): void {
  const wasFallback = order.cancelReason === 'fallback';
  if (wasFallback && fallBack(turn, order, 'timeout')) return;
  if (order.cancelReason !== null && !wasFallback) return;
  if (order.leg === 'time') rearmTimeExit(turn, order.positionId);
  if (hasEndedByItself(order)) return protectionLost(turn, order);
  syncProtection(turn, order.positionId);
}

/** A protective order that rested for less than this would end again if it were placed again. */
const SETTLED_MS = 1000;

function hasEndedByItself(order: Order): boolean {
  const canRest = order.type !== 'market' && order.timeInForce === 'GTC';
  return canRest && order.cancelReason === null;
}

// One that ended as soon as it was placed is not placed again at once: the next bar tries again
// (protection/manage.ts), and the monitor does when none comes in time.
function protectionLost(turn: Turn, order: Order): void {
  const { leg, positionId } = order;
  const hasRested = turn.now - order.createdMs >= SETTLED_MS;
  const isOpen = turn.state.positions.has(positionId);
  if (isOpen && (isStopLeg(leg) || !hasRested)) {
    const how = hasRested
      ? 'was ended by the venue; it is placed again'
      : 'ended as soon as placed';
    raiseAlert(turn, 'PROTECTION_LOST', `protection ${leg} of ${positionId} ${how}`);
  }
  if (hasRested) syncProtection(turn, positionId);
  else if (isStopLeg(leg)) flattenUncovered(turn, positionId);
}

/** A refused cancel is asked for again as long as the order is there. */
const CANCEL_AGAIN_MS = 1000;

export function onCancelRejected(turn: Turn, event: CancelRejected): void {
  const base = { type: 'order_event_ignored', ts: turn.now, order: event.order } as const;
  turn.emit({ ...base, event: event.kind, detail: event.detail });
  const order = turn.state.orders.get(event.order) as Order | undefined;
  if (order === undefined) return;
  // The cancel lost a race: what became of the order is for the venue to say.
  turn.effect({ kind: 'query', order });
  if (order.cancelReason !== null) {
    setTimer(turn, `cancel:${order.key}`, turn.now + CANCEL_AGAIN_MS);
  }
}

export function queryAgain(turn: Turn, key: string): void {
  const order = turn.state.orders.get(key) as Order | undefined;
  if (order !== undefined) turn.effect({ kind: 'query', order });
}

export function cancelAgain(turn: Turn, key: string): void {
  const order = turn.state.orders.get(key) as Order | undefined;
  if (order === undefined || order.cancelReason === null) return;
  turn.effect({ kind: 'cancel', order });
}
