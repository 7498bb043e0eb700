// Our view of the account against the venue's report. Pure: it finds differences and changes
// nothing. A symbol on which something moves meanwhile is left out, never guessed at.
import type { VenueSnapshot } from '../events.js';
import { parseSymbol } from '../market/instrument.js';
import type { DivergenceItem } from '../records.js';
import type { EngineState } from '../state/engine-state.js';
import type { Frozen } from '../state/frozen.js';
import { cashCurrencies, cashDifference } from './compare-cash.js';
import { missingItem, missingOrders, untrackedItem, untrackedOrders } from './compare-orders.js';
import { differencesOf, pairedHoldings } from './compare-positions.js';
import { isSpotSymbol } from './holdings.js';
import { type Terms, isInScope, unsettledIn } from './unsettled.js';

export function compareWithVenue(
  state: Frozen<EngineState>,
  terms: Terms,
  snapshot: VenueSnapshot,
): readonly DivergenceItem[] {
  const unsettled = unsettledIn(state, terms, snapshot);
  const items: DivergenceItem[] = [];
  for (const pair of pairedHoldings(state, terms, snapshot)) {
    if (!isHoldingCompared(pair.ours.symbol, terms, { snapshot, unsettled })) continue;
    items.push(...differencesOf(pair, terms));
  }
  const cash = cashDifference(state, terms, snapshot);
  if (cash !== undefined && isCashCompared(terms, { snapshot, unsettled })) items.push(cash);
  for (const order of untrackedOrders(state, snapshot)) {
    if (!unsettled.has(order.symbol)) items.push(untrackedItem(order));
  }
  return [...items, ...missingOrders(state, snapshot).map(missingItem)];
}

export interface Reading {
  readonly snapshot: VenueSnapshot;
  readonly unsettled: ReadonlySet<string>;
}

/** Whether the report says anything about what is held of the symbol. */
export function isHoldingCompared(
  symbol: string,
  terms: Terms,
  { snapshot, unsettled }: Reading,
): boolean {
  if (!isInScope(snapshot, symbol) || unsettled.has(symbol)) return false;
  if (!isSpotSymbol(terms, symbol)) return true;
  const base = parseSymbol(symbol)?.base ?? '';
  return snapshot.balances.length > 0 && !unsettled.has(base);
}

/** Whether the report says anything about the account's cash. */
export function isCashCompared(terms: Terms, { snapshot, unsettled }: Reading): boolean {
  if (snapshot.balances.length === 0) return false;
  return !cashCurrencies(terms).some((currency) => unsettled.has(currency));
}
