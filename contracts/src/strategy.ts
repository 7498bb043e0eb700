// What a plugin author writes: a pure function of (context, event) that returns intents.
// Nothing here says whether the run is live, paper or a backtest, and nothing may.
import type { IntentBody, Side } from './generated/intent-body.js';
import type { PluginManifest } from './generated/plugin-manifest.js';
import type { IntentEvent } from './intent-events.js';

/** A closed bar. Times are epoch milliseconds UTC; prices and volume are float64 for indicators. */
export interface Bar {
  readonly symbol: string;
  readonly timeframe: string;
  readonly open_ms: number;
  readonly close_ms: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/**
 * Read-only history of closed bars of one symbol and timeframe. Index 0 is the last closed bar,
 * 1 the one before; an index at or beyond `length` answers NaN. Later bars cannot be reached.
 */
export interface BarHistory {
  readonly symbol: string;
  readonly timeframe: string;
  /** Number of closed bars so far, never more than the host keeps. */
  readonly length: number;
  openMs(ago: number): number;
  open(ago: number): number;
  high(ago: number): number;
  low(ago: number): number;
  close(ago: number): number;
  volume(ago: number): number;
  /** Highest high of the `count` bars that end `ago` bars back (default 0). NaN if too few. */
  highest(count: number, ago?: number): number;
  /** Lowest low of the `count` bars that end `ago` bars back (default 0). NaN if too few. */
  lowest(count: number, ago?: number): number;
  /** A fresh copy of the last `count` closes, oldest first. */
  closes(count: number): Float64Array;
}

/** The instrument's trading rules; money and sizes are decimal strings. */
export interface InstrumentView {
  readonly symbol: string;
  readonly market: 'spot' | 'swap' | 'future';
  readonly base: string;
  readonly quote: string;
  readonly settle: string;
  readonly tick_size: string;
  readonly lot_size: string;
  readonly min_quantity: string;
  readonly min_notional: string;
}

/** A position that this instance owns. `quantity` is unsigned. */
export interface PositionView {
  readonly position_id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: string;
  readonly entry_price: string;
  readonly opened_ms: number;
  /** DCA levels filled so far; 0 means only the opening entry. */
  readonly dca_level: number;
  readonly unrealized_pnl: string;
}

/** An intent of this instance that is still working. */
export interface OpenIntentView {
  readonly intent_id: string;
  readonly kind: IntentBody['kind'];
  readonly side?: Side;
  readonly accepted_ms: number;
  readonly filled_quantity: string;
}

export interface AccountView {
  readonly currency: string;
  readonly equity: string;
  readonly free: string;
}

/** A fill of one of this instance's orders. */
export interface FillEvent {
  readonly intent_id: string;
  readonly leg: string;
  readonly position_id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly action: 'entry' | 'exit';
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly fee_currency: string;
  readonly liquidity: 'maker' | 'taker';
  readonly time_ms: number;
  /** True when this fill completes its order. */
  readonly is_complete: boolean;
}

export interface TimerEvent {
  readonly name: string;
  readonly due_ms: number;
}

/**
 * What a strategy may see. Values are as of the event being handled; every object is read only.
 * `bars` is the base series, `series(timeframe)` another timeframe of the manifest.
 */
export interface StrategyContext<Config = unknown> {
  readonly now: number;
  readonly phase: 'warmup' | 'trading';
  readonly instrument: InstrumentView;
  readonly config: Config;
  readonly bars: BarHistory;
  series(timeframe: string): BarHistory;
  readonly positions: readonly PositionView[];
  position(side: Side): PositionView | undefined;
  readonly open_intents: readonly OpenIntentView[];
  readonly account: AccountView;
  /** Uniform in [0, 1), a function of (seed, instance, event, call number), so replay agrees. */
  random(): number;
  /**
   * Asks for `onTimer` at `due_ms`; a timer of the same name is replaced. At most 256 may wait: an
   * answer that asks for more is a fault (TIMER_LIMIT).
   */
  setTimer(name: string, due_ms: number): void;
  log(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What a hook may return: intents, or nothing. Never a promise. */
export type HookAnswer = readonly IntentBody[] | IntentBody | undefined | void;

/** The hooks of one running instance. All are synchronous. */
export interface StrategyInstance<State = unknown> {
  /** A base bar closed. Called in warm-up too; intents returned there are counted and dropped. */
  onBar(bar: Bar): HookAnswer;
  onFill?(fill: FillEvent): HookAnswer;
  onIntentEvent?(event: IntentEvent): HookAnswer;
  onTimer?(timer: TimerEvent): HookAnswer;
  /** JSON state from which `restore` continues as if nothing had happened. */
  snapshot?(): State;
  restore?(state: State): void;
}

/** Defaults that the host merges into each intent of a kind that leaves the field out. */
export type ExecutionPolicy = {
  readonly [Kind in IntentBody['kind']]?: Readonly<
    Partial<
      Pick<
        Extract<IntentBody, { kind: Kind }>,
        Extract<
          keyof Extract<IntentBody, { kind: Kind }>,
          'order' | 'fallback' | 'retry' | 'partial_fill' | 'expires' | 'on_dust' | 'protection'
        >
      >
    >
  >;
};

export interface StrategyDefinition<Config = unknown, State = unknown> {
  /** Inline manifest, for a plugin that is a single file; packages use runner.plugin.json. */
  readonly manifest?: PluginManifest;
  /** JSON Schema 2020-12 of the config, with defaults; packages name a file in the manifest. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly execution?: ExecutionPolicy;
  create(ctx: StrategyContext<Config>): StrategyInstance<State>;
}

/**
 * Marks a strategy for the host; returns it unchanged.
 *
 * @example
 * export default defineStrategy<{ fast: number }>({
 *   create: (ctx) => ({
 *     onBar: (bar) => (bar.close > ctx.bars.highest(20, 1) ? buy() : undefined),
 *   }),
 * });
 */
export function defineStrategy<Config = unknown, State = unknown>(
  definition: StrategyDefinition<Config, State>,
): StrategyDefinition<Config, State> {
  return definition;
}
