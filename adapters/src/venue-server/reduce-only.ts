// Reduce-only orders never add up to more than the position: a new one is shrunk or refused, and
// resting ones shrink or expire, newest first, when the position does.
import { type Amount, ZERO, smaller } from './amount.js';
import { type OrderRequest, type PositionSide, type VenueOrder } from './order.js';
import { remainingOf } from './order.js';
import { type VenueState, marketOf } from './venue-state.js';
import { VenueReject } from './venue-reject.js';

/** The request, with the quantity that the position leaves it. Errors: -2022, -4118. */
export function withinPosition(state: VenueState, request: OrderRequest): OrderRequest {
  if (!request.isReduceOnly) return request;
  const held = state.account.position(request.symbol, request.positionSide).quantity;
  const reduces = held.isNegative() ? request.side === 'BUY' : request.side === 'SELL';
  if (held.isZero() || !reduces) throw new VenueReject(-2022);
  const resting = restingReduceOnly(state, request.symbol, request.positionSide);
  const free = held.abs().minus(sumOf(resting));
  if (free.lte(0)) throw new VenueReject(-4118);
  return { ...request, quantity: smaller(request.quantity, free) };
}

export interface ShrinkActions {
  readonly expire: (order: VenueOrder) => void;
  readonly amend: (order: VenueOrder) => void;
}

export function shrinkReduceOnly(
  state: VenueState,
  symbol: string,
  positionSide: PositionSide,
  actions: ShrinkActions,
): void {
  const held = state.account.position(symbol, positionSide).quantity;
  const resting = restingReduceOnly(state, symbol, positionSide);
  const reducing = held.isNegative() ? 'BUY' : 'SELL';
  const kept = resting.filter(({ side }) => side === reducing && !held.isZero());
  for (const order of resting) if (!kept.includes(order)) actions.expire(order);
  let excess = sumOf(kept).minus(held.abs());
  for (const order of kept.toReversed()) {
    if (excess.lte(0)) return;
    const cut = smaller(excess, remainingOf(order));
    excess = excess.minus(cut);
    if (cut.eq(remainingOf(order))) {
      actions.expire(order);
      continue;
    }
    order.quantity = order.quantity.minus(cut);
    order.updatedMs = state.nowMs;
    marketOf(state, symbol).book.reduce(order.id, cut);
    actions.amend(order);
  }
}

function restingReduceOnly(
  state: VenueState,
  symbol: string,
  positionSide: PositionSide,
): readonly VenueOrder[] {
  return [...state.openOrders.values()].filter(
    (order) => order.isReduceOnly && order.symbol === symbol && order.positionSide === positionSide,
  );
}

function sumOf(orders: readonly VenueOrder[]): Amount {
  return orders.reduce((sum, order) => sum.plus(remainingOf(order)), ZERO);
}
