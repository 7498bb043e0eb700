// What the projector must remember from row to row. All of it can be read back from the tables and
// one small document beside them, so that a store goes on after a crash without reading its whole
// journal.
import { type Decimal, decimal, decode, encode } from '@strategy-runner/core';
import type { ProjectionRow } from '../projection-tables.js';

/** Facts of the session that its journal does not hold. */
export interface LedgerSettings {
  /** Cash before the first fill, a decimal string. */
  readonly initialCash: string;
  /** Symbols whose holdings are worth their price; all others are worth their unrealised profit. */
  readonly spotSymbols: readonly string[];
}

export interface EquityPoint {
  readonly cash: string;
  readonly equity: string;
}

export interface ProjectionState {
  readonly spotSymbols: ReadonlySet<string>;
  cash: Decimal;
  /** The last close per symbol. */
  readonly marks: Map<string, number>;
  lastEquity: EquityPoint | null;
  /** Intents that still work, by intent id. */
  readonly intents: Map<string, ProjectionRow<'intents'>>;
  /** Orders that are not over, by order key. */
  readonly orders: Map<string, ProjectionRow<'orders'>>;
  /** Orders that are over, oldest first: a late fill still finds them. */
  readonly endedOrders: Map<string, ProjectionRow<'orders'>>;
  /** Open positions, by position id. */
  readonly positions: Map<string, ProjectionRow<'positions'>>;
}

/** Twice what the engine remembers, so that every fill that it books finds its order here. */
export const ENDED_ORDERS_MAX = 2000;

export function initialState(settings: LedgerSettings): ProjectionState {
  return {
    spotSymbols: new Set(settings.spotSymbols),
    cash: decimal(settings.initialCash),
    marks: new Map(),
    lastEquity: null,
    intents: new Map(),
    orders: new Map(),
    endedOrders: new Map(),
    positions: new Map(),
  };
}

interface Remainder {
  readonly cash: Decimal;
  readonly marks: ReadonlyMap<string, number>;
  readonly lastEquity: EquityPoint | null;
}

/** The part of the state that no table holds. */
export function writeRemainder(state: ProjectionState): string {
  const { cash, marks, lastEquity } = state;
  return encode({ cash, marks, lastEquity } satisfies Remainder);
}

export function readRemainder(state: ProjectionState, text: string): void {
  const { cash, marks, lastEquity } = decode(text) as Remainder;
  state.cash = cash;
  state.lastEquity = lastEquity;
  for (const [symbol, mark] of marks) state.marks.set(symbol, mark);
}
