// Paces the playback by the wall clock: a bar takes its length divided by the speed; at full speed
// half of one processor; stepped, nothing moves. Market time advances smoothly between two ticks.
import type { Playback } from './playback.js';

/** Times real time, as fast as possible, or by the admin port only. */
export type Speed = number | 'max' | 'step';

/** At full speed it plays this long and then leaves as long to the clients. */
const BURST_MS = 5;

export interface PlayerParts {
  readonly playback: Playback;
  readonly speed: Speed;
  readonly timeframeMs: number;
  /** Of the wall. */
  readonly now: () => number;
  /** Market time of the last tick. */
  readonly marketNow: () => number;
}

export class Player {
  readonly #parts: PlayerParts;
  #timer: NodeJS.Timeout | undefined;
  /** Where both clocks were when the market last moved out of step with the wall. */
  #anchor: { readonly wallMs: number; readonly marketMs: number };

  constructor(parts: PlayerParts) {
    this.#parts = parts;
    this.#anchor = { wallMs: parts.now(), marketMs: parts.marketNow() };
  }

  start(): void {
    const { speed } = this.#parts;
    if (speed === 'step') return;
    this.#anchor = { wallMs: this.#parts.now(), marketMs: this.#parts.marketNow() };
    if (speed === 'max') this.#timer = setTimeout(() => this.#burst(), 0);
    else this.#schedule(speed);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Never behind the last tick, never beyond the next one. */
  marketMs(): number {
    const { speed, playback, marketNow, now } = this.#parts;
    const lastMs = marketNow();
    const nextMs = playback.nextMs;
    if (typeof speed !== 'number' || nextMs === undefined) return lastMs;
    const passedMs = (now() - this.#anchor.wallMs) * speed;
    const atMs = Math.floor(this.#anchor.marketMs + passedMs);
    return Math.min(Math.max(atMs, lastMs), Math.max(nextMs, lastMs));
  }

  #schedule(speed: number): void {
    const { playback, timeframeMs, now, marketNow } = this.#parts;
    const nextMs = playback.nextMs;
    if (nextMs === undefined) return this.stop();
    const wallMs = now();
    let dueMs = this.#anchor.wallMs + (nextMs - this.#anchor.marketMs) / speed;
    // Stepped ahead by hand, slept, or a hole in the bars: nobody waits for that.
    const reach = timeframeMs / speed;
    if (dueMs < wallMs - reach || dueMs > wallMs + reach) {
      const marketMs = nextMs - marketNow() > timeframeMs ? nextMs : marketNow();
      this.#anchor = { wallMs, marketMs };
      dueMs = wallMs + (nextMs - marketMs) / speed;
    }
    this.#timer = setTimeout(
      () => {
        playback.playTick();
        this.#schedule(speed);
      },
      Math.max(0, Math.ceil(dueMs - wallMs)),
    );
  }

  #burst(): void {
    const untilMs = this.#parts.now() + BURST_MS;
    do {
      if (!this.#parts.playback.playBar()) return;
    } while (this.#parts.now() < untilMs);
    this.#timer = setTimeout(() => this.#burst(), BURST_MS);
  }
}
