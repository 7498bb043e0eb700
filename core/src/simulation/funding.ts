// Funding of perpetuals: due at a bar's open, paid on what was carried into it.
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

/** A positive rate is paid by longs and received by shorts, half-even at 1e-8. */
export function fundingOn({ symbol, side, quantity }: Carried, row: FundingRow, bar: BarRow) {
  const mark = row.markPrice ?? fromNumber(bar.open);
  const owed = roundCash(multiply(multiply(quantity, mark), row.rate));
  return {
    kind: 'funding_paid',
    ts: bar.openMs,
    id: `funding:${symbol}:${side}:${row.timeMs}`,
    symbol,
    side,
    rate: row.rate,
    amount: side === 'long' ? -owed : owed,
  } as const satisfies FundingPaid;
}
