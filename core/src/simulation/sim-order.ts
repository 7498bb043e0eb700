// An order at the simulated venue, and the mark by which a restarted one knows where it was placed.
import { type Decimal, ZERO, toNumber } from '../decimal.js';
import type { Order } from '../order/order.js';
import type { Resting } from './matching.js';

/** Where in a bar an order was placed; it decides what of that bar the order may still meet. */
export const PHASE = { between: 0, open: 1, below: 2, above: 3, targets: 4, close: 5 } as const;
export type Phase = (typeof PHASE)[keyof typeof PHASE];

export interface SimOrder extends Resting {
  readonly order: Order;
  readonly sequence: number;
  /** Close of the bar inside which it was placed, or of the last one when placed between bars. */
  readonly placedMs: number;
  readonly placedIn: Phase;
  isTriggered: boolean;
  hasMetOpen: boolean;
  filled: Decimal;
  fills: number;
  /** Bars that a shock has held it back. */
  barsWaited: number;
}

export interface Placement {
  readonly placedMs: number;
  readonly placedIn: Phase;
  readonly sequence: number;
}

export function simOrder(order: Order, placement: Placement): SimOrder {
  return {
    placedMs: placement.placedMs,
    placedIn: placement.placedIn,
    sequence: placement.sequence,
    order,
    side: order.side,
    type: order.type,
    limit: order.price === null ? Number.NaN : toNumber(order.price),
    stop: order.stopPrice === null ? Number.NaN : toNumber(order.stopPrice),
    postOnly: order.postOnly,
    timeInForce: order.timeInForce,
    isTriggered: order.isTriggered,
    hasMetOpen: false,
    filled: ZERO,
    fills: 0,
    barsWaited: 0,
  };
}

/** The venue order id of the simulation: `sim.<placed ms>.<phase>.<rests 0|1>.<n>`. */
export function placementMark(sim: SimOrder): string {
  return `sim.${sim.placedMs}.${sim.placedIn}.${sim.hasMetOpen ? 1 : 0}.${sim.sequence}`;
}

/**
 * The order as it rested when the bar that closed at `nowMs` was over; undefined if never accepted.
 */
export function restoreOrder(order: Order, nowMs: number): SimOrder | undefined {
  const mark = /^sim\.(\d+)\.([0-5])\.([01])\.(\d+)$/.exec(order.venueOrderId ?? '');
  if (mark === null) return undefined;
  const placedMs = Number(mark[1]);
  const placement = { placedMs, placedIn: Number(mark[2]) as Phase, sequence: Number(mark[4]) };
  const sim = simOrder(order, placement);
  sim.hasMetOpen = mark[3] === '1' || nowMs > placedMs;
  sim.filled = order.filled;
  sim.fills = order.tradeIds.length;
  return sim;
}

export interface RestoredPosition {
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly quantity: Decimal;
}
