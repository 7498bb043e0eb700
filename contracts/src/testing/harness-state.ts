// The world around one strategy in a test. Only the harness changes it; the context reads it.
import type {
  AccountView,
  InstrumentView,
  OpenIntentView,
  PositionView,
  StrategyDefinition,
  TimerEvent,
} from '../strategy.js';
import { BarSeries } from './bar-series.js';
import { configWithDefaults, isRecord } from './default-config.js';
import type { HarnessOptions } from './harness-options.js';

export interface HarnessLog {
  readonly time_ms: number;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const defaultStartMs = 1_735_689_600_000;

export class HarnessState {
  readonly config: unknown;
  readonly instrument: InstrumentView;
  readonly bars: BarSeries;
  readonly warmupBars: number;
  readonly seed: number;
  readonly startMs: number;
  readonly logs: HarnessLog[] = [];
  phase: 'warmup' | 'trading';
  now: number;
  positions: readonly PositionView[];
  openIntents: readonly OpenIntentView[] = [];
  account: AccountView;
  /** Number of events so far; with `calls` it makes every random draw addressable. */
  event = 0;
  calls = 0;
  readonly #series = new Map<string, BarSeries>();
  readonly #timers = new Map<string, TimerEvent>();
  readonly #isTimeframeOpen: boolean;

  constructor(definition: StrategyDefinition, options: HarnessOptions) {
    const data = definition.manifest?.data;
    const declared = data?.timeframes ?? [];
    const base = options.timeframe ?? declared.find((timeframe) => timeframe !== 'any') ?? '1m';
    const symbol = options.symbol ?? 'BTC/USDT:USDT';
    this.config = configWithDefaults(definition.config, options.config);
    this.instrument = Object.freeze({ ...instrumentOf(symbol), ...options.instrument });
    this.bars = new BarSeries(symbol, base);
    this.#series.set(base, this.bars);
    for (const timeframe of declared) {
      if (timeframe === 'any' || timeframe === base) continue;
      this.#series.set(timeframe, new BarSeries(symbol, timeframe));
    }
    this.#isTimeframeOpen = definition.manifest === undefined;
    this.warmupBars = options.warmupBars ?? warmupOf(data?.warmup_bars, this.config);
    this.phase = this.warmupBars > 0 ? 'warmup' : 'trading';
    this.seed = options.seed ?? 1;
    this.startMs = options.startMs ?? defaultStartMs;
    this.now = this.startMs;
    this.positions = frozenList(options.position);
    const currency = this.instrument.settle;
    this.account = Object.freeze({ currency, equity: '10000', free: '10000', ...options.account });
  }

  /** The series of a timeframe; one that the manifest leaves out does not exist. */
  seriesOf(timeframe: string): BarSeries {
    const present = this.#series.get(timeframe);
    if (present !== undefined) return present;
    if (!this.#isTimeframeOpen) {
      const known = [...this.#series.keys()].join(', ');
      throw new RangeError(`timeframe ${timeframe} is not in the manifest, which has ${known}`);
    }
    const series = new BarSeries(this.bars.symbol, timeframe);
    this.#series.set(timeframe, series);
    return series;
  }

  advanceTo(timeMs: number): void {
    if (this.event > 0 && timeMs < this.now)
      throw new RangeError(`event at ${timeMs} is before ${this.now}`);
    this.now = timeMs;
    this.event += 1;
    this.calls = 0;
  }

  setTimer(timer: TimerEvent): void {
    this.#timers.set(timer.name, timer);
  }

  /** Removes and answers the earliest timer due by then; equal times go by name. */
  takeTimer(untilMs: number): TimerEvent | undefined {
    const due = [...this.#timers.values()]
      .filter((timer) => timer.due_ms <= untilMs)
      .sort((a, b) => a.due_ms - b.due_ms || (a.name < b.name ? -1 : 1));
    const [first] = due;
    if (first !== undefined) this.#timers.delete(first.name);
    return first;
  }
}

export function frozenList<Item>(items: Item | readonly Item[] | undefined): readonly Item[] {
  const list: readonly Item[] = isList(items) ? items : items === undefined ? [] : [items];
  return Object.freeze(list.map((item) => Object.freeze(item)));
}

/** `Array.isArray` does not narrow a readonly array. */
function isList<Item>(items: Item | readonly Item[] | undefined): items is readonly Item[] {
  return Array.isArray(items);
}

function instrumentOf(symbol: string): InstrumentView {
  const [pair = symbol, settle] = symbol.split(':');
  const [base = pair, quote = ''] = pair.split('/');
  return {
    symbol,
    market: settle === undefined ? 'spot' : 'swap',
    base,
    quote,
    settle: settle ?? quote,
    tick_size: '0.01',
    lot_size: '0.001',
    min_quantity: '0.001',
    min_notional: '5',
  };
}

type WarmupBars = number | { readonly config: string; readonly plus?: number } | undefined;

function warmupOf(bars: WarmupBars, config: unknown): number {
  if (bars === undefined) return 0;
  if (typeof bars === 'number') return bars;
  const value = isRecord(config) ? config[bars.config] : undefined;
  if (typeof value === 'number') return value + (bars.plus ?? 0);
  throw new RangeError(`warmup_bars names config.${bars.config}, which is not a number`);
}
