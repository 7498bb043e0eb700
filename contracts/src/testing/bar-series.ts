// The bars a strategy has been shown, as a BarHistory. A bar that was not appended does not exist
// here, so a test cannot pass by looking ahead.
import type { Bar, BarHistory } from '../strategy.js';

export class BarSeries implements BarHistory {
  readonly symbol: string;
  readonly timeframe: string;
  readonly #bars: Bar[] = [];

  constructor(symbol: string, timeframe: string) {
    this.symbol = symbol;
    this.timeframe = timeframe;
  }

  append(bar: Bar): void {
    this.#bars.push(bar);
  }

  /** What a strategy gets: the same values without `append`. */
  view(): BarHistory {
    const bars = this.#bars;
    return Object.freeze({
      symbol: this.symbol,
      timeframe: this.timeframe,
      get length() {
        return bars.length;
      },
      openMs: (ago: number) => this.openMs(ago),
      open: (ago: number) => this.open(ago),
      high: (ago: number) => this.high(ago),
      low: (ago: number) => this.low(ago),
      close: (ago: number) => this.close(ago),
      volume: (ago: number) => this.volume(ago),
      highest: (count: number, ago?: number) => this.highest(count, ago),
      lowest: (count: number, ago?: number) => this.lowest(count, ago),
      closes: (count: number) => this.closes(count),
    });
  }

  get length(): number {
    return this.#bars.length;
  }

  openMs(ago: number): number {
    return this.#at(ago)?.open_ms ?? NaN;
  }

  open(ago: number): number {
    return this.#at(ago)?.open ?? NaN;
  }

  high(ago: number): number {
    return this.#at(ago)?.high ?? NaN;
  }

  low(ago: number): number {
    return this.#at(ago)?.low ?? NaN;
  }

  close(ago: number): number {
    return this.#at(ago)?.close ?? NaN;
  }

  volume(ago: number): number {
    return this.#at(ago)?.volume ?? NaN;
  }

  highest(count: number, ago = 0): number {
    return this.#extreme(count, ago, (index) => this.high(index), Math.max);
  }

  lowest(count: number, ago = 0): number {
    return this.#extreme(count, ago, (index) => this.low(index), Math.min);
  }

  closes(count: number): Float64Array {
    const last = this.#bars.slice(Math.max(0, this.#bars.length - count));
    return Float64Array.from(last, (bar) => bar.close);
  }

  #at(ago: number): Bar | undefined {
    return ago >= 0 ? this.#bars[this.#bars.length - 1 - ago] : undefined;
  }

  #extreme(
    count: number,
    ago: number,
    valueAt: (ago: number) => number,
    pick: (a: number, b: number) => number,
  ): number {
    if (count < 1 || ago < 0) return NaN;
    let result = valueAt(ago);
    for (let index = 1; index < count; index += 1) result = pick(result, valueAt(ago + index));
    return result;
  }
}
