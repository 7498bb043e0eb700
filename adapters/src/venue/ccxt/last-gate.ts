// The last look at an order before its bytes leave: finite, on the grid, within the venue's limits
// and near the market. Pure; what it refuses was never sent. An entry needs a fresh quote, an exit
// does not, and its collar is wider: a way out is not closed for being dear.
import { type Decimal, type Order, bps, format, isMultipleOf } from '@strategy-runner/core';

export interface GateRules {
  readonly tickSize: Decimal;
  readonly lotSize: Decimal;
  readonly minQuantity: Decimal | null;
  readonly maxQuantity: Decimal | null;
  readonly maxMarketQuantity: Decimal | null;
  readonly minPrice: Decimal | null;
  readonly maxPrice: Decimal | null;
}

/** Top of the book; `atMs` is wall time. */
export interface Quote {
  readonly bid: Decimal;
  readonly ask: Decimal;
  readonly atMs: number;
}

export interface GateLimits {
  readonly maxQuoteAgeMs: number;
  /** How far beyond the market an entry may be priced, and the market beyond its decision price. */
  readonly entryCollarBps: number;
  readonly exitCollarBps: number;
}

export const GATE_LIMITS: GateLimits = {
  maxQuoteAgeMs: 10_000,
  entryCollarBps: 200,
  exitCollarBps: 1000,
};

export interface Refusal {
  readonly code: 'LAST_GATE_REFUSED' | 'QUOTE_STALE';
  readonly detail: string;
}

export interface GateInput {
  readonly order: Order;
  /** Undefined = the venue does not list the symbol. */
  readonly rules: GateRules | undefined;
  readonly quote: Quote | null;
  /** Wall time. */
  readonly nowMs: number;
  readonly limits: GateLimits;
}

export function checkLastGate(input: GateInput): Refusal | undefined {
  const { order, rules } = input;
  if (rules === undefined) return refuse(`${order.symbol} has no trading rules at the venue`);
  const problem = quantityProblem(order, rules) ?? pricesProblem(order, rules);
  return problem === undefined ? checkMarket(input) : refuse(problem);
}

function quantityProblem(order: Order, rules: GateRules): string | undefined {
  const { quantity, type } = order;
  const problem = gridProblem('quantity', quantity, rules.lotSize);
  if (problem !== undefined) return problem;
  const isMarket = type === 'market' || type === 'stop_market';
  const max = isMarket ? lower(rules.maxMarketQuantity, rules.maxQuantity) : rules.maxQuantity;
  // A rest below the minimum can be closed at some venues, and is refused by the others.
  const min = order.action === 'exit' ? null : rules.minQuantity;
  return rangeProblem('quantity', quantity, min, max);
}

function pricesProblem(order: Order, rules: GateRules): string | undefined {
  const needsPrice = order.type === 'limit' || order.type === 'stop_limit';
  const needsStop = order.type === 'stop_market' || order.type === 'stop_limit';
  return (
    priceProblem('price', order.price, needsPrice, rules) ??
    priceProblem('stop price', order.stopPrice, needsStop, rules)
  );
}

function priceProblem(
  name: string,
  value: Decimal | null,
  isNeeded: boolean,
  rules: GateRules,
): string | undefined {
  if (!isNeeded) return undefined;
  if (value === null) return `${name} is missing`;
  return (
    gridProblem(name, value, rules.tickSize) ??
    rangeProblem(name, value, rules.minPrice, rules.maxPrice)
  );
}

function gridProblem(name: string, value: unknown, step: Decimal): string | undefined {
  if (typeof value !== 'bigint') return `${name} ${String(value)} is not a decimal`;
  if (value <= 0n) return `${name} ${format(value)} is not above 0`;
  if (isMultipleOf(value, step)) return undefined;
  return `${name} ${format(value)} is not a multiple of ${format(step)}`;
}

function rangeProblem(
  name: string,
  value: Decimal,
  min: Decimal | null,
  max: Decimal | null,
): string | undefined {
  if (min !== null && value < min) return `${name} ${format(value)}, min ${format(min)}`;
  if (max !== null && value > max) return `${name} ${format(value)}, max ${format(max)}`;
  return undefined;
}

function checkMarket({ order, quote, nowMs, limits }: GateInput): Refusal | undefined {
  const isEntry = order.action === 'entry';
  // One from the future is of before the clock here was set back.
  const isYoung = quote !== null && Math.abs(nowMs - quote.atMs) <= limits.maxQuoteAgeMs;
  const isFresh = isYoung && quote.bid <= quote.ask;
  if (isEntry && !isFresh) {
    const age = quote === null ? 'none has come' : `the last one is ${nowMs - quote.atMs} ms old`;
    return { code: 'QUOTE_STALE', detail: `no fresh quote of ${order.symbol}: ${age}` };
  }
  const collar = isEntry ? limits.entryCollarBps : limits.exitCollarBps;
  const anchor = anchorOf(order, isFresh ? quote : null);
  if (anchor === undefined) return undefined;
  const { name, value, from } = anchor;
  const away = order.side === 'buy' ? value - from : from - value;
  if (away <= bps(from, collar)) return undefined;
  const side = order.side === 'buy' ? 'above' : 'below';
  return refuse(`${name} ${format(value)} is more than ${collar} bps ${side} ${format(from)}`);
}

/** What must not lie beyond what; undefined where nothing can be said. */
function anchorOf(order: Order, quote: Quote | null) {
  const { type, price, stopPrice, side, referencePrice } = order;
  if (type === 'stop_limit') return { name: 'price', value: price!, from: stopPrice! };
  if (quote === null || type === 'stop_market') return undefined;
  const market = side === 'buy' ? quote.ask : quote.bid;
  if (type === 'limit') return { name: 'price', value: price!, from: market };
  // A market exit has no price to be wrong about.
  if (order.action === 'exit' || referencePrice <= 0n) return undefined;
  return { name: 'market', value: market, from: referencePrice };
}

function lower(a: Decimal | null, b: Decimal | null): Decimal | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

function refuse(detail: string): Refusal {
  return { code: 'LAST_GATE_REFUSED', detail };
}
