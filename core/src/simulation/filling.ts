// How much of an order one encounter fills, and at which price. Pure.
import {
  type Decimal,
  ZERO,
  bps,
  decimal,
  divideDown,
  floorTo,
  max,
  min,
  multiply,
  roundCash,
} from '../decimal.js';
import { type CostModel, feeOf, slipped } from './costs.js';
import type { LegShock } from './shocks.js';
import type { SimOrder } from './sim-order.js';

export interface Supply {
  readonly lotSize: Decimal;
  /** What the account holds on the order's side: a reduce-only order never takes more. */
  readonly held: Decimal;
  /** What the bar still offers, or null where volume is not modelled. */
  readonly volumeLeft: Decimal | null;
}

/** Volume and shocks may leave a rest; fill or kill leaves all of it or nothing. */
export function fillableQuantity(
  sim: SimOrder,
  { lotSize, held, volumeLeft }: Supply,
  shock: LegShock | undefined,
): Decimal {
  const { order } = sim;
  let quantity = order.quantity - sim.filled;
  if (order.reduceOnly) quantity = min(quantity, held);
  if (shock?.filledShareBps !== undefined) {
    quantity = min(quantity, floorTo(bps(order.quantity, shock.filledShareBps), lotSize));
  }
  if (volumeLeft !== null && quantity > volumeLeft) quantity = floorTo(volumeLeft, lotSize);
  return sim.timeInForce === 'FOK' && quantity < order.quantity ? ZERO : quantity;
}

/** Fee of one fill: the model's, and what a shock adds to it. */
export function feeOfFill(
  costs: CostModel,
  shock: LegShock | undefined,
  { price, quantity, liquidity }: FillTerms,
): Decimal {
  const extra = bps(multiply(price, quantity), shock?.feeDeltaBps ?? ZERO);
  return feeOf(costs, price, quantity, liquidity) + roundCash(extra);
}

export interface FillTerms {
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly liquidity: 'maker' | 'taker';
}

// Cost and fees are rounded to 1e-8 each; together they are never off by more than this.
const ROUNDING = decimal('0.00000002');

/** What of a purchase that costs `owed`, fees included, the cash pays for, on the lot. */
export function affordable(
  quantity: Decimal,
  owed: Decimal,
  cash: Decimal,
  lotSize: Decimal,
): Decimal {
  if (owed <= cash) return quantity;
  const share = divideDown(multiply(quantity, max(cash - ROUNDING, ZERO)), owed + ROUNDING);
  return floorTo(share, lotSize);
}

/** A taker slips, at most to its limit. */
export function takerPrice(
  sim: SimOrder,
  basePrice: Decimal,
  costs: CostModel,
  tickSize: Decimal,
): Decimal {
  const price = slipped(costs, basePrice, sim.side, tickSize);
  const limit = sim.order.price;
  if (limit === null) return price;
  return sim.side === 'buy' ? min(price, limit) : max(price, limit);
}

/** Volumes are not money; twelve digits keep them inside the decimal range. */
export function roundVolume(volume: number): number {
  return Number(volume.toPrecision(12));
}
