// A session on a real account: engine as the journal left it, order desk and connection around it.
// Nothing but what closes risk leaves before the account has been read, a plan made of it, and the
// plan accepted; bars begin after that. It ends with nothing in flight.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Clock,
  type CommandGiven,
  type Engine,
  type EngineConfig,
  LiveDriver,
  type ReconcilePlan,
  type UntrackedPolicy,
  type VenueSnapshot,
  planReconciliation,
} from '@strategy-runner/core';
import type { AccountLock } from '../account-store/account-lock.js';
import type { AccountStore } from '../account-store/account-store.js';
import {
  FileEmergencyLog,
  emergencyRows,
  emergencyAside,
  setEmergencyAside,
} from '../account-store/emergency-log.js';
import type { FlagWatch } from '../account-store/watch-flags.js';
import type { SharedLock } from '../account-store/shared-lock.js';
import { watchLock } from '../account-store/watch-lock.js';
import { MarketAlarm } from '../clock/market-alarm.js';
import type { BarFeed } from '../venue/ccxt/bar-feed.js';
import type { SqliteStore } from '../store/sqlite/sqlite-store.js';
import type { CcxtClient } from '../venue/ccxt/client.js';
import type { ChosenAccount } from './account.js';
import type { EventRelay } from './event-relay.js';
import { ExchangeAccount, type ExchangeLimits } from './exchange-account.js';
import { barsAfter } from './exchange-bars.js';
import { modesOf } from './exchange-modes.js';
import { hearOperator } from './operator.js';
import { apply } from './reconcile-account.js';
import {
  type SessionEngine,
  type SessionEngineOptions,
  sessionEngine,
  startFields,
} from './session-engine.js';
import type { Setup } from './setup.js';
import { shadowOf, tellDrift } from './shadow-of.js';
import type { ShadowOptions, ShadowWatch } from './shadow-watch.js';
import { type StartOrder, beginStart } from './start-order.js';
import { isFlat, notFlat, untrackedOrders } from './start-refusals.js';

export interface ExchangeLiveOptions extends Omit<SessionEngineOptions, 'plugin' | 'store'> {
  readonly store: SqliteStore;
  readonly setup: Setup;
  readonly config: EngineConfig;
  readonly client: CcxtClient;
  readonly account: ChosenAccount;
  readonly accountStore: AccountStore;
  /** Held by the caller; the run ends with ACCOUNT_LOCK_LOST when it is taken away. */
  readonly lock?: AccountLock;
  /** The one that other machines see; entries wait while it is not proven. */
  readonly sharedLock?: SharedLock | null;
  readonly relay: EventRelay;
  readonly onUntracked: UntrackedPolicy;
  /** Symbols that this account has ever traded, beside those of the session. */
  readonly everTraded: readonly string[];
  readonly clock: Clock;
  /** The user asked for a cold start: refused unless the account is flat and without orders. */
  readonly isColdAsked?: boolean;
  /** Entries wait until an operator releases them (B10). */
  readonly isPausedAtStart?: boolean;
  /** A kill has been taken in that was not up before. */
  readonly onKilled?: () => void;
  readonly shadow?: ShadowOptions;
  /** Where its data are ready already; omitted = it begins here. */
  readonly startOrder?: StartOrder;
  readonly limits?: ExchangeLimits;
}

/** A session ready to run, and the handle by which it is stopped. */
export interface ExchangeRun {
  readonly engine: Engine;
  readonly start: 'cold' | 'warm';
  readonly run: number;
  /**
   * Resolves with why it ended. Errors: UNTRACKED_ORDERS, STORE_WRITE_FAILED and the connection's.
   */
  finish(): Promise<string>;
  stop(cause: string): void;
  /** Whether entries may go: the account has been read and agrees. */
  readonly isReady: boolean;
  /** Nothing is being sent, asked or waited for at the venue. */
  readonly isQuiet: boolean;
  /** When all that has been told so far has been taken in and what it caused has left. */
  idle(): Promise<void>;
}

/** How long what is under way may take to come to its end when a run ends, wall ms. */
const DRAIN_MS = 15_000;
const LOOK_MS = 20;

export async function startExchangeLive(options: ExchangeLiveOptions): Promise<ExchangeRun> {
  const { setup, config, log, store, relay } = options;
  const startOrder = options.startOrder ?? beginStart(options);
  const parts = await sessionEngine({ ...options, plugin: setup.plugin }, config);
  startOrder.reached('strategy');
  const shadow = await shadowOf(options.shadow, { setup, config, log, store, relay });
  return new ExchangeSession({ ...options, startOrder }, parts, shadow);
}

type SessionOptions = ExchangeLiveOptions & { readonly startOrder: StartOrder };

