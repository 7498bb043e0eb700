// What live observed and the model would not have done, per leg. A backtest with shocks applied is how
// the difference between live and simulation is taken apart (DESIGN §6).
import type { Decimal } from '../decimal.js';

export interface LegShock {
  /** The venue refused the order. */
  readonly rejected?: { readonly code: string; readonly reason: 'post_only' | 'price' | 'other' };
  /** Submitted, and nothing was ever filled. */
  readonly missed?: boolean;
  /** Part of the quantity that filled, in bps of the order; the rest expired. */
  readonly filledShareBps?: number;
  /** Bars between the modelled and the observed fill. */
  readonly delayBars?: number;
  /** Added to the model's price. */
  readonly priceDelta?: Decimal;
  /** Added to the model's fee, in bps of notional. */
  readonly feeDeltaBps?: Decimal;
}

/** Keyed by `<intent id>/<leg>`. */
export type ShockTable = ReadonlyMap<string, LegShock>;

export const NO_SHOCKS: ShockTable = new Map();

export function shockOf(
  table: ShockTable,
  order: { readonly intentId: string; readonly leg: string },
): LegShock | undefined {
  return table.size === 0 ? undefined : table.get(`${order.intentId}/${order.leg}`);
}
