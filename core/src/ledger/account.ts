// Equity, margin and free balance of the account, exact, at the last close.
import { type Decimal, ZERO, divide, fromNumber, max, multiply } from '../decimal.js';
import { type Order, remaining } from '../order/order.js';
import type { Turn } from '../turn.js';
import { parseSymbol } from '../market/instrument.js';
import { type Position, averageEntry, unrealized } from './position.js';

/** The last price; of a symbol without bars, which only somebody else trades, the entry price. */
export function markOf(turn: Turn, position: Position): Decimal {
  const market = turn.state.market.get(position.symbol);
  return market === undefined ? averageEntry(position) : fromNumber(market.last);
}

/** Cash plus open positions at the last close, before the costs of closing them. */
export function equity(turn: Turn): Decimal {
  let total = turn.state.cash;
  for (const position of turn.state.positions.values()) {
    total += positionValue(turn, position);
  }
  return total;
}

/** Spot: what the holding is worth. Derivatives: the unrealised profit. */
function positionValue(turn: Turn, position: Position): Decimal {
  const price = markOf(turn, position);
  return isSpot(turn, position.symbol)
    ? multiply(position.quantity, price)
    : unrealized(position, price);
}

export function isSpot(turn: Turn, symbol: string): boolean {
  const instrument = turn.config.instruments.get(symbol);
  if (instrument !== undefined) return instrument.market === 'spot';
  const names = parseSymbol(symbol);
  return names !== undefined && names.settle === undefined;
}

/** Notional of one order's unfilled part at its own price, or at its decision price. */
export function orderNotional(order: Order): Decimal {
  return multiply(remaining(order), order.price ?? order.stopPrice ?? order.referencePrice);
}

/**
 * Money that a new entry may bind: equity less margin of positions and of working entries, each
 * entry at its own leverage.
 */
export function freeBalance(turn: Turn): Decimal {
  let free = turn.state.cash;
  for (const position of turn.state.positions.values()) {
    if (isSpot(turn, position.symbol)) continue;
    const price = markOf(turn, position);
    free += unrealized(position, price) - multiply(position.marginQuantity, price);
  }
  for (const order of turn.state.orders.values()) {
    if (order.action === 'entry') free -= divide(orderNotional(order), order.leverage);
  }
  return max(free, ZERO);
}
