// THE PIPELINE. `process(event)` takes one event in, decides, and leaves effects to be performed by
// a driver. It performs no I/O, reads no clock and calls no plugin; it is a function of the events
// so far.
//
//   bar ─▶ 1 market ─▶ 2 ask/answer ─▶ 3 schema ─▶ 4 policy ─▶ 5 sizing, normalisation ─▶ 6 risk
//       ─▶ 7 order ─▶ commit ─▶ venue ─▶ 8 fill ─▶ 9 ledger ─▶ 10 protection ─▶ 11 telemetry
import type { EngineConfig, InstanceConfig } from './config.js';
import type { Effect } from './effects.js';
import type { AnswerEvent, BarEvent, EngineEvent, FundingPaid } from './events.js';
import { onAccountEvent } from './execution/account-events.js';
import { afterFill } from './execution/after-fill.js';
import { cancelEntries, onCommand, onRunStarted } from './execution/commands.js';
import { bookFill } from './execution/fills.js';
import { takeBodies } from './execution/intents.js';
import * as orderEvents from './execution/order-events.js';
import { expireByBars, fireTimer } from './execution/timers-fired.js';
import { equity } from './ledger/account.js';
import { appendBar } from './market/bar-book.js';
import type { BarSeries } from './market/bar-series.js';
import { isTradingAt } from './policy/warm-up.js';
import { manageProtection } from './protection/manage.js';
import { ProtectionMonitor } from './protection/monitor.js';
import type { EngineRecord, Sink } from './records.js';
import { applyAnswerTaken, applyAsk, applyBar, applyEvent, applyRecord } from './state/apply.js';
import { type EngineState, type InstanceState, emptyState } from './state/engine-state.js';
import type { Frozen } from './state/frozen.js';
import { recall } from './state/recent.js';
import { AskSlot } from './strategy/ask-slot.js';
import {
  MAX_PLUGIN_TIMERS,
  dueTimers,
  hasTooManyTimers,
  pluginTimer,
  setTimer,
} from './strategy/timers.js';
import type { Turn } from './turn.js';

const DAY_MS = 86_400_000;
const CHANGES_EQUITY: ReadonlySet<EngineEvent['kind']> = new Set([
  'fill_reported',
  'funding_paid',
  'external_fill',
  'cash_moved',
] as const);

export interface EngineParts {
  readonly config: EngineConfig;
  readonly sink: Sink;
  /** Bar history per `symbol|timeframe`; the engine appends, contexts read. */
  readonly series: ReadonlyMap<string, BarSeries>;
  /** A recovered state; omitted = a fresh account. */
  readonly state?: EngineState;
}

interface Lane {
  readonly config: InstanceConfig;
  readonly state: InstanceState;
  readonly slot: AskSlot;
}

