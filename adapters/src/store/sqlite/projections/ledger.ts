// Fills, positions, funding and equity for people, and the quality of each fill.
import {
  type Decimal,
  type FillBooked,
  type FundingBooked,
  type Position,
  type PositionClosed,
  type PositionNoted,
  type ProtectionChanged,
  type BarEvent,
  type CashMovedNoted,
  type ExternalBooked,
  ZERO,
  averageEntry,
  decimal,
  format,
  fromNumber,
  multiply,
  roundCash,
} from '@strategy-runner/core';
import type { ProjectionRow } from '../projection-tables.js';
import { type Operation, flag, money, plainJson, put, remove } from './operation.js';
import { orderRow } from './orders.js';
import type { ProjectionState } from './projection-state.js';

type PositionRow = ProjectionRow<'positions'>;

export function fillBooked(
  state: ProjectionState,
  seq: number,
  fill: FillBooked,
): readonly Operation[] {
  state.cash += fill.cash;
  const began = state.positions.get(fill.positionId)?.seq ?? seq;
  const position = positionRow(fill.position, Number(began));
  const row: ProjectionRow<'fills'> = {
    seq,
    ts: fill.ts,
    order_key: fill.order,
    intent_id: fill.intentId,
    leg: fill.leg,
    trade_id: fill.tradeId,
    instance: fill.instance,
    symbol: fill.symbol,
    position_id: fill.positionId,
    position_side: fill.positionSide,
    action: fill.action,
    side: fill.side,
    price: money(fill.price),
    quantity: money(fill.quantity),
    fee: money(fill.fee),
    fee_currency: fill.feeCurrency,
    liquidity: fill.liquidity,
    realized: money(fill.realized),
    cash: money(fill.cash),
    slippage: money(fill.slippage),
    is_complete: flag(fill.isComplete),
  };
  const dust = dustOf(state, seq, fill);
  return [put('fills', seq, row), keep(state, position), ...dust, qualityOf(state, seq, fill)];
}

/** A fill of somebody else, among the others: its order is not in the table of orders. */
export function externalBooked(
  state: ProjectionState,
  seq: number,
  fill: ExternalBooked,
): readonly Operation[] {
  state.cash += fill.cash;
  const began = state.positions.get(fill.positionId)?.seq ?? seq;
  const row: ProjectionRow<'fills'> = {
    seq,
    ts: fill.ts,
    order_key: `external:${fill.venueOrderId}`,
    intent_id: fill.position.openIntentId,
    leg: fill.cause,
    trade_id: fill.tradeId,
    instance: fill.position.instance,
    symbol: fill.symbol,
    position_id: fill.positionId,
    position_side: fill.positionSide,
    action: fill.action,
    side: fill.side,
    price: money(fill.price),
    quantity: money(fill.quantity),
    fee: money(fill.fee),
    fee_currency: fill.feeCurrency,
    liquidity: fill.liquidity,
    realized: money(fill.realized),
    cash: money(fill.cash),
    slippage: '0',
    is_complete: 1,
  };
  return [put('fills', seq, row), keep(state, positionRow(fill.position, Number(began)))];
}

// Parts of a lot that a fee in the bought coin has left: a holding that comes and goes.
function dustOf(state: ProjectionState, seq: number, fill: FillBooked): readonly Operation[] {
  const dust = fill.foreignFee?.dust;
  if (dust === undefined) return [];
  const began = state.positions.get(dust.id)?.seq ?? seq;
  if (dust.quantity !== ZERO) return [keep(state, positionRow(dust, Number(began)))];
  state.positions.delete(dust.id);
  return [remove('positions', dust.id)];
}

export function cashMoved(
  state: ProjectionState,
  seq: number,
  record: CashMovedNoted,
): readonly Operation[] {
  state.cash += record.cash;
  const { ts, id, currency, cause } = record;
  const sums = { amount: money(record.amount), cash: money(record.cash) };
  return [put('cashMoves', seq, { seq, ts, move_id: id, currency, ...sums, cause })];
}

function qualityOf(state: ProjectionState, seq: number, fill: FillBooked): Operation {
  const order = orderRow(state, fill.order);
  const createdMs = order?.created_ms ?? null;
  const acceptedMs = order?.accepted_ms ?? null;
  return put('telemetry', seq, {
    seq,
    ts: fill.ts,
    intent_id: fill.intentId,
    leg: fill.leg,
    order_key: fill.order,
    instance: fill.instance,
    symbol: fill.symbol,
    reference_price: money(fill.referencePrice),
    price: money(fill.price),
    quantity: money(fill.quantity),
    slippage_bps: fill.slippageBps,
    slippage: money(fill.slippage),
    created_to_accepted_ms:
      createdMs === null || acceptedMs === null ? null : Number(acceptedMs) - Number(createdMs),
    created_to_fill_ms: createdMs === null ? null : fill.ts - Number(createdMs),
  });
}

