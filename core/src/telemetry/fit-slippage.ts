// A slippage model out of what takers really paid. The earlier part of the fills trains it, the
// later part says how good it is, beside a constant that was fitted in the same way.
import {
  type SlippageCoefficients,
  type SlippageModel,
  type TakerMoment,
  predictedBps,
  termsOf,
} from '../simulation/slippage-model.js';
import { type LegSlippage, takerBpsOf } from './leg-slippage.js';
import { meanOf } from './quantiles.js';
import { robustFit } from './robust-fit.js';

/** Fewer taker orders than this fit nothing. */
export const FIT_ORDERS_MIN = 50;
/** The earlier part, which trains. */
const TRAIN_SHARE = 0.7;

/** What the fit cannot know: where its rows come from. */
export interface FitSource {
  readonly sessions: readonly string[];
  readonly timeframe: string;
}

export type SlippageFit =
  | { readonly ok: true; readonly model: Omit<SlippageModel, 'hash'> }
  | { readonly ok: false; readonly orders: number; readonly least: number };

interface Observed {
  readonly moment: TakerMoment;
  readonly bps: number;
}

export function fitSlippage(rows: readonly LegSlippage[], source: FitSource): SlippageFit {
  const taken = takersOf(rows);
  const first = taken[0];
  const last = taken.at(-1);
  if (taken.length < FIT_ORDERS_MIN || first === undefined || last === undefined) {
    return { ok: false, orders: taken.length, least: FIT_ORDERS_MIN };
  }
  const observed = taken.map(observe);
  const split = Math.floor(observed.length * TRAIN_SHARE);
  const train = observed.slice(0, split);
  const holdOut = observed.slice(split);
  const coefficients = coefficientsOf(train);
  const constant = constantOf(train);
  const errors = errorsOf(holdOut, coefficients, constant);
  const model = {
    schema: 'runner.slippage-model/1' as const,
    sessions: source.sessions,
    symbols: [...new Set(taken.map(({ symbol }) => symbol))].sort(),
    timeframe: source.timeframe,
    from_ms: first.times.filled,
    to_ms: last.times.filled,
    n: { train: train.length, hold_out: holdOut.length },
    coefficients,
    constant_bps: constant,
    errors,
    is_better_than_constant: errors.model_mae_bps < errors.constant_mae_bps,
  };
  return { ok: true, model };
}

/** Orders that were filled as a taker throughout, in time; ids decide between equal times. */
export function takersOf(rows: readonly LegSlippage[]): readonly LegSlippage[] {
  return rows
    .filter((row) => takerBpsOf(row) !== null)
    .sort((a, b) => a.times.filled - b.times.filled || compareIds(a, b));
}

export function momentOf(row: LegSlippage): TakerMoment {
  const { side, participation, volatilityBps, hour } = row;
  return { side, participation, volatilityBps, hour };
}

function compareIds(a: LegSlippage, b: LegSlippage): number {
  const [x, y] = [idOf(a), idOf(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function idOf({ intentId, leg, attempt }: LegSlippage): string {
  return `${intentId}/${leg}/${attempt}`;
}

function observe(row: LegSlippage): Observed {
  return { moment: momentOf(row), bps: takerBpsOf(row)! };
}

function coefficientsOf(train: readonly Observed[]): SlippageCoefficients {
  const samples = train.map(({ moment, bps }) => ({ terms: termsOf(moment), value: bps }));
  const [constant = 0, participation = 0, volatility = 0, buy = 0, sell = 0, ...hours] =
    robustFit(samples);
  // What both sides, or all hours, have in common is paid always: so a model is written one way.
  const ofSides = Math.min(buy, sell);
  const ofHours = Math.min(...hours);
  return {
    half_spread_bps: rounded(constant + ofSides + ofHours),
    participation_bps: rounded(participation),
    volatility: rounded(volatility),
    buy_bps: rounded(buy - ofSides),
    sell_bps: rounded(sell - ofSides),
    hours_bps: hours.map((value) => rounded(value - ofHours)),
  };
}

function constantOf(train: readonly Observed[]): number {
  const [constant = 0] = robustFit(train.map(({ bps }) => ({ terms: [1], value: bps })));
  return rounded(constant);
}

function errorsOf(
  holdOut: readonly Observed[],
  coefficients: SlippageCoefficients,
  constant: number,
): SlippageModel['errors'] {
  const byModel = holdOut.map(({ moment, bps }) => bps - predictedBps(coefficients, moment));
  const byConstant = holdOut.map(({ bps }) => bps - constant);
  return {
    model_mae_bps: rounded(meanOf(byModel.map(Math.abs))),
    constant_mae_bps: rounded(meanOf(byConstant.map(Math.abs))),
    model_bias_bps: rounded(meanOf(byModel)),
    constant_bias_bps: rounded(meanOf(byConstant)),
  };
}

// Six decimals are more than any sample supports, and are written the same everywhere.
function rounded(value: number): number {
  return Number(value.toFixed(6)) + 0;
}
