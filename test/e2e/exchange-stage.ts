// Two terminals: the local exchange, here in the test's own process and stepped by hand, and the
// built command trading on it as a process of its own. What the command did is read from the
// exchange, from the session's database and from what it printed.
import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EngineEvent, type EngineRecord, decode } from '@strategy-runner/core';
import sqlite3 from 'sqlite3';
import { expect, onTestFinished } from 'vitest';
import type { SymbolSetup } from '../../adapters/src/venue-server/exchange.js';
import {
  type RunningVenue,
  type VenueOptions,
  startVenue,
} from '../../adapters/src/venue-server/start-venue.js';
import type { MarketBar } from '../../adapters/src/venue-server/venue-state.js';
import { type Ended, type Started, aFile, aFolder, runRunner, startRunner } from './run-runner.js';

export const SYMBOL = 'BTC/USDT:USDT';
const MINUTE_MS = 60_000;
const HISTORY = 5;
const START_MS = Date.UTC(2024, 0, 1, 7, 50);
/** When the first bar opens that a session may trade on. */
export const FIRST_MS = START_MS + HISTORY * MINUTE_MS;
/** A process that starts while others do. */
const LIMIT = { timeout: 40_000, interval: 50 };

export interface StageOptions {
  /** Closes of the live bars; after the last one the price stays. Default 50000. */
  readonly closes?: readonly number[];
  readonly symbol?: string;
  readonly exchange?: string;
  readonly credentials?: VenueOptions['credentials'];
  readonly symbolSetup?: Partial<SymbolSetup>;
  readonly account?: object;
  readonly config?: object;
  /** Answers of the plugin by the number of the live bar. */
  readonly script?: Readonly<Record<number, unknown>>;
}

type Params = Readonly<Record<string, string>>;

export type Entry = EngineEvent | EngineRecord;

export async function aStage(options: StageOptions = {}): Promise<Stage> {
  const folder = aFolder();
  const stage = new Stage(options, folder, await aVenue(options));
  onTestFinished(() => stage.end());
  return stage;
}

function aVenue(options: StageOptions, before?: RunningVenue): Promise<RunningVenue> {
  const { credentials } = options;
  return startVenue({
    symbols: [setupOf(options)],
    cash: '100000',
    spotBase: '0',
    seed: 1,
    clock: { now: () => Date.now() },
    ...(before === undefined ? {} : { port: before.port, identityKey: before.identityKey }),
    ...(credentials === undefined ? {} : { credentials }),
  });
}

function setupOf({ closes = [], symbol, symbolSetup }: StageOptions): SymbolSetup {
  function* bars(): Generator<MarketBar, undefined> {
    let open = closes[0] ?? 50_000;
    for (let at = 0; ; at += 1) {
      const close = at < HISTORY ? open : (closes[at - HISTORY] ?? open);
      const [high, low] = [Math.max(open, close), Math.min(open, close)];
      const prices = { open: `${open}`, high: `${high}`, low: `${low}`, close: `${close}` };
      yield { openMs: START_MS + at * MINUTE_MS, ...prices, volume: '100' };
      open = close;
    }
  }
  const terms = { timeframeMs: MINUTE_MS, history: HISTORY, liquidity: '10' };
  return { symbol: symbol ?? SYMBOL, bars: bars(), ...terms, ...symbolSetup };
}

/** A plugin that answers by the number of the live bar, and holds nothing that is to be kept. */
export function scriptOf(answers: Readonly<Record<number, unknown>>): string {
  return `const answers = ${JSON.stringify(answers)};
export default { create: () => ({
  onBar: (bar) => answers[(bar.open_ms - ${FIRST_MS}) / ${MINUTE_MS}],
  snapshot: () => null,
  restore: () => undefined,
}) };`;
}

export class Stage {
  readonly folder: string;
  venue: RunningVenue;
  readonly variables: Readonly<Record<string, string>>;
  readonly #options: StageOptions;
  readonly #started: Started[] = [];
  #bars = 0;

