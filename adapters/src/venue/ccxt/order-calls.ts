// The calls of the order desk, each under the client's deadline, their answers read into reports.
// Binance's answers are read raw; other exchanges by ccxt's unified form.
import type { Exchange, Market, Order as CcxtOrder, Trade } from 'ccxt';
import type { CallFailure, CallResult, ExchangeClient, Urgency } from './exchange-client.js';
import { algoFrom, orderFrom, positionsFrom, tradeFrom } from './order-json.js';
import { type OrderRequestText, createOrder } from './order-request.js';
import type { OrderReport, TradeReport } from './order-reports.js';
import type { TrackedOrder } from './our-orders.js';
import { type Reading, parsed, read, rowOf } from './reading.js';
import { unifiedOrder, unifiedTrade } from './unified-json.js';

const PAGE = 1000;
const ONE_SYMBOL_WEIGHT = 6;

export interface CreateOptions {
  readonly key: string;
  readonly urgency: Urgency;
  readonly onSent: (sentMs: number) => void;
  readonly heldBy: () => string | undefined;
  readonly onLate: (late: CallResult<CcxtOrder>) => void;
}

export type ReportResult =
  | { readonly kind: 'report'; readonly report: OrderReport }
  | { readonly kind: 'failed'; readonly failure: CallFailure }
  /** Answered, but not in a form that can be read. */
  | { readonly kind: 'unread'; readonly detail: string };

export class OrderCalls {
  readonly #client: ExchangeClient;
  readonly #isBinance: boolean;

  constructor(client: ExchangeClient) {
    this.#client = client;
    this.#isBinance = client.id.startsWith('binance');
  }

  get exchange(): Exchange {
    return this.#client.exchange;
  }

  market(symbol: string): Market | undefined {
    return this.exchange.markets?.[symbol];
  }

  /** Whether stops rest outside the book (C18). Known before any market has been read. */
  get hasStopsApart(): boolean {
    return this.#client.id === 'binanceusdm';
  }

  readonly symbolOf = (id: string): string | null => {
    const listed = this.exchange.markets_by_id?.[id];
    const markets = (Array.isArray(listed) ? listed : [listed]) as (Market | undefined)[];
    const wanted = this.#client.id === 'binance' ? 'spot' : 'swap';
    const market = markets.find((one) => one?.[wanted] === true) ?? markets[0];
    return market?.symbol ?? null;
  };

