// What a report of the venue says nothing about: whatever has moved since its reading began, or is
// moving. Comparing it would find a difference where there is only a delay.
import type { EngineConfig } from '../config.js';
import type { VenueSnapshot } from '../events.js';
import { type Instrument, parseSymbol } from '../market/instrument.js';
import type { OrderStatus } from '../order/order.js';
import type { EngineState } from '../state/engine-state.js';
import type { Frozen } from '../state/frozen.js';

/** What a comparison must know of the session: its instruments, and whether it is hedged. */
export type Terms = Pick<EngineConfig, 'instruments' | 'positionMode'>;

/** On its way: the venue may or may not have it, or may fill it while it is being cancelled. */
const IN_FLIGHT: readonly OrderStatus[] = ['created', 'submitted', 'unknown', 'pending_cancel'];

/** Symbols, and currencies of cash, that the report says nothing about. */
export function unsettledIn(
  state: Frozen<EngineState>,
  terms: Terms,
  snapshot: VenueSnapshot,
): ReadonlySet<string> {
  const unsettled = new Set<string>();
  for (const [name] of state.touchedMs) {
    if (hasMovedSince(state, name, snapshot)) unsettled.add(name);
  }
  for (const { key, symbol, status } of state.orders.values()) {
    if (IN_FLIGHT.includes(status) && !waitsHere(state, key)) unsettled.add(symbol);
  }
  for (const name of unsettled) {
    for (const currency of currenciesOf(name, terms.instruments)) unsettled.add(currency);
  }
  return unsettled;
}

// Shown to be absent and not sent again yet: nothing of it moves at the venue, and while the
// account is being read it waits for the end of just that.
function waitsHere(state: Frozen<EngineState>, key: string): boolean {
  return state.orders.get(key)?.status === 'created' && state.timers.has(`resend:${key}`);
}

/**
 * What happened in the very millisecond of the reading counts as before it: a resync tells what it
 * has found right before it reads.
 */
export function hasMovedSince(
  state: Frozen<EngineState>,
  name: string,
  { takenMs }: VenueSnapshot,
): boolean {
  return (state.touchedMs.get(name) ?? -Infinity) > takenMs;
}

/** The balances that trading the symbol moves; none for a name that is no symbol. */
function currenciesOf(
  symbol: string,
  instruments: ReadonlyMap<string, Instrument>,
): readonly string[] {
  const names = parseSymbol(symbol);
  if (names === undefined) return [];
  const settle = instruments.get(symbol)?.settle ?? names.settle ?? names.quote;
  return names.settle === undefined ? [settle, names.base] : [settle];
}

export function isInScope({ scope, symbols }: VenueSnapshot, symbol: string): boolean {
  return scope === 'account' || symbols.includes(symbol);
}
