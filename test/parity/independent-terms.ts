// The terms of the independent backtest: what goes in and what comes out, in plain texts and
// numbers.

export type Side = 'long' | 'short';

/** Prices as the texts of the data file. */
export interface PlainBar {
  readonly openMs: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
}

export interface PlainRules {
  readonly market: 'spot' | 'swap';
  readonly cash: string;
  readonly quantity: string;
  readonly feeBps: string;
  readonly slippageBps: string;
  readonly tick: string;
  readonly funding?: readonly { readonly timeMs: number; readonly rate: string }[];
  readonly timeframeMs: number;
}

/** What to be after the close of bar `i`; null = no new wish. */
export type Wish = (i: number, held: Side | null) => Side | 'flat' | null;

export interface PlainFill {
  readonly timeMs: number;
  readonly side: 'buy' | 'sell';
  readonly price: string;
  readonly fee: string;
}

export interface PlainTrade {
  readonly side: Side;
  readonly entryMs: number;
  readonly entryPrice: string;
  readonly exitMs: number;
  readonly exitPrice: string;
  readonly gross: string;
  readonly fees: string;
  readonly funding: string;
  readonly pnl: string;
}
