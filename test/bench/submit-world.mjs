// A live session as `runner live` builds it, in this process: engine, SQLite journal, order desk,
// last gate, shared request budget and the real ccxt client, on an exchange in another process. Its
// strategy opens at one bar and closes at the next.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { format } from '@strategy-runner/core';
import { pino } from 'pino';
import { AccountStore } from '../../adapters/dist/account-store/account-store.js';
import { SharedBudget } from '../../adapters/dist/account-store/request-budget.js';
import { engineConfigOf } from '../../adapters/dist/api/engine-config.js';
import { EventRelay } from '../../adapters/dist/api/event-relay.js';
import { startExchangeLive } from '../../adapters/dist/api/exchange-live.js';
import { setUpOnExchange } from '../../adapters/dist/api/exchange-setup.js';
import { findOrCreate, settingsOf } from '../../adapters/dist/api/open-session.js';
import { premiseFiles, readPremises } from '../../adapters/dist/api/premises.js';
import { DEFAULTS } from '../../adapters/dist/api/run-config.js';
import { isoOf, newSessionId } from '../../adapters/dist/api/start-session.js';
import { metadataOf } from '../../adapters/dist/report/backtest-session.js';
import { SqliteStore } from '../../adapters/dist/store/sqlite/sqlite-store.js';
import { createClient } from '../../adapters/dist/venue/ccxt/create-client.js';
import { checkIdentity } from '../../adapters/dist/venue/ccxt/identity-check.js';

export const SYMBOL = 'BTC/USDT:USDT';
export const MINUTE_MS = 60_000;
export const START_MS = Date.UTC(2024, 0, 1, 7, 50);
/** Bars that have closed before the exchanges open. */
export const HISTORY = 200;
export const QUANTITY = '0.01';
export const EXCHANGE = 'binanceusdm';

const ORDER = { order: { type: 'market' }, reason: { code: 'bench' } };
const OPEN = {
  ...ORDER,
  kind: 'open',
  side: 'long',
  sizing_policy: { mode: 'qty', qty: QUANTITY, unit: 'base' },
};
const CLOSE = { ...ORDER, kind: 'close', target: { side: 'long' } };
const FIRST_MS = START_MS + HISTORY * MINUTE_MS;

const definition = {
  create: () => ({
    onBar({ open_ms: openMs }) {
      if (openMs < FIRST_MS) return undefined;
      return ((openMs - FIRST_MS) / MINUTE_MS) % 2 === 0 ? OPEN : CLOSE;
    },
  }),
};

const clock = { now: () => Date.now() };
const log = pino({ level: 'info' }, { write: () => undefined });

/** Account settings of a local exchange; nothing but a bench needs calls to queue this long. */
export function accountAt({ url, identityKey }) {
  return {
    exchange: EXCHANGE,
    rest_url: url,
    stream_url: url.replace('http', 'ws'),
    identity_key: identityKey,
    call_deadline_ms: 60_000,
    recv_window_ms: 60_000,
    reconcile_interval_ms: 600_000,
    outage_kill_after_ms: null,
  };
}

/** A client of our own, connected. */
export async function aClient(venue, parts = {}) {
  const client = await createClient({
    account: accountAt(venue),
    credentials: venue.credentials,
    emit: () => undefined,
    log,
    clockSyncMs: 0,
    ...parts,
  });
  const connected = await client.connect();
  if (!connected.ok) throw new Error(connected.failure.detail);
  return client;
}

export async function startSession(venue, folder) {
  const restUrl = venue.url;
  const identity = await checkIdentity({ restUrl, key: venue.identityKey, timeoutMs: 10_000 });
  if (!identity.isLocalExchange) throw new Error(identity.why);
  const stateDir = join(folder, 'state');
  const relay = new EventRelay();
  const budget = await SharedBudget.open({
    stateDir,
    host: new URL(restUrl).host,
    clock,
    limit: 2400,
    windowMs: MINUTE_MS,
    onFault: (error) => void console.error(error),
  });
  const client = await aClient(venue, { emit: relay.emit, budget, market: identity.market });
  const setup = await setUp(client);
  const session = await sessionOf(setup, join(folder, 'sessions'));
  const { config } = await readPremises(session);
  const initialCash = format(config.initialCash);
  const store = await SqliteStore.open({
    path: session.databasePath,
    session: { sessionId: session.id, initialCash, spotSymbols: [] },
  });
  const run = await startExchangeLive({
    setup,
    metadata: session.metadata,
    store,
    log,
    config,
    client,
    account: { name: 'bench', config: accountAt(venue) },
    accountStore: new AccountStore({
      stateDir,
      id: { exchange: EXCHANGE, account: 'bench' },
      clock,
    }),
    relay,
    onUntracked: 'block',
    everTraded: [],
    clock,
  });
  const ended = run.finish();
  const end = async () => {
    run.stop('measured');
    await ended;
    await client.close();
    await budget.close();
    await store.close();
  };
  await Promise.race([until(() => run.isReady, 'the session is ready'), ended.then(tooSoon)]);
  await settle(run);
  return { run, store, end };
}

function tooSoon(cause) {
  throw new Error(`the session ended before it was measured: ${cause}`);
}

async function setUp(client) {
  const { policy, risk } = DEFAULTS;
  const config = {
    ...DEFAULTS,
    policy: { ...policy, require_stop: false },
    risk: { ...risk, max_leverage: '5' },
  };
  const setup = await setUpOnExchange({
    cwd: process.cwd(),
    strategy: 'buy-and-hold',
    client,
    resolved: { config, areCostsDefaulted: false },
    symbol: SYMBOL,
    timeframe: '1m',
    cash: '100000',
    holdsStops: true,
  });
  const { plugin } = setup;
  const { manifest } = plugin;
  const capabilities = {
    ...manifest.capabilities,
    kinds: ['open', 'close'],
    sizing_modes: ['qty'],
  };
  const own = { ...plugin, definition, manifest: { ...manifest, capabilities } };
  return { ...setup, warmupBars: 1, plugin: own };
}

function sessionOf(setup, sessionsDir) {
  const sessionId = newSessionId(clock, 'bench', SYMBOL);
  const { columns } = setup.bars;
  const firstMs = columns.openMs[columns.length - 1] + MINUTE_MS;
  const startedAt = isoOf(clock.now());
  const named = { sessionId, kind: 'live', exchange: EXCHANGE, account: 'bench', startedAt };
  return findOrCreate({
    sessionsDir,
    start: 'auto',
    metadata: metadataOf(setup, named),
    settings: settingsOf(undefined, setup.pinned),
    files: premiseFiles(setup, engineConfigOf(setup, sessionId, firstMs)),
  });
}

/** Until nothing has been under way for three looks in a row. */
export async function settle(run) {
  let calm = 0;
  await until(async () => {
    await run.idle();
    calm = run.isQuiet ? calm + 1 : 0;
    return calm >= 3;
  }, 'it comes to rest');
}

const LIMIT_MS = 60_000;

export async function until(isTrue, what) {
  const endMs = Date.now() + LIMIT_MS;
  while (!(await isTrue())) {
    if (Date.now() > endMs) throw new Error(`not within ${LIMIT_MS} ms: ${what}`);
    await sleep(10);
  }
}
