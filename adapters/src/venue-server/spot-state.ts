// What the spot half of the exchange knows and tells: its markets, the account's coins, orders and
// trades. It shares the clock with the futures half, and nothing else.
import type { Amount } from './amount.js';
import type { Side } from './order-book.js';
import type { Execution, MarketEvent, MarketState } from './venue-state.js';
import type { SpotWallet } from './spot-wallet.js';

export const SPOT_TYPES = [
  'LIMIT',
  'MARKET',
  'LIMIT_MAKER',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
] as const;

export type SpotType = (typeof SPOT_TYPES)[number];
export type SpotTimeInForce = 'GTC' | 'IOC' | 'FOK';
export type SpotStatus =
  'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED' | 'EXPIRED_IN_MATCH';

export interface SpotRequest {
  readonly symbol: string;
  readonly side: Side;
  readonly type: SpotType;
  /** Zero where a market order says what it may cost instead. */
  readonly quantity: Amount;
  readonly quoteQuantity: Amount;
  readonly price: Amount;
  readonly stopPrice: Amount;
  readonly timeInForce: SpotTimeInForce;
  readonly clientOrderId: string;
}

export interface SpotOrder extends Omit<SpotRequest, 'quantity'> {
  readonly id: bigint;
  readonly createdMs: number;
  quantity: Amount;
  executed: Amount;
  quote: Amount;
  status: SpotStatus;
  updatedMs: number;
  /** In the matching engine; a stop is not before its trigger. */
  isWorking: boolean;
  /** What it still holds of the coin that it gives. */
  locked: Amount;
}

export interface SpotTrade {
  readonly id: number;
  readonly orderId: bigint;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly price: Amount;
  readonly quantity: Amount;
  readonly quoteQuantity: Amount;
  readonly commission: Amount;
  readonly commissionAsset: string;
  readonly isMaker: boolean;
  readonly timeMs: number;
}

export interface SpotTransfer {
  readonly id: number;
  readonly asset: string;
  readonly amount: Amount;
  readonly timeMs: number;
}

export type SpotEvent =
  | MarketEvent
  | {
      readonly kind: 'order';
      readonly execution: Execution;
      readonly order: SpotOrder;
      readonly trade?: SpotTrade;
      /** The id of the request that cancelled it. */
      readonly cancelId?: string;
    }
  | { readonly kind: 'account'; readonly assets: readonly string[] }
  | { readonly kind: 'transfer'; readonly transfer: SpotTransfer };

export interface SpotState extends MarketState {
  readonly wallet: SpotWallet;
  readonly orders: Map<bigint, SpotOrder>;
  /** Those of `orders` that have not ended. */
  readonly openOrders: Map<bigint, SpotOrder>;
  readonly trades: SpotTrade[];
  readonly transfers: SpotTransfer[];
  readonly emit: (event: SpotEvent) => void;
  lastOrderId: bigint;
}

export function isSpotOpen({ status }: SpotOrder): boolean {
  return status === 'NEW' || status === 'PARTIALLY_FILLED';
}

export function isStop({ type }: Pick<SpotRequest, 'type'>): boolean {
  return type.startsWith('STOP_LOSS') || type.startsWith('TAKE_PROFIT');
}

/** Whether it takes whatever price the book has, once it is working. */
export function isAtMarket({ type }: Pick<SpotRequest, 'type'>): boolean {
  return type === 'MARKET' || type === 'STOP_LOSS' || type === 'TAKE_PROFIT';
}

export function isStopReached(request: SpotRequest | SpotOrder, last: Amount): boolean {
  const waitsForRise = request.type.startsWith('STOP_LOSS') === (request.side === 'BUY');
  return waitsForRise ? last.gte(request.stopPrice) : last.lte(request.stopPrice);
}
