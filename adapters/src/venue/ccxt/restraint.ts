// Whether anything may be sent at all: after 429 only what is urgent, in a ban nothing, since each
// request makes it longer. Bans of other processes of this address come through the shared budget.
import type { CallFailure, Urgency } from './exchange-client.js';
import type { RequestBudget } from './request-budget.js';

export class Restraint {
  readonly #budget: RequestBudget;
  readonly #wall: () => number;

  constructor(budget: RequestBudget, wall: () => number) {
    this.#budget = budget;
    this.#wall = wall;
  }

  note({ verdict, untilMs }: CallFailure): void {
    if (untilMs === null) return;
    this.#budget.refuseUntil(untilMs, verdict === 'banned');
  }

  /** A refusal of our own. It is no failed request: the one that brought it has been told. */
  heldBack(urgency: Urgency): CallFailure | undefined {
    const nowMs = this.#wall();
    const { bannedUntilMs } = this.#budget;
    const isBanned = nowMs < bannedUntilMs;
    if (!isBanned && urgency === 'urgent') return undefined;
    const untilMs = isBanned ? bannedUntilMs : this.#budget.refusedUntilMs;
    if (nowMs >= untilMs) return undefined;
    return {
      verdict: isBanned ? 'banned' : 'rate_limited',
      httpStatus: null,
      venueCode: null,
      reason: 'other',
      isDuplicate: false,
      detail: `the venue takes no requests until ${new Date(untilMs).toISOString()}`,
      untilMs,
      neverLeft: true,
    };
  }
}
