// A live session in one process with everything real but its plugin: the local exchange stepped by
// hand, ccxt, the engine and its SQLite session. Nothing here waits for a length of time; it waits
// until something has become true.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EngineEvent, type EngineRecord, decode, format } from '@strategy-runner/core';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { AccountStore } from '../../adapters/src/account-store/account-store.js';
import { EventRelay } from '../../adapters/src/api/event-relay.js';
import { engineConfigOf } from '../../adapters/src/api/engine-config.js';
import type { ExchangeLimits } from '../../adapters/src/api/exchange-account.js';
import { type ExchangeRun, startExchangeLive } from '../../adapters/src/api/exchange-live.js';
import { setUpOnExchange } from '../../adapters/src/api/exchange-setup.js';
import { findOrCreate, settingsOf } from '../../adapters/src/api/open-session.js';
import { premiseFiles, readPremises } from '../../adapters/src/api/premises.js';
import { DEFAULTS, type RunConfig } from '../../adapters/src/api/run-config.js';
import type { Setup } from '../../adapters/src/api/setup.js';
import { isoOf, newSessionId } from '../../adapters/src/api/start-session.js';
import {
  type Comparison,
  compareWithTruth,
} from '../../adapters/src/cli/commands/venue-comparison.js';
import { readTruth } from '../../adapters/src/cli/commands/venue-truth.js';
import { RunMetrics } from '../../adapters/src/metrics/run-metrics.js';
import { metadataOf } from '../../adapters/src/report/backtest-session.js';
import type { SessionFolder } from '../../adapters/src/store/session-folder.js';
import { SqliteStore } from '../../adapters/src/store/sqlite/sqlite-store.js';
import { type RunningVenue, startVenue } from '../../adapters/src/venue-server/start-venue.js';
import type { AccountConfig } from '../../adapters/src/venue/ccxt/account-config.js';
import { AccountReader } from '../../adapters/src/venue/ccxt/account-reader.js';
import { ClientOrderIds } from '../../adapters/src/venue/ccxt/client-order-id.js';
import { createClient } from '../../adapters/src/venue/ccxt/create-client.js';
import { checkIdentity } from '../../adapters/src/venue/ccxt/identity-check.js';
import type { UntrackedPolicy } from '@strategy-runner/core';
import type { CcxtClient } from '../../adapters/src/venue/ccxt/client.js';
import { ALL_CAPABILITIES } from './world-config.js';
import {
  LIVE_SYMBOL,
  MINUTE_MS,
  type MarketOptions,
  merged,
  onLiveBars,
  symbolOf,
  withLeverage,
} from './live-market.js';
import { type WorldStrategy, definitionOf, nothingHeard } from './world-strategy.js';

export { LIVE_START_MS, LIVE_SYMBOL } from './live-market.js';

type Deep<Value> = {
  readonly [Key in keyof Value]?: Value[Key] extends object ? Deep<Value[Key]> : Value[Key];
};

export interface LiveWorldOptions extends MarketOptions {
  /** A script counts live bars from 0: the first one that closes after the session has begun. */
  readonly strategy: WorldStrategy;
  readonly exchange?: 'binanceusdm' | 'binance';
  readonly cash?: string;
  readonly seed?: number;
  readonly account?: Partial<AccountConfig>;
  readonly config?: Deep<RunConfig>;
  readonly limits?: ExchangeLimits;
  readonly onUntracked?: UntrackedPolicy;
  /** Before the session connects: orders of others, faults from the first request on. */
  readonly before?: (venue: RunningVenue) => void | Promise<void>;
}

/** Waits short enough for a test, all of them far above what a loopback answer takes. */
const QUICK: ExchangeLimits = {
  desk: { absenceWindowMs: 1200, retryFirstMs: 50, retryGraceMs: 200, retryMaxMs: 500 },
  reconcile: { quietMs: 100 },
  backoff: { firstMs: 50, maxMs: 500 },
  drainMs: 3000,
};

