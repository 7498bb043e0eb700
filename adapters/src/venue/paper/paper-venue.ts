// The simulated venue behind the live driver: same matching, same costs, same order of a bar as in
// a backtest. It dies with the process, so a bar is redone whole unless the journal has seen it
// whole.
import {
  type ApprovedOrder,
  type BarRow,
  type Engine,
  type FundingRow,
  type Order,
  SimVenue,
  type SimVenueParts,
  type Venue,
  type VenueEvent,
} from '@strategy-runner/core';

export class PaperVenue implements Venue {
  readonly outlivesProcess = false;
  readonly #sim: SimVenue;

  constructor(parts: SimVenueParts) {
    this.#sim = new SimVenue(parts);
  }

  /** Puts back what a recovered engine knows to be resting. */
  restore({ state, series, config }: Engine): void {
    let lastMs = 0;
    for (const market of state.market.values()) lastMs = Math.max(lastMs, market.closeMs);
    for (const { symbol, timeframe } of config.instances) {
      this.#sim.fitted?.recall(series.get(`${symbol}|${timeframe}`)!);
    }
    this.#sim.restore(state.orders.values() as Iterable<Order>, state.positions.values(), lastMs);
  }

  submit(order: ApprovedOrder): void {
    this.#sim.submit(order);
  }

  cancel(order: Order): void {
    this.#sim.cancel(order.key);
  }

  query(order: Order): void {
    this.#sim.query(order.key);
  }

  beginBar(symbol: string, bar: BarRow, funding: readonly FundingRow[]): void {
    this.#sim.beginBar(symbol, bar, funding);
  }

  next(): VenueEvent | undefined {
    return this.#sim.next();
  }
}
