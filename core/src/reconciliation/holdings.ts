// Positions as both sides see them, brought to one shape: per symbol and side in a hedged account,
// netted per symbol otherwise. A negative quantity is a short.
import type { Side } from '@strategy-runner/contracts';
import { type Decimal, ZERO, divide, multiply } from '../decimal.js';
import type { VenueSnapshot } from '../events.js';
import type { EngineState } from '../state/engine-state.js';
import type { Frozen } from '../state/frozen.js';
import type { Terms } from './unsettled.js';

export interface Holding {
  readonly symbol: string;
  /** null = netted. */
  readonly side: Side | null;
  /** Signed: a short is negative. */
  readonly quantity: Decimal;
  /** Sum of quantity × entry price, signed like the quantity. */
  readonly cost: Decimal;
}

export function entryOf({ quantity, cost }: Holding): Decimal {
  return quantity === ZERO ? ZERO : divide(cost, quantity);
}

export function isSpotSymbol({ instruments }: Terms, symbol: string): boolean {
  const instrument = instruments.get(symbol);
  return instrument === undefined ? !symbol.includes(':') : instrument.market === 'spot';
}

/** What the ledger holds, by `<symbol>|<side or net>`. */
export function ourHoldings(
  state: Frozen<EngineState>,
  terms: Terms,
): ReadonlyMap<string, Holding> {
  const found = new Map<string, Holding>();
  for (const { symbol, side, quantity, cost } of state.positions.values()) {
    add(found, terms, { symbol, side, quantity, cost });
  }
  return found;
}

/** What the venue reports as positions; spot has none. */
export function theirHoldings(
  { positions }: VenueSnapshot,
  terms: Terms,
): ReadonlyMap<string, Holding> {
  const found = new Map<string, Holding>();
  for (const { symbol, side, quantity, entryPrice } of positions) {
    add(found, terms, { symbol, side, quantity, cost: multiply(quantity, entryPrice) });
  }
  return found;
}

export function holdingOf(
  holdings: ReadonlyMap<string, Holding>,
  { symbol, side }: Pick<Holding, 'symbol' | 'side'>,
): Holding {
  return holdings.get(nameOf(symbol, side)) ?? { symbol, side, quantity: ZERO, cost: ZERO };
}

interface Unsigned {
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: Decimal;
  readonly cost: Decimal;
}

function add(into: Map<string, Holding>, terms: Terms, { symbol, side, ...sums }: Unsigned): void {
  const isHedged = terms.positionMode === 'hedge' && !isSpotSymbol(terms, symbol);
  const bucket = { symbol, side: isHedged ? side : null };
  const before = holdingOf(into, bucket);
  const sign = side === 'long' ? 1n : -1n;
  const quantity = before.quantity + sign * sums.quantity;
  const cost = before.cost + sign * sums.cost;
  into.set(nameOf(symbol, bucket.side), { ...bucket, quantity, cost });
}

function nameOf(symbol: string, side: Side | null): string {
  return `${symbol}|${side ?? 'net'}`;
}
