// What the account would hold if everything that works were filled. An order holds its exposure
// from its approval on, so two intents of one batch never pass on the same balance; unknown ones
// count full.
import { type Decimal, ZERO, fromNumber, multiply } from '../decimal.js';
import { equity, freeBalance, markOf, orderNotional } from '../ledger/account.js';
import type { NormalizedOrder } from '../order/order.js';
import type { Turn } from '../turn.js';

export interface Exposure {
  readonly lastPrice: Decimal;
  readonly equity: Decimal;
  readonly free: Decimal;
  /** Notional of the order being checked. */
  readonly orderNotional: Decimal;
  /** Held and working notional on the order's symbol and side, without the order. */
  readonly sideNotional: Decimal;
  /** Held and working notional over all symbols and sides, without the order. */
  readonly grossNotional: Decimal;
  readonly openOrders: number;
  readonly dayStartEquity: Decimal;
  /** Entry submissions in the minute before now. */
  readonly recentEntries: number;
}

const MINUTE_MS = 60_000;

export function exposureFor(turn: Turn, order: NormalizedOrder): Exposure {
  const { state } = turn;
  const market = state.market.get(order.symbol);
  const lastPrice = market === undefined ? ZERO : fromNumber(market.last);
  let sideNotional = ZERO;
  let grossNotional = ZERO;
  for (const position of state.positions.values()) {
    const notional = multiply(position.quantity, markOf(turn, position));
    grossNotional += notional;
    if (position.symbol === order.symbol && position.side === order.positionSide) {
      sideNotional += notional;
    }
  }
  let openOrders = 0;
  for (const other of state.orders.values()) {
    openOrders += 1;
    if (other.action !== 'entry') continue;
    const notional = orderNotional(other);
    grossNotional += notional;
    if (other.symbol === order.symbol && other.positionSide === order.positionSide) {
      sideNotional += notional;
    }
  }
  return {
    lastPrice,
    equity: equity(turn),
    free: freeBalance(turn),
    orderNotional: multiply(order.quantity, order.price ?? order.stopPrice ?? lastPrice),
    sideNotional,
    grossNotional,
    openOrders,
    dayStartEquity: state.dayStartEquity,
    recentEntries: countSince(state.entryTimes, turn.now - MINUTE_MS),
  };
}

function countSince(times: readonly number[], since: number): number {
  let count = 0;
  for (let i = times.length - 1; i >= 0 && times[i]! > since; i -= 1) count += 1;
  return count;
}
