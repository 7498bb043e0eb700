// Placing, matching and cancelling orders of the account. Every fill goes through `fillOrder`,
// which is the only place where trades, fees and profits come into being.
import { type Amount, ZERO, cash } from './amount.js';
import { type Position, applyToPosition } from './account.js';
import { finishAlgoOf } from './algo-state.js';
import { type Fee, inFeeCoin } from './fee-coin.js';
import { checkMargin, checkOrder } from './order-check.js';
import { type AccountTrade, type OrderRequest, type VenueOrder } from './order.js';
import { isOpen, remainingOf } from './order.js';
import type { Taker } from './order-book.js';
import { emitPrint } from './prints.js';
import { shrinkReduceOnly, withinPosition } from './reduce-only.js';
import { type Execution, type VenueState, instrumentOf, marketOf } from './venue-state.js';
import { VenueReject } from './venue-reject.js';

const ACCOUNT = 'account';
/** Of fees that are paid in the fee coin. */
const COIN_DISCOUNT = '0.9';

export function placeOrder(state: VenueState, asked: OrderRequest): VenueOrder {
  checkOrder(state, asked);
  const request = withinPosition(state, asked);
  checkMargin(state, request);
  const { book } = marketOf(state, request.symbol);
  const taker = takerOf(request, request.quantity);
  const available = book.available(taker);
  if (request.timeInForce === 'GTX' && available.gt(0)) throw new VenueReject(-5022);
  if (request.timeInForce === 'FOK' && available.lt(request.quantity)) throw new VenueReject(-5021);
  const order = acceptOrder(state, request);
  emitOrder(state, order, 'NEW');
  executeTaker(state, order);
  settleRest(state, order);
  return order;
}

export interface OrderKey {
  readonly symbol: string;
  readonly orderId?: string;
  readonly clientOrderId?: string;
}

export function findOrder(state: VenueState, key: OrderKey): VenueOrder | undefined {
  if (key.orderId !== undefined) {
    const order = /^\d{1,20}$/.test(key.orderId)
      ? state.orders.get(BigInt(key.orderId))
      : undefined;
    return order?.symbol === key.symbol ? order : undefined;
  }
  const isMeant = (order: VenueOrder): boolean =>
    order.symbol === key.symbol && order.clientOrderId === key.clientOrderId;
  const open = [...state.openOrders.values()].find(isMeant);
  return open ?? [...state.orders.values()].findLast(isMeant);
}

export function cancelOrder(state: VenueState, key: OrderKey): VenueOrder {
  const order = findOrder(state, key);
  if (order === undefined || !isOpen(order)) throw new VenueReject(-2011);
  endOrder(state, order, 'CANCELED');
  return order;
}

export function endOrder(
  state: VenueState,
  order: VenueOrder,
  status: 'CANCELED' | 'EXPIRED' | 'EXPIRED_IN_MATCH',
): void {
  marketOf(state, order.symbol).book.remove(order.id);
  order.status = status;
  order.updatedMs = state.nowMs;
  state.openOrders.delete(order.id);
  emitOrder(state, order, status === 'CANCELED' ? 'CANCELED' : 'EXPIRED');
  finishAlgoOf(state, order.id);
}

export function acceptOrder(state: VenueState, request: OrderRequest): VenueOrder {
  state.lastOrderId += 1n;
  const order: VenueOrder = {
    ...request,
    id: state.lastOrderId,
    origType: request.origType ?? request.type,
    createdMs: state.nowMs,
    updatedMs: state.nowMs,
    executed: ZERO,
    quote: ZERO,
    status: 'NEW',
  };
  state.orders.set(order.id, order);
  state.openOrders.set(order.id, order);
  return order;
}

export function emitOrder(
  state: VenueState,
  order: VenueOrder,
  execution: Execution,
  trade?: AccountTrade,
): void {
  // The order lives on; an event is what it was.
  const event = { kind: 'order', execution, order: { ...order } } as const;
  state.emit(trade === undefined ? event : { ...event, trade });
}

function takerOf(request: Omit<OrderRequest, 'quantity'>, quantity: Amount): Taker {
  const taker = { side: request.side, owner: ACCOUNT, quantity };
  return request.type === 'LIMIT' ? { ...taker, limit: request.price } : taker;
}

