import { describe, expect, test } from 'vitest';
import { decimal } from '@strategy-runner/core';
import { METRICS, METRIC_NAMES } from '../../../../adapters/src/metrics/metric-table.js';
import {
  MINUTE_MS,
  START_MS,
  type World,
  aWorld,
  closeLong,
  idOf,
  openLong,
  quantity,
  stopAt,
} from '../../../support/world.js';
import { aMeasuredRun, aRecord, anEvent, seriesOf } from './a-run.js';

/** What is not 0 although nothing has happened. */
const BEGINS = ['runner_start_time_seconds', 'runner_equity', 'runner_cash'];
/** The names that others build dashboards and alerts on. */
const NAMED = [
  'runner_open_positions',
  'runner_order_latency_seconds',
  'runner_queue_depth',
  'runner_heartbeat_age_seconds',
  'runner_kill_switch',
  'runner_reconnects_total',
  'runner_slippage_bps',
  'runner_reconciliation_age_seconds',
  'runner_drift_bps',
  'runner_unprotected_seconds_total',
  'runner_entries_held',
  'runner_orders_unknown',
  'runner_api_errors_total',
  'runner_fills_total',
  'runner_denied_total',
  'runner_fees_total',
  'runner_funding_total',
];

describe('a run of which nothing is known yet', () => {
  test('has every metric of the table, and each series reads 0 [B6] [B16]', async () => {
    expect(METRIC_NAMES).toEqual(expect.arrayContaining(NAMED));
    const run = aMeasuredRun();
    const series = [...seriesOf(await run.metrics.text())];
    for (const name of METRIC_NAMES) {
      const own = series.filter(([key]) =>
        new RegExp(`^${name}(_bucket|_sum|_count|\\{|$)`).test(key),
      );
      expect(own, name).not.toEqual([]);
    }
    const others = series.filter(([key, value]) => value !== 0 && !BEGINS.includes(key));
    expect(others).toEqual([]);
    expect(run.faults).toEqual([]);
  });

  test('keeps two runs of a process apart', async () => {
    const [one, other] = [aMeasuredRun(), aMeasuredRun()];
    one.metrics.event(anEvent({ kind: 'bar' }));
    expect(await one.read('runner_bars_total')).toBe(1);
    expect(await other.read('runner_bars_total')).toBe(0);
  });
});

/** A long of 2 at 100, closed at 110, and a refused entry. */
function aTrade(): World {
  return aWorld({
    strategy: {
      0: openLong({ sizing_policy: quantity('2'), protection: stopAt('90') }),
      1: openLong({ sizing_policy: quantity('1') }),
      2: closeLong(),
    },
    bars: [100, 100, 110, 110],
  });
}

describe('what happens is counted', () => {
  test('from intents over orders to fills, their fees and slippage [B6]', async () => {
    const run = aMeasuredRun({ world: aTrade() });
    const fills = run.world.fills();
    const fees = fills.reduce((sum, { fee }) => sum + fee, 0n);
    const slippage = fills.map(({ slippageBps }) => slippageBps);
    run.tell();
    const read = run.read;
    expect(await read('runner_bars_total')).toBe(4);
    expect(await read('runner_intents_accepted_total')).toBe(2);
    expect(await read('runner_denied_total{code="POSITION_EXISTS"}')).toBe(1);
    expect(await read('runner_orders_total{action="entry"}')).toBe(1);
    expect(await read('runner_fills_total{liquidity="taker"}')).toBe(2);
    expect(decimal(String(await read('runner_fees_total{direction="paid"}')))).toBe(fees);
    expect(await read('runner_fees_total{direction="received"}')).toBe(0);
    expect(await read('runner_slippage_bps_count{action="entry"}')).toBe(1);
    expect(await read('runner_slippage_bps_sum{action="entry"}')).toBe(slippage[0]);
    expect(await read('runner_slippage_bps_sum{action="exit"}')).toBe(slippage[1]);
    expect(run.faults).toEqual([]);
  });

  test('by what is known of a failed request, and alerts by their code', async () => {
    const run = aMeasuredRun();
    run.metrics.event(anEvent({ kind: 'api_error', verdict: 'unknown' }));
    run.metrics.record(aRecord({ type: 'alert', code: 'DIVERGED' }));
    run.metrics.record(aRecord({ type: 'alert', code: 'a code of some venue' }));
    run.metrics.record(aRecord({ type: 'intent_denied', code: 'a code of tomorrow' }));
    expect(await run.read('runner_api_errors_total{class="unknown"}')).toBe(1);
    expect(await run.read('runner_alerts_total{code="DIVERGED"}')).toBe(1);
    expect(await run.read('runner_alerts_total{code="other"}')).toBe(1);
    expect(await run.read('runner_denied_total{code="other"}')).toBe(1);
    expect(run.faults).toEqual([]);
  });

  test('with rebates and funding apart from what was paid', async () => {
    const run = aMeasuredRun();
    const funding = (amount: string) => aRecord({ type: 'funding', amount: decimal(amount) });
    const fill = { type: 'fill', action: 'entry', liquidity: 'maker', slippageBps: -1 };
    run.metrics.record(funding('-0.5'));
    run.metrics.record(funding('0.25'));
    run.metrics.record(aRecord({ ...fill, fee: decimal('-0.1') }));
    run.metrics.record(
      aRecord({ ...fill, fee: decimal('0.001'), foreignFee: { value: decimal('0.4') } }),
    );
    expect(await run.read('runner_funding_total{direction="paid"}')).toBe(0.5);
    expect(await run.read('runner_funding_total{direction="received"}')).toBe(0.25);
    expect(await run.read('runner_fees_total{direction="received"}')).toBe(0.1);
    expect(await run.read('runner_fees_total{direction="paid"}')).toBe(0.4);
    const external = { type: 'external_fill', fee: decimal('9'), foreignFee: { value: 0n } };
    run.metrics.record(aRecord(external));
    expect(await run.read('runner_external_fills_total')).toBe(1);
    expect(await run.read('runner_fees_total{direction="paid"}')).toBe(0.4);
  });

  test('once per loss of a ready connection, not per try [B4]', async () => {
    const run = aMeasuredRun();
    const states = ['connecting', 'down', 'connecting', 'syncing', 'ready', 'down', 'connecting'];
    for (const state of [...states, 'down', 'syncing', 'ready', 'down']) {
      run.metrics.event(anEvent({ kind: 'connection', state }));
    }
    expect(await run.read('runner_reconnects_total')).toBe(2);
  });

  test('with the time from a decision to its request and to its acceptance [B6]', async () => {
    const world = aWorld({ strategy: { 0: openLong() }, venue: 'manual' }).bar(100);
    const run = aMeasuredRun({ world });
    const [order] = world.orders();
    const sentMs = order!.createdMs + 250;
    const accepted = { kind: 'order_accepted', order: order!.key, venueOrderId: '1' };
    run.metrics.event(anEvent({ ...accepted, sentMs, ackedMs: sentMs + 40 }));
    run.metrics.event(anEvent({ ...accepted, sentMs, ackedMs: sentMs - 5 }));
    const latency = 'runner_order_latency_seconds';
    expect(await run.read(`${latency}_sum{stage="decided_to_sent"}`)).toBe(0.5);
    expect(await run.read(`${latency}_sum{stage="sent_to_accepted"}`)).toBe(0.04);
    expect(await run.read(`${latency}_bucket{le="0.05",stage="sent_to_accepted"}`)).toBe(2);
  });
});

