import { describe, expect, test } from 'vitest';
import { decimal } from '@strategy-runner/core';
import {
  type Curve,
  correlation,
  percentiles,
  scoreOf,
} from '../../../../../core/src/comparison/attribution/score.js';

const DAY_MS = 86_400_000;

function curve(equity: readonly string[], slippage: readonly number[] = []): Curve {
  return {
    times: equity.map((_, i) => i * DAY_MS),
    equity: equity.map(decimal),
    fills: slippage.map((slippageBps) => ({ slippageBps })),
  };
}

describe('the score of two runs', () => {
  test('of equal ones is perfect', () => {
    const same = curve(['1000', '1010', '990', '1005']);
    const score = scoreOf(same, same, DAY_MS);
    expect(score.returnsCorrelation).toBeCloseTo(1, 12);
    expect(score).toMatchObject({ annualDtwDistance: 0, driftBpsPerDay: 0 });
    expect(score).toMatchObject({ liveSlippageBps: null, backtestSlippageBps: null });
  });

  test('tells by how many bps a day the gap grows', () => {
    const live = curve(['1000', '1000.5', '1001', '1001.5']);
    const backtest = curve(['1000', '1000', '1000', '1000']);
    expect(scoreOf(live, backtest, DAY_MS).driftBpsPerDay).toBeCloseTo(5, 9);
    expect(scoreOf(backtest, live, DAY_MS).driftBpsPerDay).toBeCloseTo(-5, 9);
  });

  test('holds only bars against each other that both have', () => {
    const live = curve(['1000', '1010', '1020']);
    const whole = curve(['1000', '1010', '1020']);
    const backtest = { ...whole, times: [0, DAY_MS, 5 * DAY_MS] };
    expect(scoreOf(live, backtest, DAY_MS).returnsCorrelation).toBeNull();
    expect(scoreOf(live, backtest, DAY_MS).driftBpsPerDay).toBe(0);
  });

  test('is not there where nothing can be said', () => {
    const empty = curve([]);
    expect(scoreOf(empty, empty, DAY_MS)).toEqual({
      returnsCorrelation: null,
      annualDtwDistance: null,
      liveSlippageBps: null,
      backtestSlippageBps: null,
      driftBpsPerDay: null,
    });
  });

  test('counts slippage by nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(percentiles(values)).toEqual({ p50: 50, p95: 95, p99: 99, count: 100 });
    expect(percentiles([3])).toEqual({ p50: 3, p95: 3, p99: 3, count: 1 });
  });

  test('knows opposite returns and those that never move', () => {
    expect(correlation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
    expect(correlation([1, 1, 1], [3, 2, 1])).toBeNull();
  });
});
