// The order of closed bars of one symbol and timeframe: each once, none left out. What is not the
// next one is named, so that the feed can fetch, drop or tell.
import type { BarRow } from '@strategy-runner/core';

export type Arrival =
  | { readonly kind: 'next' }
  /** Bars from `fromMs` up to this one are missing. */
  | { readonly kind: 'gap'; readonly fromMs: number }
  | { readonly kind: 'duplicate' }
  /** The venue says otherwise now of a bar that has been given. */
  | { readonly kind: 'revised'; readonly before: BarRow };

const KEPT = 500;

export class BarSequence {
  readonly #timeframeMs: number;
  readonly #given = new Map<number, BarRow>();
  #lastOpenMs: number | null;

  /** `lastOpenMs`: the bar that was taken in last, or null where the first one is free. */
  constructor(timeframeMs: number, lastOpenMs: number | null) {
    this.#timeframeMs = timeframeMs;
    this.#lastOpenMs = lastOpenMs;
  }

  /** Open time of the bar that comes next; null before the first. */
  get nextOpenMs(): number | null {
    return this.#lastOpenMs === null ? null : this.#lastOpenMs + this.#timeframeMs;
  }

  judge(bar: BarRow): Arrival {
    const { nextOpenMs } = this;
    if (nextOpenMs === null || bar.openMs === nextOpenMs) return { kind: 'next' };
    if (bar.openMs > nextOpenMs) return { kind: 'gap', fromMs: nextOpenMs };
    const before = this.#given.get(bar.openMs);
    if (before === undefined || isSame(before, bar)) return { kind: 'duplicate' };
    return { kind: 'revised', before };
  }

  take(bar: BarRow): void {
    this.#lastOpenMs = bar.openMs;
    this.#given.set(bar.openMs, bar);
    if (this.#given.size <= KEPT) return;
    for (const oldest of this.#given.keys()) {
      this.#given.delete(oldest);
      return;
    }
  }
}

function isSame(a: BarRow, b: BarRow): boolean {
  return (
    a.open === b.open &&
    a.high === b.high &&
    a.low === b.low &&
    a.close === b.close &&
    a.volume === b.volume
  );
}
