// Fills and ends of spot orders: coins change hands here, and here spot trades and fees come to be.
import { type Amount, floorTo, smaller } from './amount.js';
import { commissionOf } from './fee-coin.js';
import { type SpotOrder, type SpotRequest, type SpotState } from './spot-state.js';
import { type SpotStatus, type SpotTrade, isAtMarket, isStop } from './spot-state.js';
import { type Execution, instrumentOf, marketOf } from './venue-state.js';

export function assetsOf(state: SpotState, { symbol, side }: Pick<SpotRequest, 'symbol' | 'side'>) {
  const { base, quote } = instrumentOf(state, symbol);
  return side === 'BUY' ? { given: quote, got: base } : { given: base, got: quote };
}

/** What to take of the next level; undefined when there is none and nothing else says. */
export function wantedOf(state: SpotState, order: SpotOrder): Amount | undefined {
  const { step } = instrumentOf(state, order.symbol);
  const { book } = marketOf(state, order.symbol);
  const best = book.best(order.side === 'BUY' ? 'SELL' : 'BUY');
  if (order.quoteQuantity.isZero()) {
    const left = order.quantity.minus(order.executed);
    if (order.side === 'SELL' || !isStop(order) || !isAtMarket(order)) return left;
    const { given } = assetsOf(state, order);
    if (best === undefined) return undefined;
    return smaller(left, floorTo(state.wallet.free(given).div(best.price), step));
  }
  if (best === undefined) return undefined;
  const byMoney = floorTo(order.quoteQuantity.minus(order.quote).div(best.price), step);
  if (order.side === 'BUY') return byMoney;
  return smaller(byMoney, floorTo(state.wallet.free(assetsOf(state, order).given), step));
}

export interface SpotFill {
  readonly price: Amount;
  readonly quantity: Amount;
  readonly isMaker: boolean;
}

export function fillSpot(state: SpotState, order: SpotOrder, fill: SpotFill): void {
  const { price, quantity, isMaker } = fill;
  const { given, got } = assetsOf(state, order);
  const quoteQuantity = price.times(quantity);
  const isBuy = order.side === 'BUY';
  releaseSpot(state, order, isBuy ? order.price.times(quantity) : quantity);
  const [paid, received] = isBuy ? [quoteQuantity, quantity] : [quantity, quoteQuantity];
  state.wallet.add(given, paid.neg());
  state.wallet.add(got, received);
  order.executed = order.executed.plus(quantity);
  order.quote = order.quote.plus(quoteQuantity);
  if (!order.quoteQuantity.isZero()) order.quantity = order.executed;
  const isDone = order.quoteQuantity.isZero()
    ? order.executed.gte(order.quantity)
    : wantedOf(state, order)?.lte(0) === true;
  order.status = isDone ? 'FILLED' : 'PARTIALLY_FILLED';
  order.updatedMs = state.nowMs;
  if (isDone) {
    state.openOrders.delete(order.id);
    releaseSpot(state, order, order.locked);
  }
  const fee = commissionOf(state, { symbol: order.symbol, quoteQuantity, received, got, isMaker });
  state.wallet.add(fee.asset, fee.amount.neg());
  const trade: SpotTrade = {
    id: 300_000_001 + state.trades.length,
    orderId: order.id,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    price,
    quantity,
    quoteQuantity,
    commission: fee.amount,
    commissionAsset: fee.asset,
    isMaker,
    timeMs: state.nowMs,
  };
  state.trades.push(trade);
  emitSpotOrder(state, order, 'TRADE', trade);
  state.emit({ kind: 'account', assets: [...new Set([given, got, fee.asset])] });
}

export function releaseSpot(state: SpotState, order: SpotOrder, upTo: Amount): void {
  const freed = smaller(order.locked, upTo);
  if (freed.isZero()) return;
  order.locked = order.locked.minus(freed);
  state.wallet.unlock(assetsOf(state, order).given, freed);
}

export function endSpot(
  state: SpotState,
  order: SpotOrder,
  status: SpotStatus,
  cancelId?: string,
): void {
  marketOf(state, order.symbol).book.remove(order.id);
  releaseSpot(state, order, order.locked);
  order.status = status;
  order.updatedMs = state.nowMs;
  state.openOrders.delete(order.id);
  const execution = status === 'CANCELED' ? 'CANCELED' : 'EXPIRED';
  emitSpotOrder(state, order, execution, undefined, cancelId);
  state.emit({ kind: 'account', assets: [assetsOf(state, order).given] });
}

export function emitSpotOrder(
  state: SpotState,
  order: SpotOrder,
  execution: Execution,
  trade?: SpotTrade,
  cancelId?: string,
): void {
  state.emit({
    kind: 'order',
    execution,
    // The order lives on; an event is what it was.
    order: { ...order },
    ...(trade === undefined ? {} : { trade }),
    ...(cancelId === undefined ? {} : { cancelId }),
  });
}
