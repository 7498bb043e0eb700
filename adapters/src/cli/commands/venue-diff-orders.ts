// Orders and trades of a session against those of the venue. Orders are found by client id, then by
// venue id; trades by symbol and trade id.
import { type Difference, type External, type SessionNames } from './venue-diff-rows.js';
import { type SessionRow, isSame, said, venueSymbol } from './venue-diff-rows.js';
import type { TruthOrder, TruthTrade } from './venue-truth.js';

export function compareOrders(
  venue: readonly TruthOrder[],
  session: readonly SessionRow[],
  names: SessionNames,
) {
  const differences: Difference[] = [];
  const external: External[] = [];
  /** Venue ids of the session's orders. */
  const known = new Set<string>();
  const left = new Map(session.map((row) => [names.clientIdOf(said(row, 'order_key')), row]));
  const byVenueId = new Map(session.map((row) => [said(row, 'venue_order_id'), row]));
  for (const order of venue) {
    const { clientOrderId, ids, symbol } = order;
    const byClient = left.get(clientOrderId);
    const row = byClient ?? ids.map((id) => byVenueId.get(id)).find((found) => found !== undefined);
    if (row === undefined) {
      const id = ids[0]!;
      if (names.isOurs(clientOrderId)) {
        differences.push({ about: 'order', what: 'only_at_venue', id, venue: clientOrderId });
        for (const each of ids) known.add(each);
      } else external.push({ about: 'order', id, symbol, is_booked: false, is_earlier: false });
      continue;
    }
    left.delete(names.clientIdOf(said(row, 'order_key')));
    for (const id of ids) known.add(id);
    differences.push(...orderDifferences(order, row));
  }
  for (const row of left.values()) {
    const id = said(row, 'venue_order_id');
    const session = said(row, 'order_key');
    if (id !== '') differences.push({ about: 'order', what: 'only_in_session', id, session });
  }
  return { differences, external, known, count: venue.length };
}

function orderDifferences(order: TruthOrder, row: SessionRow): readonly Difference[] {
  const id = order.ids[0]!;
  const found: Difference[] = [];
  const venueId = said(row, 'venue_order_id');
  if (!order.ids.includes(venueId)) {
    const [venue, session] = [order.ids.join(' '), venueId];
    found.push({ about: 'order', what: 'differs', id, field: 'venue_order_id', venue, session });
  }
  const filled = said(row, 'filled');
  if (!isSame(order.filled, filled)) {
    const sides = { venue: order.filled, session: filled };
    found.push({ about: 'order', what: 'differs', id, field: 'filled', ...sides });
  }
  const isWorking = row['ended_ms'] === null;
  if (isWorking !== order.isOpen) {
    const sides = { venue: order.status, session: said(row, 'status') };
    found.push({ about: 'open_order', what: 'differs', id, field: 'status', ...sides });
  }
  return found;
}

interface TradeScope {
  /** Venue ids of the session's orders. */
  readonly orders: ReadonlySet<string>;
  readonly startMs: number;
}

export function compareTrades(
  venue: readonly TruthTrade[],
  session: readonly SessionRow[],
  { orders, startMs }: TradeScope,
) {
  const differences: Difference[] = [];
  const external: External[] = [];
  const left = new Map<string, SessionRow>();
  for (const row of session) {
    const id = `${venueSymbol(said(row, 'symbol'))}:${said(row, 'trade_id')}`;
    if (left.has(id)) {
      const twice = { venue: 'once', session: 'twice' };
      differences.push({ about: 'trade', what: 'differs', id, field: 'booked', ...twice });
    }
    left.set(id, row);
  }
  for (const trade of venue) {
    const id = `${trade.symbol}:${trade.id}`;
    const row = left.get(id);
    left.delete(id);
    const isEarlier = trade.timeMs < startMs;
    if (!orders.has(trade.orderId)) {
      const is_booked = row !== undefined;
      const { symbol } = trade;
      external.push({ about: 'trade', id, symbol, is_booked, is_earlier: isEarlier });
      if (!is_booked && isEarlier) continue;
    }
    if (row === undefined) differences.push({ about: 'trade', what: 'only_at_venue', id });
    else differences.push(...tradeDifferences(trade, row, id));
  }
  for (const id of left.keys()) differences.push({ about: 'trade', what: 'only_in_session', id });
  return { differences, external, count: venue.length };
}

function tradeDifferences(trade: TruthTrade, row: SessionRow, id: string): readonly Difference[] {
  const fields = [
    ['price', trade.price, said(row, 'price')],
    ['quantity', trade.quantity, said(row, 'quantity')],
    ['fee', trade.fee, said(row, 'fee')],
  ] as const;
  const found = fields
    .filter(([, venue, session]) => !isSame(venue, session))
    .map(([field, venue, session]): Difference => {
      return { about: 'trade', what: 'differs', id, field, venue, session };
    });
  const [venue, session] = [trade.feeAsset, said(row, 'fee_currency')];
  if (venue === session) return found;
  return [...found, { about: 'trade', what: 'differs', id, field: 'fee_currency', venue, session }];
}
