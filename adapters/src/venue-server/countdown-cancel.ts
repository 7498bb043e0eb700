// The dead man's switch: unless renewed in time, all open orders of the symbol are cancelled.
import { cancelOrder } from './trading.js';
import type { VenueState } from './venue-state.js';

export class CountdownCancel {
  readonly #state: VenueState;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(state: VenueState) {
    this.#state = state;
  }

  /** Zero ends it. */
  set(symbol: string, countdownMs: number): void {
    clearTimeout(this.#timers.get(symbol));
    this.#timers.delete(symbol);
    if (countdownMs === 0) return;
    const timer = setTimeout(() => cancelAll(this.#state, symbol), countdownMs);
    this.#timers.set(symbol, timer);
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}

export function cancelAll(state: VenueState, symbol: string): void {
  for (const order of state.openOrders.values()) {
    if (order.symbol === symbol) {
      cancelOrder(state, { symbol, orderId: order.id.toString() });
    }
  }
}
