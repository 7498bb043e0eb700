// Everything of an exchange account that is not an order, put together without an engine: what the
// engine would be told is what the specs look at.
import type { Side } from '@strategy-runner/contracts';
import type {
  AccountEvent,
  CommandGiven,
  ConnectionState,
  VenueEvent,
  VenueSnapshot,
} from '@strategy-runner/core';
import { AccountReader } from '../../../adapters/src/venue/ccxt/account-reader.js';
import { type AccountModes, settleModes } from '../../../adapters/src/venue/ccxt/account-modes.js';
import {
  type Desk,
  type SnapshotMemory,
  type SnapshotParts,
  takeSnapshot,
} from '../../../adapters/src/venue/ccxt/account-snapshot.js';
import { type ConnectingClient, Connection } from '../../../adapters/src/venue/ccxt/connection.js';
import type { Emit, RawMessage } from '../../../adapters/src/venue/ccxt/exchange-client.js';
import { IncomeReader } from '../../../adapters/src/venue/ccxt/income.js';
import { filtersOfSymbol } from '../../../adapters/src/venue/ccxt/instruments.js';
import { InstrumentWatch } from '../../../adapters/src/venue/ccxt/instrument-watch.js';
import type { BackoffLimits } from '../../../adapters/src/venue/ccxt/pause.js';
import { profileOf } from '../../../adapters/src/venue/ccxt/profiles.js';
import { type BookTop, Quotes } from '../../../adapters/src/venue/ccxt/quotes.js';
import {
  ReconcileLoop,
  type ReconcileTiming,
} from '../../../adapters/src/venue/ccxt/reconcile-loop.js';
import type { StreamLog } from '../../../adapters/src/venue/ccxt/stream-keeper.js';
import { UserStream, type UserStreamTiming } from '../../../adapters/src/venue/ccxt/user-stream.js';

export interface CcxtAccountParts {
  readonly client: ConnectingClient;
  readonly desk: Desk;
  readonly emit: Emit;
  readonly command: (event: CommandGiven) => void;
  readonly log: StreamLog;
  readonly modes: AccountModes;
  /** Configured and watched symbols. */
  readonly symbols: readonly string[];
  /** Symbols that the account has ever traded, from the account store (R25). */
  readonly everTraded?: readonly string[];
  /** The cursor `income` of the session; undefined = a new session. */
  readonly incomeCursor: string | undefined;
  readonly sideOf?: (symbol: string) => Side | undefined;
  readonly outageKillAfterMs: number | null;
  readonly onState?: (state: ConnectionState) => void;
  readonly timing?: AccountTiming;
}

/** All wall ms; what is left out has its default. */
export interface AccountTiming {
  readonly backoff?: BackoffLimits;
  readonly userStream?: Partial<UserStreamTiming>;
  readonly reconcile?: Partial<ReconcileTiming>;
  readonly quoteRefreshMs?: number;
  readonly filtersEveryMs?: number;
  readonly filtersLeastMs?: number;
  readonly incomeRetryMs?: readonly number[];
}

export class CcxtAccount {
  readonly #parts: CcxtAccountParts;
  readonly #connection: Connection;
  readonly #userStream: UserStream;
  readonly #income: IncomeReader;
  readonly #quotes: Quotes;
  readonly #instruments: InstrumentWatch;
  readonly #reconcile: ReconcileLoop;
  readonly #snapshot: SnapshotParts;
  readonly #memory: SnapshotMemory = { balances: '', incomeReadMs: 0 };
  #stopListening: () => void = () => undefined;
  #hasMarkets = false;

