// The order desk of the ccxt venue: everything that concerns orders at an exchange, behind core's
// `Venue`. What becomes of an order arrives through `emit`; unknown stays unknown until the venue
// has shown what is true. Exits and cancels are never given up while it runs.
import {
  type ApprovedOrder,
  type ConnectionState,
  type EngineState,
  type Frozen,
  type Order,
  type Venue,
  type VenueOrder,
  isExternalIntent,
} from '@strategy-runner/core';
import { absenceLimits } from './absence-proof.js';
import { ClientOrderIds } from './client-order-id.js';
import { type Depth, type Resynced, resync } from './desk-resync.js';
import { type DeskLimits, type OrderDeskParts, defaultLimits } from './desk-parts.js';
import type { Emit, RawMessage } from './exchange-client.js';
import { gateRulesOf } from './gate-rules.js';
import { type Refusal, checkLastGate } from './last-gate.js';
import { OrderCalls } from './order-calls.js';
import { OrderCanceller } from './order-canceller.js';
import { OrderInquiry } from './order-inquiry.js';
import { OrderProgress } from './order-progress.js';
import { OrderSender } from './order-sender.js';
import { OurOrders, type TrackedOrder } from './our-orders.js';
import { backoffMs, pause } from './pause.js';
import type { Reading } from './reading.js';
import { TradeIntake } from './trade-intake.js';
import { UserRouter } from './user-router.js';

export type { DeskLimits, OrderDeskParts } from './desk-parts.js';

const FOREIGN_CANCELS_MAX = 5;
const EXIT_RETRY_MAX_MS = 5000;

export class OrderDesk implements Venue {
  readonly outlivesProcess = true;
  readonly #parts: OrderDeskParts;
  readonly #limits: DeskLimits;
  readonly #ids: ClientOrderIds;
  readonly #orders = new OurOrders();
  readonly #calls: OrderCalls;
  readonly #progress: OrderProgress;
  readonly #trades: TradeIntake;
  readonly #inquiry: OrderInquiry;
  readonly #sender: OrderSender;
  readonly #canceller: OrderCanceller;
  readonly #router: UserRouter;
  readonly #abort = new AbortController();
  #connection: ConnectionState = 'connecting';
  #openOrders: readonly VenueOrder[] = [];
  #changedMs = -Infinity;
  readonly #waiting: RawMessage[] = [];
  #isCatchingUp = false;
  #changes = 0;

  constructor(parts: OrderDeskParts) {
    this.#parts = parts;
    this.#limits = { ...defaultLimits(parts.recvWindowMs), ...parts.limits };
    this.#ids = new ClientOrderIds(parts.sessionId);
    this.#calls = new OrderCalls(parts.client);
    const { signal } = this.#abort;
    const { retryFirstMs: firstMs, retryGraceMs: graceMs, retryMaxMs: maxMs } = this.#limits;
    const now = (): number => parts.client.clock.now();
    const { wallMs, isHedged, held } = parts;
    const emit: Emit = (event) => {
      // How far a list has been read is nothing that has moved at the venue.
      if (event.kind !== 'cursor') this.#touch();
      parts.emit(event);
    };
    const orders = this.#orders;
    const calls = this.#calls;
    const progress = new OrderProgress(orders, emit, now);
    const lookAtStops = (symbol: string): Promise<boolean> => this.#lookAtStops(symbol);
    const trades = new TradeIntake({ calls, orders, progress, emit, now, lookAtStops });
    const shared = { calls, orders, progress, trades, emit, now, wallMs, signal };
    const absence = { ...absenceLimits(parts.recvWindowMs) };
    absence.windowMs = this.#limits.absenceWindowMs;
    const isConnecting = (): boolean => this.#connection === 'connecting';
    const inquiry = new OrderInquiry({
      ...shared,
      held,
      isConnecting,
      absence,
      backoff: { firstMs, graceMs, maxMs },
    });
    // What closes risk is tried again soon: the next try may be the one that arrives.
    const backoff = { firstMs, maxMs: Math.min(maxMs, EXIT_RETRY_MAX_MS) };
    const isReachable = (): boolean =>
      this.#connection === 'ready' || this.#connection === 'syncing';
    this.#progress = progress;
    this.#trades = trades;
    this.#inquiry = inquiry;
    const gate = (order: Order): Refusal | undefined => this.#gate(order);
    const canceller = new OrderCanceller({ ...shared, inquiry, isConnecting, backoff });
    const competing = ({ symbol, positionSide }: Order): readonly Promise<void>[] =>
      canceller.runningFor(
        ({ order, isStop }) =>
          order.reduceOnly &&
          !isStop &&
          order.symbol === symbol &&
          order.positionSide === positionSide,
      );
    const isReady = (): boolean => this.#withheld === null;
    const ways = { isHedged, gate, isReady, isReachable, competing };
    this.#sender = new OrderSender({ ...shared, ...ways, inquiry, backoff });
    this.#canceller = canceller;
    const { heldMs, settleMs } = this.#limits;
    const onAccountMessage = parts.onAccountMessage ?? ignore;
    const onResyncNeeded = parts.onResyncNeeded ?? ignore;
    const hooks = { onAccountMessage, onResyncNeeded, heldMs, settleMs };
    this.#router = new UserRouter({ ...shared, inquiry, ...hooks });
  }

