// The driver of a session that is written down: paper and live. It waits where a backtest does not,
// for the feed, for commits and for the venue, and orders everything else exactly as the backtest
// does.
import type { EngineEvent } from '../events.js';
import type { Engine } from '../engine.js';
import type { Clock } from '../ports/clock.js';
import type { Feed, FeedItem } from '../ports/feed.js';
import type { JournalRow, SessionStore } from '../ports/session-store.js';
import type { StrategyRuntime } from '../ports/strategy-runtime.js';
import type { Venue } from '../ports/venue.js';
import { snapshotOf } from '../state/recover.js';
import type { OnAlert } from './sim-driver.js';
import { type OutwardEffect, TurnRunner } from './turn-runner.js';

/** Rows that wait for the next commit. */
export interface PendingRows {
  readonly size: number;
  readonly seq: number;
  take(): readonly JournalRow[];
}

export interface LiveDriverParts {
  readonly engine: Engine;
  readonly runtime: StrategyRuntime;
  readonly venue: Venue;
  readonly store: SessionStore;
  readonly rows: PendingRows;
  readonly clock: Clock;
  readonly onAlert: OnAlert;
  readonly onTimer?: (name: string, dueMs: number) => void;
  readonly onBar?: (engine: Engine) => void;
  readonly limits?: Partial<DriverLimits>;
}

export interface DriverLimits {
  /** Longest time that a market event without outward effect waits for its commit, ms. */
  readonly commitWithinMs: number;
  readonly maxRowsPerCommit: number;
  readonly snapshotEveryRows: number;
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
  readonly #mailbox: EngineEvent[] = [];
  #wake: () => void = () => undefined;
  #stopCause: string | null = null;
  #feed: Feed | null = null;
  #committedMs: number;
  #snapshotSeq: number;

  constructor(parts: LiveDriverParts) {
    this.#parts = parts;
    this.#limits = { ...DEFAULT_LIMITS, ...parts.limits };
    this.#runner = new TurnRunner(parts.engine, parts.runtime, parts.onTimer);
    this.#committedMs = parts.clock.now();
    this.#snapshotSeq = parts.rows.seq;
  }

  /** An event from outside the feed: the venue, a timer, an operator. Taken in order of arrival. */
  deliver(event: EngineEvent): void {
    this.#mailbox.push(event);
    this.#wake();
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
        await this.#take(event);
        continue;
      }
      if (!feed.isReady) await this.#commit();
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
    this.#parts.onBar?.(engine);
    const isDue = this.#parts.clock.now() - this.#committedMs >= this.#limits.commitWithinMs;
    if (isDue || this.#parts.rows.size >= this.#limits.maxRowsPerCommit) await this.#commit();
    const since = this.#parts.rows.seq - this.#snapshotSeq;
    if (since >= this.#limits.snapshotEveryRows) await this.#snapshot();
  }

  async #take(event: EngineEvent): Promise<void> {
    this.#runner.run(event);
    await this.#settle();
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
    if (this.#parts.venue.outlivesProcess) await this.#commit();
    for (const effect of outbox.splice(0)) this.#performOne(effect);
  }

  #performOne(effect: OutwardEffect): void {
    const { venue, onAlert } = this.#parts;
    if (effect.kind === 'submit') venue.submit(effect.order);
    else if (effect.kind === 'cancel') venue.cancel(effect.order);
    else if (effect.kind === 'query') venue.query(effect.order);
    else onAlert(effect.code, effect.text);
  }

  async #commit(): Promise<void> {
    this.#committedMs = this.#parts.clock.now();
    if (this.#parts.rows.size === 0) return;
    await this.#parts.store.append(this.#parts.rows.take());
  }

  async #snapshot(): Promise<void> {
    await this.#commit();
    const { engine, runtime, rows, store } = this.#parts;
    await store.writeSnapshot(snapshotOf(engine, runtime, rows.seq));
    this.#snapshotSeq = rows.seq;
  }

  async #end(cause: string): Promise<string> {
    const { engine } = this.#parts;
    // What has arrived already is taken in before the run is closed: nothing is left in flight.
    for (let event = this.#mailbox.shift(); event !== undefined; event = this.#mailbox.shift()) {
      await this.#take(event);
    }
    await this.#take({ kind: 'run_ended', ts: engine.now, run: engine.state.run, cause });
    await this.#snapshot();
    return cause;
  }
}
