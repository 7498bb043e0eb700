import { describe, expect, test } from 'vitest';
import { SLIPPAGE_BPS_MAX } from '../../../../core/src/simulation/slippage-model.js';
import { predictedBps } from '@strategy-runner/core';
import { aSlippageModel } from '../../../support/slippage-model.js';
import { Desk, type OrderOptions } from './a-venue.js';

const desk = (coefficients: Parameters<typeof aSlippageModel>[0], tick = '0.01') =>
  new Desk({ slippageBps: '500', slippageModel: aSlippageModel(coefficients), tick });
const sale = { positionSide: 'short' } as const;

describe('a taker under a slippage model', () => {
  test('pays what the model says in place of the constant [X10]', () => {
    expect(desk({ half_spread_bps: 10 }).place({}).bar(100)).toEqual(['a 1 @ 100.1 taker']);
  });

  test.each<[string, OrderOptions, string]>([
    ['a buy pays more, rounded up', {}, 'a 1 @ 100.2 taker'],
    ['a sale gets less, rounded down', sale, 'a 1 @ 99.8 taker'],
  ])('is rounded to the tick on its bad side: %s', (_title, order, expected) => {
    expect(desk({ half_spread_bps: 11 }, '0.1').place(order).bar(100)).toEqual([expected]);
  });

  test('pays by its side', () => {
    const dearSales = () => desk({ sell_bps: 20 });
    expect(dearSales().place({}).bar(100)).toEqual(['a 1 @ 100 taker']);
    expect(dearSales().place(sale).bar(100)).toEqual(['a 1 @ 99.8 taker']);
  });

  test('pays by what it takes of the last closed bar, not of the one that it meets', () => {
    const taking = desk({ participation_bps: 100 });
    taking.bar(100, 100, 100, 100, { volume: 50 });
    taking.place({ quantity: '10' });
    // A fifth of the volume, 20 bps.
    expect(taking.bar(100, 100, 100, 100, { volume: 10 })).toEqual(['a 10 @ 100.2 taker']);
  });

  test('pays by the moves of the bars that have closed', () => {
    const moving = desk({ volatility: 0.1 });
    moving.bar(100);
    moving.bar(101);
    moving.place({});
    // One move of 100 bps, though the bar that it meets has made another one.
    expect(moving.bar(200)).toEqual(['a 1 @ 200.2 taker']);
  });

  test('pays by the hour of the day', () => {
    // The bars of this desk open at midnight UTC.
    expect(
      desk({ hours_bps: [30, 0, 0, 0] })
        .place({})
        .bar(100),
    ).toEqual(['a 1 @ 100.3 taker']);
    expect(
      desk({ hours_bps: [0, 30, 0, 0] })
        .place({})
        .bar(100),
    ).toEqual(['a 1 @ 100 taker']);
  });

  test('stops at its limit', () => {
    const limited = desk({ half_spread_bps: 50 }).place({ type: 'limit', price: '100.1' });
    expect(limited.bar(100)).toEqual(['a 1 @ 100.1 taker']);
  });

  test('is none as a maker', () => {
    const resting = desk({ half_spread_bps: 50 }).place({ type: 'limit', price: '98' });
    expect(resting.bar(100, 100, 97)).toEqual(['a 1 @ 98 maker']);
  });
});

describe('what a model predicts', () => {
  const moment = { side: 'buy', participation: 0, volatilityBps: 100, hour: 23 } as const;

  test('is never below zero and never beyond its bound', () => {
    expect(predictedBps(aSlippageModel({ volatility: -1 }).coefficients, moment)).toBe(0);
    expect(predictedBps(aSlippageModel({ volatility: 1e6 }).coefficients, moment)).toBe(
      SLIPPAGE_BPS_MAX,
    );
  });

  test('adds its parts up', () => {
    const { coefficients } = aSlippageModel({
      half_spread_bps: 1,
      participation_bps: 200,
      volatility: 0.02,
      buy_bps: 4,
      sell_bps: 1000,
      hours_bps: [1000, 1000, 1000, 8],
    });
    expect(predictedBps(coefficients, { ...moment, participation: 0.1 })).toBeCloseTo(35, 9);
  });
});
