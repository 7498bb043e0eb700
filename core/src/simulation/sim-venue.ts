// The simulated venue of backtest and paper. A bar goes from its open down to its low, then up to
// its high; targets come last, so that a bar which touches stop and target counts as stopped; then
// the close settles what was placed on the way. One event at a time leaves `next()`, so that the
// host reacts to a fill before the bar goes on (DESIGN §5).
import { type Decimal, ZERO, bps, fromNumber, multiply, roundCash } from '../decimal.js';
import type { VenueEvent } from '../events.js';
import type { BarRow } from '../market/bar-series.js';
import type { Instrument } from '../market/instrument.js';
import { type Order, remaining } from '../order/order.js';
import type { CostModel } from './costs.js';
import {
  type FillTerms,
  affordable,
  feeOfFill,
  fillableQuantity,
  roundVolume,
  takerPrice,
} from './filling.js';
import { type FittedSlippage, fittedOf } from './fitted-slippage.js';
import { type FundingRow, fundingOn, isDueAtOpen } from './funding.js';
import { isMarketable, isResting, levelOf, meetOpen, postOnlyRejection } from './matching.js';
import { refusalOf } from './refusal.js';
import { nextOnPath, restsFrom } from './path.js';
import { type LegShock, LegShocks, NO_SHOCKS, type ShockTable } from './shocks.js';
import {
  PHASE,
  type Phase,
  type RestoredPosition,
  type SimOrder,
  placementMark,
  restoreOrder,
  simOrder,
} from './sim-order.js';

export type { FundingRow } from './funding.js';

export interface SimVenueParts {
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly costs: CostModel;
  readonly shocks?: ShockTable;
  /** A limit counts as filled when it is only touched. Default: it must be traded through. */
  readonly fillOnTouch?: boolean;
  /**
   * Largest part of a bar's volume that fills may take, in bps; null = no limit, no partial fills.
   */
  readonly volumeShareBps?: number | null;
  /** What the account can pay spot purchases with, asked at each; absent = without limit. */
  readonly cash?: () => Decimal;
}

export class SimVenue {
  /** Slippage by a fitted model in place of the constant; null without one. */
  readonly fitted: FittedSlippage | null;
  readonly #parts: SimVenueParts;
  readonly #shocks: LegShocks;
  readonly #orders = new Map<string, SimOrder>();
  readonly #positions = new Map<string, Decimal>();
  readonly #queue: VenueEvent[] = [];
  #bar: BarRow | null = null;
  #symbol = '';
  #phase: Phase = PHASE.between;
  #cursor = 0;
  #hasPlacedInside = false;
  #pending: SimOrder[] = [];
  #lateFunding: readonly FundingRow[] = [];
  #volumeLeft: Decimal | null = null;
  #sequence = 0;
  #nowMs = 0;

  constructor(parts: SimVenueParts) {
    this.#parts = parts;
    this.fitted = fittedOf(parts.costs);
    this.#shocks = new LegShocks(parts.shocks ?? NO_SHOCKS);
  }

  /** Nothing to tell and no bar under way: `next()` would answer nothing. */
  get isQuiet(): boolean {
    return this.#bar === null && this.#queue.length === 0;
  }

  has(key: string): boolean {
    return this.#orders.has(key);
  }

  /** What is told already; the bar does not go on. */
  heard(): VenueEvent | undefined {
    return this.#queue.shift();
  }

  /** Takes over the ledger's view of an order, null = over, where a fill came about otherwise. */
  correct(positions: Iterable<RestoredPosition>, key: string, filled: Decimal | null): void {
    this.#positions.clear();
    for (const { symbol, side, quantity } of positions) this.#hold(`${symbol}|${side}`, quantity);
    const sim = this.#orders.get(key);
    if (filled === null) this.#orders.delete(key);
    else if (sim !== undefined && filled > sim.filled) sim.filled = filled;
  }

