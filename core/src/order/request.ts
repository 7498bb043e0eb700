// Builds an order request in one literal: what the intent's legs share, the shape, and the leg
// itself.
import type { Decimal } from '../decimal.js';
import type { OrderRequest } from './order.js';

/** What every order of one intent has in common. */
export type LegBase = Pick<
  OrderRequest,
  'intentId' | 'instance' | 'symbol' | 'positionSide' | 'action' | 'leverage' | 'referencePrice'
>;

export type OrderShape = Pick<
  OrderRequest,
  'type' | 'price' | 'stopPrice' | 'timeInForce' | 'postOnly'
>;

export const MARKET: OrderShape = {
  type: 'market',
  price: null,
  stopPrice: null,
  timeInForce: 'GTC',
  postOnly: false,
};

export interface LegOrder {
  readonly leg: string;
  readonly attempt: number;
  readonly quantity: Decimal;
}

// Written out: one allocation of one shape, where spreading would grow it field by field.
export function orderRequest(base: LegBase, shape: OrderShape, order: LegOrder): OrderRequest {
  return {
    intentId: base.intentId,
    leg: order.leg,
    attempt: order.attempt,
    instance: base.instance,
    symbol: base.symbol,
    positionSide: base.positionSide,
    action: base.action,
    type: shape.type,
    quantity: order.quantity,
    price: shape.price,
    stopPrice: shape.stopPrice,
    timeInForce: shape.timeInForce,
    postOnly: shape.postOnly,
    leverage: base.leverage,
    referencePrice: base.referencePrice,
  };
}
