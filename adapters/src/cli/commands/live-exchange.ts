// `runner live --exchange <id>`: a session on an exchange's account. The command ends when it is
// told to, with nothing in flight; the next start goes on from there.
import { type Clock, type EngineConfig, format } from '@strategy-runner/core';
import type { Logger } from 'pino';
import { assertFlat } from '../../api/cold-start.js';
import { assertNoBlackout } from '../../api/cold-start-window.js';
import { engineConfigOf } from '../../api/engine-config.js';
import { startExchangeLive } from '../../api/exchange-live.js';
import { startExchangePaper } from '../../api/exchange-paper.js';
import { setUpOnExchange, unavailable } from '../../api/exchange-setup.js';
import { findOrCreate, settingsOf } from '../../api/open-session.js';
import { premiseFiles, readPremises } from '../../api/premises.js';
import { type ResolvedConfig, resolveConfig } from '../../api/run-config.js';
import type { Setup } from '../../api/setup.js';
import { StartOrder } from '../../api/start-order.js';
import { isoOf, newSessionId } from '../../api/start-session.js';
import { EXIT, RunnerError } from '../../errors.js';
import type { LogOutput } from '../../log/log-output.js';
import { metadataOf } from '../../report/backtest-session.js';
import { type LiveEnd, liveText } from '../../report/live-text.js';
import { type SessionFolder, readSessionFolder } from '../../store/session-folder.js';
import { lockSession } from '../../store/session-lock.js';
import { SqliteStore } from '../../store/sqlite/sqlite-store.js';
import { AccountReader } from '../../venue/ccxt/account-reader.js';
import { assertListed, checkNeeds } from '../../venue/ccxt/capabilities.js';
import { TOKENS, compose, sendsOrders } from '../compose.js';
import { type ExchangeAccess, openAccess, takeBackKill } from '../exchange-access.js';
import { announceSession } from '../fleet/announce-session.js';
import { accountStoreOf } from '../state-dir.js';
import type { LiveArgs } from '../live-args.js';
import { MeasuredRun } from '../measured-run.js';
import { contextOf, sessionsDirOf } from '../run-args.js';
import { RunBundles } from '../run-bundles.js';
import { RunWatch } from '../run-watch.js';
import type { StopSignals } from '../stop-signals.js';
import { describe, noteEnd, noteRun } from '../session-end.js';

export async function runExchangeCommand(args: LiveArgs, signals: StopSignals): Promise<number> {
  const run = compose(args.mode, { logLevel: args.logLevel, context: {} });
  const clock = run.resolve<Clock>(TOKENS.clock);
  const watch = new RunWatch(
    run.resolve<Logger>(TOKENS.log),
    run.resolve<LogOutput>(TOKENS.logOutput),
  );
  const abort = new AbortController();
  try {
    assertListed(args.exchange);
    const { symbol, timeframe } = needed(args);
    const resolved = await resolveConfig(args.config, args);
    checkNeeds(args.exchange, NEEDS);
    const access = await signals.during(
      () => abort.abort(),
      () =>
        openAccess({
          exchange: args.exchange,
          account: args.account,
          resolved,
          sendsOrders: sendsOrders(args.mode),
          isForce: args.force,
          ...(args.start === 'cold' ? { coldStart: { resetReason: resetReasonOf(args) } } : {}),
          purpose: args.session ?? `${args.strategy} on ${symbol}`,
          clock,
          log: watch.log,
          signal: abort.signal,
        }),
    );
    if (access === undefined) return stopped(args, await signals.cause());
    const bundles = new RunBundles({ isWanted: args.endBundle, clock, watch, signals });
    const opened = { args, access, resolved, symbol, timeframe, clock, watch, signals, bundles };
    const { result, bundle } = await bundles.after(() => runOpened(opened));
    watch.release();
    const shown = { ...result, ...(args.endBundle ? { bundle } : {}) };
    process.stdout.write(args.json ? `${JSON.stringify(shown)}\n` : liveText(shown));
    return EXIT.ok;
  } finally {
    watch.release();
    signals.release();
  }
}

