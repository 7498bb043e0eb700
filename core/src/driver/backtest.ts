// The backtest: the simulated driver over loaded columns. A quiet bar allocates nothing but what
// its plugin is handed; equity is marked on float mirrors, money stays exact (DESIGN §3, numbers).
import type { EngineConfig } from '../config.js';
import { type Decimal, toNumber } from '../decimal.js';
import { Engine } from '../engine.js';
import type { BarEvent } from '../events.js';
import { emptySeries } from '../market/bar-book.js';
import type { BarColumns } from '../market/bar-series.js';
import type { StrategyRuntime } from '../ports/strategy-runtime.js';
import type { Sink } from '../records.js';
import { type FundingRow, SimVenue, type SimVenueParts } from '../simulation/sim-venue.js';
import type { EngineView } from '../strategy/context.js';
import { emptyState } from '../state/engine-state.js';
import { type OnAlert, SimDriver } from './sim-driver.js';

export interface BacktestParts {
  readonly config: EngineConfig;
  readonly columns: BarColumns;
  readonly funding: readonly FundingRow[];
  readonly sim: Omit<SimVenueParts, 'instruments'>;
  readonly sink: Sink;
  readonly runtime: (view: EngineView) => StrategyRuntime;
  readonly onAlert?: OnAlert;
  /** Told about every `progressEvery` bars; answering false stops the run after that bar. */
  readonly onProgress?: (done: number, total: number) => boolean;
  readonly progressEvery?: number;
}

export interface BacktestRun {
  readonly engine: Engine;
  /** Bar closes and marked equity from the first tradable bar on. */
  readonly times: Float64Array;
  readonly equity: Float64Array;
  readonly length: number;
  readonly barsInPosition: number;
  readonly grossExposureMax: number;
  readonly bars: number;
  readonly isComplete: boolean;
}

/**
 * Runs one instance over one series of closed bars. Throws RangeError on data that money cannot
 * hold.
 */
export function runBacktest(parts: BacktestParts): BacktestRun {
  const { config, columns, sink } = parts;
  const instance = config.instances[0]!;
  const { symbol, timeframe, timeframeMs } = instance;
  const series = emptySeries(config, columns);
  const state = emptyState(config.initialCash, [instance.id]);
  const runtime = parts.runtime({ config, state, series });
  const engine = new Engine({ config, sink, series, state });
  const venue = new SimVenue({ ...parts.sim, instruments: config.instruments });
  const driver = new SimDriver(engine, venue, runtime, parts.onAlert ?? ignore);
  const first = columns.length === 0 ? 0 : columns.openMs[0]!;
  driver.take({ kind: 'run_started', ts: first, run: 1, start: 'cold' });
  const marks = new EquityMarks(engine, symbol, columns.length);
  const funding = new FundingSchedule(parts.funding);
  const bar = reusedBar(symbol, timeframe);
  const every = parts.progressEvery ?? Infinity;
  let nextProgress = every;
  let isTrading = false;
  let done = 0;
  for (; done < columns.length; done += 1) {
    fill(bar, columns, done, timeframeMs);
    driver.step(bar, funding.dueIn(bar.openMs, bar.closeMs));
    // Once it trades it goes on trading.
    isTrading ||= engine.isTrading(instance);
    if (isTrading) marks.mark(bar.closeMs, bar.close);
    if (done + 1 < nextProgress) continue;
    nextProgress += every;
    if (parts.onProgress?.(done + 1, columns.length) === false) {
      done += 1;
      break;
    }
  }
  const isComplete = done === columns.length;
  const cause = isComplete ? 'end_of_data' : 'stopped';
  driver.take({ kind: 'run_ended', ts: engine.now, run: 1, cause });
  return { engine, ...marks.result(), bars: done, isComplete };
}

type MutableBar = { -readonly [Key in keyof BarEvent]: BarEvent[Key] };

export function reusedBar(symbol: string, timeframe: string): MutableBar {
  const zeros = { ts: 0, openMs: 0, closeMs: 0, open: 0, high: 0, low: 0, close: 0, volume: 0 };
  return { kind: 'bar', symbol, timeframe, ...zeros };
}

export function fill(bar: MutableBar, columns: BarColumns, i: number, timeframeMs: number): void {
  const openMs = columns.openMs[i]!;
  bar.openMs = openMs;
  bar.closeMs = openMs + timeframeMs;
  bar.ts = bar.closeMs;
  bar.open = columns.open[i]!;
  bar.high = columns.high[i]!;
  bar.low = columns.low[i]!;
  bar.close = columns.close[i]!;
  bar.volume = columns.volume[i]!;
}

const NO_FUNDING: readonly FundingRow[] = [];

/** Hands out the funding rows that fall due inside a bar, in order, each once. */
export class FundingSchedule {
  readonly #rows: readonly FundingRow[];
  #next = 0;

  constructor(rows: readonly FundingRow[]) {
    this.#rows = rows;
  }

  dueIn(openMs: number, closeMs: number): readonly FundingRow[] {
    const rows = this.#rows;
    if (this.#next >= rows.length || rows[this.#next]!.timeMs >= closeMs) return NO_FUNDING;
    while (this.#next < rows.length && rows[this.#next]!.timeMs < openMs) this.#next += 1;
    const start = this.#next;
    while (this.#next < rows.length && rows[this.#next]!.timeMs < closeMs) this.#next += 1;
    return rows.slice(start, this.#next);
  }
}

/**
 * Marks equity per bar from float mirrors that change only when a fill or a payment changes them.
 */
class EquityMarks {
  readonly #engine: Engine;
  readonly #isSpot: boolean;
  readonly #times: Float64Array;
  readonly #equity: Float64Array;
  #cash: Decimal;
  #cashNumber: number;
  #length = 0;
  #barsInPosition = 0;
  #grossMax = 0;

  constructor(engine: Engine, symbol: string, capacity: number) {
    this.#engine = engine;
    this.#isSpot = engine.config.instruments.get(symbol)?.market === 'spot';
    this.#times = new Float64Array(capacity);
    this.#equity = new Float64Array(capacity);
    this.#cash = engine.config.initialCash;
    this.#cashNumber = toNumber(this.#cash);
  }

  mark(closeMs: number, close: number): void {
    const { state } = this.#engine;
    if (state.cash !== this.#cash) {
      this.#cash = state.cash;
      this.#cashNumber = toNumber(state.cash);
    }
    let value = this.#cashNumber;
    if (state.positions.size > 0) {
      let gross = 0;
      for (const position of state.positions.values()) {
        const worth = position.quantityNumber * close;
        gross += worth;
        const profit = worth - position.quantityNumber * position.entryNumber;
        value += this.#isSpot ? worth : position.side === 'long' ? profit : -profit;
      }
      this.#barsInPosition += 1;
      if (gross > this.#grossMax) this.#grossMax = gross;
    }
    this.#times[this.#length] = closeMs;
    this.#equity[this.#length] = value;
    this.#length += 1;
  }

  result() {
    return {
      times: this.#times,
      equity: this.#equity,
      length: this.#length,
      barsInPosition: this.#barsInPosition,
      grossExposureMax: this.#grossMax,
    };
  }
}

function ignore(): void {
  // Alerts of a backtest are records of the session; there is nobody to wake.
}
