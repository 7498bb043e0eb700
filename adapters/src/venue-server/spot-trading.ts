// Placing, matching and cancelling spot orders. Coins that an order may give are locked while it is
// open, so that a fill always finds them.
import { type Amount, ZERO, smaller } from './amount.js';
import type { Taker } from './order-book.js';
import { emitPrint } from './prints.js';
import { checkSpotOrder, insufficientBalance } from './spot-check.js';
import { assetsOf, emitSpotOrder, endSpot, fillSpot, releaseSpot, wantedOf } from './spot-fill.js';
import { type SpotOrder, type SpotRequest, type SpotState } from './spot-state.js';
import { isAtMarket, isSpotOpen, isStop, isStopReached } from './spot-state.js';
import { type Met, marketOf } from './venue-state.js';
import { VenueReject } from './venue-reject.js';

const ACCOUNT = 'account';

export function placeSpot(state: SpotState, request: SpotRequest): SpotOrder {
  checkSpotOrder(state, request);
  const { book } = marketOf(state, request.symbol);
  if (request.type === 'LIMIT_MAKER' && book.available(takerOf(request, request.quantity)).gt(0)) {
    throw new VenueReject(-2010, 'Order would immediately match and take.');
  }
  const locked = toLock(request);
  const given = assetsOf(state, request).given;
  if (locked.gt(state.wallet.free(given))) throw insufficientBalance();
  if (isAtMarket(request) && !isStop(request)) checkMarketCost(state, request);
  state.lastOrderId += 1n;
  const order: SpotOrder = {
    ...request,
    id: state.lastOrderId,
    createdMs: state.nowMs,
    updatedMs: state.nowMs,
    executed: ZERO,
    quote: ZERO,
    status: 'NEW',
    isWorking: !isStop(request),
    locked,
  };
  state.orders.set(order.id, order);
  state.openOrders.set(order.id, order);
  state.wallet.lock(given, locked);
  emitSpotOrder(state, order, 'NEW');
  if (!locked.isZero()) state.emit({ kind: 'account', assets: [given] });
  if (order.isWorking) work(state, order);
  return order;
}

export interface SpotKey {
  readonly symbol: string;
  readonly orderId?: string;
  readonly clientOrderId?: string;
}

export function findSpot(state: SpotState, key: SpotKey): SpotOrder | undefined {
  const isMeant = (order: SpotOrder): boolean =>
    order.symbol === key.symbol &&
    (key.orderId === undefined
      ? order.clientOrderId === key.clientOrderId
      : String(order.id) === key.orderId);
  const open = [...state.openOrders.values()].find(isMeant);
  return open ?? [...state.orders.values()].findLast(isMeant);
}

export function cancelSpot(state: SpotState, key: SpotKey, cancelId: string): SpotOrder {
  const order = findSpot(state, key);
  if (order === undefined || !isSpotOpen(order)) throw new VenueReject(-2011);
  endSpot(state, order, 'CANCELED', cancelId);
  return order;
}

/** To be called at every new last price. */
export function triggerSpot(state: SpotState, symbol: string): void {
  const { last } = marketOf(state, symbol);
  for (const order of state.openOrders.values()) {
    if (order.symbol !== symbol || order.isWorking || !isStopReached(order, last)) continue;
    order.isWorking = true;
    order.updatedMs = state.nowMs;
    emitSpotOrder(state, order, 'NEW');
    work(state, order);
  }
}

export function meetSpot(state: SpotState, { orderId, price, quantity }: Met): void {
  const order = state.orders.get(orderId);
  if (order !== undefined) fillSpot(state, order, { price, quantity, isMaker: true });
}

/** Negative = withdrawn. */
export function transferSpot(state: SpotState, asset: string, change: Amount): void {
  state.wallet.add(asset, change);
  const id = state.transfers.length + 1;
  const transfer = { id, asset, amount: change, timeMs: state.nowMs };
  state.transfers.push(transfer);
  state.emit({ kind: 'transfer', transfer });
  state.emit({ kind: 'account', assets: [asset] });
}

/** A market order locks nothing, as it is done at once; a stop of that kind does. */
function toLock(request: SpotRequest): Amount {
  if (request.type === 'MARKET') return ZERO;
  if (request.side === 'SELL') return request.quantity;
  return request.quantity.times(isAtMarket(request) ? request.stopPrice : request.price);
}

function checkMarketCost(state: SpotState, request: SpotRequest): void {
  const free = state.wallet.free(assetsOf(state, request).given);
  if (request.side === 'BUY') {
    const cost = request.quoteQuantity.isZero()
      ? costOf(state, request.symbol, request.quantity)
      : request.quoteQuantity;
    if (cost.gt(free)) throw insufficientBalance();
  } else if (request.quantity.gt(free)) {
    throw insufficientBalance();
  }
}

function costOf(state: SpotState, symbol: string, quantity: Amount): Amount {
  let left = quantity;
  let cost = ZERO;
  for (const entry of marketOf(state, symbol).book.entries('SELL')) {
    if (entry.owner === ACCOUNT) continue;
    const taken = smaller(left, entry.remaining);
    cost = cost.plus(taken.times(entry.price));
    left = left.minus(taken);
    if (left.isZero()) break;
  }
  return cost;
}

function takerOf(request: SpotRequest | SpotOrder, quantity: Amount): Taker {
  const taker = { side: request.side, owner: ACCOUNT, quantity };
  return isAtMarket(request) ? taker : { ...taker, limit: request.price };
}

/** In the matching engine: meets the book, and rests or ends with what is left. */
function work(state: SpotState, order: SpotOrder): void {
  const { book } = marketOf(state, order.symbol);
  const isAll = order.timeInForce !== 'FOK' || isAtMarket(order);
  if (!isAll && book.available(takerOf(order, order.quantity)).lt(order.quantity)) {
    return endSpot(state, order, 'EXPIRED');
  }
  // A stop at the market pays with what it has kept for it.
  if (isAtMarket(order)) releaseSpot(state, order, order.locked);
  take(state, order);
  if (!isSpotOpen(order)) return;
  if (isAtMarket(order) || order.timeInForce !== 'GTC') return endSpot(state, order, 'EXPIRED');
  const { id, side, price } = order;
  const remaining = order.quantity.minus(order.executed);
  book.add({ id, side, price, owner: ACCOUNT, remaining });
}

function take(state: SpotState, order: SpotOrder): void {
  const { book } = marketOf(state, order.symbol);
  while (isSpotOpen(order)) {
    const wanted = wantedOf(state, order);
    if (wanted === undefined || wanted.lte(0)) return;
    const match = book.matchNext(takerOf(order, wanted));
    if (match === undefined) return;
    if (match.isSelf) {
      const maker = state.orders.get(match.maker.id);
      if (maker !== undefined) endSpot(state, maker, 'EXPIRED_IN_MATCH');
      continue;
    }
    const { price } = match.maker;
    emitPrint(state, order.symbol, price, match.quantity, order.side === 'SELL');
    fillSpot(state, order, { price, quantity: match.quantity, isMaker: false });
  }
}
