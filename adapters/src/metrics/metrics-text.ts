// The last snapshot of a run's metrics for a person: one line per series, what reads 0 in a family
// of many left out.
import type { MeasuredMetric, Series } from './metric-values.js';
import type { MetricsSnapshot } from './snapshot.js';

export interface ShownMetrics {
  readonly snapshot: MetricsSnapshot;
  readonly state: string;
  readonly ageMs: number;
}

/** A process that lives writes one at each interval; a loaded machine may be late. */
const LATE_INTERVALS = 3;

export function isLate({ snapshot, state, ageMs }: ShownMetrics): boolean {
  const { is_final: isFinal, interval_ms: intervalMs } = snapshot;
  return state === 'running' && !isFinal && ageMs > LATE_INTERVALS * intervalMs;
}

export function metricsText(shown: ShownMetrics): string {
  const { snapshot, state, ageMs } = shown;
  const { session_id: session, run, start, metrics } = snapshot;
  const rows = Object.entries(metrics).flatMap(([name, metric]) => rowsOf(name, metric));
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  const when = `${snapshot.is_final ? 'at its end, ' : ''}${secondsText(ageMs)} ago`;
  const late = `It is late: the process hangs or is gone; it writes one each ${secondsText(
    snapshot.interval_ms,
  )}.`;
  return [
    `${session}  ${state}`,
    `Metrics of run ${run} (${start} start), written ${when}`,
    ...(isLate(shown) ? [late] : []),
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    '',
  ].join('\n');
}

type Row = readonly [name: string, value: string];

function rowsOf(name: string, { series }: MeasuredMetric): readonly Row[] {
  const told = series.length === 1 ? series : series.filter((one) => !isZero(one));
  const rows = told.map((one): Row => [`${name}${labelsText(one.labels)}`, valueText(one)]);
  return rows.length === 0 ? [[name, '0']] : rows;
}

function isZero(series: Series): boolean {
  return 'value' in series ? series.value === 0 : series.count === 0;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function valueText(series: Series): string {
  if ('value' in series) return short(series.value);
  const { count, sum } = series;
  return count === 0 ? '0' : `${count}, mean ${short(sum / count)}`;
}

/** Not more digits than a metric has a meaning for. */
function short(value: number): string {
  return String(Math.round(value * 1e6) / 1e6);
}

function secondsText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
