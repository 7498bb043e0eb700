// How one order meets one bar, as pure functions. Every rule is the pessimistic one where a bar cannot
// tell: a limit needs the price to trade through it, a gapped stop fills at the open.
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
  if (order.type === 'market') return 'fill';
  const isStop = order.type === 'stop_market' || order.type === 'stop_limit';
  if (isStop && !order.isTriggered) {
    if (!stopReached(order, open)) return 'rest';
    if (order.type === 'stop_market') return 'fill';
    return isMarketable(order, open) ? 'fill' : 'trigger';
  }
  if (isMarketable(order, open)) return order.postOnly ? 'reject_post_only' : 'fill';
  return order.timeInForce === 'GTC' ? 'rest' : 'expire';
}

export function isMarketable(order: Resting, price: number): boolean {
  return order.side === 'buy' ? price <= order.limit : price >= order.limit;
}

export function stopReached(order: Resting, price: number): boolean {
  return order.side === 'buy' ? price >= order.stop : price <= order.stop;
}

/** Whether the bar's range reaches a resting order. `touch` counts a limit that is only touched. */
export function isReached(order: Resting, bar: BarRow, touch: boolean): boolean {
  if (order.type === 'market') return false;
  const isStop = order.type !== 'limit' && !order.isTriggered;
  if (isStop) return order.side === 'buy' ? bar.high >= order.stop : bar.low <= order.stop;
  if (order.side === 'buy') return touch ? bar.low <= order.limit : bar.low < order.limit;
  return touch ? bar.high >= order.limit : bar.high > order.limit;
}

/** The price level at which a resting order acts. */
export function levelOf(order: Resting): number {
  return order.type !== 'limit' && !order.isTriggered ? order.stop : order.limit;
}

/** On which side of the market the order waits. */
export function waitsBelow(order: Resting): boolean {
  const isStop = order.type !== 'limit' && !order.isTriggered;
  return (order.side === 'sell') === isStop;
}
