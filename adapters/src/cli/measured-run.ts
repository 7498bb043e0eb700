// The metrics of a run on the command line: made before it, written into its session while it goes
// on and when it ends.
import type { Clock } from '@strategy-runner/core';
import type { Logger } from 'pino';
import { EXIT, RunnerError } from '../errors.js';
import { MetricsFiles } from '../metrics/metrics-files.js';
import { RunMetrics } from '../metrics/run-metrics.js';
import type { SessionFolder } from '../store/session-folder.js';
import type { RunHandle } from './session-end.js';

export interface MeasuredRunParts {
  readonly folder: SessionFolder;
  readonly clock: Clock;
  readonly log: Logger;
  /** `--metrics-interval`. */
  readonly intervalSeconds: number;
}

const SECONDS_MAX = 3600;

export class MeasuredRun {
  readonly metrics: RunMetrics;
  readonly #parts: MeasuredRunParts;

  constructor(parts: MeasuredRunParts) {
    const { clock, log } = parts;
    this.#parts = parts;
    this.metrics = new RunMetrics({
      clock,
      onFault: (error) => log.error({ event: 'metrics_fault' }, String(error)),
    });
  }

  during<Result>(live: RunHandle, work: () => Promise<Result>): Promise<Result> {
    const { folder, clock, log, intervalSeconds } = this.#parts;
    const files = new MetricsFiles({
      metrics: this.metrics,
      folder: folder.path,
      run: { session_id: folder.id, run: live.run, start: live.start },
      clock,
      intervalMs: intervalSeconds * 1000,
      onFault: (error) => log.warn({ event: 'metrics_unwritten' }, String(error)),
    });
    return files.during(work);
  }
}

/** Errors: USAGE. */
export function checkMetricsInterval(seconds: number): void {
  if (seconds >= 1 && seconds <= SECONDS_MAX) return;
  throw new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `--metrics-interval is not a number of seconds from 1 to ${SECONDS_MAX}`,
    next: 'give it as --metrics-interval 15, or leave it out',
  });
}
