// Reads a journal from its first row on and answers a row of slippage and latency for every order
// that has filled. It needs bars, orders and fills only, and decides nothing.
import { type Decimal, ZERO, divide, fromNumber, multiply, toNumber } from '../decimal.js';
import type { EngineEvent, FillReported, Measured } from '../events.js';
import { isTerminal } from '../order/order-state.js';
import { type Order, isProtectionLeg } from '../order/order.js';
import type { EngineRecord, FillBooked } from '../records.js';
import { MarketWindow } from '../simulation/market-window.js';
import { hourOf, participationOf } from '../simulation/slippage-model.js';
import type { LegLiquidity, LegSlippage } from './leg-slippage.js';

/** The kinds of journal rows that it reads; the others may be left out. */
export const TELEMETRY_KINDS: ReadonlySet<string> = new Set([
  'bar',
  'order_accepted',
  'fill_reported',
  'order_created',
  'order_moved',
  'fill',
]);

interface Seen {
  readonly atMs: number;
  readonly price: Decimal;
}

interface Market {
  readonly window: MarketWindow;
  /** The last price and the one before it: an order may have been sent before the last one came. */
  last: Seen | null;
  before: Seen | null;
}

interface Working {
  readonly order: Order;
  readonly level: Decimal | null;
  readonly arrival: Decimal;
  submit: Decimal;
  sent: number | null;
  acked: number | null;
  venue: number | null;
  filled: Filled | null;
}

interface Filled {
  quantity: Decimal;
  notional: Decimal;
  /** Sum of base price × quantity; null as soon as one fill does not tell its own. */
  baseNotional: Decimal | null;
  liquidity: LegLiquidity;
  lastMs: number;
  readonly hour: number;
  readonly volatilityBps: number;
  /** Of the last bar that had closed before the first fill. */
  readonly volume: number;
}

/** A fill may come after its order has ended, though not a thousand orders later. */
const ENDED_KEPT = 1024;

export class LegTelemetry {
  readonly #markets = new Map<string, Market>();
  readonly #working = new Map<string, Working>();
  readonly #filled: Working[] = [];
  readonly #ended: string[] = [];
  #reported: FillReported | null = null;

  event(event: EngineEvent): void {
    this.#reported = event.kind === 'fill_reported' ? event : null;
    if (event.kind === 'order_accepted') this.#accepted(event.order, event);
    if (event.kind !== 'bar') return;
    const market = this.#marketOf(event.symbol);
    market.window.push(event.close, event.volume);
    see(market, { atMs: event.closeMs, price: fromNumber(event.close) });
  }

  record(record: EngineRecord): void {
    if (record.type === 'order_created') this.#created(record.order);
    else if (record.type === 'fill') this.#fill(record);
    else if (record.type === 'order_moved' && isTerminal(record.status)) this.#end(record.order);
  }

  /** In the order of their first fills. */
  get rows(): readonly LegSlippage[] {
    return this.#filled.map((working) => rowOf(working, working.filled!));
  }

  #created(order: Order): void {
    const level = levelOf(order);
    const known = this.#markets.get(order.symbol)?.last?.price;
    const arrival = level ?? known ?? order.referencePrice;
    const unsent = { sent: null, acked: null, venue: null, filled: null };
    this.#working.set(order.key, { order, level, arrival, submit: arrival, ...unsent });
  }

  #accepted(key: string, { sentMs, ackedMs, venueMs }: Measured): void {
    const working = this.#working.get(key);
    if (working === undefined) return;
    working.acked ??= ackedMs ?? null;
    working.venue ??= venueMs ?? null;
    if (sentMs === undefined || working.sent !== null) return;
    working.sent = sentMs;
    if (working.level === null) working.submit = this.#priceAt(working.order.symbol, sentMs);
  }

  #priceAt(symbol: string, ms: number): Decimal {
    const { last, before } = this.#marketOf(symbol);
    const known = last !== null && last.atMs <= ms ? last : (before ?? last);
    return known?.price ?? ZERO;
  }

  #fill(fill: FillBooked): void {
    const market = this.#marketOf(fill.symbol);
    const working = this.#working.get(fill.order);
    const reported = this.#reported?.tradeId === fill.tradeId ? this.#reported : null;
    if (working !== undefined) this.#count(working, fill, { reported, market });
    if (fill.marketPrice !== null) see(market, { atMs: fill.ts, price: fill.marketPrice });
  }

  #count(
    working: Working,
    { ts, price, quantity, liquidity }: FillBooked,
    { reported, market }: { readonly reported: FillReported | null; readonly market: Market },
  ): void {
    const atMs = reported?.venueMs ?? ts;
    if (working.filled === null) {
      const { volatilityBps, volume } = market.window;
      const nothing = { quantity: ZERO, notional: ZERO, baseNotional: ZERO, lastMs: atMs };
      working.filled = { ...nothing, liquidity, hour: hourOf(atMs), volatilityBps, volume };
      this.#filled.push(working);
    }
    const { filled } = working;
    const base = reported?.basePrice ?? null;
    filled.quantity += quantity;
    filled.notional += multiply(price, quantity);
    const baseSoFar = filled.baseNotional;
    const isBaseKnown = base !== null && baseSoFar !== null;
    filled.baseNotional = isBaseKnown ? baseSoFar + multiply(base, quantity) : null;
    if (filled.liquidity !== liquidity) filled.liquidity = 'mixed';
    filled.lastMs = Math.max(filled.lastMs, atMs);
  }

  #end(key: string): void {
    this.#ended.push(key);
    if (this.#ended.length > ENDED_KEPT) this.#working.delete(this.#ended.shift()!);
  }

  #marketOf(symbol: string): Market {
    const known = this.#markets.get(symbol);
    if (known !== undefined) return known;
    const market = { window: new MarketWindow(), last: null, before: null };
    this.#markets.set(symbol, market);
    return market;
  }
}

// What waits at a level of its own has nothing to do with the price at which it was placed.
function levelOf({ type, leg, price, stopPrice }: Order): Decimal | null {
  if (type === 'stop_market' || type === 'stop_limit') return stopPrice;
  return type === 'limit' && isProtectionLeg(leg) ? price : null;
}

function see(market: Market, seen: Seen): void {
  market.before = market.last;
  market.last = seen;
}

function rowOf(
  { order, level, arrival, submit, sent, acked, venue }: Working,
  filled: Filled,
): LegSlippage {
  const { quantity, notional, baseNotional, liquidity, lastMs, hour, volatilityBps, volume } =
    filled;
  const base = baseNotional === null ? submit : divide(baseNotional, quantity);
  return {
    intentId: order.intentId,
    leg: order.leg,
    attempt: order.attempt,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    liquidity,
    waits: level !== null,
    quantity,
    prices: {
      decision: order.referencePrice,
      arrival,
      submit,
      base,
      fill: divide(notional, quantity),
    },
    times: { decided: order.createdMs, sent, acked, venue, filled: lastMs },
    hour,
    participation: participationOf(toNumber(quantity), volume),
    volatilityBps,
  };
}
