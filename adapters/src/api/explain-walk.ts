// One reading of a journal from its first row to the last that belongs to a story. State is applied
// as recovery does it, so that everything is told on the state that it was decided on; what is kept
// is the story alone.
import {
  type EngineConfig,
  type EngineEvent,
  type EngineRecord,
  type EngineState,
  type EngineView,
  type JournalRow,
  type OrderCreated,
  applyEvent,
  applyRecord,
  decode,
  emptyState,
} from '@strategy-runner/core';
import { ClientOrderIds } from '../venue/ccxt/client-order-id.js';
import type { IntentStory, PositionStory } from './explain-document.js';
import type { Found } from './explain-find.js';
import { IntentTeller, type SeenBar } from './explain-intent.js';
import { OrderTeller } from './explain-order.js';
import { PositionTeller } from './explain-position.js';

export interface Walked {
  readonly intents: readonly IntentStory[];
  readonly position: PositionStory | null;
}

/** Client order ids of this host, in what was sent and what the venue said. */
const OUR_IDS = /sr[a-z2-7]{28}/g;

export class ExplainWalk {
  readonly #found: Found;
  readonly #view: EngineView;
  readonly #state: EngineState;
  readonly #clientIds: ClientOrderIds;
  readonly #intents: ReadonlyMap<string, IntentTeller>;
  readonly #orders = new Map<string, OrderTeller>();
  readonly #byClientId = new Map<string, OrderTeller>();
  readonly #position: PositionTeller | undefined;
  readonly #bars = new Map<string, SeenBar>();

  constructor(found: Found, config: EngineConfig, sessionId: string) {
    this.#found = found;
    const ids = config.instances.map(({ id }) => id);
    this.#state = emptyState(config.initialCash, ids);
    this.#view = { config, state: this.#state, series: new Map() };
    this.#clientIds = new ClientOrderIds(sessionId);
    this.#intents = new Map(found.intentIds.map((id) => [id, new IntentTeller(id)]));
    const { positionId } = found;
    this.#position = positionId === null ? undefined : new PositionTeller(positionId);
  }

  /** False once the row is beyond the story, which is then whole. */
  take(row: JournalRow): boolean {
    if (row.class === 'event' && row.seq > this.#found.lastSeq && this.#isOver()) return false;
    const body = decode(row.payload);
    if (row.class === 'event') this.#event(row.seq, body as EngineEvent);
    else this.#record(row.seq, body as EngineRecord);
    return true;
  }

  result(): Walked {
    return {
      intents: [...this.#intents.values()].map((intent) => intent.story()),
      position: this.#position?.story() ?? null,
    };
  }

  // What the tables say is over must also have been told.
  #isOver(): boolean {
    if (!this.#found.isOver || this.#position?.isOver === false) return false;
    return [...this.#intents.values()].every((intent) => intent.isOver);
  }

  #event(seq: number, event: EngineEvent): void {
    applyEvent(this.#state, event);
    if (event.kind === 'bar') this.#bars.set(event.symbol, { seq, bar: event });
    else if (event.kind === 'answer') {
      for (const intent of this.#intents.values()) intent.answered(seq, event);
    } else if (event.kind === 'venue_message') {
      const named = event.body.match(OUR_IDS) ?? [];
      for (const id of new Set(named)) this.#byClientId.get(id)?.message(seq, event);
    } else if (event.kind === 'api_error') {
      this.#orders.get(event.about ?? '')?.event(seq, event);
    } else if ('order' in event) this.#orders.get(event.order)?.event(seq, event);
  }

  #record(seq: number, record: EngineRecord): void {
    this.#position?.record(seq, record, this.#state.cash);
    if (record.type === 'order_created') this.#orderCreated(seq, record);
    else if (record.type === 'ask') this.#asked(seq, record);
    else if ('order' in record) this.#orders.get(record.order)?.record(seq, record);
    else if (record.type === 'intent_accepted') {
      this.#intents.get(record.intent.intent_id)?.record(seq, record);
    } else if ('intentId' in record) this.#intents.get(record.intentId)?.record(seq, record);
    applyRecord(this.#state, record);
    if (record.type !== 'order_created' && 'order' in record) this.#noteStatus(record.order);
  }

  // Not every change of an order has a record of its own: a fill is one as well.
  #noteStatus(key: string): void {
    const order = this.#state.orders.get(key) ?? this.#state.endedOrders.young.get(key);
    if (order !== undefined) this.#orders.get(key)?.moved(order.status);
  }

  #asked(seq: number, { ask, ts }: Extract<EngineRecord, { readonly type: 'ask' }>): void {
    for (const intent of this.#intents.values()) {
      if (!intent.isAnswerTo(ask)) continue;
      const instance = this.#view.config.instances.find(({ id }) => id === ask.instance);
      const bar = this.#bars.get(instance?.symbol ?? '');
      intent.asked(seq, ask, ts, bar, this.#view);
    }
  }

  #orderCreated(seq: number, record: OrderCreated): void {
    const intent = this.#intents.get(record.order.intentId);
    if (intent === undefined) return;
    const { key } = record.order;
    const clientId = this.#clientIds.of(key);
    const order = new OrderTeller(seq, record, clientId, this.#view);
    this.#orders.set(key, order);
    this.#byClientId.set(clientId, order);
    intent.orders.push(order);
  }
}
