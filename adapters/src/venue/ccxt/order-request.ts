// What is asked of ccxt for an order, as exact text, and the proof that ccxt will send just that:
// its own rounding is compared before anything leaves.
import { type Order, decimal, divide, format } from '@strategy-runner/core';
import type { Exchange, Market } from 'ccxt';
import { contractSizeOf } from './unified-json.js';

export interface OrderRequestText {
  readonly symbol: string;
  readonly type: 'market' | 'limit';
  readonly side: 'buy' | 'sell';
  readonly amount: string;
  /** Never with a market order: ccxt would make a spend of quote currency of it. */
  readonly price: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface RequestContext {
  readonly market: Market | undefined;
  readonly clientOrderId: string;
  readonly isHedged: boolean;
}

export function requestOf(order: Order, context: RequestContext): OrderRequestText {
  const { market, clientOrderId, isHedged } = context;
  const isLimit = order.type === 'limit' || order.type === 'stop_limit';
  const isStop = order.type === 'stop_market' || order.type === 'stop_limit';
  const params: Record<string, unknown> = { clientOrderId };
  if (isStop) params['stopLossPrice'] = format(order.stopPrice!);
  if (order.postOnly) params['postOnly'] = true;
  else if (isLimit) params['timeInForce'] = order.timeInForce;
  if (market?.contract === true) {
    // ccxt's own `hedged` turns the side of a reduce-only order round; the venue is asked directly.
    if (isHedged) params['positionSide'] = order.positionSide === 'long' ? 'LONG' : 'SHORT';
    else if (order.reduceOnly) params['reduceOnly'] = true;
  }
  return {
    symbol: order.symbol,
    type: isLimit ? 'limit' : 'market',
    side: order.side,
    amount: format(divide(order.quantity, contractSizeOf(market))),
    price: isLimit ? format(order.price!) : undefined,
    params,
  };
}

interface RequestBuilder {
  createOrderRequest?(
    symbol: string,
    type: string,
    side: string,
    amount: string,
    price: string | undefined,
    params: object,
  ): Readonly<Record<string, unknown>>;
}

/** Undefined when ccxt would send the quantity and prices as they were approved. */
export function alteration(exchange: Exchange, request: OrderRequestText): string | undefined {
  const builder = exchange as unknown as RequestBuilder;
  if (builder.createOrderRequest === undefined) return undefined;
  const { symbol, type, side, amount, price, params } = request;
  const sent = builder.createOrderRequest(symbol, type, side, amount, price, { ...params });
  const stop = sent['triggerPrice'] ?? sent['stopPrice'];
  return (
    difference('quantity', amount, sent['quantity']) ??
    (price === undefined ? undefined : difference('price', price, sent['price'])) ??
    (params['stopLossPrice'] === undefined
      ? undefined
      : difference('stop price', String(params['stopLossPrice']), stop))
  );
}

function difference(name: string, asked: string, sent: unknown): string | undefined {
  const text = typeof sent === 'number' || typeof sent === 'string' ? String(sent) : 'nothing';
  try {
    if (decimal(text) === decimal(asked)) return undefined;
  } catch {
    // Not a decimal: told below.
  }
  return `${name} ${asked} would leave as ${text}`;
}

/** Hands the text to ccxt, whose types ask for floats and whose code takes text. */
export function createOrder(exchange: Exchange, request: OrderRequestText) {
  const { symbol, type, side, amount, price, params } = request;
  const limit = price === undefined ? undefined : asNumber(price);
  return exchange.createOrder(symbol, type, side, asNumber(amount), limit, { ...params });
}

function asNumber(text: string): number {
  return text as unknown as number;
}