describe('what stands is read off the engine', () => {
  test('with positions, orders and money as they are now', async () => {
    const world = aWorld({
      strategy: { 0: openLong({ sizing_policy: quantity('2'), protection: stopAt('90') }) },
      bars: [100, 100],
    });
    const run = aMeasuredRun({ world, sources: { rows: { size: 3 } } });
    expect(await run.read('runner_open_positions')).toBe(1);
    expect(await run.read('runner_working_orders')).toBe(world.state.orders.size);
    expect(await run.read('runner_queue_depth{queue="journal"}')).toBe(3);
    const before = await run.read('runner_equity');
    world.bar(110);
    expect((await run.read('runner_equity'))! - before!).toBeCloseTo(20, 6);
  });

  test('with what holds entries, the kill switch and unknown orders [B6]', async () => {
    const world = aWorld({ strategy: { 0: openLong() }, venue: 'manual' }).bar(100);
    const run = aMeasuredRun({ world });
    world.command('kill');
    world.take({ kind: 'order_unknown', ts: world.now, order: world.orders()[0]!.key, detail: '' });
    const lost = { state: 'down', detail: '', attempt: 0, untilMs: null } as const;
    world.take({ kind: 'connection', ts: world.now, ...lost });
    expect(await run.read('runner_kill_switch')).toBe(1);
    expect(await run.read('runner_orders_unknown')).toBe(1);
    expect(await run.read('runner_connection_down')).toBe(1);
    expect(await run.read('runner_entries_held{cause="killed"}')).toBe(1);
    expect(await run.read('runner_entries_held{cause="connection"}')).toBe(1);
    expect(await run.read('runner_entries_held{cause="paused"}')).toBe(0);
    world.command('reset_kill');
    expect(await run.read('runner_kill_switch')).toBe(0);
  });

  test('with a blackout, and bars that are too old to decide on', async () => {
    const times = { fromMs: START_MS + 2 * MINUTE_MS, toMs: START_MS + 4 * MINUTE_MS };
    const plan = (symbols: readonly string[] | null) => {
      const windows = [{ kind: 'once', ...times, reason: 'news', symbols }] as const;
      return { blackout: { windows, offsets: [] } };
    };
    const world = aWorld({ policy: { maxDataAgeBars: 2 }, bars: [100] });
    let now = world.now;
    const run = aMeasuredRun({ world, sources: { marketNow: () => now } });
    Object.assign(world.engine.config, plan(null));
    const stale = () => run.read('runner_entries_held{cause="stale_data"}');
    const blackout = () => run.read('runner_entries_held{cause="blackout"}');
    expect(await blackout()).toBe(0);
    expect(await stale()).toBe(0);
    now += 2 * MINUTE_MS;
    expect(await stale()).toBe(0);
    expect(await blackout()).toBe(1);
    Object.assign(world.engine.config, plan(['OTHER/USDT:USDT']));
    expect(await blackout()).toBe(0);
    now += 1;
    expect(await stale()).toBe(1);
  });

  test('with ages that grow until something happens, and none on paper [B6]', async () => {
    const run = aMeasuredRun();
    const paper = aMeasuredRun({ sources: { hasAccount: false } });
    for (const one of [run, paper]) one.pass(7000);
    expect(await run.read('runner_heartbeat_age_seconds')).toBe(7);
    expect(await run.read('runner_reconciliation_age_seconds')).toBe(7);
    expect(await paper.read('runner_heartbeat_age_seconds')).toBe(0);
    run.metrics.event(anEvent({ kind: 'venue_snapshot' }));
    run.metrics.record(aRecord({ type: 'reconciled', isInconclusive: true, items: [] }));
    run.pass(2000);
    expect(await run.read('runner_heartbeat_age_seconds')).toBe(2);
    expect(await run.read('runner_reconciliation_age_seconds')).toBe(9);
    run.metrics.record(aRecord({ type: 'reconciled', isInconclusive: false, items: [{}] }));
    expect(await run.read('runner_reconciliation_age_seconds')).toBe(0);
    expect(await run.read('runner_divergences')).toBe(1);
    run.metrics.event(anEvent({ kind: 'drift', driftBps: -3.25 }));
    expect(await run.read('runner_drift_bps')).toBe(-3.25);
  });
});