const NEEDS = ['orders', 'order_by_client_id', 'trades', 'balances'] as const;

interface Opened extends Omit<Running, 'setup' | 'startOrder'> {
  readonly resolved: ResolvedConfig;
  readonly symbol: string;
  readonly timeframe: string;
}

// The account is given back before anybody is told how it ended.
async function runOpened({ resolved, symbol, timeframe, ...opened }: Opened): Promise<LiveEnd> {
  const { args, access, clock, watch } = opened;
  const { client } = access;
  const startOrder = new StartOrder({ clock, log: watch.log });
  try {
    const set = args.set === undefined ? {} : { set: args.set };
    const plugin = { cwd: process.cwd(), strategy: args.strategy, ...set };
    const setup = await setUpOnExchange({
      ...plugin,
      client,
      resolved,
      symbol,
      timeframe,
      ...(access.lock === null ? {} : { cash: await cashOf(access, symbol) }),
      // A stop on spot would bind the coins that a target needs: the host holds both.
      holdsStops: symbol.includes(':'),
    });
    startOrder.reached('data');
    if (args.start === 'cold') {
      // Before a kill is taken back for a start that is refused.
      assertNoBlackout(setup, client.clock.now());
      await beginCold(args, access, symbol, watch.log);
    }
    return await runSession({ ...opened, setup, startOrder });
  } finally {
    await access.close();
  }
}

function needed(args: LiveArgs): { readonly symbol: string; readonly timeframe: string } {
  const { symbol, timeframe } = args;
  const missing =
    symbol === undefined ? '--symbol' : timeframe === undefined ? '--timeframe' : null;
  if (symbol !== undefined && timeframe !== undefined) return { symbol, timeframe };
  throw new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `${missing} is not given, and an exchange lists many`,
    next: 'add for example --symbol BTC/USDT:USDT --timeframe 1m',
  });
}

// On paper there is no account that could hold anything, and no kill of it to take back.
async function beginCold(
  args: LiveArgs,
  access: ExchangeAccess,
  symbol: string,
  log: Logger,
): Promise<void> {
  const { client, lock } = access;
  if (lock === null) return;
  await assertFlat(client, [...new Set([symbol, ...lock.everTraded])]);
  const reason = resetReasonOf(args);
  if (reason !== undefined) await takeBackKill(access, reason, log);
}

function resetReasonOf({ resetKill, reason }: LiveArgs): string | undefined {
  if (!resetKill) return undefined;
  if (reason !== undefined && reason.trim() !== '') return reason;
  throw new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: '--reset-kill needs --reason',
    next: "add --reason 'why entries may go again'; it is kept with the session",
  });
}

function stopped({ json }: LiveArgs, cause = 'a signal'): number {
  const shown = { schema: 'runner.live/1', session_id: null, cause, bars: 0 };
  const text = `stopped by ${cause} while the exchange was down; nothing was sent\n`;
  process.stdout.write(json ? `${JSON.stringify(shown)}\n` : text);
  return EXIT.ok;
}

// The ledger begins with what the venue says the account has.
async function cashOf({ client }: ExchangeAccess, symbol: string): Promise<string> {
  const { quote, settle } = client.exchange.market(symbol) as { quote: string; settle?: string };
  const reading = await new AccountReader(client, () => [symbol]).balances();
  if (!reading.ok) throw unavailable(client.id, reading.detail);
  const balance = reading.value.find(({ currency }) => currency === (settle ?? quote));
  return balance === undefined ? '0' : format(balance.total);
}

interface Running {
  readonly args: LiveArgs;
  readonly access: ExchangeAccess;
  readonly setup: Setup;
  readonly clock: Clock;
  readonly watch: RunWatch;
  readonly signals: StopSignals;
  readonly bundles: RunBundles;
  readonly startOrder: StartOrder;
}

