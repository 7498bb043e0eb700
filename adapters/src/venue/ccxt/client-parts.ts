// What a client is made of. Everything that it does to the world outside of the exchange goes
// through here: events, log lines, time.
import type { AccountConfig } from './account-config.js';
import type { Credentials } from './credentials.js';
import type { Emit } from './exchange-client.js';
import type { RequestBudget } from './request-budget.js';
import type { MarketTime } from './venue-clock.js';

export interface ClientLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface ClientParts {
  readonly account: AccountConfig;
  readonly credentials: Credentials;
  readonly emit: Emit;
  /** Shared by all processes of this address; omitted = this one has it to itself. */
  readonly budget?: RequestBudget;
  readonly log?: ClientLog;
  /** The wall clock. */
  readonly wall?: () => number;
  /** Time of the local exchange that has proven itself; omitted = an exchange's own. */
  readonly market?: MarketTime;
  /** Between two readings of the venue's clock, wall ms; 0 = only when asked. */
  readonly clockSyncMs?: number;
}
