// What a venue says of orders, stops and trades, in words of our own: amounts are decimals read
// from the venue's text, ids are text, and what was not understood is `unknown`, never guessed.
import type { Decimal } from '@strategy-runner/core';
import type { Side } from '@strategy-runner/contracts';

export type ReportedStatus =
  'open' | 'filled' | 'cancelled' | 'expired' | 'rejected' | 'triggered' | 'unknown';

/** An order in the book, or a stop that waits outside of it (`isStop`). */
export interface OrderReport {
  /** Unified symbol; null for one that is not listed. */
  readonly symbol: string | null;
  readonly isStop: boolean;
  /** Id of the order, or of the stop. */
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly status: ReportedStatus;
  readonly rawStatus: string;
  readonly side: 'buy' | 'sell';
  readonly positionSide: Side | null;
  readonly type: string;
  readonly quantity: Decimal;
  readonly filled: Decimal;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly reduceOnly: boolean;
  readonly venueMs: number | null;
  /** Of a triggered stop: the order that it became. */
  readonly childId: string | null;
  /** Whether it is in the book: false for a stop of spot that waits; null = not told. */
  readonly isWorking: boolean | null;
  /** Why the venue refused it, in its words. */
  readonly detail: string;
  /** Fills that came with the answer, where the venue sends them along. */
  readonly trades: readonly TradeReport[];
}

export interface TradeReport {
  readonly symbol: string;
  readonly tradeId: string;
  readonly venueOrderId: string;
  readonly side: 'buy' | 'sell';
  readonly positionSide: Side | null;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Decimal;
  readonly feeCurrency: string;
  readonly liquidity: 'maker' | 'taker';
  readonly venueMs: number | null;
}

export function isEnd(status: ReportedStatus): boolean {
  return (
    status === 'filled' || status === 'cancelled' || status === 'expired' || status === 'rejected'
  );
}
