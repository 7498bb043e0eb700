// A counterfactual fill, put together: the model's price and fee in that world, and of what live
// observed the shocks of the chosen channels. Pure.
import {
  type Decimal,
  ZERO,
  divide,
  floorTo,
  multiply,
  roundCash,
  roundHalfEvenTo,
} from '../../decimal.js';
import type { FillReported } from '../../events.js';
import type { Instrument } from '../../market/instrument.js';
import { type CostModel, feeOf } from '../../simulation/costs.js';
import type { ChannelSet } from './channels.js';
import type { FillTerms } from './late-terms.js';
import type { Piece } from './shock-book.js';

/** Quantities of the pieces that answer to one fill of the model. */
export function quantitiesOf(
  pieces: readonly Piece[],
  modelled: Decimal,
  order: { readonly quantity: Decimal; readonly filled: Decimal; readonly lotSize: Decimal },
  live: { readonly quantity: Decimal; readonly isPartial: boolean },
): readonly Decimal[] {
  if (live.isPartial) {
    if (order.quantity === live.quantity) return pieces.map(({ event }) => event.quantity);
    let left = order.quantity - order.filled;
    return pieces.map((piece) => {
      const share = shareOf(order.quantity, piece.event.quantity, live.quantity, order.lotSize);
      const quantity = piece.isLast || share > left ? left : share;
      left -= quantity;
      return quantity;
    });
  }
  const whole = pieces.reduce((sum, { event }) => sum + event.quantity, ZERO);
  let left = modelled;
  return pieces.map(({ event }, place) => {
    const isLast = place === pieces.length - 1;
    const share = isLast ? left : shareOf(modelled, event.quantity, whole, order.lotSize);
    left -= share;
    return share;
  });
}

function shareOf(of: Decimal, part: Decimal, whole: Decimal, lotSize: Decimal): Decimal {
  return of === whole ? part : floorTo(divide(multiply(of, part), whole), lotSize);
}

export type FilledAs = Pick<
  FillReported,
  'price' | 'quantity' | 'fee' | 'feeCurrency' | 'liquidity' | 'basePrice'
>;

/** One fill that stands for all the pieces, each weighed by its quantity. */
export function filledAs(
  pieces: readonly Piece[],
  quantity: Decimal,
  terms: FillTerms,
  by: { readonly channels: ChannelSet; readonly costs: CostModel; readonly instrument: Instrument },
): FilledAs {
  const first = pieces[0]!;
  const isPrice = by.channels.has('price');
  const isFee = by.channels.has('fee');
  const { tickSize } = by.instrument;
  const mean = (of: (piece: Piece) => Decimal): Decimal => weighed(pieces, of, tickSize);
  const price = terms.price + (isPrice ? mean((one) => one.deltaPrice) : ZERO);
  const isBaseUnknown = isPrice && first.deltaBase === null;
  const deltaBase = isPrice ? mean((one) => one.deltaBase ?? ZERO) : ZERO;
  const modelFee = feeOf(by.costs, price, quantity, terms.liquidity);
  const base = { price, quantity, basePrice: isBaseUnknown ? null : terms.base + deltaBase };
  if (!isFee) {
    return {
      ...base,
      fee: modelFee,
      feeCurrency: by.instrument.settle,
      liquidity: terms.liquidity,
    };
  }
  const { feeCurrency, liquidity } = first.event;
  const notional = multiply(price, quantity);
  const isOther = first.deltaFee === null;
  const observed = sum(pieces, ({ deltaFee, event }) => (isOther ? event.fee : (deltaFee ?? ZERO)));
  const seen = sum(pieces, ({ event }) => multiply(event.price, event.quantity));
  const share = inProportion(observed, notional, seen);
  return { ...base, fee: isOther ? share : modelFee + share, feeCurrency, liquidity };
}

/**
 * `amount` as it was on `seen`, on `now` instead; half-even at 1e-8, exact where both are equal.
 */
export function inProportion(amount: Decimal, now: Decimal, seen: Decimal): Decimal {
  if (now === seen || seen === ZERO) return amount;
  return roundCash(divide(multiply(amount, now), seen));
}

function sum(pieces: readonly Piece[], of: (piece: Piece) => Decimal): Decimal {
  return pieces.reduce((total, piece) => total + of(piece), ZERO);
}

// Rounded to the tick: what several pieces come to is still a price.
function weighed(
  pieces: readonly Piece[],
  of: (piece: Piece) => Decimal,
  tickSize: Decimal,
): Decimal {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return of(only);
  const whole = sum(pieces, ({ event }) => event.quantity);
  const total = sum(pieces, (piece) => multiply(of(piece), piece.event.quantity));
  return roundHalfEvenTo(divide(total, whole), tickSize);
}
