// The entries that bring the ledger to what the venue shows. Nobody knows the true fills: what left
// is booked at our own entry, so that it invents no profit, and what came at the venue's entry. The
// profit that was made shows as a difference of cash.
import type { Side } from '@strategy-runner/contracts';
import type { EngineConfig } from '../config.js';
import {
  type Decimal,
  ZERO,
  abs,
  decimal,
  divide,
  format,
  fromNumber,
  multiply,
  roundCash,
} from '../decimal.js';
import type { VenueSnapshot } from '../events.js';
import type { EngineState } from '../state/engine-state.js';
import type { Frozen } from '../state/frozen.js';
import type { HoldingPair } from './compare-positions.js';
import { entryOf, isSpotSymbol } from './holdings.js';

/** Decimals as text. */
export type Booking =
  | {
      readonly kind: 'fill';
      readonly id: string;
      readonly symbol: string;
      readonly side: 'buy' | 'sell';
      /** null = netted. */
      readonly positionSide: Side | null;
      readonly quantity: string;
      readonly price: string;
    }
  | {
      readonly kind: 'cash';
      readonly id: string;
      readonly currency: string;
      readonly amount: string;
    };

export interface BookingSources {
  readonly state: Frozen<EngineState>;
  readonly config: EngineConfig;
  readonly snapshot: VenueSnapshot;
}

/** One step of the signed quantity, at its price. */
interface Step {
  readonly change: Decimal;
  readonly price: Decimal;
}

/** Undefined where no price is known to book at. */
export function bookingsFor(
  pair: HoldingPair,
  { state, config, snapshot }: BookingSources,
): readonly Booking[] | undefined {
  const { symbol, side } = pair.ours;
  const steps = pair.isSpot ? spotSteps(pair, state, symbol) : stepsOf(pair);
  if (steps.some(({ price }) => price <= ZERO)) return undefined;
  // The cursor and the venue's quantity tell one difference from the next; the same difference
  // planned twice is booked once.
  const since = state.cursors.get(`trades:${symbol}`) ?? String(snapshot.takenMs);
  const base = `adjust:${symbol}:${side ?? 'net'}:${since}:${format(pair.theirs.quantity)}`;
  return steps.map(({ change, price }, place) => ({
    kind: 'fill',
    id: place === 0 ? base : `${base}:${place + 1}`,
    symbol,
    side: change > ZERO ? 'buy' : 'sell',
    positionSide: config.positionMode === 'hedge' ? side : null,
    quantity: format(abs(change)),
    price: format(price),
  }));
}

function stepsOf({ ours, theirs }: HoldingPair): readonly Step[] {
  const from = ours.quantity;
  const to = theirs.quantity;
  if (from !== ZERO && to !== ZERO && from > ZERO !== to > ZERO) {
    return [
      { change: -from, price: entryOf(ours) },
      { change: to, price: entryOf(theirs) },
    ];
  }
  const change = to - from;
  if (abs(to) < abs(from)) return [{ change, price: entryOf(ours) }];
  const implied = divide(theirs.cost - ours.cost, change);
  return [{ change, price: implied > ZERO ? implied : entryOf(theirs) }];
}

function spotSteps(
  { ours, theirs }: HoldingPair,
  state: Frozen<EngineState>,
  symbol: string,
): readonly Step[] {
  const market = state.market.get(symbol);
  const price = market === undefined ? entryOf(ours) : fromNumber(market.last);
  return [{ change: theirs.quantity - ours.quantity, price }];
}

/** What booking does to the account's cash: nothing for derivatives, the price paid on spot. */
export function cashEffectOf(
  bookings: readonly Booking[] | undefined,
  config: EngineConfig,
): Decimal {
  let effect = ZERO;
  for (const booking of bookings ?? []) {
    if (booking.kind !== 'fill' || !isSpotSymbol(config, booking.symbol)) continue;
    const paid = roundCash(multiply(decimal(booking.quantity), decimal(booking.price)));
    effect += booking.side === 'buy' ? -paid : paid;
  }
  return effect;
}
