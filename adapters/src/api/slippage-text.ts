// What a person reads of slippage telemetry, of a fit, and of a model held against what was paid.
import {
  QUANTILE_SAMPLES,
  type Quantiles,
  SLIPPAGE_FIGURES,
  type SlippageFigure,
  type SlippageGroup,
  type SlippageModel,
} from '@strategy-runner/core';
import type { ModelAgainst, SlippageView } from './slippage-document.js';

const WORDS: Readonly<Record<SlippageFigure, string>> = {
  decision_to_arrival_bps: 'decision to arrival, bps',
  arrival_to_submit_bps: 'arrival to submit, bps',
  submit_to_fill_bps: 'submit to fill, bps',
  total_bps: 'decision to fill, bps',
  taker_bps: 'taker against market, bps',
  decided_to_sent_ms: 'decided to sent, ms',
  sent_to_acked_ms: 'sent to acknowledged, ms',
  acked_to_filled_ms: 'acknowledged to filled, ms',
};

const WIDTH = 28;

export function slippageText(view: SlippageView): string {
  const { rows, groups, against } = view;
  const { p50, p95, p99 } = QUANTILE_SAMPLES;
  return [
    `Slippage of ${rows.sessions.join(', ')} (${rows.timeframe} bars); positive is worse`,
    ...groups.flatMap(groupLines),
    ...(against === undefined ? [] : againstLines(against)),
    `N/A: fewer values than p50 (${p50}), p95 (${p95}) or p99 (${p99}) need`,
    '',
  ].join('\n');
}

function groupLines({ group, orders, figures }: SlippageGroup): readonly string[] {
  return [
    `${group}: ${orders} orders`.padEnd(WIDTH + 2) + columns(['n', 'p50', 'p95', 'p99']),
    ...SLIPPAGE_FIGURES.map((name) => line(WORDS[name], figures[name])),
  ];
}

function line(name: string, { n, p50, p95, p99 }: Quantiles): string {
  return `  ${name.padEnd(WIDTH)}${columns([String(n), shown(p50), shown(p95), shown(p99)])}`;
}

function columns(cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(10)).join('');
}

function shown(value: number | null): string {
  // Adding zero turns a rounded −0 into 0.
  return value === null ? 'N/A' : (Number(value.toFixed(2)) + 0).toFixed(2);
}

/** What a model had predicted of a session beside what was paid. */
export function againstLines({ model, result }: ModelAgainst): readonly string[] {
  return [
    `Model ${model.hash.slice(0, 12)} against ${result.legs.length} orders filled as a taker`,
    line('predicted, bps', result.predicted),
    line('realised, bps', result.realised),
    `  mean predicted ${shown(result.meanPredictedBps)}, realised ${shown(result.meanRealisedBps)}`,
    `  error ${shown(result.maeBps)} on average, constant ${shown(result.constantMaeBps)} bps`,
    `  bias ${shown(result.biasBps)} bps (positive: more was paid than predicted)`,
  ];
}

export function fitText(model: SlippageModel, path: string): string {
  const { coefficients, errors, n, constant_bps: constant } = model;
  const [night, morning, afternoon, evening] = coefficients.hours_bps.map(shown);
  const { model_mae_bps: mae, constant_mae_bps: constantMae } = errors;
  return [
    `${path}  ${model.hash.slice(0, 12)}, ${n.train} orders trained, ${n.hold_out} held out`,
    `  half spread       ${shown(coefficients.half_spread_bps)} bps`,
    `  participation     ${shown(coefficients.participation_bps)} bps for a whole bar's volume`,
    `  volatility        ${coefficients.volatility} bps per bps`,
    `  buys, sells       ${shown(coefficients.buy_bps)}, ${shown(coefficients.sell_bps)} bps more`,
    `  hours 0 6 12 18   ${night}, ${morning}, ${afternoon}, ${evening} bps more`,
    `  hold-out error    ${shown(mae)} bps, a constant of ${shown(constant)} bps: ` +
      `${shown(constantMae)} bps`,
    model.is_better_than_constant
      ? '  The model is better than the constant.'
      : `  The model is NO better than the constant: --slippage-bps ${constant} does as well.`,
    '',
  ].join('\n');
}
