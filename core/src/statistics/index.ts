// Metrics of a run: their names, their definitions, and the one function that computes them.
export { computeMetrics, type Metrics, type MetricsInput } from './compute-metrics.js';
export {
  describeMetric,
  METRIC_NAMES,
  type MetricDefinition,
  type MetricName,
  type MetricUnit,
} from './definitions.js';
export type { TradeStat } from './trade-statistics.js';