  constructor(parts: CcxtAccountParts) {
    this.#parts = parts;
    const { client, desk, emit, log, symbols, timing = {} } = parts;
    const all = (): readonly string[] => [...new Set([...symbols, ...(parts.everTraded ?? [])])];
    this.#income = new IncomeReader({
      client,
      emit,
      cursor: parts.incomeCursor,
      ...(parts.sideOf === undefined ? {} : { sideOf: parts.sideOf }),
      ...(timing.incomeRetryMs === undefined ? {} : { retryMs: timing.incomeRetryMs }),
    });
    const reader = new AccountReader(client, all);
    this.#snapshot = { client, desk, reader, income: this.#income, symbols: all };
    this.#userStream = new UserStream({
      client,
      log,
      onLost: (detail) => this.#connection.lost(detail),
      onOrders: () => this.#onUnifiedOrders(),
      ...(timing.userStream === undefined ? {} : { timing: timing.userStream }),
    });
    this.#quotes = new Quotes({ client, symbols, log, ...refreshOf(timing) });
    this.#instruments = new InstrumentWatch({ client, symbols, emit, log, ...filtersOf(timing) });
    this.#connection = this.#connect();
    this.#reconcile = new ReconcileLoop({
      clock: client.clock,
      desk,
      takeSnapshot: () => takeSnapshot(this.#snapshot, 'light', this.#memory),
      emit,
      log,
      isReady: () => this.state === 'ready',
      onUntold: () => this.#userStream.suspect('a reading found what it had not told'),
      onFailing: (detail) => this.#connection.lost(detail),
      ...(timing.reconcile === undefined ? {} : { timing: timing.reconcile }),
    });
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /**
   * Connects and reads the account; the snapshot has been emitted, and is for the plan. Undefined =
   * stopped meanwhile. Errors: CREDENTIALS_REJECTED, ACCOUNT_MODE_MISMATCH, SYMBOL_UNKNOWN,
   * INSTRUMENT_UNSUPPORTED.
   */
  async start(): Promise<VenueSnapshot | undefined> {
    this.#stopListening = this.#parts.client.onRaw((message) => this.#onRaw(message));
    const snapshot = await this.#connection.start();
    if (snapshot !== undefined) this.#reconcile.start();
    return snapshot;
  }

  /** The plan has been accepted. */
  ready(): void {
    this.#connection.ready();
  }

  /** Latest top of the book, for the last gate; null = none that makes sense. */
  quote(symbol: string): BookTop | null {
    return this.#quotes.quote(symbol);
  }

  /** To be called with every event of client and desk. */
  observe(event: VenueEvent | AccountEvent): void {
    this.#instruments.observe(event);
  }

  /** Something was heard that only a reading explains. */
  resyncSoon(): void {
    this.#reconcile.soon();
  }

  async stop(): Promise<void> {
    this.#reconcile.stop();
    this.#instruments.stop();
    this.#quotes.stop();
    this.#income.stop();
    this.#stopListening();
    await this.#connection.stop();
  }

  #connect(): Connection {
    const { client, desk, emit, command, log, modes, outageKillAfterMs, onState } = this.#parts;
    const { backoff } = this.#parts.timing ?? {};
    return new Connection({
      client,
      emit,
      log,
      userStream: this.#userStream,
      settleModes: () => this.#settle(modes),
      takeSnapshot: () => takeSnapshot(this.#snapshot, 'full', this.#memory),
      command,
      outageKillAfterMs,
      onState: (state) => {
        desk.onConnection(state);
        onState?.(state);
      },
      ...(backoff === undefined ? {} : { backoff }),
    });
  }

  // The first call after the markets are there: what needs symbols begins here, once.
  async #settle(modes: AccountModes): ReturnType<typeof settleModes> {
    const { client, symbols } = this.#parts;
    if (!this.#hasMarkets) {
      for (const symbol of symbols) filtersOfSymbol(client.exchange, symbol);
      this.#hasMarkets = true;
      this.#quotes.start();
      this.#instruments.start();
    }
    return settleModes(client, modes);
  }

  #onRaw(message: RawMessage): void {
    const { client, desk } = this.#parts;
    if (profileOf(client.id).eventOf(message.body)?.isUser !== true) return;
    desk.onUserMessage(message);
    this.#income.onMessage(message);
  }

  // Nobody here reads such a venue's messages: that one came is told, what it said is asked for.
  #onUnifiedOrders(): void {
    if (profileOf(this.#parts.client.id).name === 'generic') this.#reconcile.soon();
  }
}

function refreshOf({ quoteRefreshMs }: AccountTiming): { readonly refreshMs?: number } {
  return quoteRefreshMs === undefined ? {} : { refreshMs: quoteRefreshMs };
}

function filtersOf(timing: AccountTiming): {
  readonly everyMs?: number;
  readonly leastMs?: number;
} {
  const { filtersEveryMs: everyMs, filtersLeastMs: leastMs } = timing;
  return {
    ...(everyMs === undefined ? {} : { everyMs }),
    ...(leastMs === undefined ? {} : { leastMs }),
  };
}
