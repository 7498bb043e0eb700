// How much of an order one encounter fills, and at which price. Pure.
import { type Decimal, ZERO, bps, floorTo, max, min } from '../decimal.js';
import { type CostModel, slipped } from './costs.js';
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
