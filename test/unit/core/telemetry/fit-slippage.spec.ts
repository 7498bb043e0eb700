import { describe, expect, test } from 'vitest';
import {
  FIT_ORDERS_MIN,
  type LegSlippage,
  fitSlippage,
  predictedAgainstRealised,
} from '@strategy-runner/core';
import { aLeg, variedLegs } from './a-leg.js';

const SOURCE = { sessions: ['s'], timeframe: '1m' };

function fitted(legs: readonly LegSlippage[]) {
  const fit = fitSlippage(legs, SOURCE);
  if (!fit.ok) throw new Error(`only ${fit.orders}`);
  return fit.model;
}

const costs = (sell: number) => (leg: Parameters<Parameters<typeof variedLegs>[1]>[0]) =>
  2 +
  3000 * leg.participation +
  0.05 * leg.volatilityBps +
  (leg.side === 'sell' ? sell : 0) +
  (leg.hour >= 12 && leg.hour < 18 ? 1 : 0);

describe('a fit of slippage', () => {
  test('finds the costs that the fills came from [X10]', () => {
    const { coefficients, errors, n, is_better_than_constant } = fitted(
      variedLegs(100, costs(1.5)),
    );
    expect(coefficients.half_spread_bps).toBeCloseTo(2, 3);
    expect(coefficients.participation_bps).toBeCloseTo(3000, 1);
    expect(coefficients.volatility).toBeCloseTo(0.05, 4);
    expect([coefficients.buy_bps, coefficients.sell_bps]).toEqual([0, expect.closeTo(1.5, 3)]);
    expect(coefficients.hours_bps.map((bps) => Math.round(bps * 1000) / 1000)).toEqual([
      0, 0, 1, 0,
    ]);
    expect(n).toEqual({ train: 70, hold_out: 30 });
    expect(errors.model_mae_bps).toBeLessThan(0.001);
    expect(is_better_than_constant).toBe(true);
  });

  test('puts what both sides pay into the half spread, and the rest on the dearer one', () => {
    const { coefficients } = fitted(variedLegs(100, costs(-1.5)));
    expect(coefficients.half_spread_bps).toBeCloseTo(0.5, 3);
    expect([coefficients.buy_bps, coefficients.sell_bps]).toEqual([expect.closeTo(1.5, 3), 0]);
  });

  test('asks for fifty orders filled as a taker, and counts no others', () => {
    const taken = variedLegs(FIT_ORDERS_MIN - 1, () => 5);
    const makers = Array.from({ length: 20 }, () => aLeg({ liquidity: 'maker', bps: 5 }));
    const few = [...taken, ...makers];
    expect(fitSlippage(few, SOURCE)).toEqual({ ok: false, orders: 49, least: 50 });
    expect(fitSlippage([...few, aLeg({ atMs: 1, bps: 5 })], SOURCE).ok).toBe(true);
  });

  test('is the same in whatever order the fills are given', () => {
    const legs = variedLegs(80, costs(1));
    expect(fitted([...legs].reverse())).toEqual(fitted(legs));
  });

  test('trains on the earlier fills only, and errs on the later ones', () => {
    const early = variedLegs(70, () => 5);
    const later = (bps: number) =>
      Array.from({ length: 30 }, (_, i) => aLeg({ atMs: 1e9 + i, bps }));
    const [same, other] = [fitted([...early, ...later(5)]), fitted([...early, ...later(9)])];
    expect(other.coefficients).toEqual(same.coefficients);
    expect(other.constant_bps).toBe(same.constant_bps);
    expect(other.errors).toEqual({
      model_mae_bps: 4,
      constant_mae_bps: 4,
      model_bias_bps: 4,
      constant_bias_bps: 4,
    });
  });

  test('says that it is no better where a constant says it all', () => {
    const { is_better_than_constant, constant_bps } = fitted(variedLegs(60, () => 5));
    expect({ is_better_than_constant, constant_bps }).toEqual({
      is_better_than_constant: false,
      constant_bps: 5,
    });
  });

  test('never pays for trading: gains make a cost of zero', () => {
    const { coefficients, constant_bps } = fitted(variedLegs(60, () => -3));
    expect(constant_bps).toBe(0);
    expect(Object.values(coefficients).flat()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test('is not bent by a fill that went wild', () => {
    const legs = variedLegs(100, costs(1.5));
    const wild = legs.map((leg, i) => (i === 20 ? aLeg({ atMs: 20_000, bps: 3000 }) : leg));
    expect(fitted(wild).coefficients.half_spread_bps).toBeCloseTo(2, 1);
  });

  test('names what it was fitted on', () => {
    const legs = [...variedLegs(60, () => 5), aLeg({ atMs: 99_000, symbol: 'A/USDT', bps: 5 })];
    expect(fitted(legs)).toMatchObject({
      sessions: ['s'],
      timeframe: '1m',
      symbols: ['A/USDT', 'BTC/USDT:USDT'],
      from_ms: 0,
      to_ms: 99_000,
    });
  });
});

describe('predicted against realised', () => {
  const model = (half_spread_bps: number) => ({
    coefficients: { ...fitted(variedLegs(60, () => 0)).coefficients, half_spread_bps },
    constant_bps: 10,
  });

  test('sets each taker beside what the model says of it, in time [X10]', () => {
    const legs = [
      aLeg({ atMs: 2, bps: 8 }),
      aLeg({ atMs: 1, bps: 5 }),
      aLeg({ atMs: 3, bps: 9, liquidity: 'maker' }),
    ];
    const found = predictedAgainstRealised(legs, model(4));
    expect(found.legs.map(({ row }) => row.times.filled)).toEqual([1, 2]);
    expect(found.meanPredictedBps).toBe(4);
    expect(found.meanRealisedBps).toBeCloseTo(6.5, 6);
    expect(found.biasBps).toBeCloseTo(2.5, 6);
    expect(found.maeBps).toBeCloseTo(2.5, 6);
    expect(found.constantMaeBps).toBeCloseTo(3.5, 6);
  });

  test('has no means where there was no taker', () => {
    const found = predictedAgainstRealised([aLeg({ liquidity: 'maker' })], model(4));
    expect(found).toMatchObject({ legs: [], meanPredictedBps: null, biasBps: null, maeBps: null });
  });
});
