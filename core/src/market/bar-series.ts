// Closed bars of one symbol and timeframe as float64 columns. `length` is the present: a reader can
// never reach a row at or beyond it, even when the columns of a backtest are loaded in full.

export interface BarColumns {
  readonly length: number;
  readonly openMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

export interface BarRow {
  readonly openMs: number;
  readonly closeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** One row of columns that were loaded in full. */
export function barRowAt(columns: BarColumns, row: number, timeframeMs: number): BarRow {
  const openMs = columns.openMs[row]!;
  return {
    openMs,
    closeMs: openMs + timeframeMs,
    open: columns.open[row]!,
    high: columns.high[row]!,
    low: columns.low[row]!,
    close: columns.close[row]!,
    volume: columns.volume[row]!,
  };
}

const COLUMNS = ['openMs', 'open', 'high', 'low', 'close', 'volume'] as const;
const FIRST_CAPACITY = 1024;

export class BarSeries {
  readonly symbol: string;
  readonly timeframe: string;
  readonly #limit: number;
  #columns: BarColumns;
  #length = 0;

  /**
   * Shows the last `limit` bars, whether the columns behind it hold more or not: a strategy must
   * not see further back in a backtest than it can live.
   */
  constructor(symbol: string, timeframe: string, limit: number, preloaded?: BarColumns) {
    this.symbol = symbol;
    this.timeframe = timeframe;
    this.#limit = limit;
    this.#columns = preloaded ?? emptyColumns(FIRST_CAPACITY);
  }

  get length(): number {
    return this.#length < this.#limit ? this.#length : this.#limit;
  }

  /** Advances over a preloaded row that is this very bar, or stores the bar. */
  append(bar: BarRow): void {
    const columns = this.#columns;
    const at = this.#length;
    if (at < columns.length && columns.openMs[at] === bar.openMs) {
      this.#length = at + 1;
      return;
    }
    // Preloaded columns belong to who gave them, and other series may read them: never written to.
    if (columns.length > 0 || at === columns.openMs.length) this.#makeRoom();
    const into = this.#columns;
    const row = this.#length;
    into.openMs[row] = bar.openMs;
    into.open[row] = bar.open;
    into.high[row] = bar.high;
    into.low[row] = bar.low;
    into.close[row] = bar.close;
    into.volume[row] = bar.volume;
    this.#length = row + 1;
  }

  openMs(ago: number): number {
    return this.#read(this.#columns.openMs, ago);
  }
  open(ago: number): number {
    return this.#read(this.#columns.open, ago);
  }
  high(ago: number): number {
    return this.#read(this.#columns.high, ago);
  }
  low(ago: number): number {
    return this.#read(this.#columns.low, ago);
  }
  close(ago: number): number {
    return this.#read(this.#columns.close, ago);
  }
  volume(ago: number): number {
    return this.#read(this.#columns.volume, ago);
  }

  highest(count: number, ago = 0): number {
    const end = this.#length - ago;
    const start = end - count;
    if (!this.#isShown(start) || !(ago >= 0) || !(count >= 1)) return Number.NaN;
    const column = this.#columns.high;
    let top = -Infinity;
    for (let i = start; i < end; i++) if (column[i]! > top) top = column[i]!;
    return top;
  }

  lowest(count: number, ago = 0): number {
    const end = this.#length - ago;
    const start = end - count;
    if (!this.#isShown(start) || !(ago >= 0) || !(count >= 1)) return Number.NaN;
    const column = this.#columns.low;
    let bottom = Infinity;
    for (let i = start; i < end; i++) if (column[i]! < bottom) bottom = column[i]!;
    return bottom;
  }

  /** A copy, so that nobody holds the buffer whose tail is the future. */
  closes(count: number): Float64Array {
    const shown = Math.max(0, Math.min(Math.trunc(count) || 0, this.length));
    const start = this.#length - shown;
    return this.#columns.close.slice(start, this.#length);
  }

  #read(column: Float64Array, ago: number): number {
    const at = this.#length - 1 - ago;
    return at >= 0 && ago >= 0 && ago < this.#limit ? (column[at] ?? Number.NaN) : Number.NaN;
  }

  #isShown(start: number): boolean {
    return Number.isInteger(start) && start >= 0 && this.#length - start <= this.#limit;
  }

  // Drops what lies further back than the limit, or doubles; amortised, never per bar.
  #makeRoom(): void {
    const old = this.#columns;
    const keep = Math.min(this.#length, this.#limit);
    const next = emptyColumns(Math.max(FIRST_CAPACITY, keep * 2));
    for (const name of COLUMNS) {
      next[name].set(old[name].subarray(this.#length - keep, this.#length));
    }
    this.#columns = next;
    this.#length = keep;
  }
}

function emptyColumns(capacity: number): BarColumns {
  return {
    length: 0,
    openMs: new Float64Array(capacity),
    open: new Float64Array(capacity),
    high: new Float64Array(capacity),
    low: new Float64Array(capacity),
    close: new Float64Array(capacity),
    volume: new Float64Array(capacity),
  };
}
