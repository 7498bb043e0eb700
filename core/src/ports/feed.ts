// Closed bars in order. A feed decides the pace; its bars decide the time.
import type { BarEvent } from '../events.js';
import type { FundingRow } from '../simulation/sim-venue.js';

export interface FeedItem {
  readonly bar: BarEvent;
  readonly funding: readonly FundingRow[];
}

export interface Feed {
  /** Whether `next` would answer without waiting. */
  readonly isReady: boolean;
  /** The next closed bar, or undefined when there will be none. */
  next(): Promise<FeedItem | undefined>;
  /** Makes a waiting `next` answer undefined. */
  stop(): void;
}
