// The slippage model of a run, if its config names one: what the run pins of it, and what must be
// said about it before its costs are believed.
import type { SlippageModel } from '@strategy-runner/core';
import { pick } from './pick.js';
import type { RunConfig } from './run-config.js';
import { loadModelFor } from './slippage-model-file.js';

export interface SlippagePremises {
  readonly fitted: { readonly slippageModel?: SlippageModel };
  /** Which model prices the fills is a premise; where its file lies is not. */
  readonly pinned: { readonly slippage_model?: string };
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/** Errors: FILE_NOT_FOUND (66), SLIPPAGE_MODEL_INVALID (65). */
export function slippagePremises(
  { slippage_model: path }: Pick<RunConfig, 'slippage_model'>,
  run: { readonly symbol: string; readonly timeframe: string },
): SlippagePremises {
  const model = path === undefined ? undefined : loadModelFor(path, run.timeframe);
  return {
    fitted: pick('slippageModel', model),
    pinned: pick('slippage_model', model?.hash),
    warnings: model === undefined ? [] : doubtsOf(model, run.symbol),
  };
}

function doubtsOf(model: SlippageModel, symbol: string): SlippagePremises['warnings'] {
  const code = 'SLIPPAGE_MODEL_DOUBTFUL';
  const { symbols, is_better_than_constant: isBetter, constant_bps: constant } = model;
  const weak = `on its hold-out part it was no better than a constant of ${constant} bps`;
  const foreign = `the slippage model was fitted on ${symbols.join(', ')}, not on ${symbol}`;
  return [
    ...(isBetter ? [] : [{ code, message: `the slippage model is weak: ${weak}` }]),
    ...(symbols.includes(symbol) ? [] : [{ code, message: foreign }]),
  ];
}
