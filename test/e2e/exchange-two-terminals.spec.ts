// The two commands that the documentation begins with, each a process of its own: an exchange that
// plays bars, and a session that trades on it. What happened at the one has happened in the other.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { closeLong, openLong, quantity, stopAt } from '../support/bodies.js';
import { BTC_1M } from './bars.js';
import { aStage, calmVariables, ended, entriesOf, sessionsIn } from './exchange-stage.js';
import { type Started, aFolder, runRunner, startRunner } from './run-runner.js';

interface Truth {
  readonly orders: readonly {
    readonly orderId: string;
    readonly origQty: string;
    readonly executedQty: string;
  }[];
  readonly trades: readonly { readonly orderId: string }[];
  readonly algo_orders: readonly object[];
  readonly positions: readonly object[];
}

const ON_EXCHANGE = ['--exchange', 'binanceusdm', '--mode', 'live', '--config', 'venue.json'];
const MARKET = ['--symbol', 'BTC/USDT:USDT', '--timeframe', '1m'];
const LIVE = ['live', '--strategy', 'breakout', ...ON_EXCHANGE, ...MARKET];

/** Both terminals, as far as two processes and the admin port show them. */
class Terminals {
  readonly folder = aFolder();
  readonly variables = {
    ...calmVariables(this.folder),
    RUNNER_API_KEY: 'venue-key',
    RUNNER_API_SECRET: 'venue-secret',
  };
  readonly #market: readonly string[];
  #url = '';

  constructor(market: readonly string[]) {
    this.#market = market;
  }

  get url(): string {
    return this.#url;
  }

  async begin(speed: string): Promise<Started> {
    const path = join(this.folder, 'venue.json');
    const options = [...this.#market, '--speed', speed, '--history', '300'];
    const venue = startRunner(['venue', ...options, '--write-config', 'venue.json'], this.folder);
    onTestFinished(() => void venue.process.kill('SIGKILL'));
    await expect.poll(() => existsSync(path), { timeout: 30_000 }).toBe(true);
    const config = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly accounts: { readonly local: { readonly rest_url: string } };
    };
    this.#url = config.accounts.local.rest_url;
    // Thin levels: what is bought takes several of them, each a fill of its own.
    await this.post('liquidity', { symbol: 'BTCUSDT', quantity: '0.03' });
    const live = startRunner(
      [...LIVE, '--set', 'channel=5', '--set', 'exit_channel=3'],
      this.folder,
      this.variables,
    );
    onTestFinished(() => void live.process.kill('SIGKILL'));
    await live.says('"state":"ready"');
    return live;
  }

