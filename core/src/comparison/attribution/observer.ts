// Takes a recorded session in again, event by event as live did, with the backtest's engine and
// the backtest's model beside it: whatever these two would have done otherwise, at live's own
// state, is written down as a shock. Live's events decide, the model is only asked.
import type { Ask } from '../../effects.js';
import type { AnswerEvent, FillReported, VenueEvent } from '../../events.js';
import { type Order, isTakenBack } from '../../order/order.js';
import { AnswerReader } from './answer-reader.js';
import { EarlyFills } from './early-fills.js';
import {
  fundingName,
  heardIds,
  injectedCause,
  isSameWord,
  keyOf,
  refusal,
  refusedFor,
  suppressedCause,
} from './event-causes.js';
import { FillReader } from './fill-reader.js';
import type { LiveRecord, SlotEvent } from './live-record.js';
import { type Arrival, NO_HOLDS, Naming, ShockBook } from './shock-book.js';
import { type Said, SteeredWorld, type WorldParts, type WorldResult } from './steered-world.js';
import type { Timelines } from './timeline.js';
import { differingRules, rulesOf } from './trading-rules.js';
import { isAboutOrder, unboundChannel } from './unbound.js';

export class Observer extends SteeredWorld {
  readonly book = new ShockBook();
  readonly #live: LiveRecord;
  readonly #timelines: Timelines;
  /** Ids of what live has yet to hear of the venue. */
  readonly #heard: Set<string>;
  readonly #liveNaming = new Naming();
  /** Slot in which the model said what live hears later. */
  readonly #ahead = new Map<string, number>();
  readonly #submittedIn = new Map<string, number>();
  readonly #fills: FillReader;
  readonly #answers: AnswerReader;
  readonly #early: EarlyFills;
  /** How far live's events have come. */
  #ordinal = 0;
  #nextStart = Infinity;
  #hasBegun = false;
  #isOver = false;

  constructor(parts: WorldParts, live: LiveRecord, timelines: Timelines) {
    const { instruments } = parts.config;
    const rules = parts.liveInstruments ?? instruments;
    super(
      parts,
      rulesOf(instruments, rules, () => true),
      timelines.recordedFunding,
    );
    for (const channel of differingRules(instruments, rules)) this.book.channels.add(channel);
    this.#live = live;
    this.#timelines = timelines;
    this.#heard = heardIds(live, timelines);
    this.#fills = new FillReader(parts, live, this.book);
    this.#answers = new AnswerReader(live, this.book);
    this.#early = new EarlyFills(parts, this.book);
  }

  observe(): WorldResult {
    const { bars, slots } = this.#live;
    if (this.#timelines.isDataRevised) this.book.channels.add('data');
    if (this.#timelines.hasUnseen) this.book.channels.add('downtime');
    slots.forEach(({ events }, place) => {
      const bar = bars[place - 1];
      this.#nextStart =
        events.find(({ event }) => event.kind === 'run_started')?.ordinal ?? Infinity;
      if (bar !== undefined) {
        this.#noteBarTime(bar.closeMs, bar.ts);
        this.runBar(bar);
      }
      this.nextBar = bars[place];
      if (this.nextBar !== undefined) this.#early.meet(this.nextBar, this.slot);
      this.#takeSlot(events);
    });
    this.#fills.finish();
    this.#early.finish();
    return this.result();
  }

  #noteBarTime(closeMs: number, ts: number): void {
    if (ts === closeMs) return;
    const { timeframeMs } = this.engine.config.instances[0]!;
    // A bar that comes a whole timeframe late is one that was missed.
    const channel = ts - closeMs >= timeframeMs ? 'downtime' : 'timing';
    this.book.barTimes.set(closeMs, { ts, channel });
    this.book.channels.add(channel);
  }

  #takeSlot(events: readonly SlotEvent[]): void {
    this.#hasBegun = false;
    this.#isOver = false;
    this.lastSaid = null;
    for (const head of events) {
      this.#ordinal = head.ordinal;
      this.#take(head);
    }
    // What the model still has to say of this bar is noted, and live did not hear it here.
    while (this.#search(() => false, null, true) !== undefined);
  }

  #take(head: SlotEvent): void {
    const { event } = head;
    if (event.kind === 'fill_reported') this.#takeFill(head, event);
    else if (event.kind === 'funding_paid' || isAboutOrder(event)) this.#takeOther(head, event);
    else this.#takeUnbound(head);
  }

