// Orders as the engine hands them to a venue, for tests of whatever stands behind it.
import { type ApprovedOrder, type Order, decimal } from '@strategy-runner/core';

const SYMBOL = 'BTC/USDT:USDT';

let lastIntent = 0;

export function anOrder(fields: Partial<Order> = {}): ApprovedOrder {
  lastIntent += 1;
  const intentId = fields.intentId ?? `btc:demo/bar:1m:${lastIntent}/open:long:1`;
  const leg = fields.leg ?? 'entry';
  const attempt = fields.attempt ?? 1;
  const action = fields.action ?? 'entry';
  const positionSide = fields.positionSide ?? 'long';
  const order: Order = {
    intentId,
    leg,
    attempt,
    instance: 'btc:demo',
    symbol: SYMBOL,
    positionSide,
    action,
    type: 'market',
    quantity: decimal('0.1'),
    price: null,
    stopPrice: null,
    timeInForce: 'GTC',
    postOnly: false,
    leverage: decimal('1'),
    referencePrice: decimal('50000'),
    key: `${intentId}/${leg}/${attempt}`,
    side: (positionSide === 'long') === (action === 'entry') ? 'buy' : 'sell',
    reduceOnly: action === 'exit',
    isFollowUp: false,
    positionId: 'p1',
    createdMs: 0,
    status: 'created',
    isTriggered: false,
    venueOrderId: null,
    filled: 0n,
    filledNotional: 0n,
    tradeIds: [],
    acceptedMs: null,
    cancelReason: null,
    ...fields,
  };
  return order as ApprovedOrder;
}

export function aLimit(price: string, fields: Partial<Order> = {}): ApprovedOrder {
  return anOrder({ type: 'limit', price: decimal(price), ...fields });
}

export function anExit(fields: Partial<Order> = {}): ApprovedOrder {
  return anOrder({ action: 'exit', leg: 'exit', ...fields });
}

export function aStop(stopPrice: string, fields: Partial<Order> = {}): ApprovedOrder {
  const stop = { type: 'stop_market', leg: 'sl', stopPrice: decimal(stopPrice) } as const;
  return anExit({ ...stop, ...fields });
}