  async post(path: string, body: object): Promise<void> {
    const options = { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(`${this.#url}/admin/${path}`, options);
    if (!answer.ok) throw new Error(await answer.text());
  }

  async truth(): Promise<Truth> {
    const text = await (await fetch(`${this.#url}/admin/truth`)).text();
    // Order ids exceed 2^53.
    return JSON.parse(text.replaceAll(/(":\s*)(\d{16,})(?=\s*[,}\]])/g, '$1"$2"')) as Truth;
  }

  async isHolding(): Promise<boolean> {
    return (await this.truth()).positions.length > 0;
  }

  count(kind: string): Promise<number> {
    return entriesOf(this.folder, kind).then(({ length }) => length);
  }

  /** A command about the session that has been written. */
  about(...args: readonly string[]) {
    return runRunner(args, this.folder, this.variables);
  }

  get session(): string {
    return sessionsIn(this.folder).at(-1)!;
  }
}

const WALK = ['--walk', 'BTC/USDT:USDT=50000'];
const DATA = ['--data', BTC_1M.path, '--symbol', 'BTC/USDT:USDT'];
const MARKETS = [
  ['a seeded walk', WALK, false],
  [BTC_1M.isAbsent ? 'real bars (the data is not there)' : 'real bars', DATA, BTC_1M.isAbsent],
] as const;

describe.each(MARKETS)('on %s', (_name, market, isAbsent) => {
  test.skipIf(isAbsent)(
    'at a minute a second, orders, stops, fills and funding are on both sides [R4] [R23]',
    async () => {
      const both = new Terminals(market);
      const live = await both.begin('60');
      await expect.poll(() => both.isHolding(), { timeout: 60_000, interval: 200 }).toBe(true);
      await both.post('funding', { symbol: 'BTCUSDT', rate: '0.0001' });
      await expect.poll(() => both.count('funding_paid'), { timeout: 20_000 }).toBeGreaterThan(0);
      const { status, stdout } = await ended(live, 'SIGTERM');
      expect(status).toBe(0);
      expect(stdout).toContain('ended by sigterm');
      expect(stdout).toMatch(new RegExp(`runner compare .*${both.session}`));
      const stops = await entriesOf(both.folder, 'order_created');
      expect(stops.some((entry) => JSON.stringify(entry, plain).includes('"sl"'))).toBe(true);
      const { orders, trades } = await both.truth();
      const inParts = orders.filter(({ orderId, origQty, executedQty }) => {
        const isPartial = Number(executedQty) > 0 && Number(executedQty) < Number(origQty);
        return isPartial || trades.filter((trade) => trade.orderId === orderId).length > 1;
      });
      expect(inParts.length).toBeGreaterThan(0);
      expect(await both.count('fill_reported')).toBeGreaterThan(0);
      expect(await both.count('venue_message')).toBeGreaterThan(0);
    },
    150_000,
  );

  test.skipIf(isAbsent)(
    'stepped, both sides have the same, and the session replays [R4] [X3]',
    async () => {
      const both = new Terminals(market);
      const live = await both.begin('step');
      const step = async (): Promise<void> => {
        const before = await both.count('bar');
        await both.post('step', { bars: 1 });
        await expect.poll(() => both.count('bar'), { timeout: 20_000 }).toBeGreaterThan(before);
      };
      for (let bars = 0; bars < 60 && !(await both.isHolding()); bars += 1) await step();
      await both.post('funding', { symbol: 'BTCUSDT', rate: '0.0001' });
      for (let bars = 0; bars < 10; bars += 1) await step();
      expect(await ended(live, 'SIGTERM')).toMatchObject({ status: 0 });
      const which = ['--session', both.session, '--truth', both.url];
      const diff = await both.about('venue', 'diff', ...which, '--json');
      expect(diff.status).toBe(0);
      expect(JSON.parse(diff.stdout)).toMatchObject({ differences: [], external: [] });
      const { counts } = JSON.parse(diff.stdout) as { readonly counts: Counts };
      expect(counts.trades).toBeGreaterThan(1);
      expect(counts.funding).toBeGreaterThan(0);
      expect(await both.about('journal', 'verify', both.session)).toMatchObject({ status: 0 });
      expect(await both.about('replay', both.session)).toMatchObject({ status: 0 });
    },
    150_000,
  );
});

interface Counts {
  readonly trades: number;
  readonly funding: number;
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

test('a long-only strategy trades spot, and both sides have the same', async () => {
  const stage = await aStage({
    exchange: 'binance',
    symbol: 'BTC/USDT',
    closes: [50_000, 50_100, 50_200, 50_300],
    script: {
      0: openLong({ sizing_policy: quantity('0.5'), protection: stopAt('40000') }),
      2: closeLong(),
    },
  });
  const run = await stage.live();
  await stage.bars(1);
  await stage.until(async () => (await stage.entries('fill_reported')).length > 0);
  await stage.bars(3);
  await stage.until(async () => {
    const fills = await stage.entries('fill_reported');
    return fills.length > 1 && stage.resting.length === 0;
  });
  const { status, stdout } = await ended(run, 'SIGTERM');
  expect(status).toBe(0);
  expect(stdout).toContain('1 closed');
  const [session = ''] = stage.sessions;
  const diff = await stage.run(['venue', 'diff', '--session', session, '--truth', stage.venue.url]);
  expect(diff).toMatchObject({ status: 0 });
});
