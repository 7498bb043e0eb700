// One row for whatever happened to an order, as the venue said it (event) and as the engine took it
// (record), and what the venue refused once more among the errors.
import {
  type EngineEvent,
  type EngineRecord,
  type FillReported,
  format,
} from '@strategy-runner/core';
import type { ProjectionRow } from '../projection-tables.js';
import { type Operation, plainJson, put } from './operation.js';

type OrderEventRow = ProjectionRow<'orderEvents'>;
/** What one kind of entry adds to the row of its order. */
type Details = Partial<Omit<OrderEventRow, 'order_key'>>;

const EMPTY = {
  status: null,
  code: null,
  detail: null,
  venue_order_id: null,
  trade_id: null,
  price: null,
  quantity: null,
} as const;

export function orderEventOf(seq: number, event: EngineEvent): readonly Operation[] {
  if (!('order' in event)) return [];
  const base = { ...EMPTY, seq, ts: event.ts, order_key: event.order, source: 'event' } as const;
  const row: OrderEventRow = { ...base, kind: event.kind, ...said(event) };
  return [put('orderEvents', seq, row), ...errorOf(seq, event)];
}

function said(event: Extract<EngineEvent, { readonly order: string }>): Details {
  switch (event.kind) {
    case 'order_accepted':
      return { venue_order_id: event.venueOrderId };
    case 'order_rejected':
      return { code: event.code, detail: event.detail };
    case 'order_unknown':
    case 'cancel_rejected':
      return { detail: event.detail };
    case 'order_ended':
      return { status: event.status, code: event.code };
    case 'fill_reported':
      return traded(event);
    default:
      return {};
  }
}

function traded(fill: Pick<FillReported, 'tradeId' | 'price' | 'quantity'>): Details {
  const { tradeId, price, quantity } = fill;
  return { trade_id: tradeId, price: format(price), quantity: format(quantity) };
}

// R4: an error of the venue is seen, whatever is done about it.
function errorOf(seq: number, event: EngineEvent): readonly Operation[] {
  const { kind, ts } = event;
  const isError =
    kind === 'order_rejected' || kind === 'order_unknown' || kind === 'cancel_rejected';
  if (!isError) return [];
  const code = kind === 'order_rejected' ? event.code : '';
  const base = { seq, ts, kind, order_key: event.order, code, detail: event.detail };
  return [put('apiErrors', seq, { ...base, body: plainJson(event) })];
}

export function orderRecordOf(seq: number, record: EngineRecord): readonly Operation[] {
  const told = decided(record);
  if (told === undefined) return [];
  const base = { ...EMPTY, seq, ts: record.ts, source: 'record', kind: record.type } as const;
  return [put('orderEvents', seq, { ...base, ...told })];
}

function decided(record: EngineRecord): ({ readonly order_key: string } & Details) | undefined {
  switch (record.type) {
    case 'order_created':
      return { order_key: record.order.key, status: record.order.status };
    case 'order_moved': {
      const { order, status, code, venueOrderId, cancelReason } = record;
      const moved = { status, code, venue_order_id: venueOrderId, detail: cancelReason };
      return { order_key: order, ...moved };
    }
    case 'order_triggered':
      return { order_key: record.order, venue_order_id: record.venueOrderId ?? null };
    case 'fill':
    case 'fill_unmatched':
      return { order_key: record.order, ...traded(record) };
    case 'fill_duplicate':
      return { order_key: record.order, trade_id: record.tradeId };
    case 'order_event_ignored':
      return { order_key: record.order, code: record.event, detail: record.detail };
    default:
      return undefined;
  }
}
