// Public trades: numbered, kept for those who ask later, and told to the streams.
import type { Amount } from './amount.js';
import type { MarketState } from './venue-state.js';

const PRINTS_MAX = 5000;

export function emitPrint(
  state: MarketState,
  symbol: string,
  price: Amount,
  quantity: Amount,
  isBuyerMaker: boolean,
): void {
  state.lastPrintId += 1;
  const id = state.lastPrintId;
  const print = { id, symbol, price, quantity, isBuyerMaker, timeMs: state.nowMs };
  state.prints.push(print);
  if (state.prints.length > 2 * PRINTS_MAX) state.prints.splice(0, PRINTS_MAX);
  state.emit({ kind: 'print', print });
}
