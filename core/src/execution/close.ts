// close and partial_close: exits never increase or flip exposure (rule 12); an over-ask is clipped.
import type { CloseIntent, OpenIntent, PartialCloseIntent } from '@strategy-runner/contracts';
import {
  type Decimal,
  ZERO,
  bps,
  decimal,
  divideDown,
  floorTo,
  min,
  multiply,
} from '../decimal.js';
import { type Position, quantityOfLots } from '../ledger/position.js';
import { type Order, isStopLeg } from '../order/order.js';
import { nextAttempt, placeExit, requestCancel } from '../order/place.js';
import { type LegBase, MARKET, orderRequest } from '../order/request.js';
import { type Outcome, deny, pass } from '../outcome.js';
import type { Normalization } from '../records.js';
import { type Turn, instrumentOf, lastPrice } from '../turn.js';
import { startClocks } from './entry.js';
import { finishIntent } from './finish.js';
import { referenceOf, shapeOf } from './leg.js';

export function closeWhole(turn: Turn, intent: CloseIntent, position: Position): Outcome<Order> {
  const clears = intent.cancel_open_orders !== false;
  const placed = exitOrder(turn, intent, position, position.quantity);
  if (!placed.ok || !clears) return placed;
  for (const order of turn.state.orders.values()) {
    if (order.positionId !== position.id || order.key === placed.value.key) continue;
    // The stop stays until the position is flat: closing must not leave it naked.
    if (!isStopLeg(order.leg)) requestCancel(turn, order as Order, 'close');
  }
  takeEntriesBack(turn, position);
  return placed;
}

// Whatever would enlarge the position: entries that work, and those that wait for another's end.
function takeEntriesBack(turn: Turn, { id, instance, symbol, side }: Position): void {
  for (const order of turn.state.orders.values()) {
    const isThere = order.symbol === symbol && order.positionSide === side;
    if (!isThere || order.action !== 'entry' || order.instance !== instance) continue;
    requestCancel(turn, order as Order, 'close');
  }
  for (const [intentId, { intent, pending, positionId }] of turn.state.intents) {
    if (pending !== 'after_cancel' || intent.symbol !== symbol) continue;
    if (intent.strategy.instance !== instance) continue;
    const isSameSide = intent.kind === 'open' && intent.side === side;
    if (isSameSide || positionId === id) finishIntent(turn, intentId, 'cancelled');
  }
}

/**
 * The exit that an `open` with `on_opposite: close_first` needs before it may be looked at again.
 */
export function closeOpposite(turn: Turn, intent: OpenIntent, opposite: Position): Outcome<Order> {
  const base = exitBase(turn, intent, opposite);
  const attempt = nextAttempt(turn, base.intentId, 'exit');
  const order = { leg: 'exit', attempt, quantity: opposite.quantity };
  const placed = placeExit(turn, orderRequest(base, MARKET, order), opposite.id);
  if (placed.ok) takeEntriesBack(turn, opposite);
  return placed;
}

export function closePart(
  turn: Turn,
  intent: PartialCloseIntent,
  position: Position,
): Outcome<Order> {
  const wanted = amountOf(turn, intent, position);
  const { lotSize } = instrumentOf(turn, position.symbol);
  const quantity = floorTo(min(wanted, position.quantity), lotSize);
  const rest = position.quantity - quantity;
  if (quantity <= ZERO) {
    return deny('BELOW_MIN_QTY', '/amount', 'the part is smaller than one lot', {
      quantity: wanted,
      lot_size: lotSize,
    });
  }
  const clipped = clip(wanted, quantity, wanted > position.quantity ? 'owned' : 'lot');
  if (!isDust(turn, position, rest)) return exitOrder(turn, intent, position, quantity, clipped);
  if (intent.on_dust === 'leave') return exitOrder(turn, intent, position, quantity, clipped);
  if (intent.on_dust === 'close_all') {
    const whole = position.quantity;
    return exitOrder(turn, intent, position, whole, clip(wanted, whole, 'close_all'));
  }
  return deny('PARTIAL_CLOSE_DUST', '/on_dust', 'what is left could not be traded', {
    rest,
    min_quantity: instrumentOf(turn, position.symbol).minQuantity,
  });
}

/** What was asked for and what leaves instead, for the record and for the plugin (rule 12). */
function clip(from: Decimal, to: Decimal, reason: string): readonly Normalization[] {
  return from === to ? [] : [{ field: 'quantity', from, to, reason }];
}

function amountOf(turn: Turn, intent: PartialCloseIntent, position: Position): Decimal {
  const { amount } = intent;
  if ('qty' in amount) return decimal(amount.qty);
  if ('quote' in amount) {
    const price = lastPrice(turn, position.symbol) ?? referenceOf(intent);
    return divideDown(decimal(amount.quote), price);
  }
  if ('lots' in amount) return quantityOfLots(position, amount.lots);
  const whole = amount.of === 'peak' ? position.peakQuantity : position.quantity;
  return bps(whole, amount.share_bps);
}

function isDust(turn: Turn, position: Position, rest: Decimal): boolean {
  if (rest === ZERO) return false;
  const { minQuantity, minNotional } = instrumentOf(turn, position.symbol);
  const price = lastPrice(turn, position.symbol) ?? ZERO;
  return rest < minQuantity || multiply(price, rest) < minNotional;
}

function exitBase(
  turn: Turn,
  intent: CloseIntent | PartialCloseIntent | OpenIntent,
  position: Position,
): LegBase {
  return {
    intentId: intent.intent_id,
    instance: position.instance,
    symbol: position.symbol,
    positionSide: position.side,
    action: 'exit',
    leverage: turn.config.sizing.leverage,
    referencePrice: referenceOf(intent),
  };
}

function exitOrder(
  turn: Turn,
  intent: CloseIntent | PartialCloseIntent,
  position: Position,
  quantity: Decimal,
  clipped: readonly Normalization[] = [],
): Outcome<Order> {
  if (intent.order === undefined) {
    const why = 'neither the intent nor the execution policy says how to order';
    return deny('ORDER_STYLE_MISSING', '/order', why);
  }
  const base = exitBase(turn, intent, position);
  const shape = shapeOf(turn, intent.order, base);
  if (!shape.ok) return shape;
  const attempt = nextAttempt(turn, base.intentId, 'exit');
  const request = orderRequest(base, shape.value, { leg: 'exit', attempt, quantity });
  const placed = placeExit(turn, request, position.id, clipped);
  if (placed.ok) startClocks(turn, intent, placed.value);
  return placed.ok ? pass(placed.value) : placed;
}
