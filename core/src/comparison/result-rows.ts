// The rows that a result consists of, and the canonical line of each. Decimals stay as they were
// decided; texts are made when somebody asks.
import { type Decimal, format } from '../decimal.js';
import type { Position } from '../ledger/position.js';

export interface FillRow {
  readonly kind: 'fill';
  readonly ts: number;
  readonly order: string;
  readonly leg: string;
  readonly tradeId: string;
  readonly positionId: string;
  readonly side: 'buy' | 'sell';
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly realized: Decimal;
  readonly cash: Decimal;
  readonly liquidity: 'maker' | 'taker';
  readonly slippageBps: number;
}

export interface OrderRow {
  readonly kind: 'order';
  readonly ts: number;
  readonly key: string;
  readonly type: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: Decimal;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
}

/** What a result keeps of a position that is over. */
export type ClosedPosition = Pick<
  Position,
  | 'id'
  | 'symbol'
  | 'side'
  | 'openedMs'
  | 'enteredQuantity'
  | 'enteredNotional'
  | 'exitedQuantity'
  | 'exitedNotional'
  | 'grossPnl'
  | 'fees'
  | 'funding'
  | 'initialRisk'
>;

export interface ClosedRow {
  readonly kind: 'closed';
  readonly ts: number;
  readonly position: ClosedPosition;
  readonly reason: string;
}

export type ResultRow =
  | { readonly kind: 'intent'; readonly ts: number; readonly id: string; readonly intent: string }
  | { readonly kind: 'denied'; readonly ts: number; readonly id: string; readonly code: string }
  | { readonly kind: 'over'; readonly ts: number; readonly key: string; readonly status: string }
  | { readonly kind: 'funding'; readonly ts: number; readonly id: string; readonly amount: Decimal }
  | OrderRow
  | FillRow
  | ClosedRow;

/** One line of the canonical text whose hash is a run's `result_hash`. */
export function resultLine(row: ResultRow): string {
  switch (row.kind) {
    case 'intent':
      return `intent ${row.id} ${row.intent}`;
    case 'denied':
      return `denied ${row.id} ${row.code}`;
    case 'order': {
      const price = row.price === null ? '-' : format(row.price);
      const stop = row.stopPrice === null ? '-' : format(row.stopPrice);
      return `order ${row.key} ${row.type} ${row.side} ${format(row.quantity)} ${price} ${stop}`;
    }
    case 'over':
      return `over ${row.key} ${row.status}`;
    case 'fill':
      return (
        `fill ${row.tradeId} ${row.ts} ${row.side} ${format(row.quantity)} ${format(row.price)} ` +
        `${format(row.fee)} ${format(row.realized)} ${format(row.cash)} ${row.liquidity}`
      );
    case 'funding':
      return `funding ${row.id} ${format(row.amount)}`;
    case 'closed':
      return `closed ${row.position.id} ${row.reason} ${format(row.position.grossPnl)}`;
  }
}
