// What stands between the command and the first order: orders of others on the account, an
// exchange that is down, closed gates, and somebody who runs the account already.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openLong, quantity, stopAt } from '../support/bodies.js';
import { type Stage, aStage, calmVariables, ended } from './exchange-stage.js';
import { type Ended, aFile, aFolder, runRunner, startRunner } from './run-runner.js';

// Several processes are started in each.
vi.setConfig({ testTimeout: 240_000 });

/** An error of the command stands last on stderr, below what was logged. */
function refusalOf({ stderr }: Ended): string {
  return stderr.slice(stderr.indexOf('error '));
}

const ENTRY = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC' };
const BID = { ...ENTRY, quantity: '0.1', price: '45000' };

async function bid(stage: Stage): Promise<string> {
  const { clientOrderId } = await stage.byHand('POST', '/fapi/v1/order', BID);
  const order = [...stage.venue.state.orders.values()].find(
    (known) => known.clientOrderId === clientOrderId,
  );
  return String(order!.id);
}

describe('an open order of somebody else', () => {
  test('blocks the start, and is named with what to do about it [R10]', async () => {
    const stage = await aStage();
    const id = await bid(stage);
    const refused = await stage.run(stage.liveArgs());
    expect(refused).toMatchObject({ status: 77, stdout: '' });
    const said = refusalOf(refused);
    expect(said).toContain('error UNTRACKED_ORDER: ');
    expect(said).toContain(id);
    expect(said).toContain('--on-untracked cancel');
    expect(said).toContain('--on-untracked adopt');
    expect(stage.resting).toEqual(['BUY LIMIT']);
    expect(stage.requests.filter((name) => name === 'POST /fapi/v1/order')).toHaveLength(1);
  });

  test('is cancelled, or taken over, where the operator says so [R10]', async () => {
    const stage = await aStage();
    await bid(stage);
    const cancelling = await stage.live('--on-untracked', 'cancel');
    expect(stage.resting).toEqual([]);
    expect(await ended(cancelling, 'SIGTERM')).toMatchObject({ status: 0 });

    const id = await bid(stage);
    const adopting = await stage.live('--on-untracked', 'adopt');
    expect(stage.resting).toEqual(['BUY LIMIT']);
    expect(await stage.entries('order_adopted')).toMatchObject([
      { venueOrder: { venueOrderId: id } },
    ]);
    expect(await ended(adopting, 'SIGTERM')).toMatchObject({ status: 0 });
    // It is the session's own from now on.
    const again = await stage.live();
    expect(stage.resting).toEqual(['BUY LIMIT']);
    expect(await ended(again, 'SIGTERM')).toMatchObject({ status: 0 });
  });

  test('that can only reduce does not block [R10]', async () => {
    const stage = await aStage({
      script: { 0: openLong({ sizing_policy: quantity('0.5'), protection: stopAt('49000') }) },
    });
    const first = await stage.live();
    await stage.bars(1);
    await stage.until(() => stage.resting.length === 1 && stage.held === 0.5);
    await ended(first, 'SIGTERM');
    const takes = { ...ENTRY, side: 'SELL', quantity: '0.1', price: '52000', reduceOnly: 'true' };
    await stage.byHand('POST', '/fapi/v1/order', takes);
    const second = await stage.live();
    await ended(second, 'SIGTERM');
    expect([...stage.resting].toSorted()).toEqual(['SELL LIMIT', 'SELL STOP_MARKET']);
  });
});

interface ShownMetrics {
  readonly state?: string;
  readonly is_final: boolean;
  readonly metrics: Readonly<Record<string, { readonly series: readonly object[] }>>;
}

/** Sum over the series of each metric, or the count of a histogram's observations. */
function sumsOf({ metrics }: ShownMetrics): Readonly<Record<string, number>> {
  const sums = Object.entries(metrics).map(([name, { series }]) => {
    const values = series.map((one) => Number('value' in one ? one.value : (one as Counted).count));
    return [name, values.reduce((sum, value) => sum + value, 0)] as const;
  });
  return Object.fromEntries(sums);
}

type Counted = { readonly count: number };

/** What the account and the bars before it show, and what goes on by itself. */
const NOT_ZERO = [
  'equity',
  'cash',
  'account_readings_total',
  'bars_total',
  'start_time_seconds',
  'queue_depth',
];

