// Fees and slippage of the simulated venue. Costs are never zero silently: the model is part of
// every session and report.
import { type Decimal, bps, ceilTo, floorTo, multiply, roundCash } from '../decimal.js';
import type { SlippageModel } from './slippage-model.js';

export interface CostModel {
  /** Fee rates in bps of notional. */
  readonly takerFeeBps: Decimal;
  readonly makerFeeBps: Decimal;
  /** Adverse move of a taker's price in bps; rounded adversely to the tick. */
  readonly slippageBps: Decimal;
  /** Gives the slippage of each fill in place of the constant. */
  readonly slippageModel?: SlippageModel;
}

/** Fee of one fill, half-even at 1e-8. */
export function feeOf(
  model: CostModel,
  price: Decimal,
  quantity: Decimal,
  liquidity: 'maker' | 'taker',
): Decimal {
  const rate = liquidity === 'maker' ? model.makerFeeBps : model.takerFeeBps;
  return roundCash(bps(multiply(price, quantity), rate));
}

/**
 * The price a taker pays: moved against it and rounded adversely; untouched when the model has
 * none.
 */
export function slipped(
  model: CostModel,
  price: Decimal,
  side: 'buy' | 'sell',
  tickSize: Decimal,
): Decimal {
  if (model.slippageBps === 0n) return price;
  const distance = bps(price, model.slippageBps);
  return side === 'buy' ? ceilTo(price + distance, tickSize) : floorTo(price - distance, tickSize);
}
