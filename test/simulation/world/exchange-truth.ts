// What really happened at the exchange: orders, trades, positions. It survives every crash of the
// host. Each order keeps the history of what was said about it, so that a question can be answered
// again.
import type { Order, VenueEvent } from '@strategy-runner/core';
import type { Random } from './random.js';
import { cashOf, feeUnits, lotsOf, priceOf, quantityOf, ticksOf } from './units.js';

export interface TickBar {
  readonly openMs: number;
  readonly closeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export interface TruthTrade {
  readonly id: string;
  readonly key: string;
  readonly positionSide: 'long' | 'short';
  readonly action: 'entry' | 'exit';
  readonly ticks: number;
  readonly lots: number;
  readonly feeUnits: number;
}

export interface TruthOrder {
  readonly order: Order;
  readonly lots: number;
  readonly limit: number | null;
  readonly stop: number | null;
  readonly history: VenueEvent[];
  filled: number;
  isOpen: boolean;
  isTriggered: boolean;
  changedMs: number;
}

const TAKER_BPS = 5;
const MAKER_BPS = 2;

export class ExchangeTruth {
  readonly orders = new Map<string, TruthOrder>();
  readonly trades = new Map<string, TruthTrade>();
  readonly funding: Extract<VenueEvent, { kind: 'funding_paid' }>[] = [];
  readonly held = { long: 0, short: 0 };
  readonly #random: Random;
  readonly #tell: (event: VenueEvent) => void;
  readonly #tellsFilled: boolean;
  #last = 0;
  #nowMs = 0;

  /** `tellsFilled`: whether the end of an order says how much of it was filled. */
  constructor(random: Random, tell: (event: VenueEvent) => void, tellsFilled: boolean) {
    this.#tellsFilled = tellsFilled;
    this.#random = random;
    this.#tell = tell;
  }

  get tradedMs(): number {
    return this.#nowMs;
  }

  /** Takes an order in, and fills what is marketable at once. */
  submit(order: Order): void {
    const truth: TruthOrder = {
      order,
      lots: lotsOf(order.quantity),
      limit: order.price === null ? null : ticksOf(order.price),
      stop: order.stopPrice === null ? null : ticksOf(order.stopPrice),
      history: [],
      filled: 0,
      isOpen: true,
      isTriggered: order.stopPrice === null,
      changedMs: this.#nowMs,
    };
    this.orders.set(order.key, truth);
    if (order.reduceOnly && this.held[order.positionSide] === 0) {
      return this.#reject(truth, 'REDUCE_ONLY_REJECTED', 'other');
    }
    if (order.postOnly && this.#isMarketable(truth, this.#last)) {
      return this.#reject(truth, 'POST_ONLY_WOULD_CROSS', 'post_only');
    }
    this.#say(truth, { kind: 'order_accepted', venueOrderId: `x${this.orders.size}` });
    this.#meet(truth, this.#last, this.#last);
    const mayRest = order.type !== 'market' && order.timeInForce === 'GTC';
    if (truth.isOpen && !mayRest) this.#end(truth, 'expired', 'EXPIRED');
  }

  /** False when there is nothing to cancel. */
  cancel(key: string): boolean {
    const truth = this.orders.get(key);
    if (truth?.isOpen !== true) return false;
    this.#end(truth, 'cancelled', '');
    return true;
  }

