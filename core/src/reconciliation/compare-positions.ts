// Quantities and entry prices against the venue's. Derivatives agree to the last digit; a spot
// balance may hold dust that no order can trade.
import { type Decimal, ZERO, abs, format, max } from '../decimal.js';
import type { VenueSnapshot } from '../events.js';
import type { Instrument } from '../market/instrument.js';
import type { DivergenceItem } from '../records.js';
import type { EngineState } from '../state/engine-state.js';
import type { Frozen } from '../state/frozen.js';
import {
  type Holding,
  entryOf,
  holdingOf,
  isSpotSymbol,
  ourHoldings,
  theirHoldings,
} from './holdings.js';
import type { Terms } from './unsettled.js';

/** One position as both see it; of a spot balance the venue tells no entry price. */
export interface HoldingPair {
  readonly ours: Holding;
  readonly theirs: Holding;
  readonly isSpot: boolean;
}

export function pairedHoldings(
  state: Frozen<EngineState>,
  terms: Terms,
  snapshot: VenueSnapshot,
): readonly HoldingPair[] {
  const ours = ourHoldings(state, terms);
  const theirs = theirHoldings(snapshot, terms);
  const pairs: HoldingPair[] = [];
  for (const holding of new Map([...ours, ...theirs]).values()) {
    if (isSpotSymbol(terms, holding.symbol)) continue;
    const pair = { ours: holdingOf(ours, holding), theirs: holdingOf(theirs, holding) };
    pairs.push({ ...pair, isSpot: false });
  }
  return [...pairs, ...pairedBalances(ours, terms, snapshot)];
}

// Several symbols may trade one base currency: what they hold together is compared with the
// balance, under the first of them.
function pairedBalances(
  holdings: ReadonlyMap<string, Holding>,
  terms: Terms,
  { balances }: VenueSnapshot,
): readonly HoldingPair[] {
  const byBase = new Map<string, { readonly symbol: string; ours: Holding }>();
  for (const { symbol, base, market } of terms.instruments.values()) {
    if (market !== 'spot') continue;
    const held = holdingOf(holdings, { symbol, side: null });
    const known = byBase.get(base);
    if (known === undefined) byBase.set(base, { symbol, ours: held });
    else known.ours = plus(known.ours, held);
  }
  return [...byBase].map(([base, { symbol, ours }]) => {
    const quantity = balances.find(({ currency }) => currency === base)?.total ?? ZERO;
    return { ours, theirs: { symbol, side: null, quantity, cost: ZERO }, isSpot: true };
  });
}

function plus(a: Holding, b: Holding): Holding {
  return { ...a, quantity: a.quantity + b.quantity, cost: a.cost + b.cost };
}

export function differencesOf(pair: HoldingPair, terms: Terms): readonly DivergenceItem[] {
  const { ours, theirs, isSpot } = pair;
  const { symbol } = ours;
  const name = { symbol, ref: ours.side ?? 'net' };
  const difference = abs(ours.quantity - theirs.quantity);
  if (!isWithin(difference, isSpot ? terms.instruments.get(symbol) : undefined)) {
    const quantities = { ours: format(ours.quantity), theirs: format(theirs.quantity) };
    return [{ kind: 'position', ...name, ...quantities }];
  }
  if (isSpot || ours.quantity === ZERO || theirs.cost === ZERO) return [];
  const entries = [entryOf(ours), entryOf(theirs)] as const;
  if (isSameEntry(...entries)) return [];
  return [{ kind: 'entry_price', ...name, ours: format(entries[0]), theirs: format(entries[1]) }];
}

function isWithin(difference: Decimal, spot: Instrument | undefined): boolean {
  if (spot === undefined) return difference === ZERO;
  return difference <= spot.lotSize || difference < spot.minQuantity;
}

const ENTRY_TOLERANCE = 10_000n;

/** Equal within 0.01 %. */
function isSameEntry(ours: Decimal, theirs: Decimal): boolean {
  return abs(ours - theirs) * ENTRY_TOLERANCE <= max(abs(ours), abs(theirs));
}