  submit(order: ApprovedOrder): void {
    this.#touch();
    const tracked = this.#register(order);
    if (tracked.sending !== null || tracked.isOver) return;
    const detail = this.#withheld;
    if (order.action === 'entry' && detail !== null) {
      this.#progress.rejected(tracked, { code: 'VENUE_NOT_READY', reason: 'other', detail });
      return;
    }
    this.#sender.send(tracked);
  }

  cancel(order: Order): void {
    this.#touch();
    const tracked = this.#register(order);
    // Told before, and not heard or not taken: the end is told again behind what is true.
    if (tracked.isOver) this.query(order);
    // Shown to be absent and not sent again since: there is nothing that a cancel could reach.
    else if (tracked.isAbsent && tracked.sending === null) this.#progress.end(tracked, 'cancelled');
    else this.#canceller.start(tracked);
  }

  query(order: Order): void {
    this.#touch();
    const tracked = this.#register(order);
    if (tracked.isOver) this.#progress.tellEnd(tracked);
    else void this.#inquiry.start(tracked);
  }

  cancelForeign(order: VenueOrder): void {
    this.#touch();
    void this.#cancelForeign(order);
  }

  /** An order that the operator made ours; the engine's order carries its venue order id. */
  adopt(order: Order): void {
    this.#register(order);
  }

