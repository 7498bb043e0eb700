// Reads what the stream may have missed: every order of ours that is not over, the trades since the
// cursors, and the open orders of the whole account. Partly read is not read.
import type { VenueOrder } from '@strategy-runner/core';
import type { OrderCalls } from './order-calls.js';
import type { OrderInquiry } from './order-inquiry.js';
import type { OrderProgress } from './order-progress.js';
import type { OrderReport } from './order-reports.js';
import { type OurOrders, type TrackedOrder, missing } from './our-orders.js';
import { type Reading, read, unread } from './reading.js';
import type { TradeIntake } from './trade-intake.js';

export interface ResyncParts {
  readonly calls: OrderCalls;
  readonly orders: OurOrders;
  readonly progress: OrderProgress;
  readonly inquiry: OrderInquiry;
  readonly trades: TradeIntake;
  readonly now: () => number;
  /** Configured symbols; those of orders and cursors are read as well. */
  readonly symbols: readonly string[];
}

/**
 * `full` asks for each order by itself, since a list may lag; `light` believes the list of open
 * orders and asks only for those that it lacks.
 */
export type Depth = 'full' | 'light';

export interface Resynced {
  /** As they were when the reading began. */
  readonly openOrders: readonly VenueOrder[];
  /** Symbols whose trades were read. */
  readonly symbols: readonly string[];
}

const AT_ONCE = 4;

export async function resync(parts: ResyncParts, depth: Depth): Promise<Reading<Resynced>> {
  const { calls, orders, trades } = parts;
  const open = await calls.openOrders();
  if (!open.ok) return open;
  applyOpen(parts, open.value);
  const listed = new Set(open.value.map(({ clientOrderId }) => clientOrderId));
  const asked = orders
    .live()
    .filter(({ clientOrderId }) => depth === 'full' || !listed.has(clientOrderId ?? ''));
  const failed = await askAll(parts, asked);
  if (failed !== undefined) return unread(`order ${failed.key} could not be read`);
  const symbols = [...new Set([...parts.symbols, ...orders.symbols(), ...trades.symbols()])];
  for (const symbol of symbols) {
    const reading = await trades.since(symbol);
    if (!reading.ok) return reading;
  }
  const openOrders = open.value.map((report) => venueOrderOf(orders, report));
  return read({ openOrders, symbols });
}

function applyOpen({ orders, progress, inquiry, now }: ResyncParts, open: readonly OrderReport[]) {
  for (const report of open) {
    const tracked = trackedOf(orders, report);
    if (tracked === undefined) continue;
    progress.report(tracked, report, { atMs: now() });
    if (missing(tracked) > 0n) void inquiry.start(tracked);
  }
}

/** The first order that could not be asked for. */
async function askAll(
  { inquiry }: ResyncParts,
  asked: readonly TrackedOrder[],
): Promise<TrackedOrder | undefined> {
  for (let from = 0; from < asked.length; from += AT_ONCE) {
    const batch = asked.slice(from, from + AT_ONCE);
    const looks = await Promise.all(batch.map((tracked) => inquiry.once(tracked)));
    for (const [index, { kind }] of looks.entries()) {
      const tracked = batch[index]!;
      if (kind === 'failed') return tracked;
      // Its proof of absence, or its last fills, may take their time.
      if (kind !== 'known' && !tracked.isOver) void inquiry.start(tracked);
    }
  }
  return undefined;
}

function trackedOf(orders: OurOrders, report: OrderReport): TrackedOrder | undefined {
  const { symbol, clientOrderId, venueOrderId } = report;
  const named = orders.byClientId(clientOrderId);
  return named ?? (symbol === null ? undefined : orders.byVenueId(symbol, venueOrderId));
}

export function venueOrderOf(orders: OurOrders, report: OrderReport): VenueOrder {
  const { venueOrderId, clientOrderId, side, positionSide, type, quantity } = report;
  const { filled, price, stopPrice, reduceOnly } = report;
  return {
    order: trackedOf(orders, report)?.key ?? null,
    venueOrderId,
    clientOrderId,
    symbol: report.symbol ?? '',
    side,
    positionSide,
    type,
    quantity,
    filled,
    price,
    stopPrice,
    reduceOnly,
  };
}