async function runSession(running: Running): Promise<LiveEnd> {
  const { args, access, setup, clock, watch, signals, bundles, startOrder } = running;
  const found = await sessionFor(running);
  const release = await lockSession(found, isoOf(clock.now()));
  watch.isOf(found, contextOf(setup, args.exchange));
  try {
    await announceSession(found, args.run);
    const folder = await readSessionFolder(found.path);
    const { config } = await readPremises(folder);
    const store = await openStore(folder, setup, config, watch.log);
    try {
      const { log } = watch;
      const { account, client, relay, lock, sharedLock } = access;
      const shadow = args.shadow ? { shadow: { maxDriftBps: args.maxDrift ?? null } } : {};
      const { metadata } = folder;
      const intervalSeconds = args.metricsInterval;
      const measured = new MeasuredRun({ folder, clock, log, intervalSeconds });
      const { metrics } = measured;
      const run = { setup, metadata, store, log, config, metrics };
      const premises = { ...run, client, relay, clock, ...shadow };
      const accountStore = lock === null ? accountStoreOf(metadata, clock) : access.accountStore;
      startOrder.log = log;
      const told = { isPausedAtStart: args.startPaused, onKilled: bundles.onKilled, startOrder };
      const base = { ...premises, accountStore, ...told };
      // Without an account there is none to trade: the fills are simulated.
      const live = await (lock === null
        ? startExchangePaper(base)
        : startExchangeLive({
            ...base,
            account,
            lock,
            sharedLock,
            onUntracked: args.onUntracked,
            isColdAsked: args.start === 'cold',
            everTraded: lock.everTraded,
          }));
      await lock?.noteTraded([setup.symbol]);
      await noteRun(folder, live, clock, access.decision);
      bundles.begin(folder);
      const stop = (cause: string): void => live.stop(cause);
      const finish = (): Promise<string> => measured.during(live, () => live.finish());
      const cause = await signals.during(stop, finish);
      const head = await store.head();
      await noteEnd(folder, { cause, isWhole: false, head, clock });
      const session = { setup, folder, watch };
      const end = { ...(await describe(session, live, store)), cause };
      return { ...end, comparison: comparisonOf(folder) };
    } finally {
      await store.close();
    }
  } finally {
    await release();
  }
}

function openStore(
  folder: SessionFolder,
  { symbol, instrument }: Setup,
  config: EngineConfig,
  log: Logger,
): Promise<SqliteStore> {
  return SqliteStore.open({
    path: folder.databasePath,
    session: {
      sessionId: folder.id,
      initialCash: format(config.initialCash),
      spotSymbols: instrument.market === 'spot' ? [symbol] : [],
    },
    onProjectionFault: (fault) => log.error({ event: 'projection_fault' }, String(fault)),
  });
}

// A new session trades from the first bar that opens after its start; one that exists goes on.
async function sessionFor({ args, access, setup, clock }: Running): Promise<SessionFolder> {
  const sessionId = newSessionId(clock, setup.plugin.shortName, setup.symbol);
  const { columns, timeframeMs } = setup.bars;
  const firstMs = columns.openMs[columns.length - 1]! + timeframeMs;
  const { account } = access;
  const metadata = {
    ...metadataOf(setup, {
      sessionId,
      kind: access.lock === null ? 'paper' : 'live',
      exchange: args.exchange,
      account: access.lock === null ? 'paper' : account.name,
      startedAt: isoOf(clock.now()),
    }),
  };
  return findOrCreate({
    sessionsDir: sessionsDirOf(args.sessions),
    start: args.start,
    metadata,
    settings: settingsOf(undefined, setup.pinned),
    files: premiseFiles(setup, engineConfigOf(setup, sessionId, firstMs)),
    // An account has one history, whatever its run is called.
    ...(access.lock === null ? { ofRun: { run: args.run } } : {}),
    beforeNew: () => assertNoBlackout(setup, access.client.clock.now()),
    ...(args.session === undefined ? {} : { session: args.session }),
  });
}

function comparisonOf({ path }: SessionFolder): string {
  return `runner compare ${path}`;
}
