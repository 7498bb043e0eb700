// One request budget per address over all processes of this machine (U13). Normal calls wait in the
// order in which they came; urgent ones never wait behind them and alone may use the reserve.
import { join } from 'node:path';
import { setTimeout as timeout } from 'node:timers/promises';
import type { Clock } from '@strategy-runner/core';
import { makePrivateFolders } from '../private-files/private-file.js';
import { accountUnwritable } from './account-error.js';
import { addressFolder } from './account-folder.js';
import { type LeaseRequest, type Leased, ceilingOf, decideLease } from './lease.js';
import { LeaseTable } from './lease-table.js';
import { RefusalFile, type Refusals, laterOf } from './refusal-file.js';

/** Longest sleep before it is looked again whether the venue or another process has made room. */
const LOOK_AGAIN_MS = 1000;

export interface BudgetOptions {
  readonly stateDir: string;
  /** Host name of the venue's address. */
  readonly host: string;
  readonly clock: Clock;
  readonly sleep?: (ms: number) => Promise<void>;
  /** Weight per window until the venue has said otherwise. */
  readonly limit: number;
  readonly windowMs: number;
  /** The shared files failed; this process goes on counting for itself. */
  readonly onFault: (error: unknown) => void;
}

export class SharedBudget {
  readonly #options: BudgetOptions;
  readonly #table: LeaseTable;
  readonly #refusalFile: RefusalFile;
  readonly #sleep: (ms: number) => Promise<void>;
  #ownRefusals: Refusals = { refusedUntilMs: 0, bannedUntilMs: 0 };
  /** Handed out to this process and not yet spent. */
  #slice: Leased = { windowStartMs: 0, weight: 0 };
  #reported: Leased = { windowStartMs: 0, weight: 0 };
  #limit: number;
  /** Its own account of the window, once the shared one has failed. */
  #alone: Leased | undefined;
  #isAlone = false;
  #isClosed = false;
  #normal: Promise<void> = Promise.resolve();
  #urgent: Promise<void> = Promise.resolve();
  #storing: Promise<void> = Promise.resolve();

  private constructor(options: BudgetOptions, table: LeaseTable, refusals: RefusalFile) {
    this.#options = options;
    this.#table = table;
    this.#refusalFile = refusals;
    this.#limit = options.limit;
    this.#sleep = options.sleep ?? ((ms) => timeout(ms));
  }

  /** Errors: ACCOUNT_STORE_UNWRITABLE (77). */
  static async open(options: BudgetOptions): Promise<SharedBudget> {
    const folder = addressFolder(options.stateDir, options.host);
    try {
      await makePrivateFolders(folder);
      const table = await LeaseTable.open(join(folder, 'budget.sqlite'));
      return new SharedBudget(options, table, new RefusalFile(join(folder, 'refusals.json')));
    } catch (error) {
      throw accountUnwritable(folder, error);
    }
  }

  /** Resolves when the weight is granted. */
  take(weight: number, urgency: 'urgent' | 'normal'): Promise<void> {
    const isUrgent = urgency === 'urgent';
    const before = isUrgent ? this.#urgent : this.#normal;
    const granted = this.#grantAfter(before, weight, isUrgent);
    if (isUrgent) this.#urgent = granted;
    else this.#normal = granted;
    return granted;
  }

  /** What the venue says has been used in its current window, of how much. */
  report(usedWeight: number, limit: number): void {
    this.#reported = { windowStartMs: this.#windowStartMs(), weight: usedWeight };
    if (limit > 0) this.#limit = limit;
  }

  /** Nothing but `urgent` until then, wall ms (429); with a ban (418) nothing at all. */
  refuseUntil(wallMs: number, isBan = false): void {
    const refusals = { refusedUntilMs: wallMs, bannedUntilMs: isBan ? wallMs : 0 };
    this.#ownRefusals = laterOf(this.#ownRefusals, refusals);
    const own = this.#ownRefusals;
    const stored = this.#table.exclusively(() => this.#refusalFile.raise(own));
    const settled = stored.catch((error: unknown) => this.#options.onFault(error));
    this.#storing = Promise.all([this.#storing, settled]).then(() => undefined);
  }

  get refusedUntilMs(): number {
    return this.#refusals().refusedUntilMs;
  }

  get bannedUntilMs(): number {
    return this.#refusals().bannedUntilMs;
  }

  /** Gives back what was not spent; whoever still waits is let go. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#storing;
    if (!this.#isAlone) await this.#table.giveBack(this.#slice).catch(this.#options.onFault);
    await this.#table.close();
  }

  async #grantAfter(before: Promise<void>, weight: number, isUrgent: boolean): Promise<void> {
    await before;
    for (;;) {
      if (this.#isClosed) return;
      const waitMs = this.#refusedForMs(isUrgent);
      if (waitMs > 0) {
        await this.#sleep(Math.min(waitMs, LOOK_AGAIN_MS));
      } else if (this.#spend(weight, isUrgent)) {
        return;
      } else if (!(await this.#lease(weight, isUrgent))) {
        await this.#sleep(Math.min(this.#windowLeftMs(), LOOK_AGAIN_MS));
      }
    }
  }

  #spend(weight: number, isUrgent: boolean): boolean {
    const windowStartMs = this.#windowStartMs();
    if (this.#slice.windowStartMs !== windowStartMs) return false;
    const ceiling = ceilingOf({ limit: this.#limit, isUrgent });
    const cost = Math.min(weight, ceiling);
    if (this.#slice.weight < cost || this.#reportedNow() + cost > ceiling) return false;
    this.#slice = { windowStartMs, weight: this.#slice.weight - cost };
    return true;
  }

  async #lease(weight: number, isUrgent: boolean): Promise<boolean> {
    let asked: LeaseRequest | undefined;
    const request = (): LeaseRequest => {
      const windowStartMs = this.#windowStartMs();
      const limit = this.#limit;
      asked = { weight, isUrgent, limit, reported: this.#reportedNow(), windowStartMs };
      return asked;
    };
    const granted = await this.#granted(request);
    if (asked === undefined || granted === 0) return false;
    const { windowStartMs } = asked;
    const kept = this.#slice.windowStartMs === windowStartMs ? this.#slice.weight : 0;
    this.#slice = { windowStartMs, weight: kept + granted };
    return true;
  }

  async #granted(request: () => LeaseRequest): Promise<number> {
    if (!this.#isAlone) {
      try {
        return await this.#table.lease(request);
      } catch (error) {
        // Calls go on: a close must not depend on this disk.
        this.#isAlone = true;
        this.#options.onFault(error);
      }
    }
    const { granted, leased } = decideLease(this.#alone, request());
    this.#alone = leased;
    return granted;
  }

  #refusals(): Refusals {
    try {
      return laterOf(this.#ownRefusals, this.#refusalFile.read());
    } catch {
      return this.#ownRefusals;
    }
  }

  #refusedForMs(isUrgent: boolean): number {
    const { refusedUntilMs, bannedUntilMs } = this.#refusals();
    const untilMs = isUrgent ? bannedUntilMs : Math.max(refusedUntilMs, bannedUntilMs);
    return untilMs - this.#options.clock.now();
  }

  #reportedNow(): number {
    const { windowStartMs, weight } = this.#reported;
    return windowStartMs === this.#windowStartMs() ? weight : 0;
  }

  #windowStartMs(): number {
    const now = this.#options.clock.now();
    return now - (now % this.#options.windowMs);
  }

  #windowLeftMs(): number {
    return this.#windowStartMs() + this.#options.windowMs - this.#options.clock.now();
  }
}
