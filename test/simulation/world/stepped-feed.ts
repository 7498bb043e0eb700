// The feed of a simulation, and its clock: it lets the exchange trade a bar, lets what the exchange
// says arrive step by step, and hands the bar on once the host has gone quiet. No real time passes.
import type { BarEvent, Feed, FeedItem } from '@strategy-runner/core';
import { SYMBOL } from '../../support/world-config.js';
import type { TickBar } from './exchange-truth.js';

export interface SteppedFeedParts {
  readonly bars: readonly TickBar[];
  /** Index of the first bar to hand out. */
  readonly first: number;
  readonly stepsPerBar: number;
  readonly isReady: () => boolean;
  readonly onBar: (bar: TickBar, index: number) => void;
  readonly onStep: (bar: TickBar, index: number) => void;
  /** The bar before this one has been taken in. */
  readonly onBarDone: (index: number) => void;
  readonly onQuiet: () => void;
}

const LAST_STEPS = 40;

export class SteppedFeed implements Feed {
  readonly #parts: SteppedFeedParts;
  #next: number;
  #isStopped = false;

  constructor(parts: SteppedFeedParts) {
    this.#parts = parts;
    this.#next = parts.first;
  }

  get isReady(): boolean {
    return this.#parts.isReady();
  }

  async next(): Promise<FeedItem | undefined> {
    const { bars, stepsPerBar, onBar, onBarDone, onQuiet } = this.#parts;
    const index = this.#next;
    this.#next += 1;
    const isOver = index >= bars.length;
    const bar = bars[Math.min(index, bars.length - 1)]!;
    onBarDone(index);
    if (!isOver) onBar(bar, index);
    const steps = isOver ? LAST_STEPS : stepsPerBar;
    for (let step = 0; step < steps; step += 1) {
      this.#parts.onStep(bar, index);
      await quiet();
      if (this.#isStopped) return undefined;
    }
    onQuiet();
    return isOver ? undefined : { bar: barEvent(bar), funding: [] };
  }

  stop(): void {
    this.#isStopped = true;
  }
}

/** The host works in microtasks only: when the next macrotask runs, it waits for something. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function barEvent({ openMs, closeMs, open, high, low, close }: TickBar): BarEvent {
  return {
    kind: 'bar',
    ts: closeMs,
    symbol: SYMBOL,
    timeframe: '1m',
    openMs,
    closeMs,
    open: open / 10,
    high: high / 10,
    low: low / 10,
    close: close / 10,
    volume: 1000,
  };
}
