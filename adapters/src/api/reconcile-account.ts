// A session held against its account without running it: what was missed is read, a plan is made,
// and only with `apply` carried out and written down. Without it nothing is sent and nothing
// stored.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AccountEvent,
  type Clock,
  type Engine,
  type EngineConfig,
  type Feed,
  type FeedItem,
  LiveDriver,
  type Order,
  type ReconcilePlan,
  type SessionStore,
  type UntrackedPolicy,
  type Venue,
  type VenueSnapshot,
  eventsOf,
  foreignOrderOf,
  planReconciliation,
} from '@strategy-runner/core';
import { MarketAlarm } from '../clock/market-alarm.js';
import type { AccountModes } from '../venue/ccxt/account-modes.js';
import type { CcxtClient } from '../venue/ccxt/client.js';
import type { ChosenAccount } from './account.js';
import type { EventRelay, VenueSays } from './event-relay.js';
import { ExchangeAccount, type ExchangeLimits } from './exchange-account.js';
import { unavailable } from './exchange-setup.js';
import { modesOf } from './exchange-modes.js';
import { type SessionEngine, type SessionEngineOptions, sessionEngine } from './session-engine.js';

export interface ReconcileOptions extends SessionEngineOptions {
  readonly config: EngineConfig;
  readonly client: CcxtClient;
  readonly account: ChosenAccount;
  readonly relay: EventRelay;
  readonly onUntracked: UntrackedPolicy;
  readonly everTraded: readonly string[];
  readonly clock: Clock;
  readonly isApplied: boolean;
  /** Rejects where the account is not ours any more. */
  readonly beforeApply?: () => Promise<void>;
  readonly limits?: ExchangeLimits;
}

export interface Reconciliation {
  /** As the account was found. */
  readonly plan: ReconcilePlan;
  /** What the venue told that the session did not know: fills, ends of orders, payments. */
  readonly missed: Readonly<Record<string, number>>;
  /** After `apply`; null without it. */
  readonly after: ReconcilePlan | null;
}

/** Readings of a dry run until nothing but its own intentions moves. */
const DRY_LOOKS_MAX = 4;

/** Errors: VENUE_UNAVAILABLE (69) and those of a connection. */
export async function reconcileAccount(options: ReconcileOptions): Promise<Reconciliation> {
  const store = options.isApplied ? options.store : withoutWriting(options.store);
  const parts = await sessionEngine({ ...options, store }, options.config);
  return new Review(options, parts, store).run();
}

class Review {
  readonly #options: ReconcileOptions;
  readonly #engine: Engine;
  readonly #start: 'cold' | 'warm';
  readonly #exchange: ExchangeAccount;
  readonly #driver: LiveDriver;
  readonly #missed: Record<string, number> = {};
  #looks = 0;