  /** Why entries may not leave now, if they may not. */
  get #withheld(): string | null {
    const state = this.#connection;
    if (state !== 'ready') return `the connection is ${state}; entries wait until it is ready`;
    return this.#parts.permit?.denial ?? null;
  }

  /** To be called with every `connection` event. */
  onConnection(state: ConnectionState): void {
    this.#connection = state;
  }

  /** Takes over what the session knows, before anything is asked or sent. */
  restore(state: Frozen<EngineState>): void {
    for (const order of recentOf(state.endedOrders)) this.#register(order);
    for (const order of state.orders.values()) this.#register(order as Order);
    for (const [name, value] of state.cursors) {
      if (name.startsWith('trades:')) this.#trades.restoreCursor(name.slice(7), value);
    }
    const { young, old } = state.externalTrades;
    for (const name of [...old.keys(), ...young.keys()]) this.#trades.restoreExternal(name);
  }

  /** Reads what may have been missed; its events are emitted before it resolves. */
  async resync(depth: Depth = 'full'): Promise<Reading<Resynced>> {
    const { symbols, client } = this.#parts;
    const shared = { calls: this.#calls, orders: this.#orders, progress: this.#progress };
    const sources = { inquiry: this.#inquiry, trades: this.#trades };
    const now = (): number => client.clock.now();
    // Fills told meanwhile wait for those that were missed: booked in another order than they
    // happened they would give another average price.
    this.#isCatchingUp = this.#connection !== 'ready';
    const result = await resync({ ...shared, ...sources, now, symbols }, depth);
    this.#isCatchingUp = false;
    for (const raw of this.#waiting.splice(0)) this.#router.onMessage(raw);
    if (result.ok) this.#openOrders = result.value.openOrders;
    return result;
  }

  onUserMessage(raw: RawMessage): void {
    if (this.#isCatchingUp) this.#waiting.push(raw);
    else this.#router.onMessage(raw);
  }

  /**
   * The last full reading of the account's open orders. One of ours that has ended since is not
   * open: a cancel that a restart had cut off is sent again while the account is still being read.
   */
  openOrders(): readonly VenueOrder[] {
    const isOver = (key: string): boolean => this.#orders.byKey(key)?.isOver === true;
    return this.#openOrders.filter(({ order }) => order === null || !isOver(order));
  }

  /** Anything under way, or heard since that market time. */
  isBusySince(marketMs: number): boolean {
    const isWorking =
      this.#sender.size + this.#canceller.size + this.#inquiry.size > 0 || this.#router.isHolding;
    return isWorking || this.#changedMs > marketMs;
  }

  /** Rises with everything that is sent or told: equal before and after = nothing has moved. */
  get changes(): number {
    return this.#changes;
  }

  /** Nothing new is begun; resolves when every call under way has been answered. */
  async stop(): Promise<void> {
    this.#abort.abort();
    const sending = this.#orders.live().map((tracked) => tracked.sending);
    await Promise.all([...sending, this.#canceller.drain(), this.#inquiry.drain()]);
  }

  #register(order: Order): TrackedOrder {
    // An adopted order keeps the id that somebody else gave it.
    const clientOrderId = isExternalIntent(order.intentId) ? null : this.#ids.of(order.key);
    const isStop = order.type === 'stop_market' || order.type === 'stop_limit';
    return this.#orders.register(order, {
      clientOrderId,
      isStop: isStop && this.#calls.hasStopsApart,
    });
  }

  #gate(order: Order): Refusal | undefined {
    return checkLastGate({
      order,
      rules: gateRulesOf(this.#calls.market(order.symbol)),
      quote: this.#parts.quote(order.symbol),
      nowMs: this.#parts.wallMs(),
      limits: this.#limits.gate,
    });
  }

  async #lookAtStops(symbol: string): Promise<boolean> {
    for (const stop of this.#orders.unlinkedStops(symbol)) {
      const look = await this.#inquiry.link(stop);
      if (look.kind === 'failed') return false;
    }
    return true;
  }

  async #cancelForeign({ symbol, venueOrderId, type }: VenueOrder): Promise<void> {
    const isStop = type.startsWith('stop') || type.startsWith('take_profit');
    const order = { symbol, venueOrderId, isStop: isStop && this.#calls.hasStopsApart };
    const { retryFirstMs: firstMs, retryMaxMs: maxMs } = this.#limits;
    for (let attempt = 1; attempt <= FOREIGN_CANCELS_MAX; attempt += 1) {
      const result = await this.#calls.cancelById(order);
      const isDone = result.ok || ['not_found', 'rejected'].includes(result.failure.verdict);
      if (isDone) return;
      if (!(await pause(backoffMs(attempt, { firstMs, maxMs }), this.#abort.signal))) return;
    }
  }

  #touch(): void {
    this.#changes += 1;
    this.#changedMs = this.#parts.client.clock.now();
  }
}

type Ended = Frozen<EngineState>['endedOrders'];

function recentOf({ old, young }: Ended): readonly Order[] {
  return [...old.values(), ...young.values()] as Order[];
}

function ignore(): void {
  // Nobody listens.
}