export function fundingBooked(
  state: ProjectionState,
  seq: number,
  record: FundingBooked,
): readonly Operation[] {
  state.cash += record.amount;
  const { ts, id, symbol, positionId, rate, amount } = record;
  const sums = { rate: format(rate), amount: format(amount) };
  const row = { seq, ts, funding_id: id, symbol, position_id: positionId, ...sums };
  const position = state.positions.get(positionId);
  if (position === undefined) return [put('funding', seq, row)];
  const funding = format(decimal(String(position.funding)) + amount);
  const net = format(decimal(String(position.net_pnl)) + amount);
  return [put('funding', seq, row), keep(state, { ...position, funding, net_pnl: net })];
}

export function positionClosed(
  state: ProjectionState,
  seq: number,
  record: PositionClosed,
): readonly Operation[] {
  const { position, ts, reason } = record;
  const began = state.positions.get(position.id)?.seq ?? seq;
  state.positions.delete(position.id);
  const row = positionRow(position, Number(began));
  const closed = { ...row, status: 'closed', closed_ms: ts, exit_reason: reason };
  return [put('positions', position.id, closed)];
}

export function protectionChanged(
  state: ProjectionState,
  record: ProtectionChanged,
): readonly Operation[] {
  const known = state.positions.get(record.positionId);
  if (known === undefined) return [];
  return [keep(state, { ...known, ...protectionOf(record) })];
}

export function positionNoted(state: ProjectionState, record: PositionNoted): readonly Operation[] {
  const known = state.positions.get(record.positionId);
  return known === undefined ? [] : [keep(state, { ...known, dca_level: record.dcaLevel })];
}

/** One point per bar close, where cash or equity differ from the last one. */
export function equityAtBar(
  state: ProjectionState,
  seq: number,
  bar: BarEvent,
): readonly Operation[] {
  state.marks.set(bar.symbol, bar.close);
  const cash = format(state.cash);
  const equity = format(equityOf(state));
  if (state.lastEquity?.cash === cash && state.lastEquity.equity === equity) return [];
  state.lastEquity = { cash, equity };
  return [put('equity', bar.closeMs, { ts: bar.closeMs, seq, cash, equity })];
}

function equityOf(state: ProjectionState): Decimal {
  let total = state.cash;
  for (const position of state.positions.values()) total += worthOf(state, position);
  return total;
}

// As core/ledger does it: a spot holding is worth its price, any other position its profit. What
// only somebody else trades has no bars and is worth what it cost.
function worthOf(state: ProjectionState, position: PositionRow): Decimal {
  const symbol = String(position.symbol);
  const mark = state.marks.get(symbol);
  const price = mark === undefined ? decimal(String(position.entry_price)) : fromNumber(mark);
  const value = multiply(decimal(String(position.quantity)), price);
  const isSpot = state.spotSymbols.has(symbol) || (mark === undefined && !symbol.includes(':'));
  if (isSpot) return value;
  const cost = decimal(String(position.cost));
  return roundCash(position.side === 'long' ? value - cost : cost - value);
}

function keep(state: ProjectionState, row: PositionRow): Operation {
  state.positions.set(String(row.position_id), row);
  return put('positions', String(row.position_id), row);
}

function protectionOf(
  held: Pick<Position, 'protection' | 'initialRisk'>,
): Pick<PositionRow, 'stop_price' | 'protection' | 'initial_risk'> {
  const { protection, initialRisk } = held;
  return {
    stop_price: money(protection?.stop?.price ?? null),
    protection: protection === null ? null : plainJson(protection),
    initial_risk: money(initialRisk),
  };
}

function positionRow(position: Position, seq: number): PositionRow {
  const { grossPnl, fees, funding } = position;
  return {
    position_id: position.id,
    seq,
    instance: position.instance,
    symbol: position.symbol,
    side: position.side,
    status: 'open',
    quantity: money(position.quantity),
    entry_price: money(averageEntry(position)),
    cost: money(position.cost),
    peak_quantity: money(position.peakQuantity),
    entered_quantity: money(position.enteredQuantity),
    entered_notional: money(position.enteredNotional),
    exited_quantity: money(position.exitedQuantity),
    exited_notional: money(position.exitedNotional),
    opened_ms: position.openedMs,
    closed_ms: null,
    open_intent_id: position.openIntentId,
    lots_method: position.lotsMethod,
    lots: plainJson(position.lots),
    dca_level: position.dcaLevel,
    gross_pnl: money(grossPnl),
    fees: money(fees),
    funding: money(funding),
    net_pnl: money(grossPnl - fees + funding),
    exit_reason: position.exitReason,
    ...protectionOf(position),
  };
}
