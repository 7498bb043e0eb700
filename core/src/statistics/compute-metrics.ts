// Every metric of a run, or the reason why it has none. A null is never a zero in disguise:
// whatever cannot be said honestly is null and its sentence is in `na`.
import { METRIC_NAMES, type MetricName } from './definitions.js';
import {
  annualisedMetrics,
  drawdownMetrics,
  totalReturn,
  type AnnualisedMetric,
  type DrawdownMetric,
} from './equity-metrics.js';
import { measureEquity, type EquityCurve } from './equity-statistics.js';
import { notAvailable, type Measurement } from './measurement.js';
import { tradeMetrics } from './trade-metrics.js';
import { measureTrades, type TradeStat } from './trade-statistics.js';

export interface MetricsInput extends Omit<EquityCurve, 'length'> {
  /** Bars in use, possibly 0; the arrays may be longer. */
  readonly length: number;
  /** Bars at whose close a position was open. */
  readonly barsInPosition: number;
  /** Closed trades in order of exit. */
  readonly trades: readonly TradeStat[];
  /** Totals in money: fees and slippage as positive costs, funding positive when received. */
  readonly costs: {
    readonly fees: number;
    readonly funding: number;
    readonly slippage: number;
  };
  /** Notional traded in money: the sum of |price × quantity| over all fills. */
  readonly turnover: number;
  /** Largest gross exposure; carried for the report, no metric is derived from it. */
  readonly grossExposureMax: number;
}

export interface Metrics {
  readonly metrics: Record<MetricName, number | null>;
  /** One sentence for each metric that is null. */
  readonly na: Partial<Record<MetricName, string>>;
}

const NO_BARS = notAvailable('The run has no bar.');

const WITHOUT_BARS: Record<AnnualisedMetric | DrawdownMetric, Measurement> = {
  cagr: NO_BARS,
  volatility: NO_BARS,
  sharpe: NO_BARS,
  sortino: NO_BARS,
  calmar: NO_BARS,
  turnover: NO_BARS,
  max_drawdown: NO_BARS,
  max_drawdown_duration_ms: NO_BARS,
  ulcer_index: NO_BARS,
  recovery_factor: NO_BARS,
  best_day: NO_BARS,
  worst_day: NO_BARS,
};

export function computeMetrics(input: MetricsInput): Metrics {
  const { initialEquity, length, costs } = input;
  const curve = length > 0 ? measureEquity(input) : undefined;
  const finalEquity = curve?.finalEquity ?? initialEquity;
  const ofCurve =
    curve === undefined
      ? WITHOUT_BARS
      : {
          ...annualisedMetrics(initialEquity, curve, input.turnover),
          ...drawdownMetrics(initialEquity, curve),
        };
  return separate({
    final_equity: finalEquity,
    net_profit: finalEquity - initialEquity,
    total_return: totalReturn(initialEquity, finalEquity),
    exposure: length > 0 ? input.barsInPosition / length : NO_BARS,
    ...ofCurve,
    ...tradeMetrics(measureTrades(input.trades)),
    fees: costs.fees,
    funding: costs.funding,
    slippage: costs.slippage,
  });
}

function separate(all: Record<MetricName, Measurement>): Metrics {
  const na: Partial<Record<MetricName, string>> = {};
  const entries = METRIC_NAMES.map((name) => {
    const measurement = all[name];
    if (typeof measurement !== 'number') na[name] = measurement.reason;
    else if (Number.isFinite(measurement)) return [name, measurement] as const;
    else na[name] = 'The result is not a finite number.';
    return [name, null] as const;
  });
  return { metrics: Object.fromEntries(entries) as Record<MetricName, number | null>, na };
}
