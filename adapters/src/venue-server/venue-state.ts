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

/** What anybody sees of a market. */
export type MarketEvent =
  | { readonly kind: 'print'; readonly print: Print }
  | { readonly kind: 'tick'; readonly symbol: string }
  | { readonly kind: 'bar'; readonly symbol: string; readonly bar: MarketBar };

export type VenueEvent =
  | MarketEvent
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
      /** Default: that of the wallet. */
      readonly asset?: string;
    }
  | { readonly kind: 'income'; readonly income: Income }
  | { readonly kind: 'algo'; readonly algo: AlgoOrder }
  | { readonly kind: 'leverage'; readonly symbol: string; readonly leverage: number };

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

/** A resting order met by the market. */
export interface Met {
  readonly orderId: bigint;
  readonly price: Amount;
  readonly quantity: Amount;
}

/** What a market means to the account that trades on it. */
export interface TradingRules {
  meet(met: Met): void;
  /** After each new last price: triggers, liquidation. */
  follow(symbol: string): void;
}

/** What fees are paid in where the account has it. */
export interface FeeCoin {
  readonly asset: string;
  /** In quote currency. */
  readonly price: Amount;
}

/** The public half; futures and spot have one each, under one clock. */
export interface MarketState {
  readonly instruments: Map<string, Instrument>;
  readonly markets: Map<string, Market>;
  /** The latest public trades. */
  readonly prints: Print[];
  readonly random: SeededRandom;
  readonly emit: (event: MarketEvent) => void;
  readonly rules: TradingRules;
  readonly fees: { coin: FeeCoin | undefined };
  nowMs: number;
  lastQuoteId: bigint;
  lastPrintId: number;
}

export interface FundingRow {
  readonly symbol: string;
  readonly timeMs: number;
  readonly rate: Amount;
  readonly markPrice: Amount;
}

export interface VenueState extends MarketState {
  readonly account: Account;
  readonly orders: Map<bigint, VenueOrder>;
  /** Those of `orders` that have not ended. */
  readonly openOrders: Map<bigint, VenueOrder>;
  readonly algos: Map<number, AlgoOrder>;
  readonly openAlgos: Map<number, AlgoOrder>;
  /** By the id of the open order that each has become. */
  readonly triggeredAlgos: Map<bigint, AlgoOrder>;
  readonly trades: AccountTrade[];
  /** Rates that have been settled, oldest first. */
  readonly fundings: FundingRow[];
  readonly emit: (event: VenueEvent) => void;
  lastOrderId: bigint;
}

export function instrumentOf(state: MarketState, symbol: string): Instrument {
  const instrument = state.instruments.get(symbol);
  if (instrument === undefined) throw new VenueReject(-1121);
  return instrument;
}

export function marketOf(state: MarketState, symbol: string): Market {
  const market = state.markets.get(symbol);
  if (market === undefined) throw new VenueReject(-1121);
  return market;
}
