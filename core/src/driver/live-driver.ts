// The driver of a session that is written down: paper and live. It waits where a backtest does not,
// for the feed, for commits and for the venue, and orders everything else exactly as the backtest
// does.
import type { EngineEvent } from '../events.js';
import type { Engine } from '../engine.js';
import type { Alarm } from '../ports/alarm.js';
import type { Clock } from '../ports/clock.js';
import type { EmergencyLog } from '../ports/emergency-log.js';
import type { Feed, FeedItem } from '../ports/feed.js';
import type { PendingRows, SessionStore } from '../ports/session-store.js';
import type { StrategyRuntime } from '../ports/strategy-runtime.js';
import type { Venue } from '../ports/venue.js';
import type { Order } from '../order/order.js';
import type { Frozen } from '../state/frozen.js';
import { snapshotOf } from '../state/recover.js';
import type { OnAlert } from './sim-driver.js';
import { Journaling } from './journaling.js';
import { type OutwardEffect, TurnRunner } from './turn-runner.js';

export interface LiveDriverParts {
  readonly engine: Engine;
  readonly runtime: StrategyRuntime;
  readonly venue: Venue;
  readonly store: SessionStore;
  readonly rows: PendingRows;
  readonly clock: Clock;
  readonly onAlert: OnAlert;
  /**
   * Market time, where it goes on between bars; with it timers fire when they fall due. Omitted =
   * the bars alone move time.
   */
  readonly time?: MarketTime;
  /** Where rows go when the journal can no longer be written; omitted = the run ends then. */
  readonly emergency?: EmergencyLog;
  readonly onBar?: (engine: Engine) => void;
  readonly limits?: Partial<DriverLimits>;
}

export interface MarketTime {
  /** Epoch ms. */
  now(): number;
  readonly alarm: Alarm;
}

export interface DriverLimits {
  /** Longest time that a market event without outward effect waits for its commit, ms. */
  readonly commitWithinMs: number;
  readonly maxRowsPerCommit: number;
  readonly snapshotEveryRows: number;
}

/** Resolved when everything that was delivered before it has been taken in and is durable. */
interface Marker {
  readonly kind: 'marker';
  readonly reached: () => void;
}

const DEFAULT_LIMITS: DriverLimits = {
  commitWithinMs: 100,
  maxRowsPerCommit: 2000,
  snapshotEveryRows: 20_000,
};

export class LiveDriver {
  readonly #parts: LiveDriverParts;
  readonly #limits: DriverLimits;
  readonly #runner: TurnRunner;
  readonly #journaling: Journaling;
  readonly #mailbox: (EngineEvent | Marker)[] = [];
  #wake: () => void = () => undefined;
  #stopCause: string | null = null;
  #feed: Feed | null = null;
  #snapshotSeq: number;
  #alarmMs = Infinity;

  constructor(parts: LiveDriverParts) {
    this.#parts = parts;
    this.#limits = { ...DEFAULT_LIMITS, ...parts.limits };
    this.#runner = new TurnRunner(parts.engine, parts.runtime);
    this.#journaling = new Journaling(parts);
    this.#snapshotSeq = parts.rows.seq;
  }

  /** An event from outside the feed: the venue, a timer, an operator. Taken in order of arrival. */
  deliver(event: EngineEvent): void {
    this.#mailbox.push(event);
    this.#wake();
  }

  /** When all that was delivered so far has been taken in and what it caused has left. */
  idle(): Promise<void> {
    return new Promise((reached) => {
      this.#mailbox.push({ kind: 'marker', reached });
      this.#wake();
    });
  }

  /** The orders that work, for whoever shares the venue with the engine. */
  workingOrders(): Iterable<Frozen<Order>> {
    return this.#parts.engine.state.orders.values();
  }

  /** Events that have arrived and that the engine has not taken in yet. */
  get queueDepth(): number {
    return this.#mailbox.length;
  }

  /** Whether the journal was lost in this run, so that only exits and cancels still leave. */
  get isJournalLost(): boolean {
    return this.#journaling.isLost;
  }

  /** Ends the run after what is under way; protection stays where it rests (L12). */
  stop(cause: string): void {
    this.#stopCause ??= cause;
    this.#feed?.stop();
    this.#wake();
  }

  /** Runs until the feed ends or `stop` is called; resolves with the cause when all is durable. */
  async run(feed: Feed, start: EngineEvent): Promise<string> {
    this.#feed = feed;
    await this.#take(start);
    let waiting: Promise<FeedItem | undefined> | null = null;
    while (this.#stopCause === null) {
      const event = this.#mailbox.shift();
      if (event !== undefined) {
        await this.#takeMail(event);
        continue;
      }
      if (!feed.isReady) await this.#journaling.commit();
      waiting ??= feed.next();
      const item = await this.#feedOrMail(waiting);
      if (item === 'mail') continue;
      waiting = null;
      if (item === undefined) this.#stopCause ??= 'end_of_data';
      else await this.#takeBar(item);
    }
    return this.#end(this.#stopCause);
  }

