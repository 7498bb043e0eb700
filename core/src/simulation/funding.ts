// Funding of perpetuals: what falls due up to a bar's open is paid on what was carried into the
// bar, what falls due later inside it on what is held after the open's fills.
import { type Decimal, fromNumber, multiply, roundCash } from '../decimal.js';
import type { FundingPaid } from '../events.js';
import type { BarRow } from '../market/bar-series.js';

export interface FundingRow {
  readonly timeMs: number;
  readonly rate: Decimal;
  readonly markPrice: Decimal | null;
}

export interface Carried {
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly quantity: Decimal;
}

// Venues stamp the funding of a full hour some milliseconds late.
const LATENESS_MS = 1000;

export function isDueAtOpen({ timeMs }: FundingRow, { openMs }: BarRow): boolean {
  return timeMs <= openMs + LATENESS_MS;
}

/** The open's funding comes before its fills and carries its time, any other funding its own. */
function paidAt(row: FundingRow, bar: BarRow): number {
  return isDueAtOpen(row, bar) ? Math.min(row.timeMs, bar.openMs) : row.timeMs;
}

/** A positive rate is paid by longs and received by shorts, half-even at 1e-8. */
export function fundingOn({ symbol, side, quantity }: Carried, row: FundingRow, bar: BarRow) {
  const mark = row.markPrice ?? fromNumber(bar.open);
  const owed = roundCash(multiply(multiply(quantity, mark), row.rate));
  return {
    kind: 'funding_paid',
    ts: paidAt(row, bar),
    id: `funding:${symbol}:${side}:${row.timeMs}`,
    symbol,
    side,
    rate: row.rate,
    amount: side === 'long' ? -owed : owed,
  } as const satisfies FundingPaid;
}
