// A slippage model by hand: nothing costs anything but what a test says.
import type { SlippageCoefficients, SlippageModel } from '@strategy-runner/core';

export function aSlippageModel(
  coefficients: Partial<SlippageCoefficients> = {},
  more: Partial<Omit<SlippageModel, 'coefficients'>> = {},
): SlippageModel {
  return {
    schema: 'runner.slippage-model/1',
    sessions: ['by-hand'],
    symbols: ['BTC/USDT:USDT'],
    timeframe: '1m',
    from_ms: 0,
    to_ms: 1,
    n: { train: 35, hold_out: 15 },
    coefficients: {
      half_spread_bps: 0,
      participation_bps: 0,
      volatility: 0,
      buy_bps: 0,
      sell_bps: 0,
      hours_bps: [0, 0, 0, 0],
      ...coefficients,
    },
    constant_bps: 1,
    errors: {
      model_mae_bps: 1,
      constant_mae_bps: 2,
      model_bias_bps: 0,
      constant_bias_bps: 0,
    },
    is_better_than_constant: true,
    hash: 'by hand',
    ...more,
  };
}
