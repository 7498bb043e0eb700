// What a run leaves of its metrics in the session's folder, for people and tools that look from
// outside: the text of Prometheus, and one JSON document.
import type { MeasuredMetric, MeasuredValues, Series } from './metric-values.js';

export const METRICS_TEXT_FILE = 'metrics.prom';
export const METRICS_FILE = 'metrics.json';

export interface MetricsSnapshot {
  readonly schema: 'runner.metrics_snapshot/1';
  readonly session_id: string;
  readonly run: number;
  readonly start: 'cold' | 'warm';
  /** Wall time. */
  readonly written_at: string;
  readonly interval_ms: number;
  /** The run had ended; a process that died leaves the last one that it wrote. */
  readonly is_final: boolean;
  readonly metrics: MeasuredValues;
}

/** Undefined where the text is none of these. */
export function parseSnapshot(text: string): MetricsSnapshot | undefined {
  let content: Partial<MetricsSnapshot> | null;
  try {
    content = JSON.parse(text) as Partial<MetricsSnapshot> | null;
  } catch {
    return undefined;
  }
  const isOne =
    content?.schema === 'runner.metrics_snapshot/1' &&
    typeof content.session_id === 'string' &&
    typeof content.run === 'number' &&
    typeof content.interval_ms === 'number' &&
    typeof content.written_at === 'string' &&
    !Number.isNaN(Date.parse(content.written_at)) &&
    Object.values(content.metrics ?? { none: null }).every(isMetric);
  return isOne ? (content as MetricsSnapshot) : undefined;
}

function isMetric(metric: MeasuredMetric | null): boolean {
  const series: unknown = metric?.series;
  return Array.isArray(series) && series.every((one: Partial<Series> | null) => one?.labels);
}
