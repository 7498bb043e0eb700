// Engine, plugin and the backtest's venue model, stepped bar by bar like a backtest, where what
// the model says may be told to the engine otherwise. The observer and every counterfactual are
// such worlds and share this stepping: hence the same shocks give the same events.
import type { Side } from '@strategy-runner/contracts';
import type { EngineConfig } from '../../config.js';
import type { Decimal } from '../../decimal.js';
import type { Ask, Effect } from '../../effects.js';
import type { AnswerEvent, BarEvent, EngineEvent, VenueEvent } from '../../events.js';
import type { Position } from '../../ledger/position.js';
import { emptySeries } from '../../market/bar-book.js';
import type { Order } from '../../order/order.js';
import type { StrategyRuntime } from '../../ports/strategy-runtime.js';
import type { ExternalBooked, FillBooked, SymbolHeld } from '../../records.js';
import { FundingSchedule } from '../../simulation/funding-schedule.js';
import type { FundingRow } from '../../simulation/funding.js';
import { SimVenue, type SimVenueParts } from '../../simulation/sim-venue.js';
import { emptyState } from '../../state/engine-state.js';
import type { EngineView } from '../../strategy/context.js';
import { equityAt } from './ledger-fold.js';
import { Naming } from './shock-book.js';
import { SteeredEngine } from './steered-engine.js';
import type { Instruments } from './trading-rules.js';

export interface WorldParts {
  readonly config: EngineConfig;
  readonly sim: Omit<SimVenueParts, 'instruments' | 'cash' | 'shocks'>;
  /** Rules that live's session pinned; omitted = the backtest's. */
  readonly liveInstruments?: Instruments;
  /** A fresh plugin for each world. */
  readonly runtime: (view: EngineView) => StrategyRuntime;
}

export interface WorldResult {
  readonly fills: readonly FillBooked[];
  readonly externalFills: readonly ExternalBooked[];
  readonly orders: readonly Order[];
  readonly times: readonly number[];
  readonly equity: readonly Decimal[];
  readonly finalEquity: Decimal;
}

/** Something that the model has said. */
export interface Said {
  readonly id: string;
  readonly event: VenueEvent;
}

export abstract class SteeredWorld {
  protected readonly engine: SteeredEngine;
  protected readonly model: SimVenue;
  /** What this world says in the model's place, about orders that the model is done with. */
  protected readonly own: VenueEvent[] = [];
  /** Bars since the start, and the close of the last one. */
  protected slot = 0;
  protected slotMs = 0;
  /** The bar that the orders of this slot meet; undefined after the last one. */
  protected nextBar: BarEvent | undefined;
  /** The id of what the model did last in this slot. */
  protected lastSaid: string | null = null;
  readonly #config: EngineConfig;
  readonly #runtime: StrategyRuntime;
  readonly #funding: FundingSchedule;
  readonly #naming = new Naming();
  readonly #fills: FillBooked[] = [];
  readonly #externalFills: ExternalBooked[] = [];
  readonly #orders: Order[] = [];
  readonly #times: number[] = [];
  readonly #equity: Decimal[] = [];
  #close = 0;

  constructor(parts: WorldParts, rules: Instruments, funding: readonly FundingRow[]) {
    const { sim, runtime } = parts;
    const config = { ...parts.config, instruments: rules };
    this.#config = config;
    const ids = config.instances.map(({ id }) => id);
    const state = emptyState(config.initialCash, ids);
    const series = emptySeries(config);
    const sink = {
      event: () => undefined,
      record: (record: Parameters<SteeredEngine['emit']>[0]) => {
        if (record.type === 'fill') this.#fills.push(record);
        else if (record.type === 'external_fill') this.#externalFills.push(record);
        else if (record.type === 'order_created') this.#orders.push(record.order);
      },
    };
    this.#runtime = runtime({ config, state, series });
    const engineParts = { config, sink, series, state };
    this.engine = new SteeredEngine(engineParts, (order) => this.termsOf(order));
    const { instruments } = parts.config;
    this.model = new SimVenue({ ...sim, instruments, cash: () => state.cash });
    this.#funding = new FundingSchedule(funding);
  }

  protected abstract termsOf(order: Order): Order;

