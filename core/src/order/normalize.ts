// 5. Puts an order on the instrument's grid. It only ever rounds towards less exposure; what
// becomes illegal by that is denied, never enlarged. Every rounding is recorded.
import { type Decimal, ZERO, floorTo, multiply } from '../decimal.js';
import { type Outcome, deny, pass } from '../outcome.js';
import type { Instrument } from '../market/instrument.js';
import type { Normalization } from '../records.js';
import { type NormalizedOrder, type OrderRequest, sideOf } from './order.js';
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
  const quantity =
    request.action === 'entry' ? floorTo(request.quantity, instrument.lotSize) : request.quantity;
  if ((price !== null && price <= ZERO) || (stopPrice !== null && stopPrice <= ZERO)) {
    return deny('PRICE_OUTSIDE_COLLAR', '/order/price', 'the price rounds to zero or below');
  }
  const tooSmall = checkMinimums({ ...request, quantity, price, stopPrice }, instrument);
  if (tooSmall !== undefined) return tooSmall;
  const isUnchanged =
    price === request.price && stopPrice === request.stopPrice && quantity === request.quantity;
  if (isUnchanged) return pass({ order: request as NormalizedOrder, normalizations: NONE });
  const normalizations: Normalization[] = [];
  note(normalizations, 'price', request.price, price, 'tick');
  note(normalizations, 'stop_price', request.stopPrice, stopPrice, 'tick');
  note(normalizations, 'quantity', request.quantity, quantity, 'lot');
  const order = { ...request, price, stopPrice, quantity } as NormalizedOrder;
  return pass({ order, normalizations });
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
function checkMinimums(request: OrderRequest, instrument: Instrument) {
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
