// The backtest: the simulated driver over loaded columns. A quiet bar allocates nothing but what
// its plugin is handed; equity is marked on float mirrors, money stays exact (DESIGN §3, numbers).
import type { EngineConfig } from '../config.js';
import { toNumber } from '../decimal.js';
import { Engine } from '../engine.js';
import type { BarEvent } from '../events.js';
import { emptySeries } from '../market/bar-book.js';
import type { BarColumns } from '../market/bar-series.js';
import type { StrategyRuntime } from '../ports/strategy-runtime.js';
import type { Sink } from '../records.js';
import { FundingSchedule } from '../simulation/funding-schedule.js';
import { type FundingRow, SimVenue, type SimVenueParts } from '../simulation/sim-venue.js';
import type { EngineView } from '../strategy/context.js';
import { emptyState } from '../state/engine-state.js';
import { type OnAlert, SimDriver } from './sim-driver.js';

export interface BacktestParts {
  readonly config: EngineConfig;
  readonly columns: BarColumns;
  readonly funding: readonly FundingRow[];
  readonly sim: Omit<SimVenueParts, 'instruments' | 'cash'>;
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
  const { instruments } = config;
  const venue = new SimVenue({ ...parts.sim, instruments, cash: () => state.cash });
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
    driver.step(bar, funding.dueUntil(bar.closeMs));
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

interface Mirror {
  readonly direction: 1 | -1;
  readonly quantity: number;
  readonly entryWorth: number;
}

/**
 * Marks equity per bar from float mirrors of cash and positions, which are taken anew only when
 * something was decided.
 */
class EquityMarks {
  readonly #engine: Engine;
  readonly #isSpot: boolean;
  readonly #times: Float64Array;
  readonly #equity: Float64Array;
  readonly #mirrors: Mirror[] = [];
  #decisions = -1;
  #cash = 0;
  #length = 0;
  #barsInPosition = 0;
  #grossMax = 0;

  constructor(engine: Engine, symbol: string, capacity: number) {
    this.#engine = engine;
    this.#isSpot = engine.config.instruments.get(symbol)?.market === 'spot';
    this.#times = new Float64Array(capacity);
    this.#equity = new Float64Array(capacity);
  }

  mark(closeMs: number, close: number): void {
    if (this.#engine.decisions !== this.#decisions) this.#takeMirrors();
    const mirrors = this.#mirrors;
    let value = this.#cash;
    if (mirrors.length > 0) {
      let gross = 0;
      for (let i = 0; i < mirrors.length; i += 1) {
        const { quantity, entryWorth, direction } = mirrors[i]!;
        const worth = quantity * close;
        gross += worth;
        value += this.#isSpot ? worth : direction * (worth - entryWorth);
      }
      this.#barsInPosition += 1;
      if (gross > this.#grossMax) this.#grossMax = gross;
    }
    this.#times[this.#length] = closeMs;
    this.#equity[this.#length] = value;
    this.#length += 1;
  }

  #takeMirrors(): void {
    const { state, decisions } = this.#engine;
    this.#decisions = decisions;
    this.#cash = toNumber(state.cash);
    this.#mirrors.length = 0;
    for (const { side, quantityNumber, entryNumber } of state.positions.values()) {
      this.#mirrors.push({
        direction: side === 'long' ? 1 : -1,
        quantity: quantityNumber,
        entryWorth: quantityNumber * entryNumber,
      });
    }
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
