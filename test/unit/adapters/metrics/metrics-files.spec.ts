import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MetricsFiles } from '../../../../adapters/src/metrics/metrics-files.js';
import { parseSnapshot } from '../../../../adapters/src/metrics/snapshot.js';
import { aMeasuredRun, anEvent, seriesOf } from './a-run.js';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runner-metrics-'));
});
afterEach(() => rm(folder, { recursive: true }));

function files(into = folder, intervalMs = 60_000) {
  const run = aMeasuredRun();
  const faults: unknown[] = [];
  const written = new MetricsFiles({
    metrics: run.metrics,
    folder: into,
    run: { session_id: 'a-session', run: 3, start: 'warm' },
    clock: { now: () => 0 },
    intervalMs,
    onFault: (error) => faults.push(error),
  });
  return { run, written, faults };
}

async function snapshot(): Promise<ReturnType<typeof parseSnapshot>> {
  return parseSnapshot(await readFile(join(folder, 'metrics.json'), 'utf8').catch(() => ''));
}

test('are there from the beginning, and as it was when the run has ended [B6]', async () => {
  const { run, written } = files();
  const result = await written.during(async () => {
    await expect.poll(snapshot).toMatchObject({ is_final: false, run: 3 });
    run.metrics.event(anEvent({ kind: 'bar' }));
    return 'done';
  });
  expect(result).toBe('done');
  expect(await snapshot()).toMatchObject({
    schema: 'runner.metrics_snapshot/1',
    session_id: 'a-session',
    start: 'warm',
    written_at: '1970-01-01T00:00:00.000Z',
    interval_ms: 60_000,
    is_final: true,
    metrics: { runner_bars_total: { unit: 'bars', series: [{ labels: {}, value: 1 }] } },
  });
  const text = await readFile(join(folder, 'metrics.prom'), 'utf8');
  expect(seriesOf(text).get('runner_bars_total')).toBe(1);
  expect((await readdir(folder)).toSorted()).toEqual(['metrics.json', 'metrics.prom']);
  for (const name of await readdir(folder)) {
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  }
});

test('are written again at each interval', async () => {
  const { run, written } = files(folder, 10);
  await written.during(async () => {
    run.metrics.event(anEvent({ kind: 'bar' }));
    const bars = async () => (await snapshot())?.metrics['runner_bars_total']?.series;
    await expect.poll(bars).toEqual([{ labels: {}, value: 1 }]);
    run.metrics.event(anEvent({ kind: 'bar' }));
    await expect.poll(bars).toEqual([{ labels: {}, value: 2 }]);
  });
});

test('show how the run stood that failed', async () => {
  const { written } = files();
  const failing = written.during(() => Promise.reject(new Error('the run')));
  await expect(failing).rejects.toThrow('the run');
  expect(await snapshot()).toMatchObject({ is_final: true });
});

test('that cannot be written are said once, and cost the run nothing', async () => {
  const { written, faults } = files(join(folder, 'nowhere'), 5);
  const result = await written.during(async () => {
    await expect.poll(() => faults.length).toBe(1);
    return 'done';
  });
  expect(result).toBe('done');
  expect(faults.map(String)).toEqual([expect.stringContaining('ENOENT')]);
});
