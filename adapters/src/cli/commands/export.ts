// `runner export`: a session's trades, fills or cash flows as CSV, for a spreadsheet or a tax
// return. Times are UTC, amounts plain decimals as they were booked.
import { writeFile } from 'node:fs/promises';
import { EXIT } from '../../errors.js';
import { assertStoreThere, openSession } from '../../store/session-folder.js';
import { writeFailed } from '../../store/store-error.js';
import { SqliteStore } from '../../store/sqlite/sqlite-store.js';
import { sessionsDirOf } from '../run-args.js';

export interface ExportArgs {
  readonly session: string;
  readonly what: 'trades' | 'fills' | 'flows';
  readonly out?: string;
  readonly sessions?: string;
}

type Row = Readonly<Record<string, string | number | null>>;

export async function runExportCommand(args: ExportArgs): Promise<number> {
  const folder = await openSession(sessionsDirOf(args.sessions), args.session);
  await assertStoreThere(folder);
  const store = await SqliteStore.openReader(folder.databasePath);
  try {
    const csv = csvOf(await TABLES[args.what](store));
    if (args.out === undefined) process.stdout.write(csv);
    else await write(args.out, csv);
    return EXIT.ok;
  } finally {
    await store.close();
  }
}

async function write(path: string, csv: string): Promise<void> {
  try {
    await writeFile(path, csv, { mode: 0o600 });
  } catch (error) {
    throw writeFailed(path, error);
  }
}

const TABLES = { trades: tradesOf, fills: fillsOf, flows: flowsOf } as const;

/** Closed positions: one line each, net of fees and funding. */
async function tradesOf(store: SqliteStore): Promise<readonly Row[]> {
  const rows = (await store.rows('positions')).filter(({ status }) => status === 'closed');
  const sorted = rows.toSorted((a, b) => Number(a.closed_ms) - Number(b.closed_ms));
  return sorted.map((row) => ({
    opened_at: timeOf(row.opened_ms),
    closed_at: timeOf(row.closed_ms),
    symbol: row.symbol,
    side: row.side,
    quantity: row.entered_quantity,
    bought_or_sold_for: row.entered_notional,
    closed_for: row.exited_notional,
    gross_pnl: row.gross_pnl,
    fees: row.fees,
    funding: row.funding,
    net_pnl: row.net_pnl,
    lots_method: row.lots_method,
    exit_reason: row.exit_reason,
    position_id: row.position_id,
  }));
}

async function fillsOf(store: SqliteStore): Promise<readonly Row[]> {
  return (await store.rows('fills')).map((row) => ({
    time: timeOf(row.ts),
    symbol: row.symbol,
    side: row.side,
    action: row.action,
    quantity: row.quantity,
    price: row.price,
    fee: row.fee,
    fee_currency: row.fee_currency,
    liquidity: row.liquidity,
    realized: row.realized,
    trade_id: row.trade_id,
    order: row.order_key,
    position_id: row.position_id,
  }));
}

/** What moved cash for no trade: funding, deposits, withdrawals, transfers. */
async function flowsOf(store: SqliteStore): Promise<readonly Row[]> {
  const funding = (await store.rows('funding')).map((row) => ({
    time: timeOf(row.ts),
    kind: 'funding',
    symbol: row.symbol,
    currency: null,
    amount: row.amount,
    id: row.funding_id,
  }));
  const moves = (await store.rows('cashMoves')).map((row) => ({
    time: timeOf(row.ts),
    kind: row.cause,
    symbol: null,
    currency: row.currency,
    amount: row.amount,
    id: row.move_id,
  }));
  return [...funding, ...moves].toSorted((a, b) => (a.time < b.time ? -1 : 1));
}

function timeOf(ms: string | number | null): string {
  return ms === null ? '' : new Date(Number(ms)).toISOString();
}

/** RFC 4180, with a header also where there is nothing to list. */
function csvOf(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) return '';
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? null))];
  return lines.map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('');
}

// What begins like a formula would be run as one by a spreadsheet; amounts are left as they are.
function cellOf(cell: string | number | null): string {
  const text = cell === null ? '' : String(cell);
  const isFormula = /^[=+@\t\r]/.test(text) || /^-(?![\d.])/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
