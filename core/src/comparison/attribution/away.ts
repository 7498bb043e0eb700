// When a recorded session was not there: from the end of a run, or its last word, until the host
// has caught up with the bars that it missed. What arrives late in between is late by downtime.
import type { EngineEvent } from '../../events.js';

/** Nothing of the session ran after `fromMs` and before `toMs`. */
export interface Gap {
  /** Close of the last bar before, or 0. */
  readonly fromMs: number;
  /** Start of the run that follows. */
  readonly toMs: number;
}

export class AwayWatch {
  readonly gaps: Gap[] = [];
  readonly #timeframeMs: number;
  #closeMs = 0;
  #isBehind = false;
  #isConnected = true;

  constructor(timeframeMs: number) {
    this.#timeframeMs = timeframeMs;
  }

  get isAway(): boolean {
    return this.#isBehind || !this.#isConnected;
  }

  note(event: EngineEvent): void {
    switch (event.kind) {
      case 'bar':
        this.#closeMs = event.closeMs;
        // A bar that came in its time: from here on the host is with the market again.
        if (event.ts - event.closeMs < this.#timeframeMs) this.#isBehind = false;
        return;
      case 'run_started':
        this.#isConnected = (event.connection ?? 'ready') === 'ready';
        if (event.run === 1) return;
        this.#isBehind = true;
        this.gaps.push({ fromMs: this.#closeMs, toMs: event.ts });
        return;
      case 'run_ended':
        this.#isBehind = true;
        return;
      case 'connection':
        this.#isConnected = event.state === 'ready';
        if (!this.#isConnected) this.#isBehind = true;
        return;
      default:
        return;
    }
  }
}