test('a cold start waits for its exchange and begins with nothing [B1] [B4] [B6]', async () => {
  const account = { alert_reconnects: { count: 1 } };
  const held = openLong({ sizing_policy: quantity('0.5'), protection: stopAt('49000') });
  const stage = await aStage({ account, script: { 0: held } });
  await stage.venue.stop();
  const run = stage.start(stage.liveArgs('--start', 'cold', '--metrics-interval', '1'));
  await run.says('"attempt":3');
  await stage.comeUp();
  await run.says('"state":"ready"');
  await stage.until(() => stage.isHeard);
  const snapshot = join(stage.folder, 'sessions', stage.sessions[0]!, 'metrics.json');
  let zeros: Readonly<Record<string, number>> = {};
  await stage.until(() => {
    zeros = sumsOf(JSON.parse(readFileSync(snapshot, 'utf8')) as ShownMetrics);
    return zeros['runner_account_readings_total']! > 0 && zeros['runner_entries_held'] === 0;
  });
  const others = Object.entries(zeros).filter(
    ([name, sum]) =>
      sum !== 0 && !NOT_ZERO.includes(name.slice('runner_'.length)) && !name.includes('_age_'),
  );
  expect(others).toEqual([]);
  await stage.bars(1);
  await stage.until(() => stage.held === 0.5 && stage.resting.length === 1);
  stage.venue.hub.each('user', (connection) => connection.close(1006));
  await run.says('"code":"CONNECTION_UNSTABLE"');

  const { status, stderr } = await ended(run, 'SIGTERM');
  expect(status).toBe(0);
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  const said = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const of = (event: string) => said.filter((line) => line['event'] === event);
  const nothing = { rows: 0, positions: 0, orders: 0, unknown_orders: 0, intents: 0, holds: 0 };
  expect(of('cold_start')).toMatchObject([{ run: 1, ...nothing, killed: false }]);
  expect(of('warm_start')).toEqual([]);
  const waits = of('connection').filter(({ wait_ms: ms }) => ms !== undefined);
  const [first, second, third] = waits.map(({ wait_ms: ms }) => Number(ms));
  expect(second).toBeGreaterThan(first!);
  expect(third).toBeGreaterThan(second!);

  const last = await stage.run(['status', '--metrics', '--json']);
  const left = JSON.parse(last.stdout) as ShownMetrics;
  expect(left).toMatchObject({ state: 'stopped', is_final: true });
  expect(sumsOf(left)).toMatchObject({
    runner_bars_total: zeros['runner_bars_total']! + 1,
    runner_open_positions: 1,
    runner_metrics_faults_total: 0,
  });
  expect(sumsOf(left)['runner_alerts_total']).toBeGreaterThan(0);
  expect(sumsOf(left)['runner_reconnects_total']).toBeGreaterThan(0);
  const shown = await stage.run(['status']);
  expect(shown.stdout).toMatch(/Last alerts:\n[^]* {2}\S+ CONNECTION_UNSTABLE: the venue was lost/);
});

