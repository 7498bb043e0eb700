import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isLate, metricsText } from '../../../../adapters/src/metrics/metrics-text.js';
import { metricsPage } from '../../../../adapters/src/metrics/metrics-page.js';
import { type MetricsSnapshot, parseSnapshot } from '../../../../adapters/src/metrics/snapshot.js';
import { aMeasuredRun, aRecord } from './a-run.js';

async function aSnapshot(change: Partial<MetricsSnapshot> = {}): Promise<MetricsSnapshot> {
  const run = aMeasuredRun({ sources: { driver: { queueDepth: 4, isJournalLost: false } } });
  const fill = { type: 'fill', action: 'entry', liquidity: 'taker', fee: 0n };
  for (const slippageBps of [1, 2.5]) run.metrics.record(aRecord({ ...fill, slippageBps }));
  return {
    schema: 'runner.metrics_snapshot/1',
    session_id: 'a-session',
    run: 2,
    start: 'warm',
    written_at: '2026-01-01T00:00:00.000Z',
    interval_ms: 15_000,
    is_final: false,
    metrics: await run.metrics.values(),
    ...change,
  };
}

describe('a snapshot', () => {
  test('has a histogram as one series with its sum, count and cumulative buckets', async () => {
    const { metrics } = await aSnapshot();
    const [entry] = metrics['runner_slippage_bps']!.series;
    expect(entry).toMatchObject({ labels: { action: 'entry' }, count: 2, sum: 3.5 });
    const upTo = new Map('buckets' in entry! ? entry.buckets : []);
    expect([0, 1, 2, 5].map((bound) => upTo.get(bound))).toEqual([0, 1, 1, 2]);
  });

  test('is read back as it was written', async () => {
    const snapshot = await aSnapshot();
    expect(parseSnapshot(JSON.stringify(snapshot))).toEqual(snapshot);
  });

  test.each([
    ['half of one', '{"schema":"runner.metrics_snapshot/1","session'],
    ['nothing', ''],
    ['no document', 'null'],
    ['another document', '{"schema":"runner.metrics/1"}'],
    ['one without values', '{"schema":"runner.metrics_snapshot/1","session_id":"a","run":1}'],
  ])('is not read from %s', (_what, text) => {
    expect(parseSnapshot(text)).toBeUndefined();
  });

  test.each<[string, object]>([
    ['of no time', { written_at: 'yesterday' }],
    ['of values that are none', { metrics: { runner_bars_total: { series: [null] } } }],
    ['of a metric that is none', { metrics: { runner_bars_total: null } }],
    ['of no metrics', { metrics: null }],
  ])('is not read from one %s', async (_what, change) => {
    const text = JSON.stringify({ ...(await aSnapshot()), ...change });
    expect(parseSnapshot(text)).toBeUndefined();
  });
});

describe('for a person', () => {
  test('it says whose it is, how old, and one line per series that counts [B6]', async () => {
    const snapshot = await aSnapshot();
    const lines = metricsText({ snapshot, state: 'running', ageMs: 4200 }).split('\n');
    expect(lines.slice(0, 2)).toEqual([
      'a-session  running',
      'Metrics of run 2 (warm start), written 4 s ago',
    ]);
    const values = new Map(
      lines.slice(2).map((line) => line.trim().split(/ {2,}/) as [string, string]),
    );
    expect(Object.fromEntries(values)).toMatchObject({
      runner_open_positions: '0',
      'runner_queue_depth{queue="events"}': '4',
      'runner_slippage_bps{action="entry"}': '2, mean 1.75',
      runner_denied_total: '0',
    });
    expect(values.has('runner_queue_depth{queue="journal"}')).toBe(false);
  });

  test.each<[string, string, number, boolean, boolean]>([
    ['one of three intervals ago', 'running', 45_000, false, false],
    ['an older one', 'running', 45_001, false, true],
    ['the last one of a run that is ending', 'running', 90_000_000, true, false],
    ['one of a run that died', 'stopped', 90_000_000, false, false],
    ['one of a session that ended', 'ended', 90_000_000, true, false],
    ['one of a session that was stopped', 'stopped', 90_000_000, true, false],
  ])('%s is late only while the session runs', async (_what, state, ageMs, isFinal, late) => {
    const shown = { snapshot: await aSnapshot({ is_final: isFinal }), state, ageMs };
    expect(isLate(shown)).toBe(late);
    expect(metricsText(shown).includes('It is late: ')).toBe(late);
  });
});

test('the page of metrics says what the table says (adapters/scripts/metrics-page.mjs)', () => {
  const page = new URL('../../../../docs/METRICS.md', import.meta.url);
  expect(readFileSync(page, 'utf8')).toBe(metricsPage());
});
