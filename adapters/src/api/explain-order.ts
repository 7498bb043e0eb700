// One order as it is told: how it was rounded, what each limit saw of it, what venue and engine
// said about it, and its fills.
import {
  type ApiError,
  type EngineEvent,
  type EngineRecord,
  type EngineView,
  type FillBooked,
  type FillReported,
  type Measured,
  type OrderCreated,
  type VenueMessage,
  format,
  riskMargins,
} from '@strategy-runner/core';
import type { FillStory, OrderEventStory, OrderStory } from './explain-document.js';

type AboutOrder = Extract<EngineEvent, { readonly order: string }> | ApiError;
type OrderRecord = Extract<EngineRecord, { readonly order: string }>;

export class OrderTeller {
  readonly #base: Omit<OrderStory, 'events' | 'fills' | 'status' | 'venue_order_id'>;
  readonly #events: OrderEventStory[] = [];
  readonly #fills: FillStory[] = [];
  readonly #venueMs = new Map<string, number | null>();
  #status: string;
  #venueOrderId: string | null;

  /** `view` is the state that the order was checked on: without it. */
  constructor(seq: number, record: OrderCreated, clientOrderId: string, view: EngineView) {
    const { order, normalizations } = record;
    this.#status = order.status;
    this.#venueOrderId = order.venueOrderId;
    this.#base = {
      seq,
      time_ms: record.ts,
      key: order.key,
      client_order_id: clientOrderId,
      leg: order.leg,
      attempt: order.attempt,
      action: order.action,
      side: order.side,
      type: order.type,
      quantity: format(order.quantity),
      price: order.price === null ? null : format(order.price),
      stop_price: order.stopPrice === null ? null : format(order.stopPrice),
      reference_price: format(order.referencePrice),
      is_post_only: order.postOnly,
      is_reduce_only: order.reduceOnly,
      roundings: normalizations.map(({ field, from, to, reason }) => ({
        field,
        from: format(from),
        to: format(to),
        reason,
      })),
      risk: riskMargins(view, order),
    };
  }

  get key(): string {
    return this.#base.key;
  }

  event(seq: number, event: AboutOrder): void {
    if (event.kind === 'fill_reported') this.#venueMs.set(event.tradeId, event.venueMs ?? null);
    const base = { seq, time_ms: event.ts, source: 'venue', what: event.kind } as const;
    this.#events.push({ ...base, detail: saidOf(event), ...measured(event) });
  }

  /** A request that left with its id, or what came back with it. */
  message(seq: number, { ts, channel, name, body }: VenueMessage): void {
    const detail = body.length > SAID_MAX ? `${body.slice(0, SAID_MAX)}…` : body;
    const base = { seq, time_ms: ts, source: 'wire', what: `${channel} ${name}` } as const;
    this.#events.push({ ...base, detail, ...NOT_MEASURED });
  }

  record(seq: number, record: OrderRecord): void {
    if (record.type === 'order_moved') {
      this.#venueOrderId = record.venueOrderId ?? this.#venueOrderId;
    } else if (record.type === 'order_triggered') {
      this.#venueOrderId = record.venueOrderId ?? this.#venueOrderId;
    } else if (record.type === 'fill') {
      this.#fills.push(this.#fillOf(seq, record));
      return;
    }
    const base = { seq, time_ms: record.ts, source: 'engine' } as const;
    const what = record.type === 'order_moved' ? record.status : record.type;
    this.#events.push({ ...base, what, detail: takenAs(record), ...NOT_MEASURED });
  }

  /** What the engine holds of it now. */
  moved(status: string): void {
    this.#status = status;
  }

  #fillOf(seq: number, fill: FillBooked): FillStory {
    return {
      seq,
      time_ms: fill.ts,
      trade_id: fill.tradeId,
      price: format(fill.price),
      quantity: format(fill.quantity),
      fee: format(fill.fee),
      fee_currency: fill.feeCurrency,
      liquidity: fill.liquidity,
      reference_price: format(fill.referencePrice),
      slippage_bps: fill.slippageBps,
      slippage: format(fill.slippage),
      venue_ms: this.#venueMs.get(fill.tradeId) ?? null,
    };
  }

  story(): OrderStory {
    return {
      ...this.#base,
      venue_order_id: this.#venueOrderId,
      status: this.#status,
      events: this.#events,
      fills: this.#fills,
    };
  }
}

/** The whole message is in the journal row. */
const SAID_MAX = 400;

const NOT_MEASURED = { sent_ms: null, acked_ms: null, venue_ms: null } as const;

function measured(event: AboutOrder | (AboutOrder & Measured)) {
  if (event.kind !== 'order_accepted' && event.kind !== 'fill_reported') return NOT_MEASURED;
  const { sentMs, ackedMs, venueMs } = event;
  return { sent_ms: sentMs ?? null, acked_ms: ackedMs ?? null, venue_ms: venueMs ?? null };
}

function saidOf(event: AboutOrder): string {
  switch (event.kind) {
    case 'order_accepted':
      return `venue order id ${event.venueOrderId}`;
    case 'order_rejected':
      return `${event.code}: ${event.detail}`;
    case 'order_ended':
      return [event.status, event.code].filter(Boolean).join(', ');
    case 'order_triggered':
      return event.venueOrderId === undefined ? '' : `it became ${event.venueOrderId}`;
    case 'fill_reported':
      return tradeOf(event);
    case 'api_error':
      return `${event.call}, ${event.verdict}: ${event.detail}`;
    default:
      return 'detail' in event ? event.detail : '';
  }
}

function tradeOf({ quantity, price, tradeId }: FillReported): string {
  return `${format(quantity)} at ${format(price)}, trade ${tradeId}`;
}

function takenAs(record: OrderRecord): string {
  switch (record.type) {
    case 'order_moved':
      return [record.code, record.cancelReason].filter(Boolean).join(', ');
    case 'fill_duplicate':
      return `trade ${record.tradeId} was booked already`;
    case 'fill_unmatched':
      return `trade ${record.tradeId}, ${format(record.quantity)} at ${format(record.price)}`;
    case 'order_event_ignored':
      return `${record.event}: ${record.detail}`;
    default:
      return '';
  }
}
