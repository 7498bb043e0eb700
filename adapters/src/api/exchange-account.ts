// The account at the exchange and everything that keeps it and the ledger the same: order desk,
// user stream, payments, snapshots, comparisons, and the connection that they all hang on.
import type { Code, Side } from '@strategy-runner/contracts';
import {
  type Clock,
  type CommandGiven,
  type ConnectionState,
  type Engine,
  type VenueSnapshot,
  format,
} from '@strategy-runner/core';
import type { Logger } from 'pino';
import { type AccountModes, settleModes } from '../venue/ccxt/account-modes.js';
import { AccountReader } from '../venue/ccxt/account-reader.js';
import { type SnapshotMemory, takeSnapshot } from '../venue/ccxt/account-snapshot.js';
import type { CcxtClient } from '../venue/ccxt/client.js';
import { Connection } from '../venue/ccxt/connection.js';
import type { EntryPermit } from '../venue/ccxt/entry-permit.js';
import { IncomeReader } from '../venue/ccxt/income.js';
import { InstrumentWatch, type InstrumentTiming } from '../venue/ccxt/instrument-watch.js';
import type { DeskLimits } from '../venue/ccxt/desk-parts.js';
import { GATE_LIMITS, type GateLimits } from '../venue/ccxt/last-gate.js';
import { OrderDesk } from '../venue/ccxt/order-desk.js';
import { type BackoffLimits, pause } from '../venue/ccxt/pause.js';
import { Quotes } from '../venue/ccxt/quotes.js';
import type { Reading } from '../venue/ccxt/reading.js';
import { ReconcileLoop, type ReconcileTiming } from '../venue/ccxt/reconcile-loop.js';
import { RECONNECT_LIMITS, ReconnectWatch } from '../venue/ccxt/reconnect-watch.js';
import { UserStream, type UserStreamTiming } from '../venue/ccxt/user-stream.js';
import type { ChosenAccount } from './account.js';
import type { EventRelay, VenueSays } from './event-relay.js';

export interface ExchangeAccountParts {
  readonly client: CcxtClient;
  readonly account: ChosenAccount;
  readonly engine: Engine;
  readonly relay: EventRelay;
  /** Configured and ever traded on this account. */
  readonly symbols: readonly string[];
  readonly modes: AccountModes;
  readonly log: Logger;
  /** The wall clock. */
  readonly clock: Clock;
  readonly command: (event: CommandGiven) => void;
  /** Whether nothing has moved while it was read, once the engine has taken in what was told. */
  readonly isConclusive: (snapshot: VenueSnapshot) => Promise<boolean>;
  /** What entries need beside the venue: the lock that other machines see. */
  readonly permit?: EntryPermit | undefined;
  readonly limits?: ExchangeLimits;
}

/** Waits that differ from the stated ones; wall ms throughout. */
export interface ExchangeLimits {
  readonly desk?: Partial<DeskLimits>;
  readonly userStream?: Partial<UserStreamTiming>;
  readonly reconcile?: Partial<ReconcileTiming>;
  readonly instruments?: InstrumentTiming;
  readonly backoff?: BackoffLimits;
  /** How long what is under way may take to come to its end when a run ends. */
  readonly drainMs?: number;
}

/** How long a reading may be repeated until nothing has moved meanwhile, wall ms. */
const CONCLUSIVE_WITHIN_MS = 60_000;
const READ_AGAIN_MS = 200;

export class ExchangeAccount {
  readonly desk: OrderDesk;
  readonly connection: Connection;
  readonly #parts: ExchangeAccountParts;
  readonly #loop: ReconcileLoop;
  readonly #quotes: Quotes;
  readonly #watch: InstrumentWatch;
  readonly #income: IncomeReader;
  readonly #reader: AccountReader;
  readonly #reconnects: ReconnectWatch;
  readonly #stop = new AbortController();
  readonly #memory: SnapshotMemory = { balances: '', incomeReadMs: 0 };
  #stopListening: () => void = () => undefined;

