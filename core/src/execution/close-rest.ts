// A close is over when its position is flat. What the venue does not take as one order follows,
// order behind order; what an entry still fills after the close is closed as well.
import type { CloseIntent } from '@strategy-runner/contracts';
import { type Decimal, ZERO, min } from '../decimal.js';
import { isDust, isExternalIntent } from '../ledger/external.js';
import type { Position } from '../ledger/position.js';
import type { Order } from '../order/order.js';
import { nextAttempt, placeExit } from '../order/place.js';
import { type LegBase, MARKET, type OrderShape, orderRequest } from '../order/request.js';
import type { FillBooked } from '../records.js';
import { closingOf, isOfClosing } from '../state/closing.js';
import { recall } from '../state/recent.js';
import { setTimer } from '../strategy/timers.js';
import { type Turn, lastPrice } from '../turn.js';
import { startClocks } from './entry.js';
import { refuseFollowUp } from './fallback.js';
import { referenceOf, shapeOf } from './leg.js';

/** After a complete fill of an exit: true when another order follows it. */
export function goOn(turn: Turn, fill: FillBooked): boolean {
  const position = turn.state.positions.get(fill.positionId) as Position | undefined;
  const order = orderOf(turn, fill.order);
  if (position === undefined || order === undefined) return false;
  const quantity = leftOf(turn, order, position);
  return quantity > ZERO && sendRest(turn, order, position, quantity);
}

function leftOf(turn: Turn, order: Order, position: Position): Decimal {
  const isWhole = isOfClosing(turn.state, order) || isClosingFirst(turn, order);
  if (isWhole) return position.quantity;
  // The next part of a resting target is placed like the first (protection/sync.ts).
  const isSynced = order.leg.startsWith('tp') && order.type === 'limit' && isResting(order);
  return order.rest === undefined || isSynced ? ZERO : min(order.rest, position.quantity);
}

function isResting({ timeInForce }: Order): boolean {
  return timeInForce === 'GTC';
}

/** The exit of an `open` that waits for the flat of the other side. */
function isClosingFirst(turn: Turn, { intentId, leg }: Order): boolean {
  return leg === 'exit' && turn.state.intents.get(intentId)?.pending === 'close_first';
}

function sendRest(turn: Turn, order: Order, position: Position, quantity: Decimal): boolean {
  const { intentId, leg } = order;
  const attempt = nextAttempt(turn, intentId, leg);
  const request = orderRequest(order, shapeBehind(order), { leg, attempt, quantity });
  const placed = placeExit(turn, request, position.id);
  if (!placed.ok) {
    refuseFollowUp(turn, order, placed);
    return false;
  }
  startExitClocks(turn, placed.value);
  return true;
}

// The trigger of the first one has been reached: what follows does not wait for it again.
function shapeBehind({ type, price, timeInForce, postOnly }: Order): OrderShape {
  if (type === 'market' || type === 'stop_market') return MARKET;
  return { type: 'limit', price, stopPrice: null, timeInForce, postOnly };
}

function startExitClocks(turn: Turn, order: Order): void {
  const intent = turn.state.intents.get(order.intentId)?.intent;
  if (intent?.kind !== 'close' && intent?.kind !== 'partial_close') return;
  if (order.leg === 'exit') startClocks(turn, intent, order);
}

/** After the fill of an entry on a side that the strategy has closed and not entered since. */
export function closeLate(turn: Turn, fill: FillBooked): void {
  const intent = closingOf(turn.state, fill);
  if (intent === undefined) return;
  // What the operator has made ours since is what the operator wants.
  const isAdopted = isExternalIntent(fill.intentId);
  if (isAdopted && orderOf(turn, fill.order)?.cancelReason !== 'close') return;
  closeNow(turn, intent, fill.positionId);
}

/** An exit of a close has ended without a fill: true when the close goes on all the same. */
export function afterCloseEnd(turn: Turn, order: Order): boolean {
  const intent = isOfClosing(turn.state, order) ? closingOf(turn.state, order) : undefined;
  const position = intent === undefined ? undefined : heldOn(turn, order);
  if (intent === undefined || position === undefined) return false;
  if (!turn.state.intents.has(order.intentId)) {
    if (order.cancelReason !== 'strategy') closeLater(turn, position.id);
    return true;
  }
  // The position was flat; what a late fill has opened since is to be closed too.
  return order.cancelReason === 'flat' && closeNow(turn, intent, position.id);
}

/** A late fill that could not be closed at once is tried again, until something says otherwise. */
const CLOSE_AGAIN_MS = 5000;

function closeLater(turn: Turn, positionId: string): void {
  setTimer(turn, `flat:${positionId}`, turn.now + CLOSE_AGAIN_MS);
}

export function closeAgain(turn: Turn, positionId: string): void {
  const position = turn.state.positions.get(positionId);
  if (position === undefined) return;
  const { instance, symbol, side: positionSide } = position;
  const intent = closingOf(turn.state, { instance, symbol, positionSide });
  if (intent !== undefined) closeNow(turn, intent, positionId);
}

/** True when an exit works. One that works already is waited for: what it leaves follows it. */
function closeNow(turn: Turn, intent: CloseIntent, positionId: string): boolean {
  const position = turn.state.positions.get(positionId) as Position | undefined;
  if (position === undefined || position.quantity === ZERO || isNetted(turn, position))
    return false;
  if (isExiting(turn, intent.intent_id)) return true;
  const base = baseOf(turn, intent, position);
  const attempt = nextAttempt(turn, base.intentId, 'exit');
  const { quantity } = position;
  const request = orderRequest(base, styleOf(turn, intent, base), {
    leg: 'exit',
    attempt,
    quantity,
  });
  const placed = placeExit(turn, request, positionId);
  if (placed.ok) startExitClocks(turn, placed.value);
  else closeLater(turn, positionId);
  return placed.ok;
}

function isExiting(turn: Turn, intentId: string): boolean {
  for (const order of turn.state.orders.values()) if (order.intentId === intentId) return true;
  return false;
}

// Against a position on the other side a one-way account has netted the fill already.
function isNetted({ state, config }: Turn, { symbol, side }: Position): boolean {
  if (config.positionMode !== 'one_way') return false;
  for (const other of state.positions.values()) {
    if (other.symbol === symbol && other.side !== side && !isDust(other.id)) return true;
  }
  return false;
}

function baseOf(turn: Turn, intent: CloseIntent, position: Position): LegBase {
  return {
    intentId: intent.intent_id,
    instance: position.instance,
    symbol: position.symbol,
    positionSide: position.side,
    action: 'exit',
    leverage: turn.config.sizing.leverage,
    // It is decided now, not when the close was.
    referencePrice: lastPrice(turn, position.symbol) ?? referenceOf(intent),
  };
}

function styleOf(turn: Turn, { order: style }: CloseIntent, base: LegBase): OrderShape {
  if (style === undefined || style.trigger !== undefined) return MARKET;
  const shape = shapeOf(turn, style, base);
  return shape.ok ? shape.value : MARKET;
}

function orderOf({ state }: Turn, key: string): Order | undefined {
  return (state.orders.get(key) ?? recall(state.endedOrders, key)) as Order | undefined;
}

function heldOn({ state }: Turn, order: Order): Position | undefined {
  for (const position of state.positions.values()) {
    const isThere = position.symbol === order.symbol && position.side === order.positionSide;
    if (isThere && position.instance === order.instance && !isDust(position.id)) {
      return position as Position;
    }
  }
  return undefined;
}
