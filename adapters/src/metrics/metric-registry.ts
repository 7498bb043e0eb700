// The metrics of the table in one registry, each there and at 0 from the start. Nothing of it is
// global: two runs in a process have one each.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  METRIC_NAMES,
  type Metric,
  type MetricName,
  OTHER,
  metricOf,
} from './metric-table.js';

export class MetricRegistry {
  readonly registry = new Registry();
  readonly #gauges = new Map<MetricName, Gauge>();
  readonly #counters = new Map<MetricName, Counter>();
  readonly #histograms = new Map<MetricName, Histogram>();

  constructor() {
    for (const name of METRIC_NAMES) this.#make(name, metricOf(name));
  }

  set(name: GaugeName, value: number, label?: string): void {
    this.#gauges.get(name)!.set(labelsOf(name, label), finite(name, value));
  }

  add(name: CounterName, value = 1, label?: string): void {
    this.#counters.get(name)!.inc(labelsOf(name, label), finite(name, value));
  }

  observe(name: HistogramName, value: number, label?: string): void {
    this.#histograms.get(name)!.observe(labelsOf(name, label), value);
  }

  #make(name: MetricName, { type, help, unit, label, buckets = [] }: Metric): void {
    const labelNames = label === undefined ? [] : [label.name];
    const common = { name, help: `${help} Unit: ${unit}.`, labelNames, registers: [this.registry] };
    const zeros = label === undefined ? [{}] : label.values.map((one) => ({ [label.name]: one }));
    if (type === 'histogram') {
      const histogram = new Histogram({ ...common, buckets: [...buckets] });
      for (const labels of zeros) histogram.zero(labels);
      this.#histograms.set(name, histogram);
    } else if (type === 'counter') {
      const counter = new Counter(common);
      for (const labels of zeros) counter.inc(labels, 0);
      this.#counters.set(name, counter);
    } else {
      const gauge = new Gauge(common);
      for (const labels of zeros) gauge.set(labels, 0);
      this.#gauges.set(name, gauge);
    }
  }
}

// One value that is no number would make every later sum none either.
function finite(name: MetricName, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new Error(`${name} cannot be ${value}`);
}

// A value that the table does not list would be a series without end.
function labelsOf(name: MetricName, value: string | undefined): Record<string, string> {
  const { label } = metricOf(name);
  if (label === undefined) return {};
  const isListed = value !== undefined && label.values.includes(value);
  if (!isListed && !label.values.includes(OTHER)) {
    throw new Error(`${name} has no ${label.name} ${String(value)}`);
  }
  return { [label.name]: isListed ? value : OTHER };
}
