// Paces the playback: a bar takes its length divided by the speed, in quarters; without a speed,
// as fast as clients can still be served; stepped, not at all.
import type { Playback } from './playback.js';
import { TICKS_PER_BAR } from './market-play.js';

/** Times real time, as fast as possible, or by the admin port only. */
export type Speed = number | 'max' | 'step';

/** Bars between two breaths at full speed. */
const BURST = 20;

export class Player {
  readonly #playback: Playback;
  readonly #speed: Speed;
  readonly #timeframeMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(playback: Playback, speed: Speed, timeframeMs: number) {
    this.#playback = playback;
    this.#speed = speed;
    this.#timeframeMs = timeframeMs;
  }

  start(): void {
    if (this.#speed === 'step') return;
    if (this.#speed === 'max') {
      this.#timer = setTimeout(() => this.#burst(), 0);
      return;
    }
    const everyMs = this.#timeframeMs / TICKS_PER_BAR / this.#speed;
    this.#timer = setInterval(() => {
      if (!this.#playback.playTick()) this.stop();
    }, everyMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #burst(): void {
    for (let bar = 0; bar < BURST; bar++) if (!this.#playback.playBar()) return;
    this.#timer = setTimeout(() => this.#burst(), 0);
  }
}