function executeTaker(state: VenueState, order: VenueOrder): void {
  const { book } = marketOf(state, order.symbol);
  while (isOpen(order)) {
    const match = book.matchNext(takerOf(order, remainingOf(order)));
    if (match === undefined) return;
    if (match.isSelf) {
      const maker = state.orders.get(match.maker.id);
      if (maker !== undefined) endOrder(state, maker, 'EXPIRED_IN_MATCH');
      continue;
    }
    const fill = { price: match.maker.price, quantity: match.quantity, isMaker: false };
    emitPrint(state, order.symbol, fill.price, fill.quantity, order.side === 'SELL');
    fillOrder(state, order, fill);
  }
}

function settleRest(state: VenueState, order: VenueOrder): void {
  if (!isOpen(order)) return;
  const rests =
    order.type === 'LIMIT' && (order.timeInForce === 'GTC' || order.timeInForce === 'GTX');
  if (!rests) return endOrder(state, order, 'EXPIRED');
  const { id, side, price } = order;
  const remaining = remainingOf(order);
  marketOf(state, order.symbol).book.add({ id, side, price, owner: ACCOUNT, remaining });
}

export interface Fill {
  readonly price: Amount;
  readonly quantity: Amount;
  readonly isMaker: boolean;
  readonly execution?: 'TRADE' | 'CALCULATED';
}

export function fillOrder(state: VenueState, order: VenueOrder, fill: Fill): void {
  const { account, nowMs } = state;
  const { price, quantity, isMaker } = fill;
  const position = account.position(order.symbol, order.positionSide);
  const signed = order.side === 'BUY' ? quantity : quantity.neg();
  const realizedPnl = applyToPosition(position, { quantity: signed, price, timeMs: nowMs });
  order.executed = order.executed.plus(quantity);
  order.quote = order.quote.plus(price.times(quantity));
  order.status = order.executed.gte(order.quantity) ? 'FILLED' : 'PARTIALLY_FILLED';
  order.updatedMs = nowMs;
  if (!isOpen(order)) state.openOrders.delete(order.id);
  const fee = feeOf(state, order.symbol, price.times(quantity), isMaker);
  const trade: AccountTrade = {
    id: 700_001 + state.trades.length,
    orderId: order.id,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    positionSide: order.positionSide,
    price,
    quantity,
    realizedPnl,
    commission: fee.amount,
    commissionAsset: fee.asset,
    isMaker,
    timeMs: nowMs,
  };
  state.trades.push(trade);
  bookIncome(state, trade);
  emitOrder(state, order, fill.execution ?? 'TRADE', trade);
  emitAccount(state, { fee, realizedPnl, position });
  if (!isOpen(order)) finishAlgoOf(state, order.id);
  shrinkReduceOnly(state, order.symbol, order.positionSide, {
    expire: (other) => endOrder(state, other, 'EXPIRED'),
    amend: (other) => emitOrder(state, other, 'AMENDMENT'),
  });
}

function emitAccount(
  state: VenueState,
  { fee, realizedPnl, position }: { fee: Fee; realizedPnl: Amount; position: Position },
): void {
  const positions = [{ ...position }];
  const { asset, amount } = fee;
  const isInWallet = asset === state.account.asset;
  const change = isInWallet ? realizedPnl.minus(amount) : realizedPnl;
  state.emit({ kind: 'account', reason: 'ORDER', change, positions });
  if (isInWallet) return;
  state.emit({ kind: 'account', reason: 'ORDER', change: amount.neg(), positions: [], asset });
}

/** In the fee coin as long as there is enough of it. */
function feeOf(state: VenueState, symbol: string, notional: Amount, isMaker: boolean): Fee {
  const { makerRate, takerRate } = instrumentOf(state, symbol);
  const inQuote = notional.times(isMaker ? makerRate : takerRate);
  const fee = inFeeCoin(state, inQuote.times(COIN_DISCOUNT));
  if (fee !== undefined && state.account.coin(fee.asset).gte(fee.amount)) return fee;
  return { asset: state.account.asset, amount: cash(inQuote) };
}

function bookIncome(state: VenueState, trade: AccountTrade): void {
  const { symbol, timeMs } = trade;
  const tradeId = String(trade.id);
  const rows = [
    { type: 'REALIZED_PNL', amount: trade.realizedPnl, asset: state.account.asset },
    { type: 'COMMISSION', amount: trade.commission.neg(), asset: trade.commissionAsset },
  ] as const;
  for (const { type, amount, asset } of rows) {
    const income = state.account.book({ type, amount, symbol, tradeId, timeMs }, asset);
    if (income !== undefined) state.emit({ kind: 'income', income });
  }
}
