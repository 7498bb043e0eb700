// Fees in a coin of their own, at a discount, as long as the account has enough of it; else in what
// the trade is settled in.
import { type Amount, amount, cash } from './amount.js';
import type { SpotState } from './spot-state.js';
import { type FeeCoin, type MarketState, instrumentOf } from './venue-state.js';

export interface Fee {
  readonly asset: string;
  readonly amount: Amount;
}

const SPOT_DISCOUNT = '0.75';

export interface SpotCosts {
  readonly symbol: string;
  readonly quoteQuantity: Amount;
  readonly received: Amount;
  readonly got: string;
  readonly isMaker: boolean;
}

/** By default a part of what was received: a buyer gets less of the coin than was traded. */
export function commissionOf(state: SpotState, costs: SpotCosts): Fee {
  const instrument = instrumentOf(state, costs.symbol);
  const rate = costs.isMaker ? instrument.makerRate : instrument.takerRate;
  const fee = inFeeCoin(state, costs.quoteQuantity.times(rate).times(SPOT_DISCOUNT));
  if (fee !== undefined && state.wallet.free(fee.asset).gte(fee.amount)) return fee;
  return { asset: costs.got, amount: cash(costs.received.times(rate)) };
}

export function inFeeCoin({ fees }: MarketState, inQuote: Amount): Fee | undefined {
  const { coin } = fees;
  if (coin === undefined) return undefined;
  return { asset: coin.asset, amount: cash(inQuote.div(coin.price)) };
}

export function feeCoin(asset: string, price: string | Amount): FeeCoin {
  return { asset, price: amount(price) };
}
