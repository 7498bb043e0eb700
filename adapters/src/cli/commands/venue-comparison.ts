// Holds a session against the truth of the venue, as sets: what is at one side only, and what
// differs. Pure; amounts are compared exactly, however they are written.
import { type Decimal, ZERO, decimal, format } from '@strategy-runner/core';
import type { Truth, TruthMove, TruthOrder, TruthTrade } from './venue-truth.js';

export type SessionRow = Readonly<Record<string, string | number | null>>;

export interface SessionTables {
  readonly orders: readonly SessionRow[];
  readonly fills: readonly SessionRow[];
  readonly funding: readonly SessionRow[];
  readonly moves: readonly SessionRow[];
  readonly positions: readonly SessionRow[];
  readonly equity: readonly SessionRow[];
}

export interface SessionNames {
  /** The client order id of one of the session's order keys. */
  readonly clientIdOf: (orderKey: string) => string;
  /** Whether a client order id was made by the session. */
  readonly isOurs: (clientOrderId: string) => boolean;
}

export type DiffAbout =
  'order' | 'open_order' | 'trade' | 'funding' | 'cash_move' | 'position' | 'wallet';

export interface Difference {
  readonly about: DiffAbout;
  readonly what: 'only_at_venue' | 'only_in_session' | 'differs';
  readonly id: string;
  readonly field?: string;
  readonly venue?: string;
  readonly session?: string;
}

/** Of nobody's order in the session: told, and whether the session has booked it. */
export interface External {
  readonly about: 'order' | 'trade';
  readonly id: string;
  readonly symbol: string;
  readonly is_booked: boolean;
  /** Before the session began, which therefore need not know of it. */
  readonly is_earlier: boolean;
}

export interface Comparison {
  readonly counts: Readonly<Record<'orders' | 'trades' | 'funding' | 'cash_moves', number>>;
  readonly differences: readonly Difference[];
  readonly external: readonly External[];
}

export function compareWithTruth(
  truth: Truth,
  tables: SessionTables,
  names: SessionNames,
): Comparison {
  const startMs = startOf(tables);
  const orders = compareOrders(truth.orders, tables.orders, names);
  const trades = compareTrades(truth.trades, tables.fills, { orders: orders.known, startMs });
  const funding = compareMoves('funding', truth.funding, tables.funding, startMs);
  const moves = compareMoves('cash_move', truth.transfers, tables.moves, startMs);
  return {
    counts: {
      orders: orders.known.size,
      trades: trades.count,
      funding: funding.count,
      cash_moves: moves.count,
    },
    differences: [
      ...orders.differences,
      ...trades.differences,
      ...funding.differences,
      ...moves.differences,
      ...comparePositions(truth, tables.positions),
      ...compareWallet(truth.wallet, tables),
    ],
    external: [...orders.external, ...trades.external],
  };
}

/** The venue's name of a unified symbol. */
export function venueSymbol(symbol: string): string {
  return symbol.split(':', 1)[0]!.replace('/', '').toUpperCase();
}

function compareOrders(
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
  return { differences, external, known };
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

function compareTrades(
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

/** The session's id of a move holds the venue's, between colons or alone. */
function compareMoves(
  about: 'funding' | 'cash_move',
  venue: readonly TruthMove[],
  session: readonly SessionRow[],
  startMs: number,
) {
  const differences: Difference[] = [];
  const left = new Set(session);
  for (const move of venue) {
    const row = [...left].find((row) => movesAlike(row, move));
    if (row === undefined) {
      if (move.timeMs < startMs) continue;
      const { id, amount } = move;
      differences.push({ about, what: 'only_at_venue', id, venue: amount });
      continue;
    }
    left.delete(row);
    const amount = said(row, 'amount');
    if (isSame(move.amount, amount)) continue;
    const sides = { venue: move.amount, session: amount };
    differences.push({ about, what: 'differs', id: move.id, field: 'amount', ...sides });
  }
  for (const row of left) {
    const id = moveIdOf(row);
    // Not every move of the ledger comes from the venue's list.
    if (about === 'cash_move' && said(row, 'cause') === 'adjustment') continue;
    differences.push({ about, what: 'only_in_session', id, session: said(row, 'amount') });
  }
  return { differences, count: venue.length };
}

function movesAlike(row: SessionRow, move: TruthMove): boolean {
  const id = moveIdOf(row);
  if (id.split(':').includes(move.id)) return true;
  return id === `balance:${move.timeMs}:${move.asset}:${move.amount}`;
}

function moveIdOf(row: SessionRow): string {
  return said(row, 'funding_id') || said(row, 'move_id');
}

function comparePositions(
  { positions }: Truth,
  session: readonly SessionRow[],
): readonly Difference[] {
  if (positions === undefined) return [];
  const sums = new Map<string, { venue: Decimal; session: Decimal }>();
  const entryOf = (key: string) => {
    const entry = sums.get(key) ?? { venue: ZERO, session: ZERO };
    sums.set(key, entry);
    return entry;
  };
  for (const { symbol, side, quantity } of positions) {
    const entry = entryOf(`${symbol}:${side}`);
    entry.venue += decimal(quantity);
  }
  for (const row of session) {
    if (row['status'] !== 'open') continue;
    const entry = entryOf(`${venueSymbol(said(row, 'symbol'))}:${said(row, 'side')}`);
    entry.session += decimal(said(row, 'quantity'));
  }
  return [...sums]
    .filter(([, { venue, session }]) => venue !== session)
    .map(([id, sides]): Difference => {
      const [venue, session] = [format(sides.venue), format(sides.session)];
      return { about: 'position', what: 'differs', id, field: 'quantity', venue, session };
    });
}

/** The last curve point and what has moved cash since. */
function compareWallet(wallet: string, tables: SessionTables): readonly Difference[] {
  const last = tables.equity.at(-1);
  if (last === undefined) return [];
  let cash = decimal(said(last, 'cash'));
  const since = (rows: readonly SessionRow[], field: string): void => {
    for (const row of rows) {
      if (Number(row['seq']) > Number(last['seq'])) cash += decimal(said(row, field));
    }
  };
  since(tables.fills, 'cash');
  since(tables.funding, 'amount');
  since(tables.moves, 'cash');
  const session = format(cash);
  if (isSame(wallet, session)) return [];
  const field = 'cash';
  return [{ about: 'wallet', what: 'differs', id: 'wallet', field, venue: wallet, session }];
}

/** Market time of the first row of the session. */
function startOf({ orders, fills, equity }: SessionTables): number {
  const times = [
    ...orders.map(({ created_ms }) => Number(created_ms)),
    ...[...fills, ...equity].map(({ ts }) => Number(ts)),
  ];
  return times.length === 0 ? Infinity : Math.min(...times);
}

function isSame(venue: string, session: string): boolean {
  return decimal(venue || '0') === decimal(session || '0');
}

function said(row: SessionRow, name: string): string {
  const value = row[name];
  return value === null || value === undefined ? '' : String(value);
}
