// Routes the events of the user stream to the orders that they are about. An order under an id that
// nobody has told us may be what one of our stops became: its events are held until that is known,
// and for a short time only; then REST decides.
import type { Emit, RawMessage } from './exchange-client.js';
import type { OrderCalls } from './order-calls.js';
import type { OrderInquiry } from './order-inquiry.js';
import type { OrderProgress } from './order-progress.js';
import type { OrderReport, TradeReport } from './order-reports.js';
import { type OurOrders, type TrackedOrder, missing } from './our-orders.js';
import { pause } from './pause.js';
import type { TradeIntake } from './trade-intake.js';
import { type UserEvent, readUserMessage } from './user-events.js';

export interface RouterParts {
  readonly calls: OrderCalls;
  readonly orders: OurOrders;
  readonly progress: OrderProgress;
  readonly inquiry: OrderInquiry;
  readonly trades: TradeIntake;
  readonly emit: Emit;
  readonly now: () => number;
  readonly onAccountMessage: (raw: RawMessage) => void;
  /** Something was heard that only a full reading can make sense of. */
  readonly onResyncNeeded: (why: string) => void;
  /** How long events wait for the link from a stop to its order, wall ms. */
  readonly heldMs: number;
  /** How long fills that an end has overtaken are waited for before REST is asked, wall ms. */
  readonly settleMs: number;
  readonly signal: AbortSignal;
}

interface OrderNews {
  readonly report: OrderReport;
  readonly trade: TradeReport | null;
  readonly isUnderstood: boolean;
  readonly atMs: number;
}

const HELD_MAX = 1000;

export class UserRouter {
  readonly #parts: RouterParts;
  readonly #held = new Map<string, OrderNews[]>();

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** Whether events wait for the order that they are about. */
  get isHolding(): boolean {
    return this.#held.size > 0;
  }

  onMessage(raw: RawMessage): void {
    const { calls, onAccountMessage } = this.#parts;
    const event = readUserMessage(raw, calls.symbolOf);
    if (event.kind === 'account') onAccountMessage(raw);
    else if (event.kind === 'unreadable') this.#quarantine(raw, event);
    else if (event.kind === 'order') {
      const { report, trade, isUnderstood } = event;
      this.#onOrder(raw, { report, trade, isUnderstood, atMs: raw.atMs });
    }
  }

  #onOrder(raw: RawMessage, news: OrderNews): void {
    const { orders } = this.#parts;
    const { symbol, clientOrderId, venueOrderId } = news.report;
    if (symbol === null) {
      const why = 'the symbol is not listed';
      return this.#quarantine(raw, { kind: 'unreadable', why, clientOrderId, venueOrderId });
    }
    const tracked = orders.byClientId(clientOrderId) ?? orders.byVenueId(symbol, venueOrderId);
    if (tracked !== undefined) return this.#apply(tracked, news);
    // A stop of somebody else says nothing until it trades.
    if (news.report.isStop) return;
    if (orders.unlinkedStops(symbol).length > 0) return this.#hold(symbol, news);
    this.#foreign(symbol, news);
  }

  #apply(tracked: TrackedOrder, news: OrderNews): void {
    const { progress, inquiry } = this.#parts;
    const { report, trade, atMs } = news;
    const heard = { atMs, ackedMs: atMs };
    if (!news.isUnderstood) {
      // W11: what it was is for REST to say.
      void inquiry.start(tracked);
      return;
    }
    if (trade !== null) progress.trade(tracked, trade, heard);
    progress.report(tracked, report, heard);
    if (report.childId !== null) this.#release(tracked, report.childId);
    if (missing(tracked) > 0n) void this.#catchUp(tracked);
  }

  // Frames that were only reordered follow at once and cost no request.
  async #catchUp(tracked: TrackedOrder): Promise<void> {
    const { settleMs, signal, inquiry } = this.#parts;
    if (!(await pause(settleMs, signal))) return;
    if (missing(tracked) > 0n) await inquiry.start(tracked);
  }

  #hold(symbol: string, news: OrderNews): void {
    const id = news.report.venueOrderId;
    const held = this.#held.get(id);
    if (held !== undefined) {
      held.push(news);
      return;
    }
    if (this.#held.size >= HELD_MAX) {
      return this.#parts.onResyncNeeded('too many events of orders that nobody knows');
    }
    this.#held.set(id, [news]);
    void this.#resolve(symbol, id);
  }

  async #resolve(symbol: string, id: string): Promise<void> {
    const { heldMs, signal, inquiry, orders, onResyncNeeded } = this.#parts;
    if (!(await pause(heldMs, signal)) || !this.#held.has(id)) return;
    let couldAsk = true;
    for (const stop of orders.unlinkedStops(symbol)) {
      const look = await inquiry.once(stop);
      if (look.kind === 'failed') couldAsk = false;
    }
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    const tracked = orders.byVenueId(symbol, id);
    if (tracked !== undefined) for (const news of held) this.#apply(tracked, news);
    else if (couldAsk) for (const news of held) this.#foreign(symbol, news);
    else onResyncNeeded(`order ${id} of ${symbol} cannot be told from a stop of ours`);
  }

  #release(tracked: TrackedOrder, venueOrderId: string): void {
    const held = this.#held.get(venueOrderId);
    if (held === undefined) return;
    this.#held.delete(venueOrderId);
    for (const news of held) this.#apply(tracked, news);
  }

  #foreign(symbol: string, news: OrderNews): void {
    const { trades } = this.#parts;
    if (news.trade !== null && news.isUnderstood) {
      return trades.external(news.trade, news.report.clientOrderId);
    }
    // It may hide a fill: the list of trades does not.
    if (!news.isUnderstood) void trades.since(symbol);
  }

  /** W10: kept as it came, and read again by REST. */
  #quarantine(raw: RawMessage, event: Extract<UserEvent, { kind: 'unreadable' }>): void {
    const { emit, now, orders, inquiry, onResyncNeeded } = this.#parts;
    const { why, clientOrderId } = event;
    emit({
      kind: 'venue_message',
      ts: now(),
      channel: 'stream',
      name: `unreadable:${raw.name}`,
      body: JSON.stringify({ why, message: raw.body }),
    });
    const tracked = orders.byClientId(clientOrderId);
    if (tracked !== undefined) void inquiry.start(tracked);
    onResyncNeeded(`${raw.name} could not be read: ${why}`);
  }
}
