// H(K): the backtest in which the shocks of the channels K have happened and the others have not.
// With no channel it is the plain backtest. Ids that do not occur in this world find no shock.
import { ZERO, max, min } from '../../decimal.js';
import type { Ask } from '../../effects.js';
import type {
  AnswerEvent,
  BarEvent,
  FillReported,
  FundingPaid,
  RunStarted,
  VenueEvent,
} from '../../events.js';
import type { Order } from '../../order/order.js';
import { recall } from '../../state/recent.js';
import { Agenda, type Due } from './agenda.js';
import type { Channel, ChannelSet } from './channels.js';
import { keyOf, refusal } from './event-causes.js';
import { lateTerms, termsOf } from './late-terms.js';
import type { LiveRecord } from './live-record.js';
import { type FilledAs, filledAs, inProportion, quantitiesOf } from './piece-terms.js';
import type { Injected, Moved, OrderShocks, Piece, ShockBook } from './shock-book.js';
import { type Said, SteeredWorld, type WorldParts, type WorldResult } from './steered-world.js';
import type { Timeline } from './timeline.js';
import { rulesOf } from './trading-rules.js';

export interface CounterfactualParts extends WorldParts {
  readonly shocks: ShockBook;
  readonly live: Pick<LiveRecord, 'slots'>;
}

export function counterfactual(
  channels: ChannelSet,
  parts: CounterfactualParts,
  timeline: Timeline,
): WorldResult {
  return new Counterfactual(channels, parts, timeline).play();
}

class Counterfactual extends SteeredWorld {
  readonly #channels: ChannelSet;
  readonly #shocks: ShockBook;
  readonly #parts: CounterfactualParts;
  readonly #bars: readonly BarEvent[];
  readonly #agenda: Agenda;
  readonly #asked = new Map<string, number>();
  readonly #unheard = new Set<string>();
  readonly #submitted = new Set<string>();
  /** How many fills of the model there have been, by order key. */
  readonly #modelled = new Map<string, number>();

  constructor(channels: ChannelSet, parts: CounterfactualParts, timeline: Timeline) {
    const { instruments } = parts.config;
    const live = parts.liveInstruments ?? instruments;
    super(
      parts,
      rulesOf(instruments, live, (one) => channels.has(one)),
      timeline.funding,
    );
    this.#channels = channels;
    this.#shocks = parts.shocks;
    this.#parts = parts;
    this.#bars = timeline.bars.map((bar) => this.#inTime(bar));
    const isIn = ({ channel }: Injected): boolean => channel === 'flow' || this.#has(channel);
    const timed = parts.shocks.unbound.filter(isIn).map((one) => this.#timed(one));
    this.#agenda = new Agenda(timed);
  }

  #has(channel: Channel): boolean {
    return this.#channels.has(channel);
  }

