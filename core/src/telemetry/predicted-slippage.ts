// What a slippage model says of fills that have happened, beside what they cost.
import { type SlippageModel, predictedBps } from '../simulation/slippage-model.js';
import { momentOf, takersOf } from './fit-slippage.js';
import { type LegSlippage, takerBpsOf } from './leg-slippage.js';
import { type Quantiles, meanOf, quantilesOf } from './quantiles.js';

export interface PredictedLeg {
  readonly row: LegSlippage;
  readonly predictedBps: number;
  readonly realisedBps: number;
}

export interface PredictedAgainstRealised {
  /** Orders that were filled as a taker, in time; the model says nothing of others. */
  readonly legs: readonly PredictedLeg[];
  readonly predicted: Quantiles;
  readonly realised: Quantiles;
  /** Null where there is nothing to take a mean of. */
  readonly meanPredictedBps: number | null;
  readonly meanRealisedBps: number | null;
  /** Mean of realised − predicted: positive = more was paid than predicted. */
  readonly biasBps: number | null;
  readonly maeBps: number | null;
  /** The same error of the constant that the model was held against. */
  readonly constantMaeBps: number | null;
}

export function predictedAgainstRealised(
  rows: readonly LegSlippage[],
  model: Pick<SlippageModel, 'coefficients' | 'constant_bps'>,
): PredictedAgainstRealised {
  const legs = takersOf(rows).map((row) => ({
    row,
    predictedBps: predictedBps(model.coefficients, momentOf(row)),
    realisedBps: takerBpsOf(row)!,
  }));
  const predicted = legs.map((leg) => leg.predictedBps);
  const realised = legs.map((leg) => leg.realisedBps);
  const off = legs.map((leg) => leg.realisedBps - leg.predictedBps);
  return {
    legs,
    predicted: quantilesOf(predicted),
    realised: quantilesOf(realised),
    meanPredictedBps: mean(predicted),
    meanRealisedBps: mean(realised),
    biasBps: mean(off),
    maeBps: mean(off.map(Math.abs)),
    constantMaeBps: mean(realised.map((bps) => Math.abs(bps - model.constant_bps))),
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : meanOf(values);
}
