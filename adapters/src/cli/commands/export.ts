// `runner export`: a session's trades, fills or cash flows as CSV, for a spreadsheet or a tax
// return, and what the exchange said, word for word. Times are UTC, amounts plain decimals as they
// were booked.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type VenueMessage, decode } from '@strategy-runner/core';
import { withJournal } from '../../api/backtest-journal.js';
import { EXIT } from '../../errors.js';
import { assertStoreThere, openSession } from '../../store/session-folder.js';
import { writeFailed } from '../../store/store-error.js';
import { SqliteStore } from '../../store/sqlite/sqlite-store.js';
import { SaidTexts } from '../../venue/ccxt/said-texts.js';
import { barsAgain } from '../progress.js';
import { sessionsDirOf } from '../run-args.js';

export interface ExportArgs {
  readonly session: string;
  readonly what: 'trades' | 'fills' | 'flows' | 'messages';
  readonly out?: string;
  readonly sessions?: string;
}

type Row = Readonly<Record<string, string | number | null>>;

export async function runExportCommand(args: ExportArgs): Promise<number> {
  const found = await openSession(sessionsDirOf(args.sessions), args.session);
  const folder = await withJournal(found, barsAgain());
  await assertStoreThere(folder);
  const store = await SqliteStore.openReader(folder.databasePath);
  try {
    const rows = args.what === 'messages' ? messagesOf(store) : await TABLES[args.what](store);
    await write(args.out, csvOf(rows));
    return EXIT.ok;
  } finally {
    await store.close();
  }
}

async function write(path: string | undefined, csv: AsyncIterable<string>): Promise<void> {
  if (path === undefined) return pipeline(Readable.from(csv), process.stdout, { end: false });
  try {
    await pipeline(Readable.from(csv), createWriteStream(path, { mode: 0o600 }));
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

/** One by one: a long session has more of them than fit into memory. */
async function* messagesOf(store: SqliteStore): AsyncGenerator<Row> {
  const said = new SaidTexts();
  for await (const { seq, kind, payload } of store.readJournal(1)) {
    if (kind !== 'venue_message') continue;
    const message = decode(payload) as VenueMessage;
    for (const { ts, asked, channel, name, text } of said.saidIn(message)) {
      yield {
        time: timeOf(ts),
        seq,
        channel,
        name,
        text: text ?? NOT_THERE,
        asked_at: timeOf(asked?.ms ?? null),
        question: asked === null ? null : (asked.text ?? NOT_THERE),
      };
    }
  }
}

const NOT_THERE = '(not in the journal)';

function timeOf(ms: string | number | null): string {
  return ms === null ? '' : new Date(Number(ms)).toISOString();
}

/** Lines as RFC 4180 has them, the header first; none where there is nothing to list. */
async function* csvOf(rows: Iterable<Row> | AsyncIterable<Row>): AsyncGenerator<string> {
  let names: readonly string[] | undefined;
  for await (const row of rows) {
    if (names === undefined) yield lineOf((names = Object.keys(row)));
    yield lineOf(names.map((name) => row[name] ?? null));
  }
}

function lineOf(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

// What begins like a formula would be run as one by a spreadsheet; amounts are left as they are.
function cellOf(cell: string | number | null): string {
  const text = cell === null ? '' : String(cell);
  const isFormula = /^[=+@\t\r]/.test(text) || /^-(?![\d.])/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