  #takeUnbound(head: SlotEvent): void {
    const { event } = head;
    if (event.kind === 'run_started' && event.run === 1) {
      if (event.connection !== undefined) this.book.channels.add('downtime');
      return this.run(event);
    }
    const channel = unboundChannel(head);
    if (channel === null) return;
    const base = { sinceSubmit: null, hasOvertaken: false, ...this.#arrival(head) } as const;
    this.book.unbound.push({ ...base, channel, event, holds: head.holds });
    if (channel !== 'flow') this.book.channels.add(channel);
    this.inject(event, head.holds);
  }

  // Names the event as the model would, and looks for the model's own.
  #takeOther(head: SlotEvent, event: VenueEvent): void {
    const id = this.#nameOf(event);
    this.#heard.delete(id);
    const ahead = this.#ahead.get(id);
    if (ahead !== undefined) {
      this.#ahead.delete(id);
      this.#move(head, event, id, ahead);
      return this.#deliver(event);
    }
    const found = this.#search((one) => one.id === id, keyOf(event), this.#maySearch(event));
    if (found !== undefined) this.#confirm(head, event, found);
    else this.#inject(head, event);
    this.#deliver(event);
  }

  #nameOf(event: VenueEvent): string {
    if (event.kind !== 'funding_paid') return this.#liveNaming.name(event);
    return fundingName(event, this.#timelines);
  }

  #deliver(event: VenueEvent): void {
    this.run(event);
    const key = keyOf(event);
    const changesOrder = event.kind !== 'order_accepted' && event.kind !== 'order_triggered';
    if (key !== null && changesOrder) this.align(key);
  }

  #move(head: SlotEvent, event: VenueEvent, id: string, slot: number): void {
    const channel = head.isAway ? 'downtime' : 'timing';
    const moved = { kind: 'moved', channel, delay: this.slot - slot, isInPlace: false } as const;
    this.book.events.set(id, { ...moved, deltaTs: 0, event, ...this.#arrival(head) });
    this.book.channels.add(channel);
    if (event.kind === 'funding_paid') this.#fills.funding(id, event);
  }

  #confirm(head: SlotEvent, event: VenueEvent, { id, event: modelled }: Said): void {
    if (event.kind === 'funding_paid' && modelled.kind === 'funding_paid') {
      this.#fills.fundingModelled(id, modelled, this.heldOn(modelled));
      this.#fills.funding(id, event);
    }
    const deltaTs = event.ts - modelled.ts;
    if (deltaTs === 0 && isSameWord(event, modelled)) return;
    const channel = head.isAway ? 'downtime' : 'timing';
    const moved = { kind: 'moved', channel, delay: 0, isInPlace: true } as const;
    this.book.events.set(id, { ...moved, deltaTs, event, ...this.#arrival(head) });
    this.book.channels.add(channel);
  }

  #inject(head: SlotEvent, event: VenueEvent): void {
    const key = keyOf(event);
    const order = key === null ? undefined : this.engine.state.orders.get(key);
    const filled = event.kind === 'order_ended' ? event.filled : undefined;
    const hasOvertaken = filled !== undefined && order !== undefined && filled > order.filled;
    const base = { event, hasOvertaken, holds: NO_HOLDS, ...this.#arrival(head) };
    const since = key === null ? undefined : this.#submittedIn.get(key);
    const sinceSubmit = since === undefined ? null : this.slot - since;
    if (event.kind === 'fill_reported' && order !== undefined && sinceSubmit !== null) {
      const fill = { ...base, sinceSubmit };
      return this.#early.note(order as Order, this.slot, this.slotMs, fill);
    }
    const channel = event.kind === 'fill_reported' ? 'extra' : injectedCause(event, this.#fills);
    this.book.channels.add(channel);
    const injected = { ...base, channel, sinceSubmit };
    if (key === null || sinceSubmit === null) this.book.unbound.push(injected);
    else this.book.of(key).injected.push(injected);
  }

  #takeFill(head: SlotEvent, event: FillReported): void {
    const { order: key } = event;
    let answered = this.#fills.answeredBy(key, this.model.has(key));
    let isInPlace = false;
    if (answered === undefined && this.model.has(key)) {
      const isIt = (one: Said): boolean => {
        return one.event.kind === 'fill_reported' && one.event.order === key;
      };
      const found = this.#search(isIt, key, true);
      if (found !== undefined) {
        this.#fills.modelled(found.event as FillReported, this.slot);
        answered = this.#fills.answeredBy(key, this.model.has(key));
        isInPlace = true;
      }
    }
    if (answered === undefined) this.#inject(head, event);
    else {
      const market = this.nextBar?.open ?? this.#live.bars.at(-1)?.close ?? 0;
      const at = { slot: this.slot, market, isInPlace, isAway: head.isAway };
      this.#fills.piece(event, answered, { ...at, ...this.#arrival(head) });
    }
    this.#deliver(event);
    this.#fills.delivered(event);
  }

  #maySearch(event: VenueEvent): boolean {
    const key = keyOf(event);
    if (key === null) return true;
    const order = this.engine.state.orders.get(key);
    if (order === undefined || !this.model.has(key)) return false;
    if (event.kind === 'order_ended') return order.cancelReason === null && !isTakenBack(order);
    if (event.kind === 'order_rejected') return order.postOnly;
    return event.kind === 'order_triggered';
  }

  /**
   * Lets the model go on until it says what is looked for; the rest is noted. With `isBarOpen` the
   * bar may go on for it, as long as the model has the order.
   */
  #search(isIt: (one: Said) => boolean, key: string | null, isBarOpen: boolean): Said | undefined {
    let mayGoOn = isBarOpen;
    for (;;) {
      const one = this.pull(!mayGoOn);
      if (one === undefined) {
        if (!mayGoOn) return undefined;
        if (this.#begin()) continue;
        return undefined;
      }
      if (isIt(one)) return one;
      this.#note(one);
      if (key !== null && !this.model.has(key)) mayGoOn = false;
    }
  }

  /** Whether there was a bar to begin; otherwise the model has said all of this slot. */
  #begin(): boolean {
    if (!this.#hasBegun && this.nextBar !== undefined) {
      this.#hasBegun = true;
      this.beginBar(this.nextBar);
      return true;
    }
    if (!this.#isOver) {
      this.#isOver = true;
      this.lastSaid = null;
    }
    return false;
  }

  // The model says something that live has not heard here.
  #note({ id, event }: Said): void {
    const key = keyOf(event);
    if (key !== null && this.#isRefused(key)) return this.run(event);
    if (event.kind === 'fill_reported') {
      this.#fills.modelled(event, this.slot);
      if (this.#fills.isNeverFilled(event.order)) {
        this.book.of(event.order).isMissed = true;
        this.book.channels.add('missed');
        return this.withdraw(event.order);
      }
      return this.align(event.order);
    }
    if (this.#heard.has(id)) {
      this.#ahead.set(id, this.slot);
      if (event.kind === 'funding_paid') {
        this.#fills.fundingModelled(id, event, this.heldOn(event));
      }
      return;
    }
    const channel = suppressedCause(event, this.#heard, this.#fills);
    this.book.events.set(id, { kind: 'suppressed', channel });
    this.book.channels.add(channel);
  }

  #isRefused(key: string): boolean {
    const shocks = this.book.orders.get(key);
    return shocks !== undefined && shocks.refused !== null;
  }

  #arrival({ ordinal }: SlotEvent): Arrival {
    const { lastSaid: id } = this;
    const outside = { at: this.#isOver ? 'end' : 'start' } as const;
    const place = id === null ? outside : ({ at: 'after', id } as const);
    return { place, ordinal, slotMs: this.slotMs };
  }

  protected override termsOf(order: Order): Order {
    const live = this.#live.orders.get(order.key);
    if (live === undefined) return order;
    const zero = 0n;
    const difference = {
      quantity: live.quantity - order.quantity,
      price: (live.price ?? zero) - (order.price ?? zero),
      stopPrice: (live.stopPrice ?? zero) - (order.stopPrice ?? zero),
    };
    if (difference.quantity !== zero) this.book.channels.add('size');
    if (difference.price !== zero || difference.stopPrice !== zero) {
      this.book.channels.add('price');
    }
    if (Object.values(difference).some((one) => one !== zero)) {
      this.book.terms.set(order.key, difference);
    }
    const { quantity, price, stopPrice } = live;
    return { ...order, quantity, price, stopPrice };
  }

  protected override isSubmitted(order: Order): boolean {
    const { key } = order;
    if (!this.#submittedIn.has(key)) this.#submittedIn.set(key, this.slot);
    if (this.#live.orders.has(key)) return true;
    const refused = refusedFor(this.#live.denials.get(order.intentId)?.code);
    this.book.of(key).refused = refused;
    this.book.channels.add(refused.channel);
    this.own.push(refusal(key, refused.code, this.engine.now));
    return false;
  }

  protected override answerOf(ask: Ask, own: () => AnswerEvent): AnswerEvent | undefined {
    const isBefore = this.#ordinal < this.#nextStart;
    return this.#answers.read(ask, own, isBefore ? this.#nextStart : Infinity);
  }
}
