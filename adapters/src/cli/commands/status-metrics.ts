// `runner status --metrics`: the last snapshot of a session's metrics with its age, while it runs
// and after it has ended.
import { join } from 'node:path';
import type { Clock } from '@strategy-runner/core';
import { EXIT, RunnerError } from '../../errors.js';
import { METRICS_FILE, type MetricsSnapshot, parseSnapshot } from '../../metrics/snapshot.js';
import { isLate, metricsText } from '../../metrics/metrics-text.js';
import { type SessionFolder, readSessionFile } from '../../store/session-folder.js';
import { stateOf } from '../../store/session-list.js';

/** What is printed. Errors: METRICS_NOT_FOUND. */
export async function metricsOf(
  folder: SessionFolder,
  { clock, json }: { readonly clock: Clock; readonly json: boolean },
): Promise<string> {
  const snapshot = await snapshotOf(folder);
  const ageMs = Math.max(0, clock.now() - Date.parse(snapshot.written_at));
  const shown = { snapshot, state: await stateOf(folder), ageMs };
  if (!json) return metricsText(shown);
  const { schema: _schema, ...rest } = snapshot;
  const document = {
    schema: 'runner.metrics_status/1',
    state: shown.state,
    age_ms: ageMs,
    is_late: isLate(shown),
    ...rest,
  };
  return `${JSON.stringify(document)}\n`;
}

async function snapshotOf(folder: SessionFolder): Promise<MetricsSnapshot> {
  const text = await readSessionFile(folder, METRICS_FILE);
  if (text === undefined) throw notFound(folder, 'Nothing was written by a run of it');
  const snapshot = parseSnapshot(text);
  if (snapshot !== undefined) return snapshot;
  throw notFound(folder, `${join(folder.path, METRICS_FILE)} is damaged`);
}

function notFound({ id }: SessionFolder, why: string): RunnerError {
  return new RunnerError({
    code: 'METRICS_NOT_FOUND',
    exitCode: EXIT.missingInput,
    message: `session ${id} has no snapshot of metrics`,
    why,
    next: 'runner live writes one at each --metrics-interval; a backtest has a report instead',
  });
}
