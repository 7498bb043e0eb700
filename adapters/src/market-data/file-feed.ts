// Plays the bars of a file as if they were closing now, at a multiple of real time or as fast as
// they can be taken. The bars decide the time; the clock only decides how long to wait.
import {
  type BarColumns,
  type BarEvent,
  type Clock,
  type Feed,
  type FeedItem,
  FundingSchedule,
  type FundingRow,
  barRowAt,
} from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';

export interface FileFeedParts {
  readonly columns: BarColumns;
  readonly symbol: string;
  readonly timeframe: string;
  readonly timeframeMs: number;
  readonly funding: readonly FundingRow[];
  /** Bars that open before this time (ms) have been taken in by an earlier run. */
  readonly afterMs: number;
  /** Times real time; Infinity = without waiting. */
  readonly speed: number;
  readonly clock: Clock;
}

/** `max`, or a positive number of times real time. Errors: USAGE. */
export function parseSpeed(text: string): number {
  if (text === 'max') return Infinity;
  const speed = Number(text);
  if (Number.isFinite(speed) && speed > 0) return speed;
  throw new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `--speed ${text} is not a pace`,
    next: 'give a number of times real time, such as --speed 60, or --speed max',
  });
}

export class FileFeed implements Feed {
  readonly #parts: FileFeedParts;
  readonly #funding: FundingSchedule;
  #at: number;
  #isStopped = false;
  #dueMs: number | null = null;
  #wake: () => void = () => undefined;

  constructor(parts: FileFeedParts) {
    this.#parts = parts;
    this.#funding = new FundingSchedule(parts.funding, parts.afterMs);
    let at = 0;
    while (at < parts.columns.length && parts.columns.openMs[at]! < parts.afterMs) at += 1;
    this.#at = at;
  }

  get isReady(): boolean {
    return this.#isStopped || this.#parts.speed === Infinity;
  }

  async next(): Promise<FeedItem | undefined> {
    await this.#pace();
    if (this.#isStopped || this.#at >= this.#parts.columns.length) return undefined;
    const bar = this.#barAt(this.#at);
    this.#at += 1;
    return { bar, funding: this.#funding.dueUntil(bar.closeMs) };
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  // Each bar closes one bar length, divided by the speed, after the one before; time lost is made
  // up.
  async #pace(): Promise<void> {
    const { speed, clock, timeframeMs } = this.#parts;
    if (speed === Infinity || this.#isStopped) return;
    const nowMs = clock.now();
    this.#dueMs = (this.#dueMs ?? nowMs) + timeframeMs / speed;
    const waitMs = this.#dueMs - nowMs;
    if (waitMs <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #barAt(row: number): BarEvent {
    const { columns, symbol, timeframe, timeframeMs } = this.#parts;
    const bar = barRowAt(columns, row, timeframeMs);
    return { kind: 'bar', ts: bar.closeMs, symbol, timeframe, ...bar };
  }
}
