// Where orders go. Nothing here answers: what becomes of an order arrives as a venue event, pushed
// to the driver's mailbox or, from a venue that is simulated, pulled with `next`.
import type { VenueEvent, VenueOrder } from '../events.js';
import type { BarRow } from '../market/bar-series.js';
import type { ApprovedOrder, Order } from '../order/order.js';
import type { FundingRow } from '../simulation/sim-venue.js';

export interface Venue {
  /**
   * Whether an order survives this process. Where it does, the records behind a request are durable
   * before it leaves; where it does not, the venue dies with the bar that the journal has not seen.
   */
  readonly outlivesProcess: boolean;
  submit(order: ApprovedOrder): void;
  cancel(order: Order): void;
  query(order: Order): void;
  /** An order that the operator wants gone although it is not ours (`--on-untracked cancel`). */
  cancelForeign?(order: VenueOrder): void;
  /** A simulated venue's share of a bar; a real one has traded it already. */
  beginBar?(symbol: string, bar: BarRow, funding: readonly FundingRow[]): void;
  /** What a pulled venue has to tell next; undefined = nothing now. */
  next?(): VenueEvent | undefined;
}
