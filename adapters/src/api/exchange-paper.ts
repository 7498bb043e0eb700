// A session on an exchange's live bars with simulated fills: no keys, no account, nothing sent. The
// same matching as in a backtest, so that a rehearsal and a backtest of the same bars agree.
import type { Clock, Engine, EngineConfig } from '@strategy-runner/core';
import { LiveDriver } from '@strategy-runner/core';
import type { AccountStore } from '../account-store/account-store.js';
import type { SqliteStore } from '../store/sqlite/sqlite-store.js';
import type { CcxtClient } from '../venue/ccxt/client.js';
import { PaperVenue } from '../venue/paper/paper-venue.js';
import { simPartsOf } from './backtest.js';
import type { EventRelay } from './event-relay.js';
import { barsAfter } from './exchange-bars.js';
import type { ExchangeRun } from './exchange-live.js';
import { runHeard } from './operator.js';
import { type SessionEngineOptions, sessionEngine, startFields } from './session-engine.js';
import type { Setup } from './setup.js';
import { type StartOrder, beginStart } from './start-order.js';
import { shadowOf, tellDrift } from './shadow-of.js';
import type { ShadowOptions } from './shadow-watch.js';

export interface ExchangePaperOptions extends Omit<SessionEngineOptions, 'plugin' | 'store'> {
  readonly store: SqliteStore;
  readonly setup: Setup;
  readonly config: EngineConfig;
  readonly client: CcxtClient;
  readonly relay: EventRelay;
  readonly clock: Clock;
  /** Where an operator's kill, stop and pause are found. */
  readonly accountStore: AccountStore;
  /** Entries wait until an operator releases them (B10). */
  readonly isPausedAtStart?: boolean;
  /** A kill has been taken in that was not up before. */
  readonly onKilled?: () => void;
  readonly shadow?: ShadowOptions;
  /** Where its data are ready already; omitted = it begins here. */
  readonly startOrder?: StartOrder;
}

export async function startExchangePaper(options: ExchangePaperOptions): Promise<ExchangeRun> {
  const { setup, config, client, relay, log, store, clock } = options;
  const startOrder = options.startOrder ?? beginStart(options);
  const parts = await sessionEngine({ ...options, plugin: setup.plugin }, config);
  startOrder.reached('strategy');
  const { engine, runtime, rows, start, recovered } = parts;
  const venue = venueOf(setup, engine);
  const shadow = await shadowOf(options.shadow, { setup, config, log, store, relay });
  const driver: LiveDriver = new LiveDriver({
    engine,
    runtime,
    venue,
    store,
    rows,
    clock,
    onAlert: (code, text) => log.warn({ event: 'alert', code, event_ms: engine.now }, text),
    ...(shadow === undefined ? {} : { onBar: tellDrift(shadow, () => driver) }),
  });
  const measured = { engine, driver, rows, marketNow: () => engine.now };
  options.metrics?.follow({ ...measured, hasAccount: false });
  const found = startFields(parts);
  const feed = barsAfter(engine, { setup, client, relay, log });
  const run = engine.state.run + 1;
  const { restoredFrom } = recovered;
  const { accountStore, isPausedAtStart, onKilled } = options;
  const isKilled = (): boolean => engine.state.gates.killed;
  const told = { isPausedAtStart, onKilled, isKilled };
  const operator = { accountStore, now: () => engine.now, log, ...told };
  return {
    engine,
    start,
    run,
    isReady: true,
    isQuiet: true,
    idle: () => driver.idle(),
    stop: (cause) => driver.stop(cause),
    async finish() {
      log.info({ event: `${start}_start`, run, ...found, event_ms: engine.now });
      feed.start();
      feed.open();
      const started = {
        kind: 'run_started',
        ts: Math.max(engine.now, setup.bars.columns.openMs[0] ?? 0),
        run,
        start,
        ...(restoredFrom === null ? {} : { restoredFrom }),
      } as const;
      startOrder.recordIn({ driver, now: () => engine.now, run });
      const onHeard = (): void => goOn(startOrder);
      const cause = await runHeard({ driver, feed, started, operator, onHeard });
      feed.stop();
      log.info({ event: 'loop_shutdown', cause, event_ms: engine.now });
      return cause;
    },
  };
}

function venueOf(setup: Setup, engine: Engine): PaperVenue {
  const { instruments } = engine.config;
  const cash = () => engine.state.cash;
  const venue = new PaperVenue({ ...simPartsOf(setup), instruments, cash });
  venue.restore(engine);
  return venue;
}

// There is no account: what is simulated is what the session knows.
function goOn(startOrder: StartOrder): void {
  for (const item of ['risk', 'reconcile', 'execution'] as const) startOrder.reached(item);
}
