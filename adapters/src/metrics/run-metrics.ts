// The metrics of one run: a sink beside the journal, and a text and a document for whoever asks. It
// can neither fail the engine nor hold it: what it cannot count is counted as such and said once.
import type { Clock, EngineEvent, EngineRecord, Sink } from '@strategy-runner/core';
import { MetricRegistry } from './metric-registry.js';
import { type MeasuredValues, valuesOf } from './metric-values.js';
import { RunCounts } from './run-counts.js';
import { RunGauges, type RunSources } from './run-gauges.js';

export interface RunMetricsParts {
  /** The wall clock. */
  readonly clock: Clock;
  /** The first entry that could not be counted. */
  readonly onFault: (error: unknown) => void;
}

export class RunMetrics implements Sink {
  readonly #parts: RunMetricsParts;
  readonly #metrics = new MetricRegistry();
  readonly #counts: RunCounts;
  #sources: RunSources | undefined;
  #gauges: RunGauges | undefined;
  #hasFailed = false;

  constructor(parts: RunMetricsParts) {
    this.#parts = parts;
    this.#counts = new RunCounts(this.#metrics, parts.clock);
  }

  /** Whose run it is; before its first event. */
  follow(sources: RunSources): void {
    this.#sources = sources;
    this.#gauges = new RunGauges(this.#metrics, this.#parts.clock, sources);
  }

  event(event: EngineEvent): void {
    if (this.#sources === undefined) return;
    try {
      this.#counts.event(event, this.#sources.engine);
    } catch (error) {
      this.#fault(error);
    }
  }

  record(record: EngineRecord): void {
    try {
      this.#counts.record(record);
    } catch (error) {
      this.#fault(error);
    }
  }

  get contentType(): string {
    return this.#metrics.registry.contentType;
  }

  /** In the text format of Prometheus, as of now. */
  text(): Promise<string> {
    this.#refresh();
    return this.#metrics.registry.metrics();
  }

  /** The same values by name. */
  async values(): Promise<MeasuredValues> {
    this.#refresh();
    return valuesOf(await this.#metrics.registry.getMetricsAsJSON());
  }

  #refresh(): void {
    try {
      this.#counts.flush();
      this.#gauges?.refresh(this.#counts);
    } catch (error) {
      this.#fault(error);
    }
  }

  #fault(error: unknown): void {
    this.#metrics.add('runner_metrics_faults_total');
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#parts.onFault(error);
  }
}
