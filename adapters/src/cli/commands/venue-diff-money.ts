// Payments, positions and the wallet of a session against those of the venue.
import { type Decimal, ZERO, decimal, format } from '@strategy-runner/core';
import { type Difference, type SessionRow, type SessionTables } from './venue-diff-rows.js';
import { isSame, said, venueSymbol } from './venue-diff-rows.js';
import type { Truth, TruthMove } from './venue-truth.js';

/** The session's id of a move holds the venue's, between colons or alone. */
export function compareMoves(
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

export function comparePositions(
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
export function compareWallet(wallet: string, tables: SessionTables): readonly Difference[] {
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
