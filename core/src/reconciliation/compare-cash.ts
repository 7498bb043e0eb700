// The account's cash against the venue's wallet, without unrealised profit on either side.
import { CASH_QUANTUM, type Decimal, ZERO, abs, format, max } from '../decimal.js';
import type { VenueSnapshot } from '../events.js';
import type { DivergenceItem } from '../records.js';
import type { EngineState } from '../state/engine-state.js';
import type { Frozen } from '../state/frozen.js';
import type { Terms } from './unsettled.js';

/** Undefined where they agree, or where the balances were not read. */
export function cashDifference(
  state: Frozen<EngineState>,
  terms: Terms,
  snapshot: VenueSnapshot,
): DivergenceItem | undefined {
  if (snapshot.balances.length === 0 || terms.instruments.size === 0) return undefined;
  const theirs = walletOf(terms, snapshot);
  // Each booking may have been rounded by its last digit, here or there.
  const tolerance = max(CASH_QUANTUM, CASH_QUANTUM * BigInt(state.bookings));
  return abs(state.cash - theirs) <= tolerance ? undefined : cashItem(state, terms, snapshot);
}

export function cashItem(
  { cash }: Frozen<EngineState>,
  terms: Terms,
  snapshot: VenueSnapshot,
): DivergenceItem {
  const symbol = cashCurrencies(terms).join('+');
  const theirs = format(walletOf(terms, snapshot));
  return { kind: 'cash', symbol, ref: symbol, ours: format(cash), theirs };
}

// The engine keeps one cash for all currencies that its instruments settle in, so their balances
// are compared together.
function walletOf(terms: Terms, { balances }: VenueSnapshot): Decimal {
  const currencies = cashCurrencies(terms);
  let sum: Decimal = ZERO;
  for (const { currency, total } of balances) if (currencies.includes(currency)) sum += total;
  return sum;
}

export function cashCurrencies({ instruments }: Terms): readonly string[] {
  return [...new Set([...instruments.values()].map(({ settle }) => settle))];
}