export async function aLiveWorld(options: LiveWorldOptions): Promise<LiveWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'runner-live-'));
  const venue = await startVenue({
    symbols: [symbolOf(options)],
    cash: options.cash ?? '100000',
    seed: options.seed ?? 1,
    clock: { now: () => Date.now() },
  });
  const world = new LiveWorld(options, venue, folder);
  onTestFinished(async () => {
    await world.end();
    await venue.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  await options.before?.(venue);
  await world.begin();
  return world;
}

export class LiveWorld {
  readonly venue: RunningVenue;
  readonly heard = nothingHeard();
  readonly logs: string[] = [];
  /** Of the run that goes on; each begins with its own. */
  metrics = this.#newMetrics();
  readonly #options: LiveWorldOptions;
  readonly #folder: string;
  readonly #symbol: string;
  #client: CcxtClient | undefined;
  #store: SqliteStore | undefined;
  #session: SessionFolder | undefined;
  #run: ExchangeRun | undefined;
  #finished: Promise<string> | undefined;

  constructor(options: LiveWorldOptions, venue: RunningVenue, folder: string) {
    this.#options = options;
    this.venue = venue;
    this.#folder = folder;
    this.#symbol = options.symbol ?? LIVE_SYMBOL;
  }

  get run(): ExchangeRun {
    if (this.#run === undefined) throw new Error('the session does not run');
    return this.#run;
  }

  get state(): ExchangeRun['engine']['state'] {
    return this.run.engine.state;
  }

  get session(): SessionFolder {
    return this.#session!;
  }

  /** Plays `count` bars, each until the session has taken it in and nothing is under way. */
  async bars(count = 1): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      const taken = this.state.market.get(this.#symbol)?.bars ?? 0;
      this.venue.playback.playBar();
      await this.until(() => (this.state.market.get(this.#symbol)?.bars ?? 0) > taken);
      await this.settle();
    }
  }

  /** One of a bar's four prices. The bar is taken in with its last one. */
  async tick(): Promise<void> {
    this.venue.playback.playTick();
    await this.settle();
  }

  /** Until nothing has been under way for three looks in a row. */
  async settle(limitMs = 20_000): Promise<void> {
    let calm = 0;
    const endMs = Date.now() + limitMs;
    while (calm < 3) {
      if (Date.now() > endMs) throw new Error('it does not come to rest');
      await sleep(20);
      await this.run.idle();
      calm = this.run.isQuiet ? calm + 1 : 0;
    }
  }

  async until(isTrue: () => boolean, limitMs = 20_000): Promise<void> {
    const endMs = Date.now() + limitMs;
    while (!isTrue()) {
      if (Date.now() > endMs) throw new Error(`not within ${limitMs} ms: ${isTrue.toString()}`);
      await sleep(10);
    }
  }

  /** Every event and record of the session's journal, in order. */
  async journal(): Promise<readonly (EngineEvent | EngineRecord)[]> {
    const entries: (EngineEvent | EngineRecord)[] = [];
    for await (const row of this.#store!.readJournal(1)) {
      entries.push(decode(row.payload) as EngineEvent | EngineRecord);
    }
    return entries;
  }

  async eventsOf<Kind extends EngineEvent['kind']>(kind: Kind) {
    const entries = await this.journal();
    return entries.filter((entry) => 'kind' in entry && entry.kind === kind) as unknown as Extract<
      EngineEvent,
      { kind: Kind }
    >[];
  }

  async recordsOf<Type extends EngineRecord['type']>(type: Type) {
    const entries = await this.journal();
    return entries.filter((entry) => 'type' in entry && entry.type === type) as unknown as Extract<
      EngineRecord,
      { type: Type }
    >[];
  }

  /** Orders, trades, payments, positions and wallet as sets: what differs between both sides. */
  async differences(): Promise<Comparison['differences']> {
    return (await this.comparison()).differences;
  }

  async comparison(): Promise<Comparison> {
    const store = this.#store!;
    // The tables follow the journal; a write behind them means that they are there.
    await this.run.idle();
    const ids = new ClientOrderIds(this.session.id);
    const market = this.#options.exchange === 'binance' ? 'spot' : 'futures';
    const tables = {
      orders: await store.rows('orders'),
      fills: await store.rows('fills'),
      funding: await store.rows('funding'),
      moves: await store.rows('cashMoves'),
      positions: await store.rows('positions'),
      equity: await store.rows('equity'),
    };
    return compareWithTruth(await readTruth(this.venue.url, market), tables, {
      clientIdOf: (key) => ids.of(key),
      isOurs: (id) => ids.isOfSession(id),
    });
  }

  /** Client order id as the venue knows it. */
  clientIdOf(orderKey: string): string {
    return new ClientOrderIds(this.session.id).of(orderKey);
  }

  /** Starts the session, or goes on with it. Resolves when it is ready; rejects when refused. */
  async begin(): Promise<void> {
    const { exchange = 'binanceusdm', limits, onUntracked = 'block' } = this.#options;
    const config = this.#account(exchange);
    const identity = await checkIdentity({
      restUrl: this.venue.url,
      key: this.venue.identityKey,
      timeoutMs: 5000,
    });
    if (!identity.isLocalExchange) throw new Error(identity.why);
    const relay = new EventRelay();
    const log = pino({ level: 'debug' }, { write: (line) => void this.logs.push(line) });
    const client = await createClient({
      account: config,
      credentials: this.venue.credentials,
      emit: relay.emit,
      log,
      market: identity.market,
      clockSyncMs: 0,
    });
    this.#client = client;
    // At an exchange's pace a reading of the whole account takes seconds; not what is shown here.
    client.exchange.throttle = () => Promise.resolve();
    const connected = await client.connect();
    if (!connected.ok) throw new Error(connected.failure.detail);
    const clock = { now: () => Date.now() };
    const setup = await this.#setUp(client);
    const folder = await this.#sessionOf(setup, exchange);
    this.#session = folder;
    const premises = await readPremises(folder);
    const store = await SqliteStore.open({
      path: folder.databasePath,
      session: {
        sessionId: folder.id,
        initialCash: format(premises.config.initialCash),
        spotSymbols: setup.instrument.market === 'spot' ? [this.#symbol] : [],
      },
    });
    this.#store = store;
    const stateDir = join(this.#folder, 'state');
    this.metrics = this.#newMetrics();
    const run = await startExchangeLive({
      setup,
      metrics: this.metrics,
      metadata: folder.metadata,
      store,
      log,
      config: premises.config,
      client,
      account: { name: 'test', config },
      accountStore: new AccountStore({ stateDir, id: { exchange, account: 'test' }, clock }),
      relay,
      onUntracked,
      everTraded: [],
      clock,
      limits: { ...QUICK, ...limits },
    });
    this.#run = run;
    this.#finished = run.finish();
    const ended = this.#finished.then((cause) => {
      if (!run.isReady) throw new Error(`it ended before it was ready: ${cause}`);
      return cause;
    });
    ended.catch(() => undefined);
    await Promise.race([this.until(() => run.isReady, 30_000), ended]);
    await this.settle();
  }

  /** Ends the run as SIGTERM does. */
  async end(): Promise<string | undefined> {
    const run = this.#run;
    if (run === undefined) {
      await this.#client?.close();
      return undefined;
    }
    run.stop('test');
    const cause = await this.#finished!.catch(() => 'failed');
    this.#run = undefined;
    await this.#client!.close();
    await this.#store!.close();
    return cause;
  }

  async restart(): Promise<void> {
    await this.end();
    await this.begin();
  }

  #newMetrics(): RunMetrics {
    const onFault = (error: unknown): void => void this.logs.push(`metrics_fault ${String(error)}`);
    return new RunMetrics({ clock: { now: () => Date.now() }, onFault });
  }

  #account(exchange: string): AccountConfig {
    return {
      exchange,
      rest_url: this.venue.url,
      stream_url: this.venue.url.replace('http', 'ws'),
      identity_key: this.venue.identityKey,
      call_deadline_ms: 1500,
      recv_window_ms: 5000,
      reconcile_interval_ms: 600_000,
      outage_kill_after_ms: null,
      ...this.#options.account,
    };
  }

  async #setUp(client: CcxtClient): Promise<Setup> {
    const reading = await new AccountReader(client, () => [this.#symbol]).balances();
    if (!reading.ok) throw new Error(reading.detail);
    const usdt = reading.value.find(({ currency }) => currency === 'USDT');
    const config = merged(DEFAULTS, this.#options.config ?? {}) as RunConfig;
    const setup = await setUpOnExchange({
      cwd: process.cwd(),
      strategy: 'buy-and-hold',
      client,
      resolved: { config: withLeverage(config), areCostsDefaulted: false },
      symbol: this.#symbol,
      timeframe: '1m',
      cash: format(usdt?.total ?? 0n),
      holdsStops: this.#symbol.includes(':'),
    });
    const strategy = onLiveBars(this.#options.strategy);
    const definition = definitionOf(strategy, this.heard);
    const { plugin } = setup;
    const hooks = { onBar: true, onFill: true, onIntentEvent: true, onTimer: true };
    const capabilities = ALL_CAPABILITIES as typeof plugin.manifest.capabilities;
    const manifest = { ...plugin.manifest, capabilities };
    return { ...setup, warmupBars: 1, plugin: { ...plugin, definition, hooks, manifest } };
  }

  #sessionOf(setup: Setup, exchange: string) {
    const clock = { now: () => Date.now() };
    const sessionId = newSessionId(clock, 'world', this.#symbol);
    const { columns } = setup.bars;
    const firstMs = columns.openMs[columns.length - 1]! + MINUTE_MS;
    const startedAt = isoOf(clock.now());
    return findOrCreate({
      sessionsDir: join(this.#folder, 'sessions'),
      start: 'auto',
      metadata: metadataOf(setup, {
        sessionId,
        kind: 'live',
        exchange,
        account: 'test',
        startedAt,
      }),
      settings: settingsOf(undefined, setup.pinned),
      files: premiseFiles(setup, engineConfigOf(setup, sessionId, firstMs)),
    });
  }
}
