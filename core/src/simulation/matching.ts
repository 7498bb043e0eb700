// How one order meets one bar, as pure functions. Every rule is the pessimistic one where a bar
// cannot tell: a limit needs the price to trade through it, a gapped stop fills at the open.
import { fromNumber } from '../decimal.js';
import type { OrderRejected } from '../events.js';
import type { BarRow } from '../market/bar-series.js';

/** What matching needs of a resting order; prices are float64 mirrors of the tick prices. */
export interface Resting {
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit' | 'stop_market' | 'stop_limit';
  readonly limit: number;
  readonly stop: number;
  readonly isTriggered: boolean;
  readonly postOnly: boolean;
  readonly timeInForce: 'GTC' | 'IOC' | 'FOK';
}

export type AtOpen = 'fill' | 'reject_post_only' | 'expire' | 'trigger' | 'rest';

/** A new order, or any stop, against the open of a bar. */
export function meetOpen(order: Resting, open: number): AtOpen {
  if (isAtMarket(order)) return 'fill';
  if (!isResting(order)) {
    if (!stopReached(order, open)) return 'rest';
    if (order.type === 'stop_market') return 'fill';
    return isMarketable(order, open) ? 'fill' : 'trigger';
  }
  if (isMarketable(order, open)) return order.postOnly ? 'reject_post_only' : 'fill';
  return order.timeInForce === 'GTC' ? 'rest' : 'expire';
}

/** Takes whatever there is: a market order, or a stop that has turned into one. */
export function isAtMarket(order: Pick<Resting, 'type' | 'isTriggered'>): boolean {
  return order.type === 'market' || (order.type === 'stop_market' && order.isTriggered);
}

/** Rests in the book with a limit, and fills at that. */
export function isResting(order: Pick<Resting, 'type' | 'isTriggered'>): boolean {
  return order.type === 'limit' || (order.type === 'stop_limit' && order.isTriggered);
}

export function isMarketable(order: Resting, price: number): boolean {
  return order.side === 'buy' ? price <= order.limit : price >= order.limit;
}

export function stopReached(order: Resting, price: number): boolean {
  return order.side === 'buy' ? price >= order.stop : price <= order.stop;
}

/** Whether the bar's range reaches a resting order. `touch` counts a limit that is only touched. */
export function isReached(order: Resting, bar: BarRow, touch: boolean): boolean {
  if (isAtMarket(order)) return false;
  if (!isResting(order))
    return order.side === 'buy' ? bar.high >= order.stop : bar.low <= order.stop;
  if (order.side === 'buy') return touch ? bar.low <= order.limit : bar.low < order.limit;
  return touch ? bar.high >= order.limit : bar.high > order.limit;
}

/** The price level at which a resting order acts. */
export function levelOf(order: Resting): number {
  return isResting(order) ? order.limit : order.stop;
}

/** On which side of the market the order waits. */
export function waitsBelow(order: Resting): boolean {
  return (order.side === 'sell') !== isResting(order);
}

/** What the venue says to a post-only order that the open would have filled. */
export function postOnlyRejection(order: string, open: number, ts: number): OrderRejected {
  return {
    kind: 'order_rejected',
    ts,
    order,
    code: 'POST_ONLY_WOULD_CROSS',
    reason: 'post_only',
    detail: `the market opened at ${open}, through the limit`,
    marketPrice: fromNumber(open),
  };
}
