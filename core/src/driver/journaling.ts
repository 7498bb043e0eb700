// Commits of a running session, and what happens when the journal can no longer be written: rows go
// to an emergency log on another path, and the run goes on for exits only. Nothing is appended to
// the journal again in this run, since its chain would have a hole.
import type { Clock } from '../ports/clock.js';
import type { EmergencyLog } from '../ports/emergency-log.js';
import type { PendingRows, SessionStore } from '../ports/session-store.js';
import type { OnAlert } from './sim-driver.js';

export interface JournalingParts {
  readonly rows: PendingRows;
  readonly store: SessionStore;
  readonly clock: Clock;
  readonly onAlert: OnAlert;
  readonly emergency?: EmergencyLog;
}

export class Journaling {
  readonly #parts: JournalingParts;
  #committedMs: number;
  #isLost = false;

  constructor(parts: JournalingParts) {
    this.#parts = parts;
    this.#committedMs = parts.clock.now();
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Milliseconds since the last commit. */
  get ageMs(): number {
    return this.#parts.clock.now() - this.#committedMs;
  }

  async commit(): Promise<void> {
    const { rows, store, clock } = this.#parts;
    this.#committedMs = clock.now();
    if (rows.size === 0) return;
    const taken = rows.take();
    if (this.#isLost) return this.#parts.emergency?.append(taken);
    try {
      await store.append(taken);
    } catch (error) {
      if (this.#parts.emergency === undefined) throw error;
      this.#isLost = true;
      this.#parts.emergency.append(taken);
      const why = error instanceof Error ? error.message : String(error);
      this.#parts.onAlert('STORE_WRITE_FAILED', `${why}; entries stop, exits go on from memory`);
    }
  }
}