class ExchangeSession implements ExchangeRun {
  readonly engine: Engine;
  readonly start: 'cold' | 'warm';
  readonly run: number;
  readonly #options: SessionOptions;
  readonly #driver: LiveDriver;
  readonly #exchange: ExchangeAccount;
  readonly #feed: BarFeed;
  readonly #restoredFrom: number | null;
  readonly #found: ReturnType<typeof startFields>;
  #flags: FlagWatch | undefined;
  #stopCause: string | undefined;
  /** The driver's end, however it came. */
  #over: Promise<void> = new Promise(() => undefined);

  constructor(options: SessionOptions, parts: SessionEngine, shadow: ShadowWatch | undefined) {
    const { engine, runtime, rows, start, recovered } = parts;
    this.#options = options;
    this.engine = engine;
    this.start = start;
    this.run = engine.state.run + 1;
    this.#restoredFrom = recovered.restoredFrom;
    this.#found = startFields(parts);
    const { client, relay, log, store, clock, accountStore, metadata } = options;
    const time = { now: () => client.clock.now(), alarm: new MarketAlarm(client.clock) };
    this.#exchange = new ExchangeAccount({
      client,
      account: options.account,
      engine,
      relay,
      symbols: [...new Set([...engine.config.instruments.keys(), ...options.everTraded])],
      modes: modesOf(options.config, options.account),
      log,
      clock,
      command: (event) => this.#commanded(event),
      isConclusive: async (snapshot) => {
        await this.#driver.idle();
        return this.#plan(snapshot).unsettled.length === 0;
      },
      permit: options.sharedLock ?? undefined,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    this.#driver = new LiveDriver({
      engine,
      runtime,
      venue: this.#exchange.desk,
      store,
      rows,
      clock,
      time,
      emergency: new FileEmergencyLog(accountStore.folder, metadata.session_id, this.run, (error) =>
        log.error({ event: 'emergency_log_failed' }, String(error)),
      ),
      onAlert: (code, text) => log.warn({ event: 'alert', code, event_ms: engine.now }, text),
      ...(shadow === undefined ? {} : { onBar: tellDrift(shadow, () => this.#driver) }),
    });
    this.#feed = barsAfter(engine, options);
    const measured = { engine, driver: this.#driver, rows, marketNow: time.now };
    options.metrics?.follow({ ...measured, hasAccount: true });
  }

  stop(cause: string): void {
    if (this.#stopCause !== undefined) return;
    this.#stopCause = cause;
    const end = (): void => this.#driver.stop(cause);
    // What fails while it ends must not keep it from ending.
    void this.#drain().then(end, end);
  }

  async finish(): Promise<string> {
    const { client, relay, log, lock, sharedLock, accountStore } = this.#options;
    const { engine, start, run } = this;
    const held = lock === undefined ? undefined : watchLock(lock, accountStore.id);
    const lost = [held, sharedLock].flatMap((one) => (one ? [one.lost] : []));
    sharedLock?.logTo(log);
    this.#exchange.begin();
    const restoredFrom = this.#restoredFrom;
    const ended = this.#driver.run(this.#feed, {
      kind: 'run_started',
      ts: Math.max(engine.now, client.clock.now()),
      run,
      start,
      connection: 'connecting',
      ...(restoredFrom === null ? {} : { restoredFrom }),
    });
    // A fault of the driver itself must end what waits for it below, not hang it.
    const failed = ended.then(() => undefined);
    this.#over = failed.catch(() => undefined);
    relay.attach(this.#driver);
    const { startOrder } = this.#options;
    startOrder.recordIn({ driver: this.#driver, now: () => client.clock.now(), run });
    log.info({ event: `${start}_start`, run, ...this.#found, event_ms: engine.now });
    try {
      await this.#noteGaps();
      this.#flags = await this.#watchFlags();
      startOrder.reached('risk');
      const live = this.#goLive();
      // A run that was stopped before it was live does not wait for it.
      live.catch(() => undefined);
      await Promise.race([live, failed, ...lost]);
      const cause = await Promise.race([ended, ...lost]);
      log.info({ event: 'loop_shutdown', cause, event_ms: engine.now });
      return cause;
    } catch (error) {
      this.#stopCause ??= 'failed';
      await this.#drain();
      this.#driver.stop('refused');
      await ended.catch(() => undefined);
      throw error;
    } finally {
      held?.stop();
      await this.#flags?.stop();
      this.#feed.stop();
      await this.#exchange.connection.stop();
    }
  }

  get isReady(): boolean {
    return this.#exchange.connection.state === 'ready';
  }

  get isQuiet(): boolean {
    return !this.#exchange.desk.isBusySince(Infinity);
  }

  idle(): Promise<void> {
    return this.#driver.idle();
  }

  async #goLive(): Promise<void> {
    const { connection } = this.#exchange;
    const snapshot = await connection.start();
    if (snapshot === undefined || this.#stopCause !== undefined) return;
    await this.#driver.idle();
    await this.#settle(snapshot);
    const { startOrder } = this.#options;
    startOrder.reached('reconcile');
    this.#exchange.ready();
    await this.#driver.idle();
    startOrder.reached('execution');
    this.#feed.start();
    this.#feed.open();
  }

  // The operator's word on orders that are not ours is carried out, and the account read again.
  async #settle(snapshot: VenueSnapshot): Promise<void> {
    const { log } = this.#options;
    const plan = this.#plan(snapshot);
    const say = plan.isClear ? 'info' : 'warn';
    log[say](
      { event: 'reconcile_plan', plan },
      plan.isClear ? 'the account agrees' : 'differences',
    );
    if (this.#options.isColdAsked === true && !isFlat(snapshot)) throw notFlat(snapshot);
    if (plan.isBlocked)
      throw untrackedOrders(plan.items.filter(({ action }) => action === 'block'));
    const acted = plan.items.filter(({ action }) => action === 'adopt' || action === 'cancel');
    if (acted.length === 0) return;
    const { client } = this.#options;
    const hands = { driver: this.#driver, exchange: this.#exchange, client };
    const after = this.#plan(await apply({ ...plan, items: acted }, snapshot, hands));
    const left = after.items.filter(({ action }) => action === 'cancel');
    if (left.length > 0) throw untrackedOrders(left);
  }

  #plan(snapshot: VenueSnapshot): ReconcilePlan {
    const { onUntracked } = this.#options;
    return planReconciliation(this.engine.state, this.engine.config, snapshot, { onUntracked });
  }

  async #drain(): Promise<void> {
    const drainMs = this.#options.limits?.drainMs ?? DRAIN_MS;
    this.#feed.hold();
    await Promise.race([this.#untilQuiet(drainMs), within(drainMs), this.#over]);
    await Promise.race([this.#exchange.stop(), within(DRAIN_MS)]);
    // A driver that has failed takes nothing in any more.
    await Promise.race([this.#driver.idle(), this.#over]);
  }

  // What is under way comes to its end, and so does what that causes: an entry that fills only now
  // gets its stop. Without a connection nothing would.
  async #untilQuiet(withinMs: number): Promise<void> {
    const { clock } = this.#options;
    const untilMs = clock.now() + withinMs;
    do {
      await this.#driver.idle();
      if (this.isQuiet || !this.isReady) return;
      await sleep(LOOK_MS);
    } while (clock.now() < untilMs);
  }

  #watchFlags(): Promise<FlagWatch> {
    const { accountStore, log, client, isPausedAtStart, onKilled } = this.#options;
    const isKilled = (): boolean => this.engine.state.gates.killed;
    const now = (): number => client.clock.now();
    const [driver, over] = [this.#driver, this.#over];
    const heard = { accountStore, now, log, isPausedAtStart, onKilled, isKilled };
    return hearOperator({ ...heard, driver, over });
  }

  // What the host raises by itself must hold after a restart too, like what an operator raises.
  #commanded(event: CommandGiven): void {
    const isNew = !this.engine.state.gates.killed;
    this.#driver.deliver(event);
    if (event.command !== 'kill') return;
    const { accountStore, log, onKilled } = this.#options;
    if (isNew && onKilled !== undefined) void this.#driver.idle().then(onKilled);
    accountStore.setFlag('kill', { by: event.by, reason: event.reason }).catch((error: unknown) => {
      log.error({ event: 'kill_not_durable' }, String(error));
    });
  }

  // Rows that an earlier run could not write into the journal are noted before anything else, and
  // set aside only once that is durable: a gap that nobody has noted must be found again.
  async #noteGaps(): Promise<void> {
    const { accountStore, metadata, client } = this.#options;
    const left = emergencyRows(accountStore.folder, metadata.session_id);
    if (left.length === 0) return;
    for (const one of left) {
      const gap = { rows: one.rows, keptAt: emergencyAside(one) };
      this.#driver.deliver({ kind: 'journal_gap', ts: client.clock.now(), ...gap });
    }
    const noted = this.#driver.idle().then(() => !this.#driver.isJournalLost);
    if (!(await Promise.race([noted, this.#over.then(() => false)]))) return;
    for (const one of left) setEmergencyAside(one);
  }
}

function within(ms: number): Promise<unknown> {
  return sleep(ms, undefined, { ref: false });
}