describe('time without protection', () => {
  const OPEN = idOf(0, 'open.long');

  /** A long whose stop has been sent and not answered. */
  function exposed(): World {
    const strategy = { 0: openLong({ protection: stopAt('90') }) };
    const world = aWorld({ strategy, venue: 'manual' }).bar(100);
    world.venue.fill(`${OPEN}/entry/1`, '100');
    return world;
  }

  test('counts while it goes on, and stays when it has ended [X18]', async () => {
    const world = exposed();
    const run = aMeasuredRun({ world });
    const seconds = () => run.read('runner_unprotected_seconds_total');
    world.venue.tick(1500);
    expect(await seconds()).toBe(1.5);
    expect(await run.read('runner_unprotected_positions')).toBe(1);
    world.venue.tick(500);
    world.venue.accept(`${OPEN}/sl/1`);
    world.venue.tick(9000);
    expect(await seconds()).toBe(2);
    expect(await run.read('runner_unprotected_positions')).toBe(0);
  });

  test('begins at 0 with a process, also in the middle of a gap', async () => {
    const world = exposed();
    world.venue.tick(5000);
    const run = aMeasuredRun({ world });
    expect(await run.read('runner_unprotected_seconds_total')).toBe(0);
    world.venue.tick(250);
    world.venue.accept(`${OPEN}/sl/1`);
    expect(await run.read('runner_unprotected_seconds_total')).toBe(0.25);
  });

  test('does not go back where the gap is closed by an older clock', async () => {
    const world = exposed();
    world.venue.tick(1000);
    const run = aMeasuredRun({ world, sources: { marketNow: () => world.now + 400 } });
    expect(await run.read('runner_unprotected_seconds_total')).toBe(0.4);
    world.venue.accept(`${OPEN}/sl/1`);
    expect(await run.read('runner_unprotected_seconds_total')).toBe(0.4);
    expect(run.faults).toEqual([]);
  });
});

describe('what cannot be counted', () => {
  test('is said once, counted each time, and fails nobody', async () => {
    const run = aMeasuredRun();
    const wrong = anEvent({ kind: 'api_error', verdict: 'no such class' });
    for (let i = 0; i < 3; i += 1) run.metrics.event(wrong);
    run.metrics.event(anEvent({ kind: 'drift', driftBps: NaN }));
    run.metrics.record(aRecord({ type: 'fill' }));
    run.metrics.event(anEvent({ kind: 'bar' }));
    expect(run.faults.map(String)).toEqual([
      'Error: runner_api_errors_total has no class no such class',
    ]);
    expect(await run.read('runner_metrics_faults_total')).toBe(5);
    expect(await run.read('runner_bars_total')).toBe(1);
    expect(await run.read('runner_drift_bps')).toBe(0);
  });

  test('costs the other gauges nothing but this look at them', async () => {
    const driver = {
      queueDepth: 0,
      get isJournalLost(): boolean {
        throw new Error('gone');
      },
    };
    const run = aMeasuredRun({ sources: { driver } });
    expect(seriesOf(await run.metrics.text()).size).toBeGreaterThan(METRIC_NAMES.length);
    expect(run.faults.map(String)).toEqual(['Error: gone']);
  });
});

test('each metric is named, with its unit at the end where it is one of time or bps', () => {
  for (const [name, { type, unit, help }] of Object.entries(METRICS)) {
    expect(name).toMatch(/^runner_[a-z_]+$/);
    expect(help).toMatch(/\.$/);
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
    if (unit === 'seconds') expect(name).toMatch(/_seconds(_total)?$/);
    if (unit === 'bps') expect(name).toMatch(/_bps$/);
  }
});
