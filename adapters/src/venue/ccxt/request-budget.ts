// The share of the address's request weight that this process may use. Whoever starts the client
// passes one that all processes of the address share; alone, a client counts for itself.
import type { Urgency } from './exchange-client.js';

export interface RequestBudget {
  /** Resolves when the weight is granted. `urgent` has a reserve and never queues behind others. */
  take(weight: number, urgency: Urgency): Promise<void>;
  /** What the venue says has been used, of how much. */
  report(usedWeight: number, limit: number): void;
  /** Nothing but `urgent` until then, wall ms (429); with a ban (418) nothing at all. */
  refuseUntil(wallMs: number, isBan?: boolean): void;
  readonly refusedUntilMs: number;
  readonly bannedUntilMs: number;
}

/** Grants at once and only remembers refusals: for a process that has its address to itself. */
export class UnsharedBudget implements RequestBudget {
  #refusedUntilMs = 0;
  #bannedUntilMs = 0;

  take(): Promise<void> {
    return Promise.resolve();
  }

  report(): void {
    // The pace of each instance keeps it within the limit already.
  }

  refuseUntil(wallMs: number, isBan = false): void {
    this.#refusedUntilMs = Math.max(this.#refusedUntilMs, wallMs);
    if (isBan) this.#bannedUntilMs = Math.max(this.#bannedUntilMs, wallMs);
  }

  get refusedUntilMs(): number {
    return this.#refusedUntilMs;
  }

  get bannedUntilMs(): number {
    return this.#bannedUntilMs;
  }
}
