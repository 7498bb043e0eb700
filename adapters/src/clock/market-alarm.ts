// Wakes the driver when market time reaches a due time. Market time may run faster than the wall,
// or stand until the venue moves it: it is looked at again, never assumed.
import type { Alarm } from '@strategy-runner/core';

export interface AlarmTime {
  /** Market time, epoch ms. */
  now(): number;
  /** Wall milliseconds until market time is `ms`; Infinity where it stands. */
  wallMsUntil(ms: number): number;
}

/** How often market time that stands, or a far due time, is looked at again, wall ms. */
const LOOK_AGAIN_MS = 250;

export class MarketAlarm implements Alarm {
  readonly #time: AlarmTime;
  #timer: NodeJS.Timeout | undefined;

  constructor(time: AlarmTime) {
    this.#time = time;
  }

  set(dueMs: number, fire: () => void): void {
    this.clear();
    if (dueMs === Infinity) return;
    const waitMs = Math.max(0, Math.min(this.#time.wallMsUntil(dueMs), LOOK_AGAIN_MS));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#time.now() >= dueMs) fire();
      else this.set(dueMs, fire);
    }, waitMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
