// The values of a registry as plain JSON: one entry per series, a histogram as one entry with its
// count, sum and cumulative buckets.
import type { Registry } from 'prom-client';
import { METRIC_NAMES, type Metric, type MetricName, metricOf } from './metric-table.js';

export type MeasuredValues = Readonly<Record<string, MeasuredMetric>>;

export interface MeasuredMetric extends Pick<Metric, 'type' | 'unit' | 'help'> {
  readonly series: readonly Series[];
}

export type Series = Scalar | Distribution;

export interface Scalar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Distribution {
  readonly labels: Readonly<Record<string, string>>;
  readonly count: number;
  readonly sum: number;
  /** `[upper bound, observations up to it]`. */
  readonly buckets: readonly (readonly [number, number])[];
}

type Exported = Awaited<ReturnType<Registry['getMetricsAsJSON']>>[number];
type Value = Exported['values'][number] & { readonly metricName?: string };

export function valuesOf(exported: readonly Exported[]): MeasuredValues {
  const byName = new Map(exported.map(({ name, values }) => [name, values as readonly Value[]]));
  return Object.fromEntries(METRIC_NAMES.map((name) => [name, measured(name, byName.get(name)!)]));
}

function measured(name: MetricName, values: readonly Value[]): MeasuredMetric {
  const { type, unit, help } = metricOf(name);
  const series = type === 'histogram' ? distributions(name, values) : values.map(scalar);
  return { type, unit, help, series };
}

function scalar({ labels, value }: Value): Scalar {
  return { labels: textsOf(labels), value };
}

function distributions(name: MetricName, values: readonly Value[]): readonly Distribution[] {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    const { le: _bound, ...labels } = textsOf(value.labels);
    const key = JSON.stringify(labels);
    groups.set(key, [...(groups.get(key) ?? []), value]);
  }
  return [...groups].map(([key, members]) => {
    const one = (suffix: string): number =>
      members.find(({ metricName }) => metricName === `${name}_${suffix}`)?.value ?? 0;
    const bounded = members.filter(
      ({ metricName, labels }) => metricName === `${name}_bucket` && labels['le'] !== '+Inf',
    );
    return {
      labels: JSON.parse(key) as Record<string, string>,
      count: one('count'),
      sum: one('sum'),
      buckets: bounded.map(({ labels, value }) => [Number(labels['le']), value] as const),
    };
  });
}

function textsOf(labels: Value['labels']): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, String(text)]));
}
