// What live observed and the model would not have done, per leg. A backtest with shocks applied is
// how the difference between live and simulation is taken apart (DESIGN §6).
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

/** Answers for the orders of a run which shock is theirs. */
export class LegShocks {
  readonly #table: ShockTable;
  readonly #partlyFilled = new Map<string, string>();

  constructor(table: ShockTable) {
    this.#table = table;
  }

  /**
   * A leg fills in part once: an order placed for what that left is no longer what live observed.
   */
  of(order: ShockedOrder): LegShock | undefined {
    if (this.#table.size === 0) return undefined;
    const leg = legOf(order);
    const shock = this.#table.get(leg);
    if (shock?.filledShareBps === undefined) return shock;
    const first = this.#partlyFilled.get(leg);
    if (first === undefined || first === order.key) return shock;
    const { filledShareBps: _used, ...others } = shock;
    return others;
  }

  /** The order has met its counterpart, or what the shock leaves of it. */
  noteMet(order: ShockedOrder): void {
    if (this.#table.size === 0) return;
    const leg = legOf(order);
    if (!this.#partlyFilled.has(leg)) this.#partlyFilled.set(leg, order.key);
  }
}

interface ShockedOrder {
  readonly intentId: string;
  readonly leg: string;
  readonly key: string;
}

function legOf({ intentId, leg }: ShockedOrder): string {
  return `${intentId}/${leg}`;
}
