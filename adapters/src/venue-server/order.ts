// An order of the account, from its acceptance to its end, and how the exchange writes it down.
import { type Amount, ZERO, plain } from './amount.js';
import type { Side } from './order-book.js';

export type PositionSide = 'BOTH' | 'LONG' | 'SHORT';
export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'GTX';
export type OrderStatus =
  'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED' | 'EXPIRED_IN_MATCH';

export interface OrderRequest {
  readonly symbol: string;
  readonly side: Side;
  readonly type: 'LIMIT' | 'MARKET';
  readonly quantity: Amount;
  readonly price: Amount;
  readonly timeInForce: TimeInForce;
  readonly clientOrderId: string;
  readonly isReduceOnly: boolean;
  readonly positionSide: PositionSide;
  /** What it was before it was triggered or forced. */
  readonly origType?: string;
  readonly isClosePosition?: boolean;
}

export interface VenueOrder extends Omit<OrderRequest, 'quantity'> {
  readonly id: bigint;
  readonly origType: string;
  readonly createdMs: number;
  quantity: Amount;
  executed: Amount;
  quote: Amount;
  status: OrderStatus;
  updatedMs: number;
}

/** A fill of the account. */
export interface AccountTrade {
  readonly id: number;
  readonly orderId: bigint;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly price: Amount;
  readonly quantity: Amount;
  readonly realizedPnl: Amount;
  readonly commission: Amount;
  readonly commissionAsset: string;
  readonly isMaker: boolean;
  readonly timeMs: number;
}

export function isOpen({ status }: VenueOrder): boolean {
  return status === 'NEW' || status === 'PARTIALLY_FILLED';
}

export function remainingOf({ quantity, executed }: VenueOrder): Amount {
  return quantity.minus(executed);
}

export function averagePrice({ executed, quote }: VenueOrder): Amount {
  return executed.isZero() ? ZERO : quote.div(executed);
}

/** The body of order answers. `orderId` is a 64-bit integer, so it is a bigint until written. */
export function orderJson(order: VenueOrder): Record<string, unknown> {
  return {
    orderId: order.id,
    symbol: order.symbol,
    status: order.status,
    clientOrderId: order.clientOrderId,
    price: plain(order.price),
    avgPrice: plain(averagePrice(order)),
    origQty: plain(order.quantity),
    executedQty: plain(order.executed),
    cumQty: plain(order.executed),
    cumQuote: plain(order.quote),
    timeInForce: order.timeInForce,
    type: order.type,
    reduceOnly: order.isReduceOnly,
    closePosition: order.isClosePosition ?? false,
    side: order.side,
    positionSide: order.positionSide,
    stopPrice: '0',
    workingType: 'CONTRACT_PRICE',
    priceProtect: false,
    origType: order.origType,
    priceMatch: 'NONE',
    selfTradePreventionMode: 'EXPIRE_MAKER',
    goodTillDate: 0,
    time: order.createdMs,
    updateTime: order.updatedMs,
  };
}

export function tradeJson(trade: AccountTrade): Record<string, unknown> {
  return {
    symbol: trade.symbol,
    id: trade.id,
    orderId: trade.orderId,
    side: trade.side,
    price: plain(trade.price),
    qty: plain(trade.quantity),
    realizedPnl: plain(trade.realizedPnl),
    quoteQty: plain(trade.price.times(trade.quantity)),
    commission: plain(trade.commission),
    commissionAsset: trade.commissionAsset,
    time: trade.timeMs,
    positionSide: trade.positionSide,
    buyer: trade.side === 'BUY',
    maker: trade.isMaker,
  };
}