  reject(order: Order): void {
    const truth = { order, lots: 0, limit: null, stop: null, history: [], filled: 0 };
    const refused = { ...truth, isOpen: true, isTriggered: false, changedMs: this.#nowMs };
    this.orders.set(order.key, refused);
    this.#reject(refused, 'VENUE_REJECTED', 'other');
  }

  /** Everything that rests meets the range of the bar, then the price is its close. */
  trade(bar: TickBar): void {
    this.#nowMs = bar.closeMs;
    for (const truth of this.orders.values()) {
      if (truth.isOpen) this.#meet(truth, bar.low, bar.high);
    }
    this.#last = bar.close;
  }

  /** One basis point of the notional: longs pay, shorts receive. */
  payFunding(): void {
    for (const side of ['long', 'short'] as const) {
      if (this.held[side] === 0) continue;
      const units = this.#last * this.held[side];
      const event = {
        kind: 'funding_paid',
        ts: 0,
        id: `funding:${side}:${this.#nowMs}`,
        symbol: 'BTC/USDT:USDT',
        side,
        rate: 10n ** 14n,
        amount: cashOf(side === 'long' ? -units : units),
      } as const;
      this.funding.push(event);
      this.#tell(event);
    }
  }

  #meet(truth: TruthOrder, low: number, high: number): void {
    const isBuy = truth.order.side === 'buy';
    if (!truth.isTriggered) {
      const isReached = isBuy ? high >= truth.stop! : low <= truth.stop!;
      if (!isReached) return;
      truth.isTriggered = true;
      if (truth.limit !== null) this.#say(truth, { kind: 'order_triggered' });
      const at = low === high ? low : truth.stop!;
      if (truth.limit === null) this.#fillAll(truth, at + (isBuy ? 1 : -1), TAKER_BPS);
      return;
    }
    const isImmediate = low === high;
    if (truth.limit === null) return this.#fillAll(truth, low + (isBuy ? 1 : -1), TAKER_BPS);
    const isCrossed = isBuy ? low < truth.limit : high > truth.limit;
    if (isImmediate && this.#isMarketable(truth, low)) this.#fillSome(truth, low, TAKER_BPS);
    else if (!isImmediate && isCrossed) this.#fillSome(truth, truth.limit, MAKER_BPS);
  }

  #isMarketable({ order, limit }: TruthOrder, price: number): boolean {
    if (limit === null) return false;
    return order.side === 'buy' ? price <= limit : price >= limit;
  }

  #fillAll(truth: TruthOrder, ticks: number, rateBps: number): void {
    const parts = 1 + this.#random.below(3);
    for (let part = parts; part >= 1 && truth.isOpen; part -= 1) {
      const rest = truth.lots - truth.filled;
      this.#fill(truth, part === 1 ? rest : Math.ceil(rest / part), { ticks, rateBps });
    }
  }

  #fillSome(truth: TruthOrder, ticks: number, rateBps: number): void {
    const rest = truth.lots - truth.filled;
    const isAll = truth.order.timeInForce === 'FOK' || this.#random.chance(0.6);
    this.#fill(truth, isAll ? rest : 1 + this.#random.below(rest), { ticks, rateBps });
  }

  // Reduce-only: at most what is held, and nothing is left of an order that has nothing to reduce.
  #fill(truth: TruthOrder, wanted: number, at: { ticks: number; rateBps: number }): void {
    const { key, positionSide, action, reduceOnly } = truth.order;
    const lots = reduceOnly ? Math.min(wanted, this.held[positionSide]) : wanted;
    if (lots === 0) return this.#end(truth, 'expired', 'REDUCE_ONLY_FLAT');
    const id = `t${this.trades.size + 1}`;
    const fee = feeUnits(at.ticks, lots, at.rateBps);
    const { ticks } = at;
    this.trades.set(id, { id, key, positionSide, action, ticks, lots, feeUnits: fee });
    this.held[positionSide] += action === 'entry' ? lots : -lots;
    truth.filled += lots;
    if (truth.filled === truth.lots) truth.isOpen = false;
    this.#say(truth, {
      kind: 'fill_reported',
      tradeId: id,
      price: priceOf(ticks),
      quantity: quantityOf(lots),
      fee: cashOf(fee),
      feeCurrency: 'USDT',
      liquidity: at.rateBps === MAKER_BPS ? 'maker' : 'taker',
      basePrice: null,
    });
  }

  #reject(truth: TruthOrder, code: string, reason: 'post_only' | 'other'): void {
    truth.isOpen = false;
    this.#say(truth, { kind: 'order_rejected', code, reason, detail: 'the exchange says no' });
  }

  #end(truth: TruthOrder, status: 'cancelled' | 'expired', code: string): void {
    truth.isOpen = false;
    const filled = this.#tellsFilled ? { filled: quantityOf(truth.filled) } : {};
    this.#say(truth, { kind: 'order_ended', status, code, ...filled });
  }

  #say(truth: TruthOrder, said: Said): void {
    const event = { ...said, ts: 0, order: truth.order.key } as VenueEvent;
    truth.changedMs = this.#nowMs;
    truth.history.push(event);
    this.#tell(event);
  }
}

type Said = WithoutStamp<Exclude<VenueEvent, { kind: 'funding_paid' }>>;
type WithoutStamp<Event> = Event extends VenueEvent ? Omit<Event, 'ts' | 'order'> : never;