  #hold(key: string, more: Decimal): void {
    this.#positions.set(key, (this.#positions.get(key) ?? ZERO) + more);
  }

  submit(order: Order): void {
    if (this.#orders.has(order.key)) return;
    const { key } = order;
    const refusal = refusalOf(order, this.#shocks.of(order), this.#parts.instruments);
    if (refusal !== undefined) {
      this.#queue.push({ kind: 'order_rejected', ts: this.#ts(), order: key, ...refusal });
      return;
    }
    this.#sequence += 1;
    const placedMs = this.#bar?.closeMs ?? this.#nowMs;
    const sim = simOrder(order, { placedMs, placedIn: this.#phase, sequence: this.#sequence });
    // Placed while the bar opens: the host's own follow-up meets this open, as it would be there in
    // the same moment live; what a plugin decides now waits for the next one where it is
    // marketable.
    if (this.#phase === PHASE.open) {
      if (order.isFollowUp) this.#pending.push(sim);
      else sim.hasMetOpen = meetOpen(sim, this.#bar!.open) === 'rest';
    } else if (this.#bar !== null) {
      this.#hasPlacedInside = true;
      sim.hasMetOpen = restsFrom(sim, this.#cursor);
    }
    this.#orders.set(key, sim);
    const venueOrderId = placementMark(sim);
    this.#queue.push({ kind: 'order_accepted', ts: this.#ts(), order: key, venueOrderId });
  }

  cancel(key: string): void {
    const found = this.#orders.get(key);
    if (found === undefined) {
      const detail = 'not a working order here';
      this.#queue.push({ kind: 'cancel_rejected', ts: this.#ts(), order: key, detail });
      return;
    }
    this.#end(found, 'cancelled', '');
  }

  /** Answers what became of an order whose submission has no outcome. */
  query(key: string): void {
    const found = this.#orders.get(key);
    const ts = this.#ts();
    if (found === undefined) this.#queue.push({ kind: 'order_absent', ts, order: key });
    else {
      const venueOrderId = placementMark(found);
      this.#queue.push({ kind: 'order_accepted', ts, order: key, venueOrderId });
    }
  }

  /**
   * Takes back what a recovered engine knows to be resting, at a bar boundary. Nothing is
   * announced: the engine has heard of it all.
   */
  restore(orders: Iterable<Order>, positions: Iterable<RestoredPosition>, nowMs: number): void {
    this.#nowMs = nowMs;
    for (const { symbol, side, quantity } of positions) {
      this.#positions.set(`${symbol}|${side}`, quantity);
    }
    for (const order of orders) {
      const sim = restoreOrder(order, nowMs);
      if (sim === undefined) continue;
      this.#orders.set(order.key, sim);
      this.#sequence = Math.max(this.#sequence, sim.sequence);
    }
  }

  /**
   * `funding`: what has fallen due since the bar before, up to this one's close, in order.
   */
  beginBar(symbol: string, bar: BarRow, funding: readonly FundingRow[]): void {
    this.#nowMs = bar.closeMs;
    if (this.fitted !== null) this.fitted.begin(symbol, bar);
    if (this.#orders.size === 0 && (funding.length === 0 || this.#positions.size === 0)) return;
    this.#bar = bar;
    this.#symbol = symbol;
    this.#phase = PHASE.open;
    this.#hasPlacedInside = false;
    const share = this.#parts.volumeShareBps ?? null;
    this.#volumeLeft = share === null ? null : bps(fromNumber(roundVolume(bar.volume)), share);
    this.#lateFunding = funding.filter((row) => !isDueAtOpen(row, bar));
    for (const row of funding) if (isDueAtOpen(row, bar)) this.#payFunding(row, bar);
    this.#pending = [];
    for (const sim of this.#orders.values()) {
      if (this.#meetsThisOpen(sim)) this.#pending.push(sim);
    }
  }

  #meetsThisOpen(sim: SimOrder): boolean {
    if (sim.order.symbol !== this.#symbol) return false;
    const shock = this.#shocks.of(sim.order);
    if (shock !== undefined && this.#isHeldBack(sim, shock)) return false;
    return !sim.hasMetOpen || sim.type !== 'limit';
  }

  // An order that cannot rest is over when it was missed; a resting one waits for its cancel.
  #isHeldBack(sim: SimOrder, shock: LegShock): boolean {
    if (shock.missed === true) {
      const cannotRest = sim.type === 'market' || sim.timeInForce !== 'GTC';
      if (cannotRest) this.#end(sim, 'expired', 'EXPIRED');
      return true;
    }
    const delay = shock.delayBars ?? 0;
    sim.barsWaited += 1;
    return sim.barsWaited <= delay;
  }

  #payFunding(row: FundingRow, bar: BarRow): void {
    const symbol = this.#symbol;
    for (const side of ['long', 'short'] as const) {
      const quantity = this.#positions.get(`${symbol}|${side}`) ?? ZERO;
      if (quantity !== ZERO) this.#queue.push(fundingOn({ symbol, side, quantity }, row, bar));
    }
  }

  /**
   * The next thing that happens at the venue, or undefined when the bar is over and all is told.
   */
  next(): VenueEvent | undefined {
    for (;;) {
      const told = this.#queue.shift();
      if (told !== undefined) return told;
      if (this.#bar === null) return undefined;
      if (this.#phase === PHASE.open) this.#stepOpen(this.#bar);
      else this.#stepPath(this.#bar);
    }
  }

  #stepOpen(bar: BarRow): void {
    const sim = this.#pending.shift();
    if (sim === undefined) {
      for (const row of this.#lateFunding) this.#payFunding(row, bar);
      this.#phase = PHASE.below;
      this.#cursor = bar.open;
      return;
    }
    if (!this.#orders.has(sim.order.key)) return;
    const wasNew = !sim.hasMetOpen;
    const outcome = meetOpen(sim, bar.open);
    sim.hasMetOpen = true;
    if (!wasNew && (isResting(sim) || outcome === 'rest')) return;
    if (outcome === 'fill') {
      if (sim.type === 'stop_limit') this.#trigger(sim);
      this.#fill(sim, fromNumber(bar.open), 'taker');
    } else if (outcome === 'trigger') this.#trigger(sim);
    else if (outcome === 'expire') this.#end(sim, 'expired', 'EXPIRED');
    else if (outcome === 'reject_post_only') this.#rejectPostOnly(sim);
  }

  #rejectPostOnly(sim: SimOrder): void {
    const { key } = sim.order;
    this.#orders.delete(key);
    this.#queue.push(postOnlyRejection(key, this.#bar!.open, this.#ts()));
  }

  // One step along the path: the nearest level on this side that the bar reaches from here.
  #stepPath(bar: BarRow): void {
    const touch = this.#parts.fillOnTouch === true;
    const at = { bar, phase: this.#phase, cursor: this.#cursor, touch };
    const next = nextOnPath(this.#orders.values(), at, this.#canFill);
    if (next === undefined) return this.#nextPhase(bar);
    this.#meetLevel(next);
  }

  readonly #canFill = (sim: SimOrder): boolean => {
    if (sim.order.symbol !== this.#symbol) return false;
    const shock = this.#shocks.of(sim.order);
    if (shock?.missed === true || sim.barsWaited <= (shock?.delayBars ?? -1)) return false;
    const hasVolume = this.#volumeLeft === null || this.#volumeLeft >= this.#lotOf(sim);
    return hasVolume || !isResting(sim);
  };

  #nextPhase(bar: BarRow): void {
    if (this.#phase === PHASE.below) {
      this.#phase = PHASE.above;
      this.#cursor = bar.open;
    } else if (this.#phase === PHASE.above) {
      this.#phase = PHASE.targets;
    } else if (this.#phase === PHASE.targets && this.#hasPlacedInside) {
      this.#phase = PHASE.close;
    } else {
      this.#phase = PHASE.between;
      this.#bar = null;
    }
  }

  #meetLevel(sim: SimOrder): void {
    this.#cursor = levelOf(sim);
    const isStop = sim.type === 'stop_market' || sim.type === 'stop_limit';
    if (!isStop || sim.isTriggered) {
      this.#fill(sim, sim.order.price!, 'maker');
      return;
    }
    if (sim.type === 'stop_limit') {
      this.#trigger(sim);
      if (!isMarketable(sim, sim.stop)) return;
    }
    this.#fill(sim, sim.order.stopPrice!, 'taker');
  }

  #trigger(sim: SimOrder): void {
    sim.isTriggered = true;
    this.#queue.push({ kind: 'order_triggered', ts: this.#ts(), order: sim.order.key });
  }

  #fill(sim: SimOrder, basePrice: Decimal, liquidity: 'maker' | 'taker'): void {
    const { order } = sim;
    const shock = this.#shocks.of(order);
    this.#shocks.noteMet(order);
    const { lotSize, tickSize, settle } = this.#parts.instruments.get(order.symbol)!;
    const supply = { lotSize, held: this.#held(order), volumeLeft: this.#volumeLeft };
    const wanted = fillableQuantity(sim, supply, shock);
    if (wanted <= ZERO) return this.#goUnfilled(sim, shock);
    const { costs } = this.#parts;
    const isMaker = liquidity === 'maker';
    const slipping = this.fitted?.costsOf(order, wanted, this.#ts()) ?? costs;
    const modelPrice = isMaker ? basePrice : takerPrice(sim, basePrice, slipping, tickSize);
    const price = modelPrice + (shock?.priceDelta ?? ZERO);
    const quantity = this.#paidFor(sim, { price, quantity: wanted, liquidity });
    if (quantity === ZERO) return this.#end(sim, 'expired', 'BALANCE_INSUFFICIENT');
    sim.filled += quantity;
    sim.fills += 1;
    this.#book(order, quantity);
    if (this.#volumeLeft !== null) this.#volumeLeft -= quantity;
    this.#queue.push({
      kind: 'fill_reported',
      ts: this.#ts(),
      order: order.key,
      tradeId: `${order.key}#${sim.fills}`,
      price,
      quantity,
      fee: feeOfFill(costs, shock, { price, quantity, liquidity }),
      feeCurrency: settle,
      liquidity,
      basePrice,
    });
    if (quantity < wanted) this.#end(sim, 'expired', 'BALANCE_INSUFFICIENT');
    else this.#afterFill(sim, shock);
  }

  // A spot account cannot owe: what its cash does not pay for is not bought.
  #paidFor(sim: SimOrder, terms: FillTerms): Decimal {
    const { order } = sim;
    const { quantity, price } = terms;
    const { market, lotSize } = this.#parts.instruments.get(order.symbol)!;
    const cash = this.#parts.cash?.();
    if (cash === undefined || market !== 'spot' || order.action !== 'entry') return quantity;
    const fee = feeOfFill(this.#parts.costs, this.#shocks.of(order), terms);
    const owed = roundCash(multiply(price, quantity)) + fee;
    const paid = affordable(quantity, owed, cash, lotSize);
    return sim.timeInForce === 'FOK' && paid < quantity ? ZERO : paid;
  }

  #afterFill(sim: SimOrder, shock: LegShock | undefined): void {
    const rest = remaining({ quantity: sim.order.quantity, filled: sim.filled });
    if (rest === ZERO) {
      this.#orders.delete(sim.order.key);
      return;
    }
    this.#goUnfilled(sim, shock);
  }

  // What found no counterpart goes on resting, a triggered stop as the market order that it now is.
  #goUnfilled(sim: SimOrder, shock: LegShock | undefined): void {
    const isOver = sim.timeInForce !== 'GTC' || shock?.filledShareBps !== undefined;
    const isFlat = sim.order.reduceOnly && this.#held(sim.order) === ZERO;
    if (isOver || isFlat) this.#end(sim, 'expired', isFlat ? 'REDUCE_ONLY_FLAT' : 'EXPIRED');
    else if (sim.type === 'stop_market' && !sim.isTriggered) this.#trigger(sim);
  }

  #held(order: Order): Decimal {
    return this.#positions.get(`${order.symbol}|${order.positionSide}`) ?? ZERO;
  }

  #book(order: Order, quantity: Decimal): void {
    const key = `${order.symbol}|${order.positionSide}`;
    const held = this.#positions.get(key) ?? ZERO;
    const after = order.action === 'entry' ? held + quantity : held - quantity;
    if (after === ZERO) this.#positions.delete(key);
    else this.#positions.set(key, after);
  }

  #end(sim: SimOrder, status: 'cancelled' | 'expired', code: string): void {
    this.#orders.delete(sim.order.key);
    const { key } = sim.order;
    this.#queue.push({ kind: 'order_ended', ts: this.#ts(), order: key, status, code });
  }

  #lotOf(sim: SimOrder): Decimal {
    return this.#parts.instruments.get(sim.order.symbol)!.lotSize;
  }

  /** Open fills carry the bar's open time, what happens inside a bar its last millisecond. */
  #ts(): number {
    if (this.#bar === null) return this.#nowMs;
    return this.#phase === PHASE.open ? this.#bar.openMs : this.#bar.closeMs - 1;
  }
}