  constructor(parts: ExchangeAccountParts) {
    this.#parts = parts;
    const { client, relay, engine, log, symbols, modes, limits = {} } = parts;
    const { emit } = relay;
    const { config } = parts.account;
    this.#quotes = new Quotes({ client, symbols: modes.symbols, log });
    this.#reader = new AccountReader(client, () => symbols);
    this.#income = incomeReader(parts);
    this.desk = new OrderDesk({
      client,
      emit,
      sessionId: engine.config.sessionId,
      symbols,
      recvWindowMs: config.recv_window_ms,
      wallMs: () => parts.clock.now(),
      isHedged: () => modes.positionMode === 'hedge',
      quote: (symbol) => this.#quotes.quote(symbol),
      held: (symbol, side) => heldOf(engine, symbol, side),
      onAccountMessage: (raw) => this.#income.onMessage(raw),
      onResyncNeeded: (why) => this.#readSoon(why),
      permit: parts.permit,
      // The session's own collars hold at the last gate too: a bound that was permitted must pass
      // it.
      limits: { gate: gateLimitsOf(engine), ...limits.desk },
    });
    const userStream = this.#userStream(parts);
    this.connection = new Connection({
      client,
      emit,
      log,
      userStream,
      settleModes: () => settleModes(client, modes),
      takeSnapshot: () => this.#conclusive(),
      command: parts.command,
      outageKillAfterMs: config.outage_kill_after_ms,
      onState: (state) => this.#onState(state),
      permit: parts.permit,
      ...(limits.backoff === undefined ? {} : { backoff: limits.backoff }),
    });
    this.#loop = new ReconcileLoop({
      clock: client.clock,
      desk: this.desk,
      takeSnapshot: () => this.snapshot('light'),
      emit,
      log,
      isReady: () => this.connection.state === 'ready',
      onFailing: (detail) => this.connection.lost(detail),
      onUntold: () => userStream.suspect('a reading has found what the stream had not told'),
      onMissed: (missed, why) => this.#alert('HEARTBEAT_MISSED', missedText(missed, why)),
      timing: { intervalMs: config.reconcile_interval_ms, ...limits.reconcile },
    });
    this.#watch = instrumentWatch(parts);
    this.#reconnects = new ReconnectWatch({
      limits: { ...RECONNECT_LIMITS, ...config.alert_reconnects },
      wallMs: () => parts.clock.now(),
      alert: (code, text) => this.#alert(code, text),
    });
    relay.watch((event) => this.#observe(event));
  }

  #userStream({ client, log, limits }: ExchangeAccountParts): UserStream {
    return new UserStream({
      client,
      log,
      onLost: (detail) => this.connection.lost(detail),
      onOrders: () => this.#loop.soon(),
      timing: limits?.userStream ?? {},
    });
  }

  /** Takes over what the session knows and begins to listen; before the connection is started. */
  begin(): void {
    const { client, engine, permit } = this.#parts;
    this.desk.restore(engine.state);
    permit?.onWithdrawn((why) => this.connection.withheld(why));
    this.#stopListening = client.onRaw((raw) => this.desk.onUserMessage(raw));
  }

  /** The plan has been accepted: entries may go. */
  ready(): void {
    this.connection.ready();
    this.#quotes.start();
    this.#watch.start();
    this.#loop.start();
  }

  snapshot(depth: 'full' | 'light'): Promise<Reading<VenueSnapshot>> {
    const { client, symbols } = this.#parts;
    const { desk } = this;
    const parts = { client, desk, reader: this.#reader, income: this.#income };
    // The list of payments may have been behind the balance: it is read until both agree.
    if (isCashHeld(this.#parts.engine)) this.#memory.incomeReadMs = 0;
    return takeSnapshot({ ...parts, symbols: () => symbols }, depth, this.#memory);
  }

  // What was missed is told while it is read, so the first reading is seldom the last: entries wait
  // for one into which nothing fell. An order of unknown outcome may hold it up; it holds entries
  // on its symbol by itself, so that at some point the others may go on.
  async #conclusive(): Promise<Reading<VenueSnapshot>> {
    const { clock } = this.#parts;
    const untilMs = clock.now() + CONCLUSIVE_WITHIN_MS;
    let reading = await this.snapshot('full');
    while (reading.ok && !(await this.#parts.isConclusive(reading.value))) {
      if (clock.now() > untilMs || !(await pause(READ_AGAIN_MS, this.#stop.signal))) return reading;
      reading = await this.snapshot('light');
    }
    return reading;
  }

  /** Lets what is under way be answered, then closes every stream. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#loop.stop();
    this.#watch.stop();
    this.#reconnects.stop();
    this.#quotes.stop();
    await this.desk.stop();
    this.#income.stop();
    this.#stopListening();
  }

  // A key that is refused in mid-session reads and sends nothing any more (C23): entries wait until
  // the account can be read with it again.
  #observe(event: VenueSays): void {
    this.#watch.observe(event);
    if (event.kind === 'venue_snapshot') this.#heartbeat(event);
    if (event.kind !== 'api_error' || event.verdict !== 'auth') return;
    if (this.connection.state === 'ready') this.connection.lost(`key refused: ${event.detail}`);
  }

  #heartbeat({ ts, positions, orders }: VenueSnapshot): void {
    this.#loop.beat();
    const held = positions.map(
      ({ symbol, side, quantity }) => `${symbol} ${side} ${format(quantity)}`,
    );
    const shown = { positions: held, open_orders: orders.length, event_ms: ts };
    this.#parts.log.info({ event: 'heartbeat', ...shown }, 'the account was read');
  }

  #alert(code: Code, text: string): void {
    const { client, relay } = this.#parts;
    relay.emit({ kind: 'host_alert', ts: client.clock.now(), code, text });
  }

  // Something came that nobody understands: the account is read, whatever the interval says.
  #readSoon(why: string): void {
    this.#parts.log.warn({ event: 'resync', why }, 'the account is read again');
    this.#loop.soon();
  }

  #onState(state: ConnectionState): void {
    this.desk.onConnection(state);
    if (!this.#stop.signal.aborted) this.#reconnects.onState(state);
  }
}

function isCashHeld({ state }: Engine): boolean {
  return [...state.holds.keys()].some((name) => name.includes('|cash:'));
}

function incomeReader({ client, relay, engine }: ExchangeAccountParts): IncomeReader {
  const cursor = engine.state.cursors.get('income');
  const sideOf = (symbol: string): Side | undefined => sideHeld(engine, symbol);
  return new IncomeReader({ client, emit: relay.emit, cursor, sideOf });
}

function instrumentWatch({ client, modes, relay, log, limits }: ExchangeAccountParts) {
  const { symbols } = modes;
  return new InstrumentWatch({ client, symbols, emit: relay.emit, log, ...limits?.instruments });
}

function missedText(missed: number, why: string): string {
  const next = 'Next: runner status; positions are as last read, and what rests there goes on';
  return `the account has not been read for ${missed} intervals: ${why}. ${next}`;
}

function gateLimitsOf({ config }: Engine): GateLimits {
  const { entryCollarBps, exitCollarBps } = config.risk;
  return { ...GATE_LIMITS, entryCollarBps, exitCollarBps };
}

function sideHeld({ state }: Engine, symbol: string): Side | undefined {
  for (const position of state.positions.values()) {
    if (position.symbol === symbol) return position.side;
  }
  return undefined;
}

function heldOf({ state }: Engine, symbol: string, side: Side | null): bigint {
  let held = 0n;
  for (const position of state.positions.values()) {
    if (position.symbol !== symbol || (side !== null && position.side !== side)) continue;
    held += side === null && position.side === 'short' ? -position.quantity : position.quantity;
  }
  return held;
}
