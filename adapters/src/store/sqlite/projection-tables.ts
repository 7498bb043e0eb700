// The tables for people, each a function of the journal. Money is a plain decimal string, `_ms` is
// epoch milliseconds, a flag is 0 or 1. A change here needs a migration that makes them anew.
import type { SqlValue } from '../../private-files/connection.js';

interface Table {
  readonly name: string;
  /** Columns that name a row, then the others; `seq` is the journal row that began it. */
  readonly key: string;
  readonly columns: readonly string[];
}

function table<const Columns extends readonly string[]>(
  name: string,
  key: Columns[number],
  columns: Columns,
) {
  return { name, key, columns } as const;
}

export type RowOf<Source extends Table> = {
  readonly [Column in Source['columns'][number]]: SqlValue;
};

// prettier-ignore
export const PROJECTIONS = {
  intents: table('intents', 'seq', [
    'seq', 'ts', 'intent_id', 'instance', 'kind', 'side', 'symbol', 'position_id', 'status',
    'outcome', 'path', 'detail', 'numbers', 'deadline_ms', 'done_ms', 'step', 'moves',
    'fallback_uses', 'pending', 'body',
  ]),
  orders: table('orders', 'order_key', [
    'order_key', 'seq', 'created_ms', 'intent_id', 'leg', 'attempt', 'instance', 'symbol',
    'position_id', 'position_side', 'action', 'side', 'type', 'quantity', 'price', 'stop_price',
    'time_in_force', 'is_post_only', 'is_reduce_only', 'leverage', 'reference_price', 'status',
    'is_triggered', 'venue_order_id', 'filled', 'filled_notional', 'average_price', 'accepted_ms',
    'ended_ms', 'cancel_reason', 'code', 'normalizations',
  ]),
  orderEvents: table('order_events', 'seq', [
    'seq', 'ts', 'order_key', 'source', 'kind', 'status', 'code', 'detail', 'venue_order_id',
    'trade_id', 'price', 'quantity',
  ]),
  fills: table('fills', 'seq', [
    'seq', 'ts', 'order_key', 'intent_id', 'leg', 'trade_id', 'instance', 'symbol', 'position_id',
    'position_side', 'action', 'side', 'price', 'quantity', 'fee', 'fee_currency', 'liquidity',
    'realized', 'cash', 'slippage', 'is_complete',
  ]),
  positions: table('positions', 'position_id', [
    'position_id', 'seq', 'instance', 'symbol', 'side', 'status', 'quantity', 'entry_price', 'cost',
    'peak_quantity', 'entered_quantity', 'entered_notional', 'exited_quantity', 'exited_notional',
    'opened_ms', 'closed_ms', 'open_intent_id', 'lots_method', 'lots', 'dca_level', 'gross_pnl',
    'fees', 'funding', 'net_pnl', 'exit_reason', 'stop_price', 'protection', 'initial_risk',
  ]),
  pendingEntries: table('pending_entries', 'order_key', [
    'order_key', 'seq', 'created_ms', 'intent_id', 'leg', 'instance', 'symbol', 'side', 'type',
    'quantity', 'remaining', 'price', 'stop_price', 'status', 'venue_order_id', 'expires_ms',
  ]),
  equity: table('equity', 'ts', ['ts', 'seq', 'cash', 'equity']),
  funding: table('funding', 'seq', [
    'seq', 'ts', 'funding_id', 'symbol', 'position_id', 'rate', 'amount',
  ]),
  venueSnapshots: table('venue_snapshots', 'seq', ['seq', 'ts', 'kind', 'body']),
  apiErrors: table('api_errors', 'seq', [
    'seq', 'ts', 'kind', 'order_key', 'code', 'detail', 'body',
  ]),
  cashMoves: table('cash_moves', 'seq', [
    'seq', 'ts', 'move_id', 'currency', 'amount', 'cash', 'cause',
  ]),
  holds: table('holds', 'hold', [
    'hold', 'seq', 'ts', 'symbol', 'ref', 'code', 'is_held', 'reason', 'released_ms',
  ]),
  connections: table('connections', 'seq', [
    'seq', 'ts', 'state', 'detail', 'attempt', 'until_ms',
  ]),
  reconciliations: table('reconciliations', 'seq', [
    'seq', 'ts', 'taken_ms', 'is_clear', 'is_inconclusive', 'items',
  ]),
  protectionGaps: table('protection_gaps', 'seq', [
    'seq', 'ts', 'position_id', 'since_ms', 'unprotected_ms',
  ]),
  drift: table('drift', 'seq', [
    'seq', 'ts', 'close_ms', 'live_equity', 'shadow_equity', 'drift_bps',
  ]),
  telemetry: table('telemetry', 'seq', [
    'seq', 'ts', 'intent_id', 'leg', 'order_key', 'instance', 'symbol', 'reference_price', 'price',
    'quantity', 'slippage_bps', 'slippage', 'created_to_accepted_ms', 'created_to_fill_ms',
  ]),
} as const;

export type ProjectionName = keyof typeof PROJECTIONS;
export type ProjectionRow<Name extends ProjectionName> = RowOf<(typeof PROJECTIONS)[Name]>;

export const PROJECTION_NAMES = Object.keys(PROJECTIONS) as readonly ProjectionName[];

const WHOLE = /^(?:seq|ts|attempt|moves|fallback_uses|dca_level|is_\w+|\w+_ms)$/;
const INDEXES: Readonly<Partial<Record<ProjectionName, readonly string[]>>> = {
  intents: ['intent_id', 'status'],
  orders: ['intent_id', 'ended_ms'],
  orderEvents: ['order_key'],
  fills: ['intent_id', 'position_id'],
  positions: ['status'],
};

/** Drops the projections and makes them empty; the store refills them from the journal. */
export function projectionsSql(): string {
  const tables = PROJECTION_NAMES.map((name) => {
    const { name: sqlName, key, columns } = PROJECTIONS[name];
    const typed = columns.map((column) => `${column} ${typeOf(column)}`).join(', ');
    const indexes = (INDEXES[name] ?? []).map(
      (column) => `CREATE INDEX ${sqlName}_${column} ON ${sqlName} (${column});`,
    );
    return [
      `DROP TABLE IF EXISTS ${sqlName};`,
      `CREATE TABLE ${sqlName} (${typed}, PRIMARY KEY (${key})) WITHOUT ROWID;`,
      ...indexes,
    ].join('\n');
  });
  return `${tables.join('\n')}
    DROP TABLE IF EXISTS projected;
    CREATE TABLE projected (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, state TEXT NOT NULL);`;
}

// Money stays text, since SQLite would make a float of it.
function typeOf(column: string): string {
  if (column === 'slippage_bps' || column === 'drift_bps') return 'REAL';
  return WHOLE.test(column) ? 'INTEGER' : 'TEXT';
}
