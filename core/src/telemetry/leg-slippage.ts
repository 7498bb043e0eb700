// What one order of a leg cost against the prices that came before its fills. Signed: positive is
// worse for us. The steps are in bps of the decision price, so that they add up to the whole.
import { type Decimal, ZERO, toNumber } from '../decimal.js';
import type { OrderType } from '../order/order.js';

export type LegLiquidity = 'maker' | 'taker' | 'mixed';

export interface LegPrices {
  /** What the decision was made at. */
  readonly decision: Decimal;
  /** The last price known when the order was made; its level for an order that waits for one. */
  readonly arrival: Decimal;
  /** The last price known when it was sent, where that was measured; else the arrival. */
  readonly submit: Decimal;
  /** What a taker would have paid without slippage: known in simulation, else level or submit. */
  readonly base: Decimal;
  /** Average of its fills. */
  readonly fill: Decimal;
}

/** Epoch ms; null where no venue measured it. */
export interface LegTimes {
  readonly decided: number;
  readonly sent: number | null;
  readonly acked: number | null;
  /** The venue's own stamp on its acceptance. */
  readonly venue: number | null;
  /** Of its last fill. */
  readonly filled: number;
}

/** One order that has filled. */
export interface LegSlippage {
  readonly intentId: string;
  readonly leg: string;
  readonly attempt: number;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly type: OrderType;
  readonly liquidity: LegLiquidity;
  /** It rests until the market comes to its level: a stop, or a target of a protection. */
  readonly waits: boolean;
  readonly quantity: Decimal;
  readonly prices: LegPrices;
  readonly times: LegTimes;
  /** UTC hour of its first fill. */
  readonly hour: number;
  /** Of the bars that had closed before its first fill. */
  readonly participation: number;
  readonly volatilityBps: number;
}

export interface SlippageSteps {
  readonly decisionToArrival: number;
  readonly arrivalToSubmit: number;
  readonly submitToFill: number;
  readonly total: number;
}

/** Null where the decision had no price. */
export function stepsOf({ prices, side }: LegSlippage): SlippageSteps | null {
  const { decision, arrival, submit, fill } = prices;
  if (decision <= ZERO) return null;
  const step = (from: Decimal, to: Decimal) => worseBps(side, { from, to, of: decision });
  return {
    decisionToArrival: step(decision, arrival),
    arrivalToSubmit: step(arrival, submit),
    submitToFill: step(submit, fill),
    total: step(decision, fill),
  };
}

export interface Latencies {
  readonly decidedToSentMs: number | null;
  readonly sentToAckedMs: number | null;
  /** Null for an order that waits. Negative = filled before the answer was read. */
  readonly ackedToFilledMs: number | null;
}

export function latenciesOf({ times, waits }: LegSlippage): Latencies {
  const { decided, sent, acked, filled } = times;
  return {
    decidedToSentMs: sent === null ? null : sent - decided,
    sentToAckedMs: sent === null || acked === null ? null : acked - sent,
    ackedToFilledMs: waits || acked === null ? null : filled - acked,
  };
}

/** What a taker paid beyond the market's price; null for a maker. */
export function takerBpsOf({ prices, side, liquidity }: LegSlippage): number | null {
  if (liquidity !== 'taker' || prices.base <= ZERO) return null;
  return worseBps(side, { from: prices.base, to: prices.fill, of: prices.base });
}

interface Move {
  readonly from: Decimal;
  readonly to: Decimal;
  readonly of: Decimal;
}

function worseBps(side: 'buy' | 'sell', { from, to, of }: Move): number {
  const worse = side === 'buy' ? to - from : from - to;
  return (toNumber(worse) / toNumber(of)) * 10_000;
}
