// What a plugin sees: read-only views of engine state, rendered only when looked at. There is no
// venue handle, key, clock or mode in here, and no way to a bar that has not closed (R22).
import type {
  AccountView,
  BarHistory,
  InstrumentView,
  OpenIntentView,
  PositionView,
  Side,
  StrategyContext,
} from '@strategy-runner/contracts';
import type { EngineConfig, InstanceConfig } from '../config.js';
import { ZERO, format, fromNumber } from '../decimal.js';
import type { Ask } from '../effects.js';
import { equity, freeBalance } from '../ledger/account.js';
import { type Position, averageEntry, unrealized } from '../ledger/position.js';
import type { BarSeries } from '../market/bar-series.js';
import { kindAndSide } from '../intent/stamp.js';
import { isTradingAt } from '../policy/warm-up.js';
import type { EngineState } from '../state/engine-state.js';
import type { Frozen } from '../state/frozen.js';
import type { Turn } from '../turn.js';
import { randomAt } from './random.js';

/** State and bars that a context reads; the engine's own, or a recovering one. */
export interface EngineView {
  readonly config: EngineConfig;
  readonly state: Frozen<EngineState>;
  readonly series: ReadonlyMap<string, BarSeries>;
}

export interface ContextHost {
  readonly view: EngineView;
  readonly instance: InstanceConfig;
  readonly config: unknown;
  log(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** A context and the handle by which its runtime moves it from ask to ask. */
export class LiveContext implements StrategyContext {
  readonly instrument: InstrumentView;
  readonly config: unknown;
  readonly bars: BarHistory;
  readonly #host: ContextHost;
  // The view of the position that was looked at last: one position is asked for again and again.
  #viewed: Frozen<Position> | null = null;
  #view: PositionView | null = null;
  #ask: Ask | null = null;
  #randomCalls = 0;
  #timers: { name: string; dueMs: number }[] = [];

  constructor(host: ContextHost) {
    this.#host = host;
    this.config = host.config;
    this.instrument = instrumentView(host);
    this.bars = this.series(host.instance.timeframe);
  }

  /** Called by the runtime before each hook. */
  begin(ask: Ask): void {
    this.#ask = ask;
    this.#randomCalls = 0;
  }

  /** Timers that the hook asked for; the list is empty again afterwards. */
  takeTimers(): readonly { readonly name: string; readonly dueMs: number }[] {
    if (this.#timers.length === 0) return NO_TIMERS;
    const taken = this.#timers;
    this.#timers = [];
    return taken;
  }

  get now(): number {
    return this.#ask?.asOfMs ?? this.#host.view.state.clockMs;
  }

  get phase(): 'warmup' | 'trading' {
    const { instance, view } = this.#host;
    const isTrading = isTradingAt(view.state.market.get(instance.symbol), instance, this.now);
    return isTrading ? 'trading' : 'warmup';
  }

  series(timeframe: string): BarHistory {
    const { instance, view } = this.#host;
    const found = view.series.get(`${instance.symbol}|${timeframe}`);
    if (found === undefined) {
      throw new RangeError(`timeframe ${timeframe} is not in the manifest's data.timeframes`);
    }
    return historyOf(found);
  }

  get positions(): readonly PositionView[] {
    const owned: PositionView[] = [];
    for (const position of this.#host.view.state.positions.values()) {
      if (position.instance === this.#host.instance.id) owned.push(this.#viewOf(position));
    }
    return owned;
  }

  position(side: Side): PositionView | undefined {
    for (const position of this.#host.view.state.positions.values()) {
      const isOwn = position.instance === this.#host.instance.id && position.side === side;
      if (isOwn) return this.#viewOf(position);
    }
    return undefined;
  }

  #viewOf(position: Frozen<Position>): PositionView {
    if (this.#view !== null && this.#viewed === position) return this.#view;
    const view = new LivePosition(position, this.#host.view);
    this.#viewed = position;
    this.#view = view;
    return view;
  }

  get open_intents(): readonly OpenIntentView[] {
    const found: OpenIntentView[] = [];
    for (const working of this.#host.view.state.intents.values()) {
      if (working.instance !== this.#host.instance.id) continue;
      const { intent } = working;
      const side = /\.(long|short)$/.exec(kindAndSide(intent))?.[1] as Side | undefined;
      found.push({
        intent_id: intent.intent_id,
        kind: intent.kind,
        ...(side === undefined ? {} : { side }),
        accepted_ms: intent.as_of.time_ms,
        filled_quantity: format(this.#filledOf(intent.intent_id)),
      });
    }
    return found;
  }

  #filledOf(intentId: string): bigint {
    let filled = ZERO;
    for (const order of this.#host.view.state.orders.values()) {
      if (order.intentId === intentId) filled += order.filled;
    }
    return filled;
  }

  get account(): AccountView {
    const turn = this.#host.view as unknown as Turn;
    return {
      currency: this.instrument.settle,
      get equity() {
        return format(equity(turn));
      },
      get free() {
        return format(freeBalance(turn));
      },
    };
  }

  random(): number {
    const { instance, view } = this.#host;
    this.#randomCalls += 1;
    const purpose = `${instance.id}@${this.#ask?.trigger ?? 'create'}`;
    return randomAt(view.config.seed, purpose, this.#randomCalls);
  }

  setTimer(name: string, due_ms: number): void {
    if (!/^[a-zA-Z0-9_.-]{1,64}$/.test(name)) throw new RangeError(`timer name ${name} is invalid`);
    if (!Number.isSafeInteger(due_ms)) throw new RangeError(`timer ${name} needs whole ms`);
    if (this.#timers.length >= MAX_TIMERS) throw new RangeError(`more than ${MAX_TIMERS} timers`);
    this.#timers.push({ name, dueMs: due_ms });
  }

  log(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#host.log(message, { ...fields, event_ms: this.now });
  }
}

const NO_TIMERS: readonly { readonly name: string; readonly dueMs: number }[] = [];
const MAX_TIMERS = 32;

class LivePosition implements PositionView {
  readonly #position: Frozen<Position>;
  readonly #view: EngineView;

  constructor(position: Frozen<Position>, view: EngineView) {
    this.#position = position;
    this.#view = view;
  }

  get position_id(): string {
    return this.#position.id;
  }
  get symbol(): string {
    return this.#position.symbol;
  }
  get side(): Side {
    return this.#position.side;
  }
  get quantity(): string {
    return format(this.#position.quantity);
  }
  get entry_price(): string {
    return format(averageEntry(this.#position));
  }
  get opened_ms(): number {
    return this.#position.openedMs;
  }
  get dca_level(): number {
    return this.#position.dcaLevel;
  }
  get unrealized_pnl(): string {
    const last = this.#view.state.market.get(this.#position.symbol)?.last ?? 0;
    return format(unrealized(this.#position as Position, fromNumber(last)));
  }
}

function instrumentView({ view, instance }: ContextHost): InstrumentView {
  const instrument = view.config.instruments.get(instance.symbol)!;
  return Object.freeze({
    symbol: instrument.symbol,
    market: instrument.market,
    base: instrument.base,
    quote: instrument.quote,
    settle: instrument.settle,
    tick_size: format(instrument.tickSize),
    lot_size: format(instrument.lotSize),
    min_quantity: format(instrument.minQuantity),
    min_notional: format(instrument.minNotional),
  });
}

// Only the reading half of a series: `append` stays with the engine.
function historyOf(series: BarSeries): BarHistory {
  return Object.freeze({
    symbol: series.symbol,
    timeframe: series.timeframe,
    get length() {
      return series.length;
    },
    openMs: (ago: number) => series.openMs(ago),
    open: (ago: number) => series.open(ago),
    high: (ago: number) => series.high(ago),
    low: (ago: number) => series.low(ago),
    close: (ago: number) => series.close(ago),
    volume: (ago: number) => series.volume(ago),
    highest: (count: number, ago?: number) => series.highest(count, ago),
    lowest: (count: number, ago?: number) => series.lowest(count, ago),
    closes: (count: number) => series.closes(count),
  });
}