  constructor(options: StageOptions, folder: string, venue: RunningVenue) {
    this.#options = options;
    this.folder = folder;
    this.venue = venue;
    this.variables = {
      ...calmVariables(folder),
      RUNNER_API_KEY: venue.credentials.apiKey,
      RUNNER_API_SECRET: venue.credentials.secret,
    };
    aFile(folder, 'plugin.mjs', scriptOf(options.script ?? {}));
    this.configure({ local: {} });
  }

  /** Accounts of the config by name; each of this exchange, with what differs. */
  configure(accounts: Readonly<Record<string, object>>): void {
    const account = {
      exchange: this.#options.exchange ?? 'binanceusdm',
      rest_url: this.venue.url,
      stream_url: this.venue.url.replace('http', 'ws'),
      identity_key: this.venue.identityKey,
      call_deadline_ms: 3000,
      recv_window_ms: 3000,
      reconcile_interval_ms: 600_000,
      ...this.#options.account,
    };
    const named = Object.entries(accounts).map(([name, more]) => [name, { ...account, ...more }]);
    const document = {
      accounts: Object.fromEntries(named) as object,
      risk: { max_leverage: '5' },
      ...this.#options.config,
    };
    writeFileSync(join(this.folder, 'config.json'), JSON.stringify(document));
  }

  /** The command as the documentation has it; `more` is added to it. */
  liveArgs(...more: readonly string[]): readonly string[] {
    const { exchange = 'binanceusdm', symbol = SYMBOL } = this.#options;
    const what = ['live', '--strategy', './plugin.mjs', '--exchange', exchange, '--mode', 'live'];
    const market = ['--symbol', symbol, '--timeframe', '1m'];
    return [...what, ...market, '--config', 'config.json', ...more];
  }

  start(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Started {
    const started = startRunner(args, this.folder, { ...this.variables, ...variables });
    // A test that fails half-way must not leave an unhandled rejection as well.
    started.ended.catch(() => undefined);
    this.#started.push(started);
    return started;
  }

  run(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return runRunner(args, this.folder, { ...this.variables, ...variables });
  }

  /** Starts a session and waits until entries may go. */
  async live(...more: readonly string[]): Promise<Started> {
    const started = this.start(this.liveArgs(...more));
    await started.says('"state":"ready"');
    await this.until(() => this.isHeard);
    return started;
  }

  /** A bar that is played before anybody listens would be told with the next one only. */
  get isHeard(): boolean {
    const heard: string[] = [];
    this.venue.hub.each('all', ({ streams }) => heard.push(...streams));
    return heard.some((name) => name.includes('@kline_'));
  }

  /** Plays bars, each until it is in the session's journal. */
  async bars(count = 1): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      this.venue.playback.playBar();
      this.#bars += 1;
      const openMs = FIRST_MS + (this.#bars - 1) * MINUTE_MS;
      await this.until(async () => {
        const bars = await this.entries('bar');
        return bars.some((bar) => 'openMs' in bar && bar.openMs === openMs);
      });
    }
  }

  /** Plays bars while nobody listens. */
  missed(count: number): void {
    for (let i = 0; i < count; i += 1) this.venue.playback.playBar();
    this.#bars += count;
  }

