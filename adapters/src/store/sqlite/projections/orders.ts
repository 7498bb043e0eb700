// Orders for people, and of them the entries that still wait. An order's row follows the engine's
// own rules (core state/apply.ts): what is over stays over, but a late fill still counts.
import {
  type Order,
  type OrderCreated,
  type OrderMoved,
  type OrderStatus,
  type OrderTriggeredNoted,
  type FillBooked,
  ZERO,
  decimal,
  divide,
  format,
  isTerminal,
  multiply,
} from '@strategy-runner/core';
import type { ProjectionRow } from '../projection-tables.js';
import { type Operation, flag, money, plainJson, put, remove } from './operation.js';
import { ENDED_ORDERS_MAX, type ProjectionState } from './projection-state.js';

type OrderRow = ProjectionRow<'orders'>;

export function orderCreated(
  state: ProjectionState,
  seq: number,
  record: OrderCreated,
): readonly Operation[] {
  const row = rowOf(record.order, seq, plainJson(record.normalizations));
  return keep(state, row);
}

export function orderMoved(state: ProjectionState, record: OrderMoved): readonly Operation[] {
  const known = state.orders.get(record.order);
  if (known === undefined) return [];
  const { status, ts } = record;
  return keep(state, {
    ...known,
    status,
    venue_order_id: record.venueOrderId ?? known.venue_order_id,
    cancel_reason: record.cancelReason ?? known.cancel_reason,
    accepted_ms: status === 'accepted' ? ts : known.accepted_ms,
    ended_ms: isTerminal(status) ? ts : null,
    code: record.code === '' ? known.code : record.code,
  });
}

export function orderTriggered(
  state: ProjectionState,
  { order, venueOrderId }: OrderTriggeredNoted,
): readonly Operation[] {
  const known = state.orders.get(order);
  if (known === undefined) return [];
  const id = venueOrderId ?? known.venue_order_id;
  return keep(state, { ...known, is_triggered: 1, venue_order_id: id });
}

export function orderFilled(state: ProjectionState, fill: FillBooked): readonly Operation[] {
  const known = orderRow(state, fill.order);
  if (known === undefined) return [];
  const filled = decimal(String(known.filled)) + fill.quantity;
  const notional = decimal(String(known.filled_notional)) + multiply(fill.price, fill.quantity);
  const status = statusAfterFill(known, filled >= decimal(String(known.quantity)));
  return keep(state, {
    ...known,
    filled: format(filled),
    filled_notional: format(notional),
    average_price: filled === ZERO ? null : format(divide(notional, filled)),
    status,
    ended_ms: known.ended_ms ?? (isTerminal(status) ? fill.ts : null),
  });
}

/** The row of an order, over or not. */
export function orderRow(state: ProjectionState, key: string): OrderRow | undefined {
  return state.orders.get(key) ?? state.endedOrders.get(key);
}

function statusAfterFill(order: OrderRow, isOver: boolean): OrderStatus {
  if (isOver) return 'filled';
  const status = order.status as OrderStatus;
  return isTerminal(status) || status === 'pending_cancel' ? status : 'partially_filled';
}

function keep(state: ProjectionState, row: OrderRow): readonly Operation[] {
  const key = String(row.order_key);
  const operations: Operation[] = [put('orders', key, row)];
  if (isTerminal(row.status as OrderStatus)) {
    state.orders.delete(key);
    state.endedOrders.delete(key);
    state.endedOrders.set(key, row);
    if (state.endedOrders.size > ENDED_ORDERS_MAX) {
      state.endedOrders.delete(state.endedOrders.keys().next().value!);
    }
    if (row.action === 'entry') operations.push(remove('pendingEntries', key));
    return operations;
  }
  state.orders.set(key, row);
  if (row.action === 'entry') operations.push(put('pendingEntries', key, pending(state, row)));
  return operations;
}

function pending(state: ProjectionState, order: OrderRow): ProjectionRow<'pendingEntries'> {
  const left = decimal(String(order.quantity)) - decimal(String(order.filled));
  return {
    order_key: order.order_key,
    seq: order.seq,
    created_ms: order.created_ms,
    intent_id: order.intent_id,
    leg: order.leg,
    instance: order.instance,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    quantity: order.quantity,
    remaining: format(left),
    price: order.price,
    stop_price: order.stop_price,
    status: order.status,
    venue_order_id: order.venue_order_id,
    expires_ms: state.intents.get(String(order.intent_id))?.deadline_ms ?? null,
  };
}

function rowOf(order: Order, seq: number, normalizations: string): OrderRow {
  return {
    order_key: order.key,
    seq,
    created_ms: order.createdMs,
    intent_id: order.intentId,
    leg: order.leg,
    attempt: order.attempt,
    instance: order.instance,
    symbol: order.symbol,
    position_id: order.positionId,
    position_side: order.positionSide,
    action: order.action,
    side: order.side,
    type: order.type,
    quantity: money(order.quantity),
    price: money(order.price),
    stop_price: money(order.stopPrice),
    time_in_force: order.timeInForce,
    is_post_only: flag(order.postOnly),
    is_reduce_only: flag(order.reduceOnly),
    leverage: money(order.leverage),
    reference_price: money(order.referencePrice),
    status: order.status,
    is_triggered: flag(order.isTriggered),
    venue_order_id: order.venueOrderId,
    filled: money(order.filled),
    filled_notional: money(order.filledNotional),
    average_price: null,
    accepted_ms: order.acceptedMs,
    ended_ms: null,
    cancel_reason: order.cancelReason,
    code: '',
    normalizations,
  };
}