  async create(request: OrderRequestText, options: CreateOptions): Promise<CallResult<CcxtOrder>> {
    return this.#client.call('createOrder', (exchange) => createOrder(exchange, request), {
      urgency: options.urgency,
      about: options.key,
      onSent: options.onSent,
      heldBy: options.heldBy,
      isExpected: ({ isDuplicate }) => isDuplicate,
      onLate: options.onLate as (late: CallResult<unknown>) => void,
    });
  }

  /** Null where the answer cannot be read, or is not about this order. */
  readOrder(answer: CcxtOrder, isStop: boolean): OrderReport | null {
    try {
      if (!this.#isBinance) return unifiedOrder(answer, this.market(answer.symbol ?? ''));
      const info = rowOf(answer.info);
      return isStop ? algoFrom(info, this.symbolOf) : orderFrom(info, this.symbolOf);
    } catch {
      return null;
    }
  }

  /** Whether an answer is about the order that was asked for: one of a cache may not be (C8). */
  isAbout(tracked: TrackedOrder, { isStop, clientOrderId, venueOrderId }: OrderReport): boolean {
    if (!this.#isBinance) return true;
    // What a stop became has a client id that nobody told us.
    const isNamed = tracked.clientOrderId !== null && tracked.isStop === isStop;
    if (isNamed) return clientOrderId === tracked.clientOrderId;
    const known = isStop ? tracked.stopId : tracked.venueOrderId;
    return known === null || venueOrderId === known;
  }

  /** The stop, by its client id. */
  fetchStop(tracked: TrackedOrder): Promise<ReportResult> {
    const id = tracked.stopId ?? undefined;
    return this.#fetch(tracked, { id, isStop: true });
  }

  /** The order in the book: of a stop the one that it became. */
  fetchOrder(tracked: TrackedOrder): Promise<ReportResult> {
    return this.#fetch(tracked, { id: tracked.venueOrderId ?? undefined, isStop: false });
  }

  async fetchById(symbol: string, id: string): Promise<ReportResult> {
    const fetch = (exchange: Exchange) => exchange.fetchOrder(id, symbol);
    const result = await this.#client.call('fetchOrder', fetch, { isExpected: isNotFound });
    return this.#reportOf(result, false);
  }

  async #fetch(
    tracked: TrackedOrder,
    by: { id: string | undefined; isStop: boolean },
  ): Promise<ReportResult> {
    const isChild = tracked.isStop && !by.isStop;
    // The client id is the name that is ours whatever happened; a child has none that we know.
    const named = isChild ? {} : idParams(tracked);
    const params = { ...named, ...(by.isStop ? { trigger: true } : {}) };
    const id = 'clientOrderId' in params ? undefined : by.id;
    const result = await this.#client.call(
      'fetchOrder',
      (exchange) => exchange.fetchOrder(id as string, tracked.symbol, params),
      { urgency: urgencyOf(tracked), about: tracked.key, isExpected: isNotFound },
    );
    const answer = this.#reportOf(result, by.isStop);
    if (answer.kind !== 'report' || this.isAbout(tracked, answer.report)) return answer;
    return { kind: 'unread', detail: 'the answer is about another order' };
  }

  cancel(tracked: TrackedOrder): Promise<CallResult<CcxtOrder>> {
    const isStop = tracked.isStop && !tracked.isTriggered;
    const isChild = tracked.isStop && tracked.isTriggered;
    const named = isChild ? {} : idParams(tracked);
    const params = { ...named, ...(isStop ? { trigger: true } : {}) };
    const id = 'clientOrderId' in params ? undefined : (tracked.venueOrderId ?? tracked.stopId);
    return this.#client.call(
      'cancelOrder',
      (exchange) => exchange.cancelOrder(id as string, tracked.symbol, params),
      { urgency: 'urgent', about: tracked.key, isExpected: isNotFound },
    );
  }

  cancelById(order: { symbol: string; venueOrderId: string; isStop: boolean }) {
    const params = order.isStop ? { trigger: true } : {};
    return this.#client.call(
      'cancelOrder',
      (exchange) => exchange.cancelOrder(order.venueOrderId, order.symbol, params),
      { urgency: 'urgent', isExpected: isNotFound },
    );
  }

  /** Orders in the book and stops beside it, of one symbol or of the whole account. */
  async openOrders(symbol?: string): Promise<Reading<readonly OrderReport[]>> {
    const orders = await this.#openList(symbol, false);
    if (!orders.ok || !this.hasStopsApart) return orders;
    const stops = await this.#openList(symbol, true);
    return stops.ok ? read([...orders.value, ...stops.value]) : stops;
  }

  async #openList(symbol: string | undefined, isStop: boolean) {
    const params = isStop ? { trigger: true } : {};
    const fetch = (exchange: Exchange) =>
      exchange.fetchOpenOrders(symbol, undefined, undefined, params);
    // Of one symbol it costs a fraction of what the whole account does.
    const weight = symbol === undefined ? {} : { weight: ONE_SYMBOL_WEIGHT };
    const result = await this.#client.call('fetchOpenOrders', fetch, weight);
    return parsed('open orders', result, (answer) =>
      (answer as CcxtOrder[]).map((order) => {
        const report = this.readOrder(order, isStop);
        if (report === null) throw new TypeError('an open order cannot be read');
        return report;
      }),
    );
  }

  /** A page of the account's own trades, oldest first. */
  async trades(
    symbol: string,
    by: { fromId?: string; orderId?: string },
    urgency: Urgency = 'normal',
  ): Promise<Reading<readonly TradeReport[]>> {
    const fetch = (exchange: Exchange) =>
      exchange.fetchMyTrades(symbol, undefined, PAGE, { ...by });
    const result = await this.#client.call('fetchMyTrades', fetch, { urgency });
    return parsed('trades', result, (answer) =>
      (answer as Trade[]).map((trade) => this.#readTrade(trade)).toSorted(byId),
    );
  }

  /** Signed quantity that the venue holds, per side (`net` where it is one-way). */
  async position(symbol: string): Promise<Reading<ReadonlyMap<string, bigint>> | null> {
    if (this.#client.id !== 'binanceusdm') return null;
    const id = this.market(symbol)?.id;
    const result = await this.#client.call('fetchPositions', (exchange) =>
      (exchange as unknown as PositionRisk).fapiPrivateV3GetPositionRisk({ symbol: id }),
    );
    return parsed('position', result, positionsFrom);
  }

  #readTrade(trade: Trade): TradeReport {
    if (!this.#isBinance) return unifiedTrade(trade, this.market(trade.symbol ?? ''));
    return tradeFrom(rowOf(trade.info), this.symbolOf);
  }

  #reportOf(result: CallResult<CcxtOrder>, isStop: boolean): ReportResult {
    if (!result.ok) return { kind: 'failed', failure: result.failure };
    const report = this.readOrder(result.value, isStop);
    if (report !== null) return { kind: 'report', report };
    return { kind: 'unread', detail: 'the answer about the order cannot be read' };
  }
}

interface PositionRisk {
  fapiPrivateV3GetPositionRisk(params: object): Promise<unknown>;
}

function idParams(tracked: TrackedOrder): { readonly clientOrderId?: string } {
  return tracked.clientOrderId === null ? {} : { clientOrderId: tracked.clientOrderId };
}

export function urgencyOf(tracked: TrackedOrder): Urgency {
  return tracked.order.action === 'exit' || tracked.isCancelWanted ? 'urgent' : 'normal';
}

function isNotFound({ verdict }: CallFailure): boolean {
  return verdict === 'not_found';
}

function byId(a: TradeReport, b: TradeReport): number {
  return compareIds(a.tradeId, b.tradeId);
}

/** Numbers by their value, however long; anything else keeps its order. */
export function compareIds(a: string, b: string): number {
  if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) return 0;
  const [left, right] = [BigInt(a), BigInt(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