  #inTime(bar: BarEvent): BarEvent {
    const shock = this.#shocks.barTimes.get(bar.closeMs);
    return shock === undefined || !this.#has(shock.channel) ? bar : { ...bar, ts: shock.ts };
  }

  #timed(injected: Injected): Due {
    const { event, holds } = injected;
    return { ...injected, tell: () => this.inject(event, holds) };
  }

  play(): WorldResult {
    this.nextBar = this.#bars[0];
    this.#takeSlot(0, () => this.run(this.#start()));
    this.#bars.forEach((bar, place) => {
      this.nextBar = this.#bars[place + 1];
      this.#takeSlot(place + 1, () => this.runBar(bar));
    });
    return this.result();
  }

  #start(): RunStarted {
    const first = this.#parts.live.slots[0]?.events.find(({ event }) => {
      return event.kind === 'run_started';
    })?.event;
    if (this.#has('downtime') && first?.kind === 'run_started') return first;
    return { kind: 'run_started', ts: this.#bars[0]?.openMs ?? 0, run: 1, start: 'cold' };
  }

  #takeSlot(slot: number, first: () => void): void {
    this.#agenda.open(slot, this.nextBar?.closeMs ?? Infinity);
    first();
    this.lastSaid = null;
    for (const due of this.#agenda.at({ at: 'start' })) due.tell();
    this.#hearModel();
    if (this.nextBar !== undefined) {
      this.beginBar(this.nextBar);
      this.#hearModel();
    }
    for (const due of this.#agenda.at({ at: 'end' })) due.tell();
    this.#hearModel();
    for (let due = this.#agenda.leftOver(); due !== undefined; due = this.#agenda.leftOver()) {
      due.tell();
      this.#hearModel();
    }
  }

  #hearModel(): void {
    for (let one = this.pull(); one !== undefined; one = this.pull()) {
      this.#hear(one);
      for (const due of this.#agenda.at({ at: 'after', id: one.id })) due.tell();
    }
  }

  #hear({ id, event: said }: Said): void {
    if (said.kind === 'fill_reported') return this.#hearFill(said);
    // Told now or later, a payment is on the position that the model paid on.
    const event = said.kind === 'funding_paid' ? this.#asPaid(said) : said;
    const shock = this.#shocks.events.get(id);
    if (shock === undefined || !this.#has(shock.channel)) return this.#tell(event);
    if (shock.kind === 'suppressed') return;
    if (shock.isInPlace) return this.#tellMoved(shock, event, shock.deltaTs + event.ts);
    this.#schedule(shock, shock.delay, () => {
      this.#tellMoved(shock, event, this.#shifted(shock));
    });
  }

  #schedule(arrival: Moved | Piece | Injected, delay: number, tell: () => void): void {
    const { place, ordinal, slotMs } = arrival;
    this.#agenda.add({ place, ordinal, slotMs, tell }, this.slot + delay, this.slot);
  }

  /** Live's time, as far into the bar as it was live. */
  #shifted({ event, slotMs }: Moved | Piece | Injected): number {
    return event.ts + this.slotMs - slotMs;
  }

  #tellMoved(shock: Moved, modelled: VenueEvent, ts: number): void {
    if (modelled.kind === 'funding_paid') this.run({ ...modelled, ts });
    else this.#tellAbout({ ...shock.event, ts });
  }

  #asPaid(event: FundingPaid): FundingPaid {
    const shock = this.#has('funding') ? this.#shocks.funding.get(event.id) : undefined;
    if (shock === undefined) return event;
    const delta = inProportion(shock.delta, this.heldOn(event), shock.quantity);
    return { ...event, amount: event.amount + delta };
  }

  #tell(event: VenueEvent): void {
    if (event.kind === 'funding_paid') this.run(event);
    else this.#tellAbout(event);
  }

  #tellAbout(event: VenueEvent, hasOvertaken = false): void {
    const key = keyOf(event)!;
    // Live's total says nothing of what this world's order has filled.
    if (event.kind === 'order_ended' && !hasOvertaken) {
      const { filled: _live, ...rest } = event;
      this.run(rest);
    } else this.run(event);
    const changesOrder = event.kind !== 'order_accepted' && event.kind !== 'order_triggered';
    if (changesOrder) this.align(key);
  }

  #hearFill(event: FillReported): void {
    const { order: key } = event;
    const nth = this.#modelled.get(key) ?? 0;
    this.#modelled.set(key, nth + 1);
    const shocks = this.#shocks.orders.get(key);
    if (shocks === undefined) return this.#tellAbout(event);
    if (shocks.isMissed && this.#has('missed')) return this.withdraw(key);
    const pieces = shocks.pieces.filter(({ of }) => of === nth);
    const isPartial = this.#has('partial');
    if (pieces.length === 0) {
      const isSurplus = isPartial && shocks.pieces.length > 0;
      return isSurplus ? this.align(key) : this.#tellAbout(event);
    }
    this.#tellPieces(event, pieces, shocks);
  }

  #tellPieces(event: FillReported, pieces: readonly Piece[], shocks: OrderShocks): void {
    const order = this.engine.state.orders.get(event.order) as Order | undefined;
    if (order === undefined) return;
    const { lotSize } = this.#parts.config.instruments.get(order.symbol)!;
    const sized = { quantity: order.quantity, filled: order.filled, lotSize };
    const live = { quantity: shocks.quantity, isPartial: this.#has('partial') };
    const quantities = quantitiesOf(pieces, event.quantity, sized, live);
    const now: Piece[] = [];
    let sum = ZERO;
    pieces.forEach((piece, place) => {
      const quantity = quantities[place]!;
      if (!piece.isInPlace && this.#has(piece.channel)) this.#later(event, piece, quantity);
      else {
        now.push(piece);
        sum += quantity;
      }
    });
    if (now.length > 0) this.#fillNow(event, now, sum);
    else this.align(event.order);
  }

  #later(event: FillReported, piece: Piece, quantity: bigint): void {
    const order = this.engine.state.orders.get(event.order) as Order;
    this.#schedule(piece, piece.delay, () => {
      const terms =
        piece.delay === 0
          ? termsOf(event)
          : lateTerms(
              order,
              event.liquidity,
              this.#market(),
              this.#parts.sim.costs,
              this.#parts.config.instruments.get(order.symbol)!,
            );
      const filled = this.#fillableOf(event.order, quantity);
      if (filled <= ZERO) return;
      const as = filledAs([piece], filled, terms, this.#by(order));
      this.#book(event, as, this.#shifted(piece), `@${piece.ordinal}`);
    });
  }

  #market(): number {
    return this.nextBar?.open ?? this.#bars.at(-1)?.close ?? 0;
  }

  #by(order: Order) {
    const instrument = this.#parts.config.instruments.get(order.symbol)!;
    return { channels: this.#channels, costs: this.#parts.sim.costs, instrument };
  }

  #fillNow(event: FillReported, pieces: readonly Piece[], quantity: bigint): void {
    const order = this.engine.state.orders.get(event.order) as Order;
    const filled = this.#fillableOf(event.order, quantity);
    if (filled <= ZERO) return this.align(event.order);
    const [first] = pieces;
    const isTimed = first !== undefined && this.#has(first.channel);
    const ts = event.ts + (isTimed ? first.deltaTs : 0);
    this.#book(event, filledAs(pieces, filled, termsOf(event), this.#by(order)), ts, '');
  }

  #book(event: FillReported, as: FilledAs, ts: number, mark: string): void {
    const { order } = event;
    this.#tellAbout({
      kind: 'fill_reported',
      ts,
      order,
      tradeId: `${event.tradeId}${mark}`,
      ...as,
    });
  }

  /** What of it the order, and an exit's position, still take. */
  #fillableOf(key: string, quantity: bigint): bigint {
    const { orders, endedOrders } = this.engine.state;
    const order = (orders.get(key) ?? recall(endedOrders, key)) as Order | undefined;
    if (order === undefined) return ZERO;
    const left = max(order.quantity - order.filled, ZERO);
    if (!order.reduceOnly) return min(quantity, left);
    const { symbol, positionSide: side } = order;
    return min(quantity, min(left, this.heldOn({ symbol, side })));
  }

  #inject(injected: Injected): void {
    const { event, hasOvertaken } = injected;
    const ts = this.#shifted(injected);
    if (event.kind !== 'fill_reported') {
      return this.#tellAbout({ ...event, ts } as VenueEvent, hasOvertaken);
    }
    const quantity = this.#fillableOf(event.order, event.quantity);
    if (quantity <= ZERO) return;
    const fee = inProportion(event.fee, quantity, event.quantity);
    // The model may have given this id to another fill: a paper session's ids are the model's.
    const tradeId = `${event.tradeId}@live`;
    this.#tellAbout({ ...event, ts, tradeId, quantity, fee });
  }

  protected override termsOf(order: Order): Order {
    const shock = this.#shocks.terms.get(order.key);
    if (shock === undefined) return order;
    let { quantity, price, stopPrice } = order;
    if (this.#has('size')) {
      const { symbol, positionSide: side } = order;
      const wanted = quantity + shock.quantity;
      const capped = order.reduceOnly ? min(wanted, this.heldOn({ symbol, side })) : wanted;
      if (capped > ZERO) quantity = capped;
    }
    if (this.#has('price')) {
      if (price !== null) price += shock.price;
      if (stopPrice !== null) stopPrice += shock.stopPrice;
    }
    return { ...order, quantity, price, stopPrice };
  }

  protected override isSubmitted(order: Order): boolean {
    const { key } = order;
    const shocks = this.#shocks.orders.get(key);
    if (shocks === undefined) return true;
    const { refused } = shocks;
    if (refused !== null && this.#has(refused.channel)) {
      this.own.push(refusal(key, refused.code, this.engine.now));
      return false;
    }
    // Sent again, it is still the order that was submitted first.
    if (this.#submitted.has(key)) return true;
    this.#submitted.add(key);
    for (const one of shocks.injected) {
      const isIn = one.channel !== 'flow' && this.#has(one.channel);
      if (isIn) this.#schedule(one, one.sinceSubmit ?? 0, () => this.#inject(one));
    }
    return true;
  }

  protected override answerOf(ask: Ask, askPlugin: () => AnswerEvent): AnswerEvent | undefined {
    const key = `${ask.instance}|${ask.trigger}`;
    const nth = this.#asked.get(key) ?? 0;
    const name = `${key}|${nth}`;
    if (this.#has('downtime') && this.#shocks.unanswered.has(name) && !this.#unheard.has(name)) {
      // Once: asked again after the restart, it answers.
      this.#unheard.add(name);
      return undefined;
    }
    const own = askPlugin();
    const shock = this.#shocks.answers.get(name);
    const time = this.#has('timing') ? this.#shocks.answerTimes.get(name) : undefined;
    const timed = time === undefined ? own : { ...own, ts: time };
    if (shock === undefined || !this.#has(shock.channel)) {
      this.#asked.set(key, nth + 1);
      return timed;
    }
    this.#asked.set(key, nth + 1);
    return { ...timed, ...shock.said };
  }
}
