// The states of a conditional order: NEW, TRIGGERING, TRIGGERED once its order is in, FINISHED when
// that order has ended; or CANCELED or REJECTED. Each step is told.
import type { AlgoOrder } from './algo-order.js';
import type { VenueState } from './venue-state.js';

export function moveAlgo(state: VenueState, algo: AlgoOrder, status: AlgoOrder['status']): void {
  algo.status = status;
  algo.updatedMs = state.nowMs;
  if (status !== 'NEW') state.openAlgos.delete(algo.algoId);
  emitAlgo(state, algo);
}

/** To be called when an order has ended. */
export function finishAlgoOf(state: VenueState, orderId: bigint): void {
  const algo = state.triggeredAlgos.get(orderId);
  if (algo === undefined) return;
  state.triggeredAlgos.delete(orderId);
  moveAlgo(state, algo, 'FINISHED');
}

export function emitAlgo(state: VenueState, algo: AlgoOrder): void {
  state.emit({ kind: 'algo', algo: { ...algo } });
}
