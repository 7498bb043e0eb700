// From a price specification to a price on the tick, always rounded to our disadvantage in chance
// of a fill and never in price: entry buys down and sells up, stop triggers towards the market.
import type { PriceSpec } from '@strategy-runner/contracts';
import { type Decimal, bps, ceilTo, decimal, floorTo } from '../decimal.js';
import type { Instrument } from '../market/instrument.js';

/**
 * The unrounded limit price. A positive offset is more passive: lower for a buy, higher for a sell.
 * Without quotes, touches and mid all mean the last price.
 */
export function resolvePrice(
  spec: PriceSpec,
  side: 'buy' | 'sell',
  anchors: { readonly reference: Decimal; readonly last: Decimal },
  tickSize: Decimal,
): Decimal {
  if ('abs' in spec) return decimal(spec.abs);
  const anchor = spec.from === 'reference' ? anchors.reference : anchors.last;
  const distance =
    'offset_bps' in spec ? bps(anchor, spec.offset_bps) : BigInt(spec.offset_ticks) * tickSize;
  return side === 'buy' ? anchor - distance : anchor + distance;
}

export function limitOnTick(price: Decimal, side: 'buy' | 'sell', instrument: Instrument): Decimal {
  return side === 'buy' ? floorTo(price, instrument.tickSize) : ceilTo(price, instrument.tickSize);
}

/** A sell stop lies below the market and rounds up; a buy stop lies above and rounds down. */
export function stopOnTick(price: Decimal, side: 'buy' | 'sell', instrument: Instrument): Decimal {
  return side === 'sell' ? ceilTo(price, instrument.tickSize) : floorTo(price, instrument.tickSize);
}

/**
 * The worst price that a slippage permission of `limitBps` against `reference` allows, on the tick.
 */
export function slippageBound(
  reference: Decimal,
  side: 'buy' | 'sell',
  limitBps: number,
  instrument: Instrument,
): Decimal {
  const distance = bps(reference, limitBps);
  return side === 'buy'
    ? floorTo(reference + distance, instrument.tickSize)
    : ceilTo(reference - distance, instrument.tickSize);
}
