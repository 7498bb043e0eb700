// The price that the model gives to a fill at another bar than its own: a taker meets that bar's
// open, a maker its limit. Pure.
import { type Decimal, fromNumber, max, min } from '../../decimal.js';
import type { FillReported } from '../../events.js';
import type { Instrument } from '../../market/instrument.js';
import type { Order } from '../../order/order.js';
import { type CostModel, slipped } from '../../simulation/costs.js';

export interface FillTerms {
  readonly price: Decimal;
  /** Before slippage. */
  readonly base: Decimal;
  readonly liquidity: 'maker' | 'taker';
}

/** What the model itself said. */
export function termsOf({ price, basePrice, liquidity }: FillReported): FillTerms {
  return { price, base: basePrice ?? price, liquidity };
}

/** `market`: the open of the bar that the fill falls into, or the last close after the last bar. */
export function lateTerms(
  order: Pick<Order, 'side' | 'price'>,
  liquidity: 'maker' | 'taker',
  market: number,
  costs: CostModel,
  { tickSize }: Instrument,
): FillTerms {
  const limit = order.price;
  if (liquidity === 'maker' && limit !== null) return { price: limit, base: limit, liquidity };
  const base = fromNumber(market);
  const price = slipped(costs, base, order.side, tickSize);
  if (limit === null) return { price, base, liquidity };
  return { price: order.side === 'buy' ? min(price, limit) : max(price, limit), base, liquidity };
}