  /** What the engine hears in answer; undefined = nothing now. `own` asks the plugin. */
  protected abstract answerOf(ask: Ask, own: () => AnswerEvent): AnswerEvent | undefined;

  /** Whether the order goes to the model. */
  protected abstract isSubmitted(order: Order): boolean;

  /** The engine takes the event in, and what it wants done is done. */
  protected run(event: EngineEvent): void {
    const { engine } = this;
    const outbox: Effect[] = [];
    engine.process(event);
    for (let i = 0; i < engine.effects.length; i += 1) {
      const effect = engine.effects[i]!;
      if (effect.kind !== 'ask') {
        outbox.push(effect);
        continue;
      }
      const answer = this.answerOf(effect.ask, () => this.#runtime.ask(effect.ask, engine.now));
      if (answer !== undefined) engine.process(answer);
    }
    engine.effects.length = 0;
    for (const effect of outbox) this.#perform(effect);
  }

  protected runBar(bar: BarEvent): void {
    this.slot += 1;
    this.slotMs = bar.closeMs;
    this.run(bar);
    this.#close = bar.close;
    this.#times.push(bar.closeMs);
    this.#equity.push(this.#worth());
  }

  #perform(effect: Effect): void {
    if (effect.kind === 'submit') {
      if (this.isSubmitted(effect.order)) this.model.submit(effect.order);
    } else if (effect.kind === 'cancel') this.#cancel(effect.order.key);
    else if (effect.kind === 'query') this.#query(effect.order.key);
  }

  // Of an order that the model has filled and the ledger has not, the host may still take back.
  #cancel(order: string): void {
    if (!this.#isWithheld(order)) return this.model.cancel(order);
    const ts = this.engine.now;
    this.own.push({ kind: 'order_ended', ts, order, status: 'cancelled', code: '' });
  }

  #query(order: string): void {
    if (!this.#isWithheld(order)) return this.model.query(order);
    this.own.push({ kind: 'order_accepted', ts: this.engine.now, order, venueOrderId: order });
  }

  #isWithheld(order: string): boolean {
    return !this.model.has(order) && this.engine.state.orders.has(order);
  }

  protected beginBar(bar: BarEvent): void {
    this.model.beginBar(bar.symbol, bar, this.#funding.dueUntil(bar.closeMs));
  }

  /** What the model says next. With `isTold`, only what it has said without the bar going on. */
  protected pull(isTold = false): Said | undefined {
    const event = this.own.shift() ?? (isTold ? this.model.heard() : this.model.next());
    if (event === undefined) return undefined;
    const id = this.#naming.name(event);
    this.lastSaid = id;
    return { id, event };
  }

  /** Something about no order: a command, a foreign fill, holds that a reading has placed. */
  protected inject(event: EngineEvent, holds: readonly SymbolHeld[]): void {
    // The reading itself names orders as live's venue did; only what it led to can be repeated.
    if (event.kind !== 'venue_snapshot') this.run(event);
    else for (const hold of holds) this.engine.emit(hold);
    if (event.kind === 'external_fill') this.align('');
  }

  /** The model takes over what the ledger says of an order and of all positions. */
  protected align(key: string): void {
    const order = this.engine.state.orders.get(key);
    this.model.correct(this.#held(), key, order === undefined ? null : order.filled);
  }

  /** The model fills the order no further, though the engine still has it. */
  protected withdraw(key: string): void {
    this.model.correct(this.#held(), key, null);
  }

  #held(): readonly Position[] {
    return [...this.engine.state.positions.values()] as Position[];
  }

  protected heldOn(on: { readonly symbol: string; readonly side: Side }): Decimal {
    let held = 0n;
    for (const { symbol, side, quantity } of this.#held()) {
      if (symbol === on.symbol && side === on.side) held += quantity;
    }
    return held;
  }

  #worth(): Decimal {
    const { symbol } = this.#config.instances[0]!;
    const mark = { symbol, close: this.#close };
    return equityAt(this.#config, this.engine.state.cash, this.#held(), mark);
  }

  protected result(): WorldResult {
    return {
      fills: this.#fills,
      externalFills: this.#externalFills,
      orders: this.#orders,
      times: this.#times,
      equity: this.#equity,
      finalEquity: this.#worth(),
    };
  }
}