  async #feedOrMail(
    waiting: Promise<FeedItem | undefined>,
  ): Promise<FeedItem | undefined | 'mail'> {
    if (this.#parts.venue.outlivesProcess === false && this.#feed?.isReady === true) return waiting;
    const mail = new Promise<'mail'>((resolve) => {
      this.#wake = () => resolve('mail');
      if (this.#mailbox.length > 0) resolve('mail');
    });
    return Promise.race([waiting, mail]);
  }

  async #takeBar({ bar, funding }: FeedItem): Promise<void> {
    const { venue, engine } = this.#parts;
    venue.beginBar?.(bar.symbol, bar, funding);
    await this.#settle();
    this.#runner.run(bar);
    await this.#settle();
    this.#setAlarm();
    this.#parts.onBar?.(engine);
    await this.#commitWhenDue();
    const since = this.#parts.rows.seq - this.#snapshotSeq;
    if (since >= this.#limits.snapshotEveryRows) await this.#snapshot();
  }

  async #commitWhenDue(): Promise<void> {
    const isDue = this.#journaling.ageMs >= this.#limits.commitWithinMs;
    if (!isDue && this.#parts.rows.size < this.#limits.maxRowsPerCommit) return;
    await this.#journaling.commit();
  }

  async #takeMail(mail: EngineEvent | Marker): Promise<void> {
    if (mail.kind !== 'marker') return this.#take(mail);
    await this.#journaling.commit();
    mail.reached();
  }

  async #take(event: EngineEvent): Promise<void> {
    const { now } = this.#parts.engine;
    // Senders read their clocks at different moments; the engine's never runs backwards.
    this.#runner.run(event.ts < now ? { ...event, ts: now } : event);
    await this.#settle();
    this.#setAlarm();
  }

  // One alarm for the earliest timer; it is set again only when another one is the earliest.
  #setAlarm(): void {
    const { time, engine } = this.#parts;
    const nextTimerMs = engine.wakeMs;
    if (time === undefined || nextTimerMs === this.#alarmMs) return;
    this.#alarmMs = nextTimerMs;
    time.alarm.set(nextTimerMs, () => {
      this.#alarmMs = Infinity;
      this.deliver({ kind: 'timer_fired', ts: Math.max(time.now(), nextTimerMs), name: '' });
    });
  }

  // Until nothing is left to perform and a pulled venue has nothing more to tell.
  async #settle(): Promise<void> {
    for (;;) {
      await this.#perform();
      const event = this.#parts.venue.next?.();
      if (event === undefined) return;
      this.#runner.run(event);
    }
  }

  async #perform(): Promise<void> {
    const { outbox } = this.#runner;
    if (outbox.length === 0) return;
    // Persist before submit: nothing leaves before the records that caused it are durable.
    if (this.#parts.venue.outlivesProcess) await this.#journaling.commit();
    for (const effect of outbox.splice(0)) {
      if (this.#journaling.isLost && isNewRisk(effect)) this.#refuse(effect);
      else this.#performOne(effect);
    }
  }

  #refuse({ order }: Extract<OutwardEffect, { kind: 'submit' }>): void {
    const base = { kind: 'order_rejected', ts: this.#parts.engine.now, order: order.key } as const;
    const detail = 'the journal cannot be written; only exits leave';
    this.deliver({ ...base, code: 'STORE_WRITE_FAILED', reason: 'other', detail });
  }

  #performOne(effect: OutwardEffect): void {
    const { venue, onAlert } = this.#parts;
    if (effect.kind === 'submit') venue.submit(effect.order);
    else if (effect.kind === 'cancel') venue.cancel(effect.order);
    else if (effect.kind === 'query') venue.query(effect.order);
    else onAlert(effect.code, effect.text);
  }

  async #snapshot(): Promise<void> {
    await this.#journaling.commit();
    if (this.#journaling.isLost) return;
    const { engine, runtime, rows, store } = this.#parts;
    await store.writeSnapshot(snapshotOf(engine, runtime, rows.seq));
    this.#snapshotSeq = rows.seq;
  }

  async #end(cause: string): Promise<string> {
    const { engine } = this.#parts;
    // What has arrived already is taken in before the run is closed: nothing is left in flight.
    for (let event = this.#mailbox.shift(); event !== undefined; event = this.#mailbox.shift()) {
      await this.#takeMail(event);
    }
    this.#parts.time?.alarm.clear();
    await this.#take({ kind: 'run_ended', ts: engine.now, run: engine.state.run, cause });
    await this.#snapshot();
    return cause;
  }
}

function isNewRisk(effect: OutwardEffect): effect is Extract<OutwardEffect, { kind: 'submit' }> {
  return effect.kind === 'submit' && !effect.order.reduceOnly;
}