  until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
    return expect.poll(isTrue, LIMIT).toBe(true);
  }

  get sessions(): readonly string[] {
    return sessionsIn(this.folder);
  }

  /** Events and records of the newest session's journal, in order. */
  entries(kind: string): Promise<readonly Entry[]> {
    return entriesOf(this.folder, kind);
  }

  /** Somebody with the same key: a signed request, as a person's own tool would send it. */
  async byHand(method: string, path: string, params: Params): Promise<Record<string, unknown>> {
    const { apiKey, secret } = this.venue.credentials;
    const stamped = { ...params, timestamp: String(Date.now()), recvWindow: '5000' };
    const text = new URLSearchParams(stamped).toString();
    const signature = createHmac('sha256', secret).update(text).digest('hex');
    const answer = await fetch(`${this.venue.url}${path}?${text}&signature=${signature}`, {
      method,
      headers: { 'X-MBX-APIKEY': apiKey },
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Record<string, unknown>;
  }

  /** Orders that rest at the exchange, stops too, in words. */
  get resting(): readonly string[] {
    const { algos } = this.venue.state;
    const open = [this.venue.state, this.venue.spot]
      .flatMap(({ orders }) => [...orders.values()])
      .filter(({ status }) => isOpen(status));
    const stops = [...algos.values()].filter(({ status }) => status === 'NEW');
    return [
      ...open.map(({ side, type }) => `${side} ${type}`),
      ...stops.map(({ side, type }) => `${side} ${type}`),
    ];
  }

  /** Signed quantity held at the exchange. */
  get held(): number {
    const positions = this.venue.state.account.positions();
    return positions.reduce((sum, { quantity }) => sum + quantity.toNumber(), 0);
  }

  /** Requests that reached the exchange, as `POST /fapi/v1/order`. */
  get requests(): readonly string[] {
    const lines = this.venue.truth.text().split('\n');
    return lines
      .filter((line) => line.includes('"kind":"request"'))
      .map((line) => (JSON.parse(line) as { readonly endpoint: string }).endpoint);
  }

  /** An exchange that knows nothing, where the first one was. */
  async comeUp(): Promise<void> {
    this.venue = await aVenue(this.#options, this.venue);
  }

  async end(): Promise<void> {
    for (const { process } of this.#started) process.kill('SIGKILL');
    await Promise.allSettled(this.#started.map(({ ended }) => ended));
    await this.venue.stop();
  }
}

/** Oldest first. */
export function sessionsIn(folder: string): readonly string[] {
  const path = join(folder, 'sessions');
  return existsSync(path) ? readdirSync(path).toSorted() : [];
}

/** Events and records of a session's journal, in order; none before there is one. */
export async function entriesOf(
  folder: string,
  kind: string,
  session = sessionsIn(folder).at(-1),
): Promise<readonly Entry[]> {
  if (session === undefined) return [];
  const path = join(folder, 'sessions', session, 'session.sqlite');
  if (!existsSync(path)) return [];
  const rows = await rowsOf(path, kind);
  return rows.map(({ payload }) => decode(payload) as Entry);
}

/** Nothing of the environment that the tests run in decides what a command may do. */
export function calmVariables(folder: string): Readonly<Record<string, string>> {
  const unset = ['RUNNER_ENV', 'ENVIRONMENT', 'DRY_RUN', 'CONFIRM_LIVE', 'CREDENTIALS_DIRECTORY'];
  return {
    ...Object.fromEntries([...unset, 'RUN_REAL_EXCHANGE_TESTS'].map((name) => [name, ''])),
    XDG_STATE_HOME: join(folder, 'state'),
  };
}

export async function ended(started: Started, signal?: NodeJS.Signals): Promise<Ended> {
  if (signal !== undefined) started.process.kill(signal);
  return started.ended;
}

function isOpen(status: string): boolean {
  return status === 'NEW' || status === 'PARTIALLY_FILLED';
}

function rowsOf(path: string, kind: string): Promise<readonly { readonly payload: string }[]> {
  return new Promise((resolve, reject) => {
    const database = new sqlite3.Database(path, sqlite3.OPEN_READONLY, (failed) => {
      // Another process is about to make it.
      if (failed !== null) return resolve([]);
      const sql = 'SELECT payload FROM journal WHERE kind = ? ORDER BY seq';
      database.all<{ readonly payload: string }>(sql, [kind], (error, rows) => {
        database.close(() => (isYoung(error) ? resolve([]) : settle(error, rows)));
      });
    });
    const settle = (error: Error | null, rows: readonly { readonly payload: string }[]): void => {
      if (error === null) resolve(rows);
      else reject(error);
    };
  });
}

function isYoung(error: Error | null): boolean {
  return error !== null && /no such table|SQLITE_BUSY|SQLITE_CANTOPEN/.test(error.message);
}
