// 8-10. A venue fill: deduplicated by trade id, booked into position and ledger, then everything
// that follows from it: protection, progress of its intent, the end of the position.
import { type Decimal, ZERO, abs, min, multiply, roundCash } from '../decimal.js';
import type { FillReported } from '../events.js';
import { isSpot } from '../ledger/account.js';
import { isDust, isExternalIntent } from '../ledger/external.js';
import { type Position, emptyPosition, withEntry, withExit } from '../ledger/position.js';
import { type Order, isProtectionLeg, isStopLeg, remaining } from '../order/order.js';
import type { FillBooked, ForeignFee } from '../records.js';
import { ALL_SYMBOLS, placeHold } from '../policy/holds.js';
import { tradeName } from '../state/engine-state.js';
import { recall } from '../state/recent.js';
import type { Turn } from '../turn.js';
import { setDustApart } from './dust.js';
import { sharesOf } from './fees.js';
import { intentOf } from './intent-of.js';

/**
 * Books the fill and returns its record, or undefined when it changes nothing (duplicate,
 * unmatched).
 */
export function bookFill(turn: Turn, event: FillReported): FillBooked | undefined {
  const order = (turn.state.orders.get(event.order) ??
    recall(turn.state.endedOrders, event.order)) as Order | undefined;
  const { tradeId } = event;
  if (order === undefined) {
    return unmatched(turn, event, symbolOf(turn, event.order), 'belongs to no order here');
  }
  const isKnown =
    order.tradeIds.includes(tradeId) ||
    recall(turn.state.externalTrades, tradeName(order.symbol, tradeId)) !== undefined;
  if (isKnown) {
    turn.emit({ type: 'fill_duplicate', ts: turn.now, order: order.key, tradeId });
    return undefined;
  }
  const booked =
    order.action === 'entry' ? bookEntry(turn, order, event) : bookExit(turn, order, event);
  if (booked !== undefined) turn.emit(booked);
  return booked;
}

// Ledger and venue differ by this fill from now on: nothing is added to the symbol until somebody
// has looked (B13).
function unmatched(turn: Turn, event: FillReported, symbol: string, what: string): undefined {
  const { order, tradeId, price, quantity } = event;
  turn.emit({ type: 'fill_unmatched', ts: turn.now, order, tradeId, price, quantity });
  const reason = `fill ${tradeId} ${what}`;
  placeHold(turn, { symbol, code: 'FILL_UNMATCHED', ref: tradeId, reason });
  return undefined;
}

// A key begins with the instance that its intent came from.
function symbolOf(turn: Turn, key: string): string {
  const owner = turn.config.instances.find(({ id }) => key.startsWith(`${id}@`));
  return owner?.symbol ?? ALL_SYMBOLS;
}

function bookEntry(turn: Turn, order: Order, event: FillReported): FillBooked {
  const before = positionFor(turn, order, event);
  const shares = sharesOf(turn, { ...event, symbol: order.symbol, action: 'entry' });
  const bought = { price: event.price, quantity: event.quantity - shares.fromQuantity };
  const apart = shares.fromQuantity === ZERO ? undefined : setDustApart(turn, before, bought);
  const position = withEntry(before, {
    price: event.price,
    quantity: apart?.kept ?? bought.quantity,
    fee: shares.value,
    leverage: order.leverage,
    intentId: order.intentId,
    ts: turn.now,
  });
  const cost = isSpot(turn, order.symbol) ? roundCash(multiply(event.price, event.quantity)) : ZERO;
  const cash = -cost - shares.fromCash;
  const foreignFee =
    shares.foreignFee === undefined || apart === undefined
      ? shares.foreignFee
      : { ...shares.foreignFee, dust: apart.dust };
  return record(turn, order, event, { position, realized: ZERO, cash, foreignFee });
}

function bookExit(turn: Turn, order: Order, event: FillReported): FillBooked | undefined {
  const held = heldBy(turn, order);
  // The venue closed more than we hold: never flip silently, say so and let reconciliation decide.
  if (held === undefined || held.quantity < event.quantity) {
    return unmatched(turn, event, order.symbol, 'exceeds the position that it closes');
  }
  const { price, quantity } = event;
  const shares = sharesOf(turn, { ...event, symbol: order.symbol, action: 'exit' });
  const reason = exitReason(order, held);
  const { position, realized } = withExit(held, { price, quantity, fee: shares.value, reason });
  const gained = isSpot(turn, order.symbol) ? roundCash(multiply(price, quantity)) : realized;
  const { foreignFee, fromCash } = shares;
  return record(turn, order, event, { position, realized, cash: gained - fromCash, foreignFee });
}

/** Close reasons of the position life cycle (L6), with the stop's source told apart. */
function exitReason(order: Order, position: Position): string {
  if (isStopLeg(order.leg)) return position.protection?.stop?.source ?? 'stop_loss';
  if (order.leg.startsWith('tp')) return 'take_profit';
  if (order.leg === 'time') return 'time_expired';
  if (order.leg === 'flatten') return 'partial_fill';
  if (isExternalIntent(order.intentId)) return 'manual';
  return 'strategy';
}

// The venue holds one position per symbol and side. What an order of a closed position still fills
// belongs to the one that its instance holds there now.
function heldBy(turn: Turn, order: Order): Position | undefined {
  const own = turn.state.positions.get(order.positionId) as Position | undefined;
  if (own !== undefined) return own;
  return findOwn(turn, order);
}

function findOwn(turn: Turn, order: Order): Position | undefined {
  for (const position of turn.state.positions.values()) {
    const isThere = position.symbol === order.symbol && position.side === order.positionSide;
    if (!isThere || isDust(position.id)) continue;
    if (position.instance === order.instance) return position as Position;
  }
  return undefined;
}

function positionFor(turn: Turn, order: Order, event: FillReported): Position {
  const held = heldBy(turn, order);
  if (held !== undefined) return held;
  const body = intentOf(turn, order.intentId);
  const lotsMethod = body?.kind === 'open' ? (body.lots ?? 'fifo') : 'fifo';
  return emptyPosition({
    id: order.positionId,
    instance: order.instance,
    symbol: order.symbol,
    side: order.positionSide,
    price: event.price,
    ts: turn.now,
    bar: turn.state.market.get(order.symbol)?.bars ?? 0,
    intentId: order.intentId,
    referencePrice: order.referencePrice,
    lotsMethod,
  });
}

interface Booking {
  readonly position: Position;
  readonly realized: Decimal;
  readonly cash: Decimal;
  readonly foreignFee: ForeignFee | undefined;
}

function record(turn: Turn, order: Order, event: FillReported, booking: Booking): FillBooked {
  const slipped = event.basePrice === null ? ZERO : abs(event.price - event.basePrice);
  const { foreignFee } = booking;
  const booked: FillBooked = {
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
  return foreignFee === undefined ? booked : { ...booked, foreignFee };
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