  constructor(
    options: ReconcileOptions,
    { engine, runtime, rows, start }: SessionEngine,
    store: ReconcileOptions['store'],
  ) {
    this.#options = options;
    this.#engine = engine;
    this.#start = start;
    this.#exchange = this.#account();
    const { client, clock, isApplied, log } = options;
    this.#driver = new LiveDriver({
      engine,
      runtime,
      venue: isApplied ? this.#exchange.desk : asking(this.#exchange.desk),
      store,
      rows,
      clock,
      time: { now: () => client.clock.now(), alarm: new MarketAlarm(client.clock) },
      // A dry run arms nothing, so it must not cry about what is not armed.
      onAlert: (code, text) => log[isApplied ? 'warn' : 'debug']({ event: 'alert', code }, text),
    });
  }

  async run(): Promise<Reconciliation> {
    const { client, relay } = this.#options;
    relay.watch((event) => count(this.#missed, event));
    this.#exchange.begin();
    const ended = this.#driver.run(new SilentFeed(), {
      kind: 'run_started',
      ts: Math.max(this.#engine.now, client.clock.now()),
      run: this.#engine.state.run + 1,
      start: this.#start,
      connection: 'connecting',
    });
    relay.attach(this.#driver);
    try {
      return await this.#review();
    } finally {
      await this.#exchange.stop();
      this.#driver.stop('reconciled');
      await ended;
      await this.#exchange.connection.stop();
    }
  }

  async #review(): Promise<Reconciliation> {
    const { client, isApplied } = this.#options;
    const snapshot = await this.#exchange.connection.start();
    if (snapshot === undefined) throw unavailable(client.id, 'it was stopped');
    await this.#driver.idle();
    const found = this.#plan(snapshot);
    const missed = this.#missed;
    if (!isApplied) return { plan: found, missed, after: null };
    await this.#options.beforeApply?.();
    const hands = { driver: this.#driver, exchange: this.#exchange, client };
    return { plan: found, missed, after: this.#plan(await apply(found, snapshot, hands)) };
  }

  #plan(snapshot: VenueSnapshot): ReconcilePlan {
    const { onUntracked } = this.#options;
    return planReconciliation(this.#engine.state, this.#engine.config, snapshot, { onUntracked });
  }

  #account(): ExchangeAccount {
    const { client, account, relay, log, clock, config, everTraded, limits } = this.#options;
    return new ExchangeAccount({
      client,
      account,
      engine: this.#engine,
      relay,
      symbols: [...new Set([...config.instruments.keys(), ...everTraded])],
      modes: readOnly(modesOf(config, account)),
      log,
      clock,
      command: (event) => this.#driver.deliver(event),
      isConclusive: async (snapshot) => {
        await this.#driver.idle();
        this.#looks += 1;
        // What a dry run would send stays unsent, and would look as if it were under way for ever.
        const isEnough = !this.#options.isApplied && this.#looks >= DRY_LOOKS_MAX;
        return isEnough || this.#plan(snapshot).unsettled.length === 0;
      },
      ...(limits === undefined ? {} : { limits }),
    });
  }
}

// To look at an account is no reason to set its leverage: the next start does that.
function readOnly({ symbols, positionMode }: AccountModes): AccountModes {
  return { symbols, positionMode };
}

interface Hands {
  readonly driver: LiveDriver;
  readonly exchange: ExchangeAccount;
  readonly client: CcxtClient;
}

/** Carries a plan out, and answers with the account as it is then. */
export async function apply(
  plan: ReconcilePlan,
  snapshot: VenueSnapshot,
  { driver, exchange, client }: Hands,
): Promise<VenueSnapshot> {
  const ts = client.clock.now();
  const adopted: string[] = [];
  for (const item of plan.items) {
    const order = foreignOrderOf(item, snapshot);
    if (order !== undefined && item.action === 'cancel') exchange.desk.cancelForeign(order);
    for (const event of eventsOf(item, { snapshot, ts })) {
      driver.deliver(event);
      if (event.kind === 'order_adopted') adopted.push(event.venueOrder.venueOrderId);
    }
  }
  await driver.idle();
  for (const order of driver.workingOrders()) {
    if (adopted.includes(order.venueOrderId ?? '')) exchange.desk.adopt(order as Order);
  }
  return afterwards(plan, { driver, exchange, client });
}

const LOOKS_MAX = 20;
const LOOK_AGAIN_MS = 250;

// A foreign order is gone when the exchange no longer shows it, not when it was asked to cancel it.
async function afterwards(
  { items }: ReconcilePlan,
  { driver, exchange, client }: Hands,
): Promise<VenueSnapshot> {
  const cancelled = items.filter(({ action }) => action === 'cancel').map(({ ref }) => ref);
  for (let look = 1; ; look += 1) {
    const reading = await exchange.snapshot('full');
    if (!reading.ok) throw unavailable(client.id, reading.detail);
    const { orders } = reading.value;
    const isDone = !orders.some(({ venueOrderId }) => cancelled.includes(venueOrderId));
    if (isDone || look === LOOKS_MAX) {
      driver.deliver(reading.value);
      await driver.idle();
      return reading.value;
    }
    await sleep(LOOK_AGAIN_MS);
  }
}

const TOLD: ReadonlySet<string> = new Set([
  'fill_reported',
  'order_ended',
  'order_rejected',
  'external_fill',
  'funding_paid',
  'cash_moved',
] satisfies (VenueSays | AccountEvent)['kind'][]);

function count(missed: Record<string, number>, { kind }: VenueSays): void {
  if (TOLD.has(kind)) missed[kind] = (missed[kind] ?? 0) + 1;
}

// Questions go out, orders and cancels do not.
function asking(desk: Venue): Venue {
  return {
    outlivesProcess: true,
    submit: () => undefined,
    cancel: () => undefined,
    query: (order) => desk.query(order),
  };
}

function withoutWriting(store: ReconcileOptions['store']): ReconcileOptions['store'] {
  const silent: SessionStore = {
    append: () => Promise.resolve(),
    writeSnapshot: () => Promise.resolve(),
    latestSnapshot: () => store.latestSnapshot(),
    readJournal: (fromSeq) => store.readJournal(fromSeq),
    head: () => store.head(),
    close: () => store.close(),
  };
  return { ...silent, path: store.path };
}

/** No bar comes: the account is looked at, not traded. */
class SilentFeed implements Feed {
  readonly isReady = false;
  #stop: () => void = () => undefined;
  readonly #stopped = new Promise<undefined>((resolve) => {
    this.#stop = () => resolve(undefined);
  });

  next(): Promise<FeedItem | undefined> {
    return this.#stopped;
  }

  stop(): void {
    this.#stop();
  }
}