/** Something that listens on loopback and answers, but is no local exchange. */
async function aStranger() {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url?.split('?')[0]}`);
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{"code":-1,"msg":"no"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const folder = aFolder();
  const real = { exchange: 'binanceusdm', rest_url: url, stream_url: url.replace('http', 'ws') };
  const accounts = { real: { ...real, identity_key: 'not the one of this address' } };
  aFile(folder, 'config.json', JSON.stringify({ accounts }));
  const args = ['live', '--strategy', 'breakout', '--exchange', 'binanceusdm', '--mode', 'live'];
  const market = ['--symbol', 'BTC/USDT:USDT', '--timeframe', '1m', '--config', 'config.json'];
  const keys = { RUNNER_API_KEY: 'a-key', RUNNER_API_SECRET: 'a-secret' };
  const variables = { ...calmVariables(folder), ...keys };
  const orders = () => requests.filter((line) => !line.startsWith('GET '));
  const live = (given: Readonly<Record<string, string>>, ...more: readonly string[]) =>
    runRunner([...args, ...market, ...more], folder, { ...variables, ...given });
  return { folder, live, requests, orders, args: [...args, ...market], variables };
}

const OPEN = { RUNNER_ENV: 'prod', DRY_RUN: '0', CONFIRM_LIVE: 'YES' };

describe('an address that has not proven to be the local exchange', () => {
  test('gets no request that could be an order while a gate is closed [P1] [P8] [P9]', async () => {
    const { live, orders, requests } = await aStranger();
    const refused = async (given: Readonly<Record<string, string>>, ...more: readonly string[]) => {
      const run = await live(given, ...more);
      expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 77, stdout: '' });
      return refusalOf(run);
    };
    const all = await refused({}, '--force');
    expect(all).toContain('error LIVE_REFUSED: ');
    expect(all).toContain('RUNNER_ENV=prod, DRY_RUN=0, CONFIRM_LIVE=YES');
    const one = async (name: keyof typeof OPEN, value: string): Promise<string> =>
      refused({ ...OPEN, [name]: value }, '--force');
    const named = [
      await one('RUNNER_ENV', ''),
      await one('DRY_RUN', ''),
      await one('CONFIRM_LIVE', ''),
      await one('CONFIRM_LIVE', 'yes'),
    ].map((text) => /needs ([^.]*)\./.exec(text)?.[1]);
    expect(named).toEqual(['RUNNER_ENV=prod', 'DRY_RUN=0', 'CONFIRM_LIVE=YES', 'CONFIRM_LIVE=YES']);
    expect(await refused({ ...OPEN, ENVIRONMENT: 'staging' }, '--force')).toContain(
      'ENVIRONMENT=prod',
    );
    // All gates open, and nobody there who types the account's name.
    expect(await refused(OPEN)).toContain('--force');
    expect(await refused({ ...OPEN, RUN_REAL_EXCHANGE_TESTS: '1' }, '--force')).toContain(
      'error REFUSED_IN_PROD: ',
    );
    expect(orders()).toEqual([]);
    expect(new Set(requests)).toEqual(new Set(['GET /runner-venue/identity']));
  });

  test('is asked for its markets once all gates are open [P1] [P9]', async () => {
    const { args, variables, folder, requests, orders } = await aStranger();
    const run = startRunner([...args, '--force'], folder, { ...variables, ...OPEN });
    onTestFinished(() => void run.process.kill('SIGKILL'));
    await run.says('"gates":"required"');
    await expect
      .poll(() => requests.some((line) => !line.includes('identity')), { timeout: 30_000 })
      .toBe(true);
    run.process.kill('SIGTERM');
    await run.ended;
    expect(orders()).toEqual([]);
  });

  test('is not reached by keys or gates of a .env file in production [P3]', async () => {
    const { live, folder, requests } = await aStranger();
    aFile(folder, '.env', 'CONFIRM_LIVE=YES\nDRY_RUN=0\nRUNNER_API_KEY=x\nRUNNER_API_SECRET=y\n');
    const inProd = await live({ RUNNER_ENV: 'prod' }, '--force');
    expect(inProd.status).toBe(77);
    expect(inProd.stderr).toContain('env_file_ignored');
    expect(refusalOf(inProd)).toContain('DRY_RUN=0, CONFIRM_LIVE=YES');
    // Outside of it the file is read, and still opens no gate.
    const outside = await live({ RUNNER_ENV: 'dev' }, '--force');
    expect(outside.status).toBe(77);
    expect(outside.stderr).toContain('env_file_names_ignored');
    expect(refusalOf(outside)).toContain('RUNNER_ENV=prod, DRY_RUN=0, CONFIRM_LIVE=YES');
    expect(requests.filter((line) => !line.includes('identity'))).toEqual([]);
  });
});

test('what was decided about the gates is kept with the session [P8]', async () => {
  const stage = await aStage();
  const run = await stage.live();
  await ended(run, 'SIGTERM');
  const path = join(stage.folder, 'sessions', stage.sessions.at(-1)!, 'session.json');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    runs: [
      {
        gates: { gates: 'not_required', why: expect.stringContaining('the local exchange') },
      },
    ],
  });
});

test('a second runner of an account, or of its key, is told who holds it [P2]', async () => {
  const stage = await aStage();
  const first = await stage.live('--sessions', 'one');
  const busy = async (...more: readonly string[]): Promise<string> => {
    const run = await stage.run(stage.liveArgs('--sessions', 'two', ...more));
    expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 75, stdout: '' });
    return refusalOf(run);
  };
  const said = await busy();
  expect(said).toContain('error ACCOUNT_BUSY: ');
  expect(said).toContain(`process ${first.process.pid}`);
  // Another name for the account does not hide that it is the same key.
  stage.configure({ other: {} });
  const byKey = await busy('--account', 'other');
  expect(byKey).toContain('error ACCOUNT_BUSY: ');
  expect(byKey).toContain(`process ${first.process.pid}`);
  expect(await ended(first, 'SIGTERM')).toMatchObject({ status: 0 });
  stage.configure({ local: {} });
  const next = await stage.live('--sessions', 'two');
  expect(await ended(next, 'SIGTERM')).toMatchObject({ status: 0 });
});

test('protection from before a crash is taken over, not placed again [B2] [X18]', async () => {
  const stage = await aStage({
    script: { 0: openLong({ sizing_policy: quantity('0.5'), protection: stopAt('49000') }) },
  });
  const first = await stage.live();
  await stage.bars(1);
  await stage.until(() => stage.held === 0.5 && stage.resting.length === 1);
  const placed = [...stage.venue.state.algos.keys()];
  expect(await ended(first, 'SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
  const second = await stage.live();
  await stage.bars(2);
  const { stderr } = await ended(second, 'SIGTERM');
  expect(stderr).toContain('"event":"warm_start"');
  expect([...stage.venue.state.algos.keys()]).toEqual(placed);
  expect(stage.resting).toEqual(['SELL STOP_MARKET']);
});
