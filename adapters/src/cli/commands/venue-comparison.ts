// Holds a session against the truth of the venue, as sets: what is at one side only, and what
// differs. Pure; amounts are compared exactly, however they are written.
import { compareMoves, comparePositions, compareWallet } from './venue-diff-money.js';
import { compareOrders, compareTrades } from './venue-diff-orders.js';
import type { Difference, External, SessionNames, SessionTables } from './venue-diff-rows.js';
import type { Truth } from './venue-truth.js';

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
      orders: orders.count,
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

/** Market time of the first row of the session. */
function startOf({ orders, fills, equity }: SessionTables): number {
  const times = [
    ...orders.map(({ created_ms }) => Number(created_ms)),
    ...[...fills, ...equity].map(({ ts }) => Number(ts)),
  ];
  return times.length === 0 ? Infinity : Math.min(...times);
}
