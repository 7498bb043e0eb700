// Fills of the account, wherever they come from: those of our orders go to the order, all others
// are told as external, each once. What the stream has missed is read by trade id from a durable
// cursor, with an overlap; a failed reading moves nothing.
import type { ExternalCause } from '@strategy-runner/core';
import type { Emit } from './exchange-client.js';
import { type OrderCalls, compareIds } from './order-calls.js';
import type { OrderProgress } from './order-progress.js';
import type { TradeReport } from './order-reports.js';
import { type OurOrders, type TrackedOrder, missing } from './our-orders.js';
import { type Reading, read, unread } from './reading.js';
import { RecentSet } from './recent-set.js';

export interface TradeIntakeParts {
  readonly calls: OrderCalls;
  readonly orders: OurOrders;
  readonly progress: OrderProgress;
  readonly emit: Emit;
  readonly now: () => number;
  /** Asks what became of stops whose order is not known; false = it could not be asked. */
  readonly lookAtStops: (symbol: string) => Promise<boolean>;
}

/** Trades that are read again although they are behind the cursor: lists may lag (W9). */
const OVERLAP = 20;
const PAGES_MAX = 1000;
const EXTERNAL_MAX = 10_000;

type Owner =
  | { readonly kind: 'ours'; readonly tracked: TrackedOrder }
  | { readonly kind: 'foreign'; readonly clientOrderId: string }
  | { readonly kind: 'unread'; readonly detail: string };

export class TradeIntake {
  readonly #parts: TradeIntakeParts;
  readonly #cursors = new Map<string, string>();
  readonly #overlaps = new Map<string, readonly string[]>();
  readonly #external = new RecentSet(EXTERNAL_MAX);
  readonly #foreign = new Map<string, string>();
  readonly #reading = new Map<string, Promise<Reading<void>>>();

  constructor(parts: TradeIntakeParts) {
    this.#parts = parts;
  }

  restoreCursor(symbol: string, value: string): void {
    this.#cursors.set(symbol, value);
  }

  /** `name` is `<symbol>|<trade id>`, as the session keeps them. */
  restoreExternal(name: string): void {
    this.#external.add(name);
  }

  symbols(): readonly string[] {
    return [...this.#cursors.keys()];
  }

  /** A fill of an order that is not ours. */
  external(trade: TradeReport, clientOrderId: string): void {
    const { symbol, tradeId, positionSide, venueMs } = trade;
    const name = `${symbol}|${tradeId}`;
    if (this.#external.has(name)) return;
    this.#external.add(name);
    const { venueOrderId, side, price, quantity, fee, feeCurrency, liquidity } = trade;
    this.#parts.emit({
      kind: 'external_fill',
      ts: this.#parts.now(),
      tradeId,
      venueOrderId,
      symbol,
      side,
      positionSide,
      price,
      quantity,
      fee,
      feeCurrency,
      liquidity,
      cause: causeOf(clientOrderId),
      ...(venueMs === null ? {} : { venueMs }),
    });
  }

