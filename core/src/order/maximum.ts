// The largest order that the venue takes. What opens is denied above it. What closes is cut, since
// a way out is never closed by a rule: one order of at most the maximum leaves, the rest behind it.
import {
  type Decimal,
  ZERO,
  ceilTo,
  divide,
  floorTo,
  max as larger,
  min as smaller,
} from '../decimal.js';
import type { Instrument } from '../market/instrument.js';
import type { OrderRequest, OrderType } from './order.js';

type Sized = Pick<OrderRequest, 'type' | 'quantity' | 'price' | 'stopPrice' | 'referencePrice'>;

export interface Cut {
  readonly quantity: Decimal;
  /** What has to follow; zero where it leaves as one order. */
  readonly rest: Decimal;
}

/** Null = there is no maximum. */
export function maximumOf(instrument: Instrument, type: OrderType): Decimal | null {
  const { maxQuantity = null, maxMarketQuantity = null } = instrument;
  if (type !== 'market' && type !== 'stop_market') return maxQuantity;
  if (maxQuantity === null || maxMarketQuantity === null) return maxMarketQuantity ?? maxQuantity;
  return smaller(maxQuantity, maxMarketQuantity);
}

export function cut(request: Sized, instrument: Instrument): Cut {
  const { quantity, type } = request;
  const maximum = maximumOf(instrument, type);
  if (maximum === null || quantity <= maximum) return { quantity, rest: ZERO };
  const { lotSize } = instrument;
  const most = floorTo(maximum, lotSize);
  if (most <= ZERO) return { quantity, rest: ZERO };
  const rest = quantity - most;
  const least = leastOf(request, instrument);
  if (rest >= least) return { quantity: most, rest };
  // What is left would be too small to be taken: this one leaves it as much as it needs.
  const less = floorTo(quantity - least, lotSize);
  return less >= least ? { quantity: less, rest: quantity - less } : { quantity: most, rest };
}

/** All orders that the quantity makes, the last one with what is left. */
export function partsOf(request: Sized, instrument: Instrument): readonly Decimal[] {
  const parts: Decimal[] = [];
  let left = request.quantity;
  while (left > ZERO) {
    const { quantity, rest } = cut({ ...request, quantity: left }, instrument);
    parts.push(quantity);
    left = rest;
  }
  return parts;
}

function leastOf({ price, stopPrice, referencePrice }: Sized, instrument: Instrument): Decimal {
  const { lotSize, minQuantity, minNotional } = instrument;
  const at = price ?? stopPrice ?? referencePrice;
  const byNotional = at > ZERO ? divide(minNotional, at) : ZERO;
  return ceilTo(larger(minQuantity, byNotional), lotSize);
}
