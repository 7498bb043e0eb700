// The metrics of the equity curve. Annualised ones use 365 daily UTC returns a year and a risk-free
// rate of 0, and are not available below 30 days: over a short run they are noise made large.
import type { EquityStatistics } from './equity-statistics.js';
import { notAvailable, type Measurement, type NotAvailable } from './measurement.js';

const MIN_DAYS = 30;
const PERIODS_PER_YEAR = 365;
const DAYS_PER_YEAR = 365.25;
// Rounding to the cash quantum of 1e-8 moves a return on an account of 100 by up to 1e-10, so equal
// returns deviate by less than this, and a smaller deviation is taken for none.
const RETURN_NOISE = 1e-10;

const NO_CAPITAL = notAvailable('The initial equity is not above zero.');
const BANKRUPT = notAvailable('Equity was at zero or below, so returns on it are not defined.');
const NO_MEAN_EQUITY = notAvailable('The mean equity is not above zero.');
const NO_VARIANCE = notAvailable('The daily returns do not vary.');
const NO_LOSING_DAY = notAvailable('No day lost money.');
const NO_DRAWDOWN = notAvailable('Equity never fell below a peak.');

export type AnnualisedMetric = 'cagr' | 'volatility' | 'sharpe' | 'sortino' | 'calmar' | 'turnover';

export type DrawdownMetric =
  | 'max_drawdown'
  | 'max_drawdown_duration_ms'
  | 'ulcer_index'
  | 'recovery_factor'
  | 'best_day'
  | 'worst_day';

export function annualisedMetrics(
  initialEquity: number,
  curve: EquityStatistics,
  notionalTraded: number,
): Record<AnnualisedMetric, Measurement> {
  const { mean, deviation, downsideDeviation } = curve.daily;
  const root = Math.sqrt(PERIODS_PER_YEAR);
  const perYear = DAYS_PER_YEAR / curve.elapsedDays;
  const cagr = (curve.finalEquity / initialEquity) ** perYear - 1;
  const { maxFraction } = curve.drawdown;
  const short = tooShort(curve.elapsedDays);
  const gap = short ?? (initialEquity > 0 && maxFraction < 1 ? undefined : BANKRUPT);
  return {
    cagr: gap ?? cagr,
    volatility: gap ?? deviation * root,
    sharpe: gap ?? (deviation > RETURN_NOISE ? (mean / deviation) * root : NO_VARIANCE),
    sortino:
      gap ?? (downsideDeviation > RETURN_NOISE ? (mean / downsideDeviation) * root : NO_LOSING_DAY),
    calmar: gap ?? (maxFraction > 0 ? cagr / maxFraction : NO_DRAWDOWN),
    turnover:
      short ??
      (curve.meanEquity > 0 ? (notionalTraded / curve.meanEquity) * perYear : NO_MEAN_EQUITY),
  };
}

export function drawdownMetrics(
  initialEquity: number,
  curve: EquityStatistics,
): Record<DrawdownMetric, Measurement> {
  const { drawdown, daily } = curve;
  const netProfit = curve.finalEquity - initialEquity;
  const gap = initialEquity > 0 ? undefined : NO_CAPITAL;
  return {
    max_drawdown: gap ?? drawdown.maxFraction,
    max_drawdown_duration_ms: gap ?? drawdown.maxDurationMs,
    ulcer_index: gap ?? drawdown.ulcerIndex,
    recovery_factor: gap ?? (drawdown.maxMoney > 0 ? netProfit / drawdown.maxMoney : NO_DRAWDOWN),
    best_day: gap ?? daily.best,
    worst_day: gap ?? daily.worst,
  };
}

export function totalReturn(initialEquity: number, finalEquity: number): Measurement {
  return initialEquity > 0 ? finalEquity / initialEquity - 1 : NO_CAPITAL;
}

// Rounded down, so that 29.99 days never read as the 30 that would be enough.
function tooShort(elapsedDays: number): NotAvailable | undefined {
  if (elapsedDays >= MIN_DAYS) return undefined;
  const days = Math.floor(elapsedDays * 10) / 10;
  return notAvailable(`Needs ${MIN_DAYS} days of equity, the run has ${days}.`);
}
