// 8-10. A venue fill: deduplicated by trade id, booked into position and ledger, then everything
// that follows from it: protection, progress of its intent, the end of the position.
import { raiseAlert } from '../alert.js';
import { type Decimal, ZERO, abs, min, multiply, roundCash } from '../decimal.js';
import type { FillReported } from '../events.js';
import { isSpot } from '../ledger/account.js';
import { type Position, withEntry, withExit } from '../ledger/position.js';
import { type Order, isProtectionLeg, remaining } from '../order/order.js';
import type { FillBooked } from '../records.js';
import { recall } from '../state/recent.js';
import type { Turn } from '../turn.js';
import { intentOf } from './intent-of.js';
import { findPosition } from './open.js';

/**
 * Books the fill and returns its record, or undefined when it changes nothing (duplicate,
 * unmatched).
 */
export function bookFill(turn: Turn, event: FillReported): FillBooked | undefined {
  const order = (turn.state.orders.get(event.order) ??
    recall(turn.state.endedOrders, event.order)) as Order | undefined;
  const { tradeId, price, quantity } = event;
  if (order === undefined) {
    turn.emit({
      type: 'fill_unmatched',
      ts: turn.now,
      order: event.order,
      tradeId,
      price,
      quantity,
    });
    raiseAlert(turn, 'FILL_UNMATCHED', `fill ${tradeId} belongs to no order of this session`);
    return undefined;
  }
  if (order.tradeIds.includes(tradeId)) {
    turn.emit({ type: 'fill_duplicate', ts: turn.now, order: order.key, tradeId });
    return undefined;
  }
  const booked =
    order.action === 'entry' ? bookEntry(turn, order, event) : bookExit(turn, order, event);
  if (booked !== undefined) turn.emit(booked);
  return booked;
}

function bookEntry(turn: Turn, order: Order, event: FillReported): FillBooked {
  const before = positionFor(turn, order, event);
  const position = withEntry(before, {
    price: event.price,
    quantity: event.quantity,
    fee: event.fee,
    leverage: order.leverage,
    intentId: order.intentId,
    ts: turn.now,
  });
  const cost = isSpot(turn, order.symbol) ? roundCash(multiply(event.price, event.quantity)) : ZERO;
  return record(turn, order, event, { position, realized: ZERO, cash: -cost - event.fee });
}

function bookExit(turn: Turn, order: Order, event: FillReported): FillBooked | undefined {
  const held = heldBy(turn, order);
  if (held === undefined || held.quantity < event.quantity) {
    // The venue closed more than we hold: never flip silently, say so and let reconciliation
    // decide.
    const { tradeId, price, quantity } = event;
    turn.emit({ type: 'fill_unmatched', ts: turn.now, order: order.key, tradeId, price, quantity });
    raiseAlert(turn, 'FILL_UNMATCHED', `exit fill ${tradeId} exceeds the position that it closes`);
    return undefined;
  }
  const { price, quantity, fee } = event;
  const reason = exitReason(order, held);
  const { position, realized } = withExit(held, { price, quantity, fee, reason });
  const gained = isSpot(turn, order.symbol) ? roundCash(multiply(price, quantity)) : realized;
  return record(turn, order, event, { position, realized, cash: gained - fee });
}

/** Close reasons of the position life cycle (L6), with the stop's source told apart. */
function exitReason(order: Order, position: Position): string {
  if (order.leg === 'sl') return position.protection?.stop?.source ?? 'stop_loss';
  if (order.leg.startsWith('tp')) return 'take_profit';
  if (order.leg === 'time') return 'time_expired';
  if (order.leg === 'flatten') return 'partial_fill';
  return 'strategy';
}

// The venue holds one position per symbol and side. What an order of a closed position still fills
// belongs to the one that its instance holds there now.
function heldBy(turn: Turn, order: Order): Position | undefined {
  const own = turn.state.positions.get(order.positionId) as Position | undefined;
  if (own !== undefined) return own;
  const there = findPosition(turn, order.symbol, order.positionSide);
  return there?.instance === order.instance ? there : undefined;
}

function positionFor(turn: Turn, order: Order, event: FillReported): Position {
  const held = heldBy(turn, order);
  if (held !== undefined) return held;
  const body = intentOf(turn, order.intentId);
  const lotsMethod = body?.kind === 'open' ? (body.lots ?? 'fifo') : 'fifo';
  return {
    id: order.positionId,
    instance: order.instance,
    symbol: order.symbol,
    side: order.positionSide,
    quantity: ZERO,
    cost: ZERO,
    marginQuantity: ZERO,
    peakQuantity: ZERO,
    enteredQuantity: ZERO,
    enteredNotional: ZERO,
    exitedQuantity: ZERO,
    exitedNotional: ZERO,
    firstPrice: event.price,
    openedMs: turn.now,
    openedBar: turn.state.market.get(order.symbol)?.bars ?? 0,
    openIntentId: order.intentId,
    referencePrice: order.referencePrice,
    lotsMethod,
    lots: [],
    nextLot: 1,
    dcaLevel: 0,
    grossPnl: ZERO,
    fees: ZERO,
    funding: ZERO,
    exitReason: '',
    protection: null,
    initialRisk: null,
    quantityNumber: 0,
    entryNumber: 0,
  };
}

interface Booking {
  readonly position: Position;
  readonly realized: Decimal;
  readonly cash: Decimal;
}

function record(turn: Turn, order: Order, event: FillReported, booking: Booking): FillBooked {
  const slipped = event.basePrice === null ? ZERO : abs(event.price - event.basePrice);
  return {
    type: 'fill',
    ts: turn.now,
    order: order.key,
    intentId: order.intentId,
    leg: order.leg,
    tradeId: event.tradeId,
    instance: order.instance,
    symbol: order.symbol,
    positionId: booking.position.id,
    positionSide: order.positionSide,
    action: order.action,
    side: order.side,
    price: event.price,
    quantity: event.quantity,
    fee: event.fee,
    feeCurrency: event.feeCurrency,
    liquidity: event.liquidity,
    realized: booking.realized,
    cash: booking.cash,
    slippage: roundCash(multiply(slipped, event.quantity)),
    referencePrice: order.referencePrice,
    slippageBps: slippageBps(order, event.price),
    isComplete: min(event.quantity, remaining(order)) === remaining(order),
    position: booking.position,
    marketPrice: event.liquidity === 'taker' ? (event.basePrice ?? event.price) : null,
  };
}

/**
 * Implementation shortfall of one fill against the decision price, in bps; positive is worse for
 * us.
 */
function slippageBps(order: Order, price: Decimal): number {
  if (order.referencePrice === ZERO) return 0;
  const difference =
    order.side === 'buy' ? price - order.referencePrice : order.referencePrice - price;
  const bps = (Number(difference) / Number(order.referencePrice)) * 10_000;
  return Math.round(bps * 100) / 100;
}

export function isStrategyExit(order: Pick<Order, 'leg' | 'action'>): boolean {
  return order.action === 'exit' && !isProtectionLeg(order.leg);
}
