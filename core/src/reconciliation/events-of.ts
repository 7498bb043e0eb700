// What `--apply` delivers for an item of a plan. Asking, cancelling and re-arming are no events:
// the venue, or the engine's own monitor, does those.
import { ZERO, decimal } from '../decimal.js';
import type { AccountEvent, VenueOrder, VenueSnapshot } from '../events.js';
import type { Booking } from './bookings.js';
import type { ReconcileItem } from './plan.js';

export interface ApplyContext {
  /** The report that the plan was made from. */
  readonly snapshot: VenueSnapshot;
  /** Time of the events. */
  readonly ts: number;
}

export function eventsOf(item: ReconcileItem, context: ApplyContext): readonly AccountEvent[] {
  if (item.action === 'adopt') {
    const venueOrder = foreignOrderOf(item, context.snapshot);
    if (venueOrder === undefined) return [];
    return [{ kind: 'order_adopted', ts: context.ts, venueOrder }];
  }
  return (item.bookings ?? []).map((booking) => eventOf(booking, context));
}

/** The order that an item is about, for `adopt`, and for `cancelForeign` of the venue. */
export function foreignOrderOf(
  { kind, ref }: ReconcileItem,
  { orders }: VenueSnapshot,
): VenueOrder | undefined {
  if (kind !== 'order_untracked') return undefined;
  return orders.find(({ venueOrderId }) => venueOrderId === ref);
}

function eventOf(booking: Booking, { ts, snapshot }: ApplyContext): AccountEvent {
  const { id } = booking;
  if (booking.kind === 'cash') {
    const { currency, amount } = booking;
    return { kind: 'cash_moved', ts, id, currency, amount: decimal(amount), cause: 'adjustment' };
  }
  const { symbol, side, positionSide } = booking;
  return {
    kind: 'external_fill',
    ts,
    tradeId: id,
    venueOrderId: '',
    symbol,
    side,
    positionSide,
    price: decimal(booking.price),
    quantity: decimal(booking.quantity),
    fee: ZERO,
    feeCurrency: '',
    liquidity: 'taker',
    cause: 'adjustment',
    venueMs: snapshot.takenMs,
  };
}
