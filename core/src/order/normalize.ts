// 5. Puts an order on the instrument's grid. It only ever rounds towards less exposure; what
// becomes illegal by that is denied, never enlarged. An exit above the maximum leaves in parts.
// Every rounding is recorded.
import { type Decimal, ZERO, floorTo, multiply } from '../decimal.js';
import { type Outcome, deny, pass } from '../outcome.js';
import type { Instrument } from '../market/instrument.js';
import type { Normalization } from '../records.js';
import { type NormalizedOrder, type OrderRequest, sideOf } from './order.js';
import { type Cut, cut, maximumOf } from './maximum.js';
import { limitOnTick, stopOnTick } from './price.js';

export interface Normalized {
  readonly order: NormalizedOrder;
  readonly normalizations: readonly Normalization[];
}

const NONE: readonly Normalization[] = [];

export function normalize(request: OrderRequest, instrument: Instrument): Outcome<Normalized> {
  const side = sideOf(request.positionSide, request.action);
  const price = request.price === null ? null : limitOnTick(request.price, side, instrument);
  const stopPrice =
    request.stopPrice === null ? null : stopOnTick(request.stopPrice, side, instrument);
  const { quantity, rest } = quantityOf(request, instrument);
  if ((price !== null && price <= ZERO) || (stopPrice !== null && stopPrice <= ZERO)) {
    return deny('PRICE_OUTSIDE_COLLAR', '/order/price', 'the price rounds to zero or below');
  }
  const denial = checkQuantity({ ...request, quantity, price, stopPrice }, instrument);
  if (denial !== undefined) return denial;
  const isUnchanged =
    price === request.price && stopPrice === request.stopPrice && quantity === request.quantity;
  if (isUnchanged) return pass({ order: request as NormalizedOrder, normalizations: NONE });
  const normalizations: Normalization[] = [];
  note(normalizations, 'price', request.price, price, 'tick');
  note(normalizations, 'stop_price', request.stopPrice, stopPrice, 'tick');
  const why = rest === ZERO ? 'lot' : 'max_quantity';
  note(normalizations, 'quantity', request.quantity, quantity, why);
  const order = { ...request, price, stopPrice, quantity } as NormalizedOrder;
  return pass({ order: rest === ZERO ? order : { ...order, rest }, normalizations });
}

function quantityOf(request: OrderRequest, instrument: Instrument): Cut {
  if (request.action === 'exit') return cut(request, instrument);
  return { quantity: floorTo(request.quantity, instrument.lotSize), rest: ZERO };
}

/** The same order, with changes noted that came before its rounding. */
export function withAdjustments(
  normalized: Normalized,
  adjustments: readonly Normalization[],
): Normalized {
  if (adjustments.length === 0) return normalized;
  const { order, normalizations } = normalized;
  return { order, normalizations: [...adjustments, ...normalizations] };
}

// Exits are exempt: a rest below the minimum must stay closable (reduce-only exemption).
function checkQuantity(request: OrderRequest, instrument: Instrument) {
  if (request.action === 'exit') {
    if (request.quantity > ZERO) return undefined;
    return deny('BELOW_MIN_QTY', '/amount', 'nothing is left to close', { quantity: ZERO });
  }
  if (request.quantity <= ZERO || request.quantity < instrument.minQuantity) {
    return deny('BELOW_MIN_QTY', '/sizing_policy', 'quantity is below the minimum', {
      quantity: request.quantity,
      min_quantity: instrument.minQuantity,
      lot_size: instrument.lotSize,
    });
  }
  const maximum = maximumOf(instrument, request.type);
  if (maximum !== null && request.quantity > maximum) {
    return deny('ABOVE_MAX_QTY', '/sizing_policy', 'more than the venue takes in one order', {
      quantity: request.quantity,
      max_quantity: maximum,
    });
  }
  const at = request.price ?? request.stopPrice ?? request.referencePrice;
  const notional = multiply(request.quantity, at);
  if (notional < instrument.minNotional) {
    return deny('BELOW_MIN_NOTIONAL', '/sizing_policy', 'notional is below the minimum', {
      notional,
      min_notional: instrument.minNotional,
    });
  }
  return undefined;
}

function note(
  into: Normalization[],
  field: Normalization['field'],
  from: Decimal | null,
  to: Decimal | null,
  reason: string,
): void {
  if (from !== null && to !== null && from !== to) into.push({ field, from, to, reason });
}
