// What the exchange knows, and what it tells: all trading functions work on this state and report
// through `emit`. Time is market time, that of the bars being played.
import type { Account, Income, Position } from './account.js';
import type { AlgoOrder } from './algo-order.js';
import type { Amount } from './amount.js';
import type { Instrument } from './instrument.js';
import type { OrderBook } from './order-book.js';
import type { AccountTrade, VenueOrder } from './order.js';
import type { SeededRandom } from './seeded-random.js';
import { VenueReject } from './venue-reject.js';

export type Execution = 'NEW' | 'TRADE' | 'CANCELED' | 'EXPIRED' | 'AMENDMENT' | 'CALCULATED';

export type VenueEvent =
  | {
      readonly kind: 'order';
      readonly execution: Execution;
      readonly order: VenueOrder;
      readonly trade?: AccountTrade;
    }
  | {
      readonly kind: 'account';
      readonly reason: 'ORDER' | 'FUNDING_FEE' | 'DEPOSIT' | 'WITHDRAW';
      readonly change: Amount;
      readonly positions: readonly Position[];
    }
  | { readonly kind: 'income'; readonly income: Income }
  | { readonly kind: 'algo'; readonly algo: AlgoOrder }
  | { readonly kind: 'leverage'; readonly symbol: string; readonly leverage: number }
  | { readonly kind: 'print'; readonly print: Print }
  | { readonly kind: 'tick'; readonly symbol: string }
  | { readonly kind: 'bar'; readonly symbol: string; readonly bar: MarketBar };

/** A public trade. */
export interface Print {
  readonly id: number;
  readonly symbol: string;
  readonly price: Amount;
  readonly quantity: Amount;
  readonly isBuyerMaker: boolean;
  readonly timeMs: number;
}

export interface MarketBar {
  readonly openMs: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

/** One symbol's market as it stands. */
export interface Market {
  readonly book: OrderBook;
  readonly timeframeMs: number;
  /** Closed bars, oldest first. */
  readonly closed: MarketBar[];
  current: MarketBar | undefined;
  last: Amount;
  fundingRate: Amount;
  /** Quantity of each level that the market quotes. */
  liquidity: Amount;
  /** Of the book; rises with every tick. */
  updateId: number;
}

export interface VenueState {
  readonly instruments: Map<string, Instrument>;
  readonly markets: Map<string, Market>;
  readonly account: Account;
  readonly orders: Map<bigint, VenueOrder>;
  readonly algos: Map<number, AlgoOrder>;
  readonly trades: AccountTrade[];
  /** The latest public trades. */
  readonly prints: Print[];
  readonly random: SeededRandom;
  readonly emit: (event: VenueEvent) => void;
  nowMs: number;
  lastOrderId: bigint;
  lastQuoteId: bigint;
  lastPrintId: number;
}

export function instrumentOf(state: VenueState, symbol: string): Instrument {
  const instrument = state.instruments.get(symbol);
  if (instrument === undefined) throw new VenueReject(-1121);
  return instrument;
}

export function marketOf(state: VenueState, symbol: string): Market {
  const market = state.markets.get(symbol);
  if (market === undefined) throw new VenueReject(-1121);
  return market;
}
