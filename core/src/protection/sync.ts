// Brings the resting protection in line with what the position needs: arms on the first fill,
// resizes with each fill, removes what is no longer wanted. Make before break: a new order is
// placed first, and the one it replaces is cancelled when the new one has been accepted
// (`supersede`).
import { raiseAlert } from '../alert.js';
import { type Decimal, ZERO, floorTo, min, multiply } from '../decimal.js';
import type { Position } from '../ledger/position.js';
import { type Order, isProtectionLeg, isStopLeg, outstanding } from '../order/order.js';
import { nextAttempt, placeExit, requestCancel } from '../order/place.js';
import { type Turn, instrumentOf } from '../turn.js';
import { isOfClosing } from '../state/closing.js';
import type { Frozen } from '../state/frozen.js';
import { sendExit } from './host-exit.js';
import { isUnderWay, liveLegs } from './live-legs.js';
import type { ProtectionState, TargetState } from './protection.js';
import { type DesiredLeg, stopLegs } from './stop-parts.js';

export function syncProtection(turn: Turn, positionId: string): void {
  const position = turn.state.positions.get(positionId);
  if (position === undefined) return;
  const live = liveLegs(turn, positionId);
  const wanted = desiredLegs(turn, position, live);
  for (const desired of wanted) {
    const matching = live.find((order) => covers(order, desired));
    if (matching === undefined) placeLeg(turn, position, desired);
  }
  for (const order of live) {
    const isWanted = isUnderWay(order) || wanted.some(({ leg }) => leg === order.leg);
    if (!isWanted) requestCancel(turn, order, 'no_longer_wanted');
  }
}

/** Cancels the older orders of a leg once a newer one rests. */
export function supersede(turn: Turn, accepted: Order): void {
  if (!isProtectionLeg(accepted.leg)) return;
  for (const order of liveLegs(turn, accepted.positionId)) {
    if (order.leg === accepted.leg && order.attempt < accepted.attempt) {
      requestCancel(turn, order, 'superseded');
    }
  }
}

function covers(order: Order, desired: DesiredLeg): boolean {
  if (order.leg !== desired.leg) return false;
  if (isUnderWay(order)) return true;
  if (outstanding(order) !== desired.quantity) return false;
  return order.price === desired.price && order.stopPrice === desired.stopPrice;
}

function desiredLegs(
  turn: Turn,
  position: Frozen<Position>,
  live: readonly Order[],
): readonly DesiredLeg[] {
  const protection = position.protection;
  if (protection === null || position.quantity === ZERO) return [];
  const legs: DesiredLeg[] = [];
  const isExiting = hasExitUnderWay(turn, position.id);
  if (protection.place === 'venue') {
    if (protection.stop !== null) legs.push(...stopLegs(turn, position, protection.stop, live));
    if (!isExiting) legs.push(...targetLegs(turn, position, protection as ProtectionState));
  }
  return legs;
}

const WHOLE_EXITS = ['exit', 'fallback', 'flatten', 'time'];

// A full exit that works already wants the targets out of its way; the stop stays until flat.
function hasExitUnderWay(turn: Turn, positionId: string): boolean {
  for (const order of turn.state.orders.values()) {
    if (order.positionId !== positionId || order.action !== 'exit') continue;
    const competes = turn.config.exitsCompete && !canRest(order as Order);
    if (competes) return true;
    const held = turn.state.positions.get(positionId)?.quantity ?? ZERO;
    const isWhole = outstanding(order) >= held || isOfClosing(turn.state, order);
    if (WHOLE_EXITS.includes(order.leg) && isWhole) return true;
  }
  return false;
}

/** A stop or target in its place; anything else is an exit on its way. */
function canRest({ leg, type, timeInForce }: Order): boolean {
  return isProtectionLeg(leg) && leg !== 'time' && type !== 'market' && timeInForce === 'GTC';
}

// Targets that go at market are triggered by the host on closed bars and never rest.
function targetLegs(
  turn: Turn,
  position: Frozen<Position>,
  protection: ProtectionState,
): readonly DesiredLeg[] {
  return targetQuantities(turn, position, protection)
    .filter(({ target }) => target.order === 'limit')
    .map(({ target, quantity }) => ({
      leg: `tp${target.index}`,
      type: 'limit' as const,
      quantity,
      price: target.price,
      stopPrice: null,
    }));
}

/**
 * Quantity left for each target. A share means a part of what is held plus what targets have taken,
 * so that a strategy's own partial close shrinks all of them alike; a ladder of 100 % ends with the
 * rest.
 */
export function targetQuantities(
  turn: Turn,
  position: Frozen<Position>,
  protection: Frozen<ProtectionState>,
): readonly { readonly target: TargetState; readonly quantity: Decimal }[] {
  const { lotSize } = instrumentOf(turn, position.symbol);
  const taken = protection.targets.reduce((sum, target) => sum + target.filled, ZERO);
  const basis = position.quantity + taken;
  const total = protection.targets.reduce((sum, target) => sum + target.shareBps, 0);
  let left = position.quantity;
  const found: { target: TargetState; quantity: Decimal }[] = [];
  for (const [place, target] of protection.targets.entries()) {
    if (target.isDone) continue;
    const isLast = place === protection.targets.length - 1 && total === 10_000;
    const share = floorTo(multiply(basis, BigInt(target.shareBps) * 10n ** 14n), lotSize);
    const quantity = isLast ? left : min(left, share - target.filled);
    if (quantity <= ZERO) continue;
    left -= quantity;
    found.push({ target, quantity });
  }
  return found;
}

function placeLeg(turn: Turn, position: Frozen<Position>, desired: DesiredLeg): void {
  const placed = placeExit(
    turn,
    {
      intentId: position.openIntentId,
      leg: desired.leg,
      attempt: nextAttempt(turn, position.openIntentId, desired.leg),
      action: 'exit',
      instance: position.instance,
      symbol: position.symbol,
      positionSide: position.side,
      type: desired.type,
      quantity: desired.quantity,
      price: desired.price,
      stopPrice: desired.stopPrice,
      timeInForce: 'GTC',
      postOnly: false,
      leverage: turn.config.sizing.leverage,
      referencePrice: desired.stopPrice ?? desired.price ?? position.firstPrice,
    },
    position.id,
  );
  if (placed.ok) return;
  const text = `protection ${desired.leg} of ${position.id} was not placed: ${placed.detail}`;
  raiseAlert(turn, placed.code, text);
  if (isStopLeg(desired.leg)) flattenUncovered(turn, position.id);
}

/**
 * With `exchange_required` a position whose stop the venue does not hold is closed at market (rule
 * 18). An older stop that still rests counts: making before breaking keeps it until the new one is
 * there.
 */
export function flattenUncovered(turn: Turn, positionId: string): void {
  const position = turn.state.positions.get(positionId) as Position | undefined;
  if (position === undefined || position.quantity === ZERO) return;
  if (position.protection?.spec.place !== 'exchange_required') return;
  const live = liveLegs(turn, positionId);
  const { stop } = position.protection;
  const wanted = stop === null ? [] : stopLegs(turn, position, stop, live);
  if (wanted.length > 0 && wanted.every(({ leg }) => live.some((one) => one.leg === leg))) return;
  const at = position.protection.stop?.price ?? position.firstPrice;
  sendExit(turn, position, { leg: 'sl', quantity: position.quantity, at, limit: null });
  const text = `${positionId} must be protected at the venue and is not: it is closed at market`;
  raiseAlert(turn, 'VENUE_REJECTED', text);
}
