// From a journal row to what it changes in the tables for people. No I/O: the same rows in the same
// order give the same tables, so they can be thrown away and made again.
import {
  type ApiError,
  type EngineEvent,
  type EngineRecord,
  type JournalRow,
  decode,
} from '@strategy-runner/core';
import * as account from './account.js';
import * as intents from './intents.js';
import * as ledger from './ledger.js';
import { type Operation, plainJson, put } from './operation.js';
import { orderEventOf, orderRecordOf } from './order-events.js';
import * as orders from './orders.js';
import type { ProjectionState } from './projection-state.js';

const NOTHING: readonly Operation[] = [];

/** Most rows of a journal are these, and none of them shows in a table: they are not even read. */
export const KINDS_WITHOUT_TRACE: readonly string[] = [
  'ask',
  'ask_queued',
  'answer',
  'answer_taken',
  'timer_fired',
  'timer_set',
  'timer_cleared',
  'day_started',
  'venue_message',
  'cursor',
];
const WITHOUT_TRACE: ReadonlySet<string> = new Set(KINDS_WITHOUT_TRACE);

/** Takes the row into `state` and says what it changes. */
export function projectRow(state: ProjectionState, row: JournalRow): readonly Operation[] {
  const { seq, ts, kind } = row;
  if (WITHOUT_TRACE.has(kind)) return NOTHING;
  const content = decode(row.payload);
  if (kind === 'venue_snapshot') {
    return [put('venueSnapshots', seq, { seq, ts, kind, body: plainJson(content) })];
  }
  if (kind === 'api_error') return [apiError(seq, content as ApiError)];
  return row.class === 'event'
    ? projectEvent(state, seq, content as EngineEvent)
    : projectRecord(state, seq, content as EngineRecord);
}

function apiError(seq: number, event: ApiError): Operation {
  const { ts, kind, about, detail } = event;
  const code = event.venueCode ?? event.verdict;
  const row = { seq, ts, kind, order_key: about, code, detail, body: plainJson(event) };
  return put('apiErrors', seq, row);
}

function projectEvent(
  state: ProjectionState,
  seq: number,
  event: EngineEvent,
): readonly Operation[] {
  if (event.kind === 'bar') return ledger.equityAtBar(state, seq, event);
  if (event.kind === 'connection') return account.connected(seq, event);
  return event.kind === 'drift' ? account.drifted(seq, event) : orderEventOf(seq, event);
}

function projectRecord(
  state: ProjectionState,
  seq: number,
  record: EngineRecord,
): readonly Operation[] {
  switch (record.type) {
    case 'intent_accepted':
      return intents.intentAccepted(state, seq, record);
    case 'intent_denied':
      return intents.intentDenied(seq, record);
    case 'intent_progress':
      return intents.intentProgressed(state, record);
    case 'intent_done':
      return intents.intentDone(state, record);
    case 'funding':
      return ledger.fundingBooked(state, seq, record);
    case 'position_closed':
      return ledger.positionClosed(state, seq, record);
    case 'protection':
      return ledger.protectionChanged(state, record);
    case 'position_note':
      return ledger.positionNoted(state, record);
    case 'external_fill':
      return ledger.externalBooked(state, seq, record);
    case 'cash_moved':
      return ledger.cashMoved(state, seq, record);
    case 'symbol_hold':
      return account.held(seq, record);
    case 'reconciled':
      return account.reconciled(seq, record);
    case 'protection_gap':
      return account.gapNoted(seq, record);
    default:
      return [...projectOrder(state, seq, record), ...orderRecordOf(seq, record)];
  }
}

function projectOrder(
  state: ProjectionState,
  seq: number,
  record: EngineRecord,
): readonly Operation[] {
  switch (record.type) {
    case 'order_created':
      return orders.orderCreated(state, seq, record);
    case 'order_moved':
      return orders.orderMoved(state, record);
    case 'order_triggered':
      return orders.orderTriggered(state, record);
    case 'fill':
      return [...orders.orderFilled(state, record), ...ledger.fillBooked(state, seq, record)];
    default:
      return NOTHING;
  }
}
