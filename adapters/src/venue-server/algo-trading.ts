// Conditional orders: accepted beside the book, and on their trigger sent in as an order of its
// own, whose id and client id are new. A trigger that the exchange then refuses ends as REJECTED.
import { type Amount, plain } from './amount.js';
import { type AlgoOrder, isReached } from './algo-order.js';
import { emitAlgo, moveAlgo } from './algo-state.js';
import { checkPositionSide, checkQuantity, checkTick } from './order-check.js';
import { isOpen } from './order.js';
import { placeOrder } from './trading.js';
import { type VenueState, instrumentOf, marketOf } from './venue-state.js';
import { VenueReject } from './venue-reject.js';

export type AlgoRequest = Omit<
  AlgoOrder,
  'algoId' | 'createdMs' | 'updatedMs' | 'status' | 'actualOrderId' | 'rejectReason'
>;

const OPEN_MAX = 10;

export function placeAlgo(state: VenueState, request: AlgoRequest): AlgoOrder {
  const instrument = instrumentOf(state, request.symbol);
  checkPositionSide(state, request.positionSide);
  checkTick(instrument, request.triggerPrice);
  const isAtMarket = request.type.endsWith('MARKET');
  if (!request.isClosePosition) checkQuantity(instrument, request.quantity, isAtMarket);
  if (!isAtMarket) checkTick(instrument, request.price);
  const open = openAlgos(state);
  if (open.some(({ clientAlgoId }) => clientAlgoId === request.clientAlgoId)) {
    throw new VenueReject(-4116);
  }
  if (open.filter(({ symbol }) => symbol === request.symbol).length >= OPEN_MAX) {
    throw new VenueReject(-4045, 'Reach max stop order limit.');
  }
  const algo: AlgoOrder = {
    ...request,
    algoId: 3_000_000_001 + state.algos.size,
    createdMs: state.nowMs,
    updatedMs: state.nowMs,
    status: 'NEW',
    actualOrderId: undefined,
    rejectReason: '',
  };
  if (isReached(algo, marketOf(state, algo.symbol).last)) throw new VenueReject(-2021);
  state.algos.set(algo.algoId, algo);
  state.openAlgos.set(algo.algoId, algo);
  emitAlgo(state, algo);
  return algo;
}

export function openAlgos(state: VenueState, symbol?: string): readonly AlgoOrder[] {
  return [...state.openAlgos.values()].filter(
    (algo) => symbol === undefined || algo.symbol === symbol,
  );
}

export interface AlgoKey {
  readonly algoId?: string;
  readonly clientAlgoId?: string;
}

export function findAlgo(state: VenueState, key: AlgoKey): AlgoOrder | undefined {
  return [...state.algos.values()].findLast((algo) =>
    key.algoId === undefined
      ? algo.clientAlgoId === key.clientAlgoId
      : String(algo.algoId) === key.algoId,
  );
}

export function cancelAlgo(state: VenueState, key: AlgoKey): AlgoOrder {
  const algo = findAlgo(state, key);
  if (algo?.status !== 'NEW') throw new VenueReject(-2011);
  moveAlgo(state, algo, 'CANCELED');
  return algo;
}

/** To be called at every new last price. */
export function triggerAlgos(state: VenueState, symbol: string): void {
  const { last } = marketOf(state, symbol);
  for (const algo of openAlgos(state, symbol)) {
    // An earlier one of this round may have ended it.
    if (algo.status === 'NEW' && isReached(algo, last)) trigger(state, algo);
  }
}

function trigger(state: VenueState, algo: AlgoOrder): void {
  moveAlgo(state, algo, 'TRIGGERING');
  try {
    const order = placeOrder(state, {
      symbol: algo.symbol,
      side: algo.side,
      type: algo.type.endsWith('MARKET') ? 'MARKET' : 'LIMIT',
      quantity: algo.isClosePosition ? heldBy(state, algo) : algo.quantity,
      price: algo.price,
      timeInForce: algo.timeInForce,
      clientOrderId: `algo-${algo.algoId}`,
      isReduceOnly: algo.isReduceOnly || algo.isClosePosition,
      positionSide: algo.positionSide,
      origType: algo.type,
      isClosePosition: algo.isClosePosition,
    });
    algo.actualOrderId = order.id;
    moveAlgo(state, algo, 'TRIGGERED');
    if (isOpen(order)) state.triggeredAlgos.set(order.id, algo);
    else moveAlgo(state, algo, 'FINISHED');
  } catch (error) {
    if (!(error instanceof VenueReject)) throw error;
    algo.rejectReason = error.message;
    moveAlgo(state, algo, 'REJECTED');
  }
}

function heldBy(state: VenueState, algo: AlgoOrder): Amount {
  const held = state.account.position(algo.symbol, algo.positionSide).quantity.abs();
  if (held.isZero()) throw new VenueReject(-2022, `No position to close: ${plain(held)}`);
  return held;
}