export class Engine implements Turn {
  readonly config: EngineConfig;
  /** Effects in the order in which they must be performed. The driver empties it. */
  readonly effects: Effect[] = [];
  readonly series: ReadonlyMap<string, BarSeries>;
  readonly #state: EngineState;
  readonly #sink: Sink;
  // What belongs to one instance, looked up once: a bar then costs no map look-ups.
  readonly #lanes: readonly Lane[];
  // Instances may share a series, which takes each bar once.
  readonly #series: readonly BarSeries[];
  readonly #taken: {
    type: 'answer_taken';
    ts: number;
    instance: string;
    askId: number;
    fault: boolean;
  };
  readonly #monitor = new ProtectionMonitor();
  #asksSinceEvent = 0;
  #decisions = 0;
  #cause: EngineEvent['kind'] = 'run_started';

  constructor({ config, sink, series, state }: EngineParts) {
    this.config = config;
    this.series = series;
    this.#sink = sink;
    this.#state =
      state ??
      emptyState(
        config.initialCash,
        config.instances.map(({ id }) => id),
      );
    this.#series = [...series.values()];
    this.#lanes = config.instances.map((instance) => ({
      config: instance,
      state: this.#state.instances.get(instance.id)!,
      slot: new AskSlot(instance.id, instance.timeframe),
    }));
    this.#taken = { type: 'answer_taken', ts: 0, instance: '', askId: 0, fault: false };
  }

  get state(): Frozen<EngineState> {
    return this.#state as Frozen<EngineState>;
  }

  get now(): number {
    return this.#state.clockMs;
  }

  /**
   * How many records there were beside asks and answers. While it stands still, so do cash, orders
   * and positions: whoever mirrors them need not look at each bar.
   */
  get decisions(): number {
    return this.#decisions;
  }

  /** When time must go on at the latest, even if nothing happens; Infinity = no need. */
  get wakeMs(): number {
    const { nextTimerMs } = this.#state;
    if (!this.#monitor.isExposed) return nextTimerMs;
    return Math.min(nextTimerMs, this.now + Math.max(1, this.config.policy.maxUnprotectedMs));
  }

  emit(record: EngineRecord): void {
    this.#decisions += 1;
    applyRecord(this.#state, record);
    this.#sink.record(record);
  }

  effect(effect: Effect): void {
    this.effects.push(effect);
  }

  get cause(): EngineEvent['kind'] {
    return this.#cause;
  }

  process(event: EngineEvent): void {
    this.#cause = event.kind;
    this.#sink.event(event);
    if (this.#monitor.isExposed && event.ts > this.now) this.#monitor.passTime(this, event.ts);
    // A quiet bar is a bar and an answer. They go ways of their own: code that meets one shape of
    // event and record only is several times as fast as code that meets them all.
    if (event.kind === 'bar') this.#processBar(event);
    else if (event.kind === 'answer') this.#processAnswer(event);
    else this.#processOther(event);
    this.#pumpAsks();
    this.#monitor.watch(this, this.#decisions);
  }

  #processOther(event: Exclude<EngineEvent, BarEvent | AnswerEvent>): void {
    if (CHANGES_EQUITY.has(event.kind)) this.#startDay(event.ts, event.ts);
    applyEvent(this.#state, event);
    this.#asksSinceEvent = 0;
    switch (event.kind) {
      case 'fill_reported': {
        const booked = bookFill(this, event);
        if (booked !== undefined) afterFill(this, booked);
        break;
      }
      case 'order_accepted':
        orderEvents.onAccepted(this, event);
        break;
      case 'order_rejected':
        orderEvents.onRejected(this, event);
        break;
      case 'order_unknown':
        orderEvents.onUnknown(this, event);
        break;
      case 'order_absent':
        orderEvents.onAbsent(this, event);
        break;
      case 'order_triggered':
        orderEvents.onTriggered(this, event);
        break;
      case 'order_ended':
        orderEvents.onEnded(this, event);
        break;
      case 'cancel_rejected':
        orderEvents.onCancelRejected(this, event);
        break;
      case 'funding_paid':
        this.#processFunding(event);
        break;
      case 'timer_fired':
        this.#fireDue(this.now);
        break;
      case 'command':
        onCommand(this, event);
        break;
      case 'run_started':
        onRunStarted(this, event);
        this.#askAgain();
        break;
      case 'run_ended':
        break;
      default:
        onAccountEvent(this, event);
    }
  }

  // Bar order, steps 4 to 6; matching (1 to 3) has come as venue events before the bar itself.
  #processBar(bar: BarEvent): void {
    this.#startDay(bar.closeMs - 1, bar.ts);
    applyBar(this.#state, bar);
    this.#asksSinceEvent = 0;
    appendBar(this.#series, bar);
    if (this.#state.positions.size > 0) manageProtection(this, bar);
    if (this.#state.nextTimerMs <= bar.closeMs) this.#fireDue(bar.closeMs);
    if (this.#state.intents.size > 0) expireByBars(this, bar.symbol);
    const lanes = this.#lanes;
    for (let i = 0; i < lanes.length; i += 1) {
      if (isFor(lanes[i]!, bar)) this.#askBar(lanes[i]!, bar);
    }
  }

  // Before the first event of a UTC day is applied: what it brings belongs to the result of that
  // day. A bar that closes at midnight, and what is decided on it, still belong to the day before.
  #startDay(timeMs: number, ts: number): void {
    const day = Math.floor(timeMs / DAY_MS);
    if (day <= this.#state.day) return;
    this.emit({ type: 'day_started', ts, day, equity: equity(this) });
  }

  #askBar({ config, state, slot }: Lane, bar: BarEvent): void {
    if (state.isHalted) return;
    if (state.outstandingAsk === 0 && state.queue.length === 0) {
      this.#ask(state, slot.askBar(this.#state.lastAskId + 1, bar.closeMs));
      return;
    }
    const trigger = `bar:${bar.timeframe}:${bar.closeMs}`;
    const hook = { hook: 'onBar', trigger, asOfMs: bar.closeMs, argument: null } as const;
    this.emit({ type: 'ask_queued', ts: this.now, instance: config.id, hook });
  }

  #ask(instance: InstanceState, slot: AskSlot): void {
    this.#asksSinceEvent += 1;
    (slot.record as { ts: number }).ts = this.now;
    applyAsk(this.#state, instance, slot.id);
    this.#sink.record(slot.record);
    this.effects.push(slot.effect);
  }

  // One ask per instance is out at a time; further hooks wait in order.
  #pumpAsks(): void {
    for (let i = 0; i < this.#lanes.length; i += 1) {
      const { config, state, slot } = this.#lanes[i]!;
      if (state.outstandingAsk !== 0 || state.queue.length === 0) continue;
      if (this.#asksSinceEvent >= this.config.policy.maxAsksPerEvent) {
        const message = `more than ${this.config.policy.maxAsksPerEvent} hooks after one event`;
        this.#fault(config.id, 'onIntentEvent', { code: 'PLUGIN_FAULT', message }, true);
        continue;
      }
      this.#ask(state, slot.askQueued(this.#state.lastAskId + 1, state.queue[0]!));
    }
  }

  #processAnswer(event: AnswerEvent): void {
    applyEvent(this.#state, event);
    const lane = this.#laneOf(event.askId);
    if (lane === undefined) {
      this.emit({ type: 'answer_late', ts: this.now, askId: event.askId, code: 'ANSWER_LATE' });
      return;
    }
    const { slot } = lane;
    const taken = this.#taken;
    taken.ts = this.now;
    taken.instance = slot.instance;
    taken.askId = event.askId;
    const fault = event.fault ?? this.#timerFault(slot.instance, event);
    taken.fault = fault !== null;
    applyAnswerTaken(lane.state, taken.fault);
    this.#sink.record(taken);
    if (fault !== null) {
      this.#fault(slot.instance, slot.hook, fault, false);
      return;
    }
    for (let i = 0; i < event.timers.length; i += 1) {
      const { name, dueMs } = event.timers[i]!;
      setTimer(this, pluginTimer(slot.instance, name), dueMs);
    }
    if (event.bodies.length > 0) this.#takeBodies(lane, event.bodies);
  }

  #timerFault(instance: string, { timers }: AnswerEvent) {
    if (timers.length === 0 || !hasTooManyTimers(this, instance, timers)) return null;
    const message = `more than ${MAX_PLUGIN_TIMERS} timers would wait; the answer was not taken`;
    return { code: 'TIMER_LIMIT', message };
  }

  #laneOf(askId: number): Lane | undefined {
    if (askId === 0) return undefined;
    for (let i = 0; i < this.#lanes.length; i += 1) {
      if (this.#lanes[i]!.state.outstandingAsk === askId) return this.#lanes[i];
    }
    return undefined;
  }

  #takeBodies({ slot, config: instance }: Lane, bodies: readonly unknown[]): void {
    const { trigger, asOfMs } = slot;
    if (!this.isTrading(instance, asOfMs)) {
      const base = { type: 'warmup_dropped', ts: this.now } as const;
      this.emit({ ...base, instance: instance.id, count: bodies.length });
      return;
    }
    const barOpenMs = slot.hook === 'onBar' ? asOfMs - instance.timeframeMs : null;
    if (this.#isMissed(slot, instance)) {
      const base = { type: 'missed_dropped', ts: this.now } as const;
      this.emit({ ...base, instance: instance.id, asOfMs, bodies });
      return;
    }
    takeBodies(this, { instance, trigger, asOfMs, barOpenMs }, bodies);
  }

  // A bar that had closed a whole timeframe ago when the plugin was asked was missed: it was shown
  // to be known, and what is said to a market of then is acted on only by policy (X19).
  #isMissed({ hook, record, asOfMs }: AskSlot, { timeframeMs }: InstanceConfig): boolean {
    if (hook !== 'onBar' || this.config.policy.missedBars === 'act') return false;
    return record.ts - asOfMs >= timeframeMs;
  }

  /** Whether intents of the instance count, now or at the event that it was asked about. */
  isTrading(instance: InstanceConfig, asOfMs: number = this.now): boolean {
    return isTradingAt(this.#state.market.get(instance.symbol), instance, asOfMs);
  }

  #fault(
    instance: string,
    hook: string,
    fault: { readonly code: string; readonly message: string },
    isFinal: boolean,
  ): void {
    const faults = this.#state.instances.get(instance)!.consecutiveFaults + 1;
    const isHalted = isFinal || faults >= this.config.policy.maxPluginFaults;
    const base = { type: 'plugin_fault', ts: this.now, instance, hook } as const;
    this.emit({ ...base, code: fault.code, message: fault.message, faults, isHalted });
    if (!isHalted) return;
    cancelEntries(this, 'plugin_fault', instance);
    const text = `${instance} is halted after ${faults} faults; what is open stays managed`;
    this.emit({ type: 'alert', ts: this.now, code: 'INSTANCE_HALTED', text });
    this.effects.push({ kind: 'alert', code: 'INSTANCE_HALTED', text });
  }

  // A payment may arrive when its position is closed already: it is cash all the same.
  #processFunding(event: FundingPaid): void {
    if (recall(this.#state.fundingIds, event.id) !== undefined) return;
    let positionId = '';
    for (const position of this.#state.positions.values()) {
      if (position.symbol !== event.symbol || position.side !== event.side) continue;
      positionId = position.id;
      break;
    }
    const { id, symbol, rate, amount } = event;
    this.emit({ type: 'funding', ts: this.now, id, symbol, positionId, rate, amount });
  }

  #fireDue(untilMs: number): void {
    for (const name of dueTimers(this, untilMs)) fireTimer(this, name);
  }

  // A question that was out when the process died is asked again; the first recorded answer wins.
  #askAgain(): void {
    for (const { config, state, slot } of this.#lanes) {
      if (state.outstandingAsk === 0) continue;
      const hook = state.outstandingHook;
      (slot.record as { ts: number }).ts = this.now;
      const closeMs = this.#state.market.get(config.symbol)?.closeMs ?? 0;
      if (hook === null) slot.askBar(state.outstandingAsk, closeMs);
      else slot.askQueued(state.outstandingAsk, hook);
      this.effects.push(slot.effect);
    }
  }
}

function isFor({ config }: Lane, bar: BarEvent): boolean {
  return config.symbol === bar.symbol && config.timeframe === bar.timeframe;
}
