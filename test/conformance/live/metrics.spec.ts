// What a live session shows of itself from outside, held against what has happened at the exchange.
import { describe, expect, test } from 'vitest';
import { openLong, quantity, stopAt } from '../../support/bodies.js';
import { type LiveWorld, aLiveWorld } from '../../support/live-world.js';
import { seriesOf } from '../../unit/adapters/metrics/a-run.js';

const HELD = openLong({ sizing_policy: quantity('0.5'), protection: stopAt('40000') });

async function shown(world: LiveWorld): Promise<(series: string) => number | undefined> {
  const series = seriesOf(await world.metrics.text());
  return (name) => series.get(name);
}

/** Codes of those alerts, in order: a slow machine may have others. */
async function alertsOf(world: LiveWorld, prefix: string): Promise<readonly string[]> {
  const codes = (await world.recordsOf('alert')).map(({ code }) => code);
  return codes.filter((code) => code.startsWith(prefix));
}

/** The exchange closes the stream of the account; resolves when it is ready again. */
async function lose(world: LiveWorld): Promise<void> {
  const before = (await world.eventsOf('connection')).length;
  world.venue.hub.each('user', (connection) => connection.close(1006));
  const isLost = async () => (await world.eventsOf('connection')).length > before;
  await expect.poll(isLost, { timeout: 20_000 }).toBe(true);
  await world.until(() => world.run.isReady);
  await world.settle();
}

describe('the metrics of a live session', () => {
  test('are those of its orders, fills and account, and start again with it [B6]', async () => {
    const world = await aLiveWorld({ strategy: { 0: HELD } });
    await world.bars(1);
    await world.until(() => world.state.positions.size === 1 && world.state.orders.size === 1);
    await world.settle();
    const read = await shown(world);
    const fills = await world.recordsOf('fill');
    const taken = fills.length;
    expect(taken).toBeGreaterThan(0);
    expect(read('runner_open_positions')).toBe(1);
    expect(read('runner_working_orders')).toBe(1);
    expect(read('runner_fills_total{liquidity="taker"}')).toBe(taken);
    expect(read('runner_slippage_bps_count{action="entry"}')).toBe(taken);
    expect(read('runner_fees_total{direction="paid"}')).toBeGreaterThan(0);
    const created = await world.recordsOf('order_created');
    const exits = created.filter(({ order }) => order.action === 'exit');
    expect(read('runner_orders_total{action="exit"}')).toBe(exits.length);
    const accepted = (await world.eventsOf('order_accepted')).filter((one) => 'sentMs' in one);
    expect(accepted.length).toBeGreaterThanOrEqual(2);
    const latency = 'runner_order_latency_seconds_count';
    expect(read(`${latency}{stage="decided_to_sent"}`)).toBe(accepted.length);
    expect(read(`${latency}{stage="sent_to_accepted"}`)).toBe(
      accepted.filter((one) => 'ackedMs' in one).length,
    );
    expect(read('runner_account_readings_total')).toBeGreaterThan(0);
    expect(read('runner_connection_down')).toBe(0);
    expect(read('runner_metrics_faults_total')).toBe(0);

    await world.restart();
    const again = await shown(world);
    expect(again('runner_fills_total{liquidity="taker"}')).toBe(0);
    expect(again('runner_open_positions')).toBe(1);
    expect(again('runner_reconnects_total')).toBe(0);
    const warm = world.logs.filter((line) => line.includes('"event":"warm_start"'));
    expect(warm.map((line) => JSON.parse(line) as object)).toMatchObject([
      { run: 2, positions: 1, orders: 1, unknown_orders: 0, killed: false },
    ]);
  });

  test('count each loss of the connection, and the n-th is an alert, once [B4]', async () => {
    const account = { alert_reconnects: { count: 2 } };
    const world = await aLiveWorld({ strategy: {}, account });
    const alerts = () => alertsOf(world, 'CONNECTION_');
    await lose(world);
    expect(await alerts()).toEqual([]);
    await lose(world);
    expect(await alerts()).toEqual(['CONNECTION_UNSTABLE']);
    await lose(world);
    expect(await alerts()).toEqual(['CONNECTION_UNSTABLE']);
    const read = await shown(world);
    expect(read('runner_reconnects_total')).toBe(3);
    expect(read('runner_alerts_total{code="CONNECTION_UNSTABLE"}')).toBe(1);
    expect(world.logs.filter((line) => line.includes('"code":"CONNECTION_'))).toEqual([
      expect.stringContaining('the venue was lost 2 times'),
    ]);
    // What led to it stands before it.
    const kinds = (await world.journal()).map((entry) => ('kind' in entry ? entry.kind : ''));
    expect(
      kinds.slice(0, kinds.indexOf('host_alert')).filter((k) => k === 'connection').length,
    ).toBeGreaterThan(6);
  });
});

test('the account is read at each interval, two missed ones are an alert [B3]', async () => {
  const reconcile = { intervalMs: 150, quietMs: 40, failuresMax: 1_000_000 };
  const world = await aLiveWorld({ strategy: { 0: HELD }, limits: { reconcile } });
  const alerts = () => alertsOf(world, 'HEARTBEAT_');
  const beats = () => world.logs.filter((line) => line.includes('"event":"heartbeat"'));
  await world.bars(1);
  const isHeld = () =>
    beats().some((line) => line.includes('"positions":["BTC/USDT:USDT long 0.5'));
  await world.until(isHeld);
  const after = beats().length;
  await world.until(() => beats().length >= after + 2);
  expect(await alerts()).toEqual([]);

  const { faults } = world.venue;
  faults.add({ endpoint: 'GET /fapi/v3/positionRisk', kind: 'empty_object', times: 0 });
  const unread = () =>
    world.logs.filter((line) => line.includes('"event":"account_unread"')).length;
  await world.until(() => unread() >= 4);
  await world.run.idle();
  expect(await alerts()).toEqual(['HEARTBEAT_MISSED']);
  const told = world.logs.find((line) => line.includes('"code":"HEARTBEAT_MISSED"'));
  expect(told).toContain('has not been read for 2 intervals: fetchPositions');
  expect((await shown(world))('runner_alerts_total{code="HEARTBEAT_MISSED"}')).toBe(1);
  faults.remove();
  const before = beats().length;
  await world.until(() => beats().length > before);
});
