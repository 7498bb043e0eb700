// Writes the metrics of a run into its session's folder, again and again and once at its end. A
// write that fails is said once per trouble, and costs the run nothing else.
import { join } from 'node:path';
import type { Clock } from '@strategy-runner/core';
import { refreshPrivateFile } from '../private-files/private-file.js';
import type { RunMetrics } from './run-metrics.js';
import { METRICS_FILE, METRICS_TEXT_FILE, type MetricsSnapshot } from './snapshot.js';

export interface MetricsFilesParts {
  readonly metrics: Pick<RunMetrics, 'text' | 'values'>;
  /** The session's folder, which this process alone writes to. */
  readonly folder: string;
  readonly run: Pick<MetricsSnapshot, 'session_id' | 'run' | 'start'>;
  readonly clock: Clock;
  /** Between two writes, wall ms. */
  readonly intervalMs: number;
  readonly onFault: (error: unknown) => void;
}

export class MetricsFiles {
  readonly #parts: MetricsFilesParts;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #isFailing = false;

  constructor(parts: MetricsFilesParts) {
    this.#parts = parts;
  }

  /** Writes now, at each interval while `work` goes on, and when it has ended, however it did. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#tick();
    this.#timer = setInterval(() => this.#tick(), this.#parts.intervalMs).unref();
    try {
      return await work();
    } finally {
      clearInterval(this.#timer);
      await this.#writing;
      await this.#write(true);
    }
  }

  // A slow disk makes snapshots rarer; it never has two writes at once.
  #tick(): void {
    this.#writing ??= this.#write(false).finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(isFinal: boolean): Promise<void> {
    const { metrics, folder, run, clock, intervalMs, onFault } = this.#parts;
    try {
      const text = await metrics.text();
      const snapshot: MetricsSnapshot = {
        schema: 'runner.metrics_snapshot/1',
        ...run,
        written_at: new Date(clock.now()).toISOString(),
        interval_ms: intervalMs,
        is_final: isFinal,
        metrics: await metrics.values(),
      };
      await refreshPrivateFile(join(folder, METRICS_TEXT_FILE), text);
      await refreshPrivateFile(join(folder, METRICS_FILE), `${JSON.stringify(snapshot)}\n`);
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) onFault(error);
      this.#isFailing = true;
    }
  }
}
