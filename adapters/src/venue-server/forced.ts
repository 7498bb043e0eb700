// What happens to an account without its asking: funding, transfers, liquidation, deleveraging and
// settlement.
import { type Amount, ZERO, cash } from './amount.js';
import type { Position } from './account.js';
import { marginFigures } from './margin.js';
import { acceptOrder, emitOrder, endOrder, fillOrder } from './trading.js';
import { type VenueState, marketOf } from './venue-state.js';

/** Longs pay a positive rate to shorts. */
export function settleFunding(state: VenueState, symbol: string, rate: Amount): void {
  const { last } = marketOf(state, symbol);
  state.fundings.push({ symbol, timeMs: state.nowMs, rate, markPrice: last });
  for (const position of state.account.openPositions(symbol)) {
    const change = cash(position.quantity.times(last).times(rate)).neg();
    const row = { type: 'FUNDING_FEE', symbol, amount: change, tradeId: '' } as const;
    const income = state.account.book({ ...row, timeMs: state.nowMs });
    if (income === undefined) continue;
    state.emit({ kind: 'income', income });
    state.emit({ kind: 'account', reason: 'FUNDING_FEE', change, positions: [{ ...position }] });
  }
}

/** Negative = withdrawn. */
export function transfer(
  state: VenueState,
  change: Amount,
  asset: string = state.account.asset,
): void {
  const row = { type: 'TRANSFER', symbol: '', amount: change, tradeId: '' } as const;
  const income = state.account.book({ ...row, timeMs: state.nowMs }, asset);
  if (income === undefined) return;
  state.emit({ kind: 'income', income });
  const reason = change.isNegative() ? 'WITHDRAW' : 'DEPOSIT';
  state.emit({ kind: 'account', reason, change, positions: [], asset });
}

export type ForcedKind = 'liquidation' | 'adl' | 'settlement';

const CLIENT_ID: Readonly<Record<ForcedKind, string>> = {
  liquidation: 'autoclose-',
  adl: 'adl_autoclose-',
  settlement: 'settlement_autoclose-',
};

/** Closes the positions of a symbol at the last price, under an id that no client gave. */
export function forceClose(state: VenueState, symbol: string, kind: ForcedKind): void {
  for (const order of state.openOrders.values()) {
    if (order.symbol === symbol) endOrder(state, order, 'EXPIRED');
  }
  for (const position of state.account.openPositions(symbol)) closeByForce(state, position, kind);
}

function closeByForce(state: VenueState, position: Position, kind: ForcedKind): void {
  const { symbol, side, quantity } = position;
  const order = acceptOrder(state, {
    symbol,
    side: quantity.isNegative() ? 'BUY' : 'SELL',
    type: 'MARKET',
    origType: kind === 'liquidation' ? 'LIQUIDATION' : 'MARKET',
    quantity: quantity.abs(),
    price: ZERO,
    timeInForce: 'IOC',
    clientOrderId: `${CLIENT_ID[kind]}${state.nowMs}${state.orders.size}`,
    isReduceOnly: true,
    positionSide: side,
  });
  emitOrder(state, order, 'NEW');
  fillOrder(state, order, {
    price: marketOf(state, symbol).last,
    quantity: order.quantity,
    isMaker: false,
    execution: 'CALCULATED',
  });
}

/** Liquidates everything when the margin no longer carries the positions. */
export function liquidateIfDue(state: VenueState): void {
  const { margin, maintenance } = marginFigures(state);
  if (maintenance.isZero() || margin.gt(maintenance)) return;
  const symbols = new Set(state.account.openPositions().map(({ symbol }) => symbol));
  for (const symbol of symbols) forceClose(state, symbol, 'liquidation');
}
