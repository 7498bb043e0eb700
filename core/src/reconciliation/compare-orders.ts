// The venue's open orders against ours: what works there and is not ours, and what should work
// there and does not. Neither is a verdict; a missing order is asked for by its id.
import { ZERO, format } from '../decimal.js';
import type { VenueOrder, VenueSnapshot } from '../events.js';
import { type Order, remaining } from '../order/order.js';
import type { DivergenceItem } from '../records.js';
import type { EngineState } from '../state/engine-state.js';
import type { Frozen } from '../state/frozen.js';
import { isSpotSymbol } from './holdings.js';
import { type Terms, hasMovedSince, isInScope } from './unsettled.js';

/** Orders at the venue that the state does not know as working, ours or somebody else's. */
export function untrackedOrders(
  state: Frozen<EngineState>,
  snapshot: VenueSnapshot,
): readonly VenueOrder[] {
  const known = new Set<string>();
  for (const { key, venueOrderId } of state.orders.values()) {
    known.add(key);
    if (venueOrderId !== null) known.add(venueOrderId);
  }
  return snapshot.orders.filter(({ symbol, order, venueOrderId }) => {
    if (!isInScope(snapshot, symbol)) return false;
    return !known.has(venueOrderId) && (order === null || !known.has(order));
  });
}

/** Whether a fill of it could open or enlarge a position; what can only close never holds. */
export function canOpenExposure(order: VenueOrder, terms: Terms): boolean {
  if (order.reduceOnly) return false;
  // Nobody can sell short on spot: a sale gives away what is held.
  if (isSpotSymbol(terms, order.symbol)) return order.side === 'buy';
  if (terms.positionMode !== 'hedge' || order.positionSide === null) return true;
  return (order.positionSide === 'long') === (order.side === 'buy');
}

export function untrackedItem(order: VenueOrder): DivergenceItem {
  const { symbol, venueOrderId, side, type, quantity, filled } = order;
  const theirs = `${side} ${format(quantity - filled)} ${type}`;
  return { kind: 'order_untracked', symbol, ref: venueOrderId, ours: '', theirs };
}

const WORKING = ['accepted', 'partially_filled', 'pending_cancel'];

/** Ours that should work at the venue and are not in its list. */
export function missingOrders(
  state: Frozen<EngineState>,
  snapshot: VenueSnapshot,
): readonly Order[] {
  const there = new Set<string>();
  for (const { order, venueOrderId } of snapshot.orders) {
    there.add(venueOrderId);
    if (order !== null) there.add(order);
  }
  const missing: Order[] = [];
  for (const order of state.orders.values()) {
    const { key, symbol, status, venueOrderId } = order;
    if (!WORKING.includes(status) || !isInScope(snapshot, symbol)) continue;
    if (there.has(key) || (venueOrderId !== null && there.has(venueOrderId))) continue;
    if (!hasMovedSince(state, symbol, snapshot)) missing.push(order as Order);
  }
  return missing;
}

export function missingItem(order: Order): DivergenceItem {
  const { symbol, key, side, type } = order;
  const left = remaining(order);
  const ours = `${side} ${format(left < ZERO ? ZERO : left)} ${type}`;
  return { kind: 'order_missing', symbol, ref: key, ours, theirs: '' };
}
