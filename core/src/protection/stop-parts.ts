// A stop that is larger than the venue takes as one order rests in parts, side by side: together
// they cover the whole position, and each is replaced, resized and filled like a stop of its own.
import { type Decimal, ZERO, bps, floorTo } from '../decimal.js';
import type { Position } from '../ledger/position.js';
import { partsOf } from '../order/maximum.js';
import { type Order, isStopLeg, outstanding, remaining, stopLeg } from '../order/order.js';
import type { Frozen } from '../state/frozen.js';
import { type Turn, instrumentOf } from '../turn.js';
import { exitSide } from './levels.js';
import { isUnderWay, liveLegs } from './live-legs.js';
import type { StopState } from './protection.js';

export interface DesiredLeg {
  readonly leg: string;
  readonly type: Order['type'];
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
}

export function stopLegs(
  turn: Turn,
  position: Frozen<Position>,
  stop: Frozen<StopState>,
  live: readonly Order[],
): readonly DesiredLeg[] {
  const working = live.filter(({ leg }) => isStopLeg(leg));
  if (working.some(isUnderWay)) return working.map(asDesired);
  const whole = wholeStop(turn, position, stop);
  if (working.some(({ leg }) => leg !== whole.leg)) {
    // A part that has filled leaves the others as they are: they cover what is left.
    const parts = latest(working).filter((order) => isAtPriceOf(order, whole));
    if (sumOf(parts) === whole.quantity) return parts.map(asDesired);
  }
  const sized = { ...whole, referencePrice: stop.price };
  const quantities = partsOf(sized, instrumentOf(turn, position.symbol));
  if (quantities.length === 1) return [whole];
  return quantities.map((quantity, place) => ({ ...whole, leg: stopLeg(place + 1), quantity }));
}

function isAtPriceOf(order: Order, { price, stopPrice }: DesiredLeg): boolean {
  return order.price === price && order.stopPrice === stopPrice;
}

function wholeStop(turn: Turn, position: Frozen<Position>, stop: Frozen<StopState>): DesiredLeg {
  const side = exitSide(position.side);
  const distance = bps(stop.price, stop.limitOffsetBps);
  const { tickSize } = instrumentOf(turn, position.symbol);
  const limit = side === 'sell' ? stop.price - distance : stop.price + distance;
  return {
    leg: stopLeg(1),
    type: stop.order === 'limit' ? 'stop_limit' : 'stop_market',
    quantity: position.quantity,
    price: stop.order === 'limit' ? floorTo(limit, tickSize) : null,
    stopPrice: stop.price,
  };
}

function asDesired(order: Order): DesiredLeg {
  const { leg, type, price, stopPrice } = order;
  return { leg, type, price, stopPrice, quantity: outstanding(order) };
}

/** Of each leg the last one placed; an older one only stays until that one rests. */
function latest(live: readonly Order[]): readonly Order[] {
  const found = new Map<string, Order>();
  for (const order of live) {
    const known = found.get(order.leg);
    if (known === undefined || known.attempt < order.attempt) found.set(order.leg, order);
  }
  return [...found.values()];
}

function sumOf(orders: readonly Order[]): Decimal {
  return orders.reduce((sum, order) => sum + remaining(order), ZERO);
}

/** What the other parts of the stop will still close. */
export function restingBeside(turn: Turn, { positionId, leg }: Order): Decimal {
  const live = liveLegs(turn, positionId).filter((other) => isStopLeg(other.leg));
  return sumOf(latest(live).filter((other) => other.leg !== leg));
}
