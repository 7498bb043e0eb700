// A fitted model of what a taker pays beyond the market's price, and its answer for one fill. The
// type is the model's file, word for word. No coefficient is below zero, nor is what it says.

/** Bars whose close-to-close moves make the volatility. */
export const VOLATILITY_BARS = 20;

/** Hours of the day in one bucket. */
export const BUCKET_HOURS = 6;

/** No fill is priced further away than this, however wild the market that the model is shown. */
export const SLIPPAGE_BPS_MAX = 5000;

export interface SlippageCoefficients {
  /** Paid by every taker. */
  readonly half_spread_bps: number;
  /** For a fill of a whole bar's volume; a smaller one pays in proportion. */
  readonly participation_bps: number;
  /** Per bps of volatility. */
  readonly volatility: number;
  readonly buy_bps: number;
  readonly sell_bps: number;
  /** By UTC hour: 0–5, 6–11, 12–17, 18–23. */
  readonly hours_bps: readonly number[];
}

export interface SlippageErrors {
  /** Mean of |realised − predicted| on the hold-out part. */
  readonly model_mae_bps: number;
  readonly constant_mae_bps: number;
  /** Mean of realised − predicted: positive = more was paid than predicted. */
  readonly model_bias_bps: number;
  readonly constant_bias_bps: number;
}

export interface SlippageModel {
  readonly schema: 'runner.slippage-model/1';
  readonly sessions: readonly string[];
  readonly symbols: readonly string[];
  /** Participation and volatility are those of such bars. */
  readonly timeframe: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly n: { readonly train: number; readonly hold_out: number };
  readonly coefficients: SlippageCoefficients;
  /** The constant, fitted in the same way on the same part, that it is held against. */
  readonly constant_bps: number;
  readonly errors: SlippageErrors;
  /** On the hold-out part. */
  readonly is_better_than_constant: boolean;
  /** SHA-256 of all of the above. */
  readonly hash: string;
}

/** What is known of a taker's fill before it has a price. */
export interface TakerMoment {
  readonly side: 'buy' | 'sell';
  /** Quantity over the volume of the last closed bar, at most 1; 0 where no volume is known. */
  readonly participation: number;
  readonly volatilityBps: number;
  /** UTC. */
  readonly hour: number;
}

/** The terms of the model for one moment: constant, participation, volatility, sides, hours. */
export function termsOf({ side, participation, volatilityBps, hour }: TakerMoment): number[] {
  const bucket = Math.floor(hour / BUCKET_HOURS);
  const hours = Array.from({ length: 24 / BUCKET_HOURS }, (_, i) => (i === bucket ? 1 : 0));
  const [buy, sell] = side === 'buy' ? [1, 0] : [0, 1];
  return [1, participation, volatilityBps, buy, sell, ...hours];
}

export function predictedBps(coefficients: SlippageCoefficients, moment: TakerMoment): number {
  const { half_spread_bps, participation_bps, volatility, buy_bps, sell_bps } = coefficients;
  const factors = [half_spread_bps, participation_bps, volatility, buy_bps, sell_bps];
  const all = [...factors, ...coefficients.hours_bps];
  const sum = termsOf(moment).reduce((total, term, i) => total + term * (all[i] ?? 0), 0);
  return Math.min(Math.max(sum, 0), SLIPPAGE_BPS_MAX);
}

/** At most 1; 0 where no volume is known. */
export function participationOf(quantity: number, barVolume: number): number {
  return barVolume > 0 ? Math.min(quantity / barVolume, 1) : 0;
}

const HOUR_MS = 3_600_000;

export function hourOf(ms: number): number {
  return Math.floor(ms / HOUR_MS) % 24;
}