  /**
   * Reads what is missing of an order's fills. Those of the symbol first, in the order in which
   * they happened: what a position cost depends on it. False = the list could not be read.
   */
  async ofOrder(tracked: TrackedOrder): Promise<boolean> {
    const { calls, progress, now } = this.#parts;
    const orderId = tracked.venueOrderId;
    if (orderId === null) return true;
    // A reading that was under way may have begun too early for it.
    for (let left = 2; left > 0 && missing(tracked) > 0n; left -= 1) {
      const reading = await this.since(tracked.symbol);
      if (reading.ok) continue;
      // Under a rate limit only what is urgent is answered: the list of the exit's own trades.
      if (tracked.order.action === 'exit') break;
      return false;
    }
    let fromId: string | undefined;
    for (let page = 0; page < PAGES_MAX && missing(tracked) > 0n; page += 1) {
      const by = { orderId, ...(fromId === undefined ? {} : { fromId }) };
      const urgency = tracked.order.action === 'exit' ? 'urgent' : 'normal';
      const trades = await calls.trades(tracked.symbol, by, urgency);
      if (!trades.ok) return false;
      for (const trade of trades.value) {
        // Not every exchange heeds the filter.
        if (trade.venueOrderId !== orderId || this.#isFromBefore(tracked, trade)) continue;
        progress.trade(tracked, trade, { atMs: now() });
      }
      const last = trades.value.at(-1)?.tradeId;
      if (last === undefined || !/^\d+$/.test(last)) return true;
      fromId = String(BigInt(last) + 1n);
    }
    return true;
  }

  /** Reads a symbol's trades since its cursor; one reading of a symbol at a time. */
  since(symbol: string): Promise<Reading<void>> {
    const running = this.#reading.get(symbol);
    if (running !== undefined) return running;
    const reading = this.#since(symbol).finally(() => this.#reading.delete(symbol));
    this.#reading.set(symbol, reading);
    return reading;
  }

  async #since(symbol: string): Promise<Reading<void>> {
    const cursor = this.#cursors.get(symbol);
    const seen: string[] = [];
    let last = this.#overlaps.get(symbol)?.[0] ?? cursor;
    let isFirst = true;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      // Of an account without a cursor only the latest are read, and only ours are taken.
      const by = last === undefined ? {} : { fromId: isFirst ? last : next(last) };
      const trades = await this.#parts.calls.trades(symbol, by);
      if (!trades.ok) return trades;
      const fresh = isFirst ? trades.value : trades.value.filter(isBehind(last));
      if (fresh.length === 0) break;
      for (const trade of fresh) {
        const isNew = cursor !== undefined && compareIds(trade.tradeId, cursor) > 0;
        const taken = await this.#take(trade, isNew);
        if (!taken.ok) return taken;
        seen.push(trade.tradeId);
      }
      last = seen.at(-1)!;
      isFirst = false;
    }
    this.#advance(symbol, cursor, seen);
    return read(undefined);
  }

  #advance(symbol: string, cursor: string | undefined, seen: readonly string[]): void {
    const last = seen.at(-1) ?? cursor ?? '0';
    const kept = [...(this.#overlaps.get(symbol) ?? []), ...seen];
    const unique = [...new Set(kept)].toSorted(compareIds).slice(-OVERLAP);
    if (unique.length > 0) this.#overlaps.set(symbol, unique);
    if (cursor !== undefined && compareIds(last, cursor) <= 0) return;
    this.#cursors.set(symbol, last);
    const ts = this.#parts.now();
    this.#parts.emit({ kind: 'cursor', ts, name: `trades:${symbol}`, value: last });
  }

  async #take(trade: TradeReport, isNew: boolean): Promise<Reading<void>> {
    const { orders, progress, now } = this.#parts;
    const known = orders.byVenueId(trade.symbol, trade.venueOrderId);
    if (known !== undefined) {
      if (!this.#isFromBefore(known, trade)) progress.trade(known, trade, { atMs: now() });
      return read(undefined);
    }
    // Behind the cursor everything of others has been told, and what was ours may be forgotten.
    if (!isNew) return read(undefined);
    const owner = await this.#ownerOf(trade);
    if (owner.kind === 'unread') return unread(owner.detail);
    if (owner.kind === 'ours') progress.trade(owner.tracked, trade, { atMs: now() });
    else this.external(trade, owner.clientOrderId);
    return read(undefined);
  }

  /** What an adopted order traded before it became ours is in its figures, or external. */
  #isFromBefore(tracked: TrackedOrder, { symbol, tradeId }: TradeReport): boolean {
    if (tracked.clientOrderId !== null) return false;
    const cursor = this.#cursors.get(symbol);
    const isBehind = cursor !== undefined && compareIds(tradeId, cursor) <= 0;
    return isBehind || this.#external.has(`${symbol}|${tradeId}`);
  }

  async #ownerOf(trade: TradeReport): Promise<Owner> {
    const { symbol, venueOrderId } = trade;
    const { calls, orders, progress, lookAtStops, now } = this.#parts;
    const id = `${symbol}|${venueOrderId}`;
    const foreign = this.#foreign.get(id);
    if (foreign !== undefined) return { kind: 'foreign', clientOrderId: foreign };
    if (!(await lookAtStops(symbol))) return { kind: 'unread', detail: 'stops cannot be read' };
    const linked = orders.byVenueId(symbol, venueOrderId);
    if (linked !== undefined) return { kind: 'ours', tracked: linked };
    const result = await calls.fetchById(symbol, venueOrderId);
    if (result.kind === 'unread') return result;
    if (result.kind === 'failed' && result.failure.verdict !== 'not_found') {
      return { kind: 'unread', detail: result.failure.detail };
    }
    if (result.kind === 'failed' && this.#mayBeOurs(trade)) {
      const detail = `nobody says whose order ${venueOrderId} is, and one of ours is unknown`;
      return { kind: 'unread', detail };
    }
    const clientOrderId = result.kind === 'report' ? result.report.clientOrderId : '';
    const tracked = orders.byClientId(clientOrderId);
    if (tracked !== undefined && result.kind === 'report') {
      progress.report(tracked, result.report, { atMs: now() });
      return { kind: 'ours', tracked };
    }
    if (this.#foreign.size >= EXTERNAL_MAX) this.#foreign.clear();
    this.#foreign.set(id, clientOrderId);
    return { kind: 'foreign', clientOrderId };
  }

  // An order that is not shown yet may have traded already: taken for somebody else's, that trade
  // would prove the order absent, and it would be sent again (C11).
  #mayBeOurs({ symbol, side, quantity }: TradeReport): boolean {
    return this.#parts.orders.live().some((tracked) => {
      const isUnknown = tracked.evidence !== null && tracked.venueOrderId === null;
      const { order } = tracked;
      return (
        isUnknown && tracked.symbol === symbol && order.side === side && quantity <= order.quantity
      );
    });
  }
}

/** The venue's own orders carry ids of its own making (P7, P8, P9). */
export function causeOf(clientOrderId: string): ExternalCause {
  if (clientOrderId.startsWith('adl_autoclose')) return 'adl';
  if (clientOrderId.startsWith('settlement_autoclose')) return 'settlement';
  return clientOrderId.startsWith('autoclose-') ? 'liquidation' : 'manual';
}

function next(tradeId: string): string {
  return /^\d+$/.test(tradeId) ? String(BigInt(tradeId) + 1n) : tradeId;
}

function isBehind(last: string | undefined) {
  return ({ tradeId }: TradeReport): boolean => last === undefined || compareIds(tradeId, last) > 0;
}
