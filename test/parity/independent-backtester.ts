// A backtest written the plain way, to hold the engine's against: decimal.js and loops over arrays.
// It shares nothing with core. A decision at a close fills at the next open; a turn leaves and
// enters at that same open. Slippage moves a price against us and on to the tick; fees are
// half-even at 1e-8.
import { Decimal } from 'decimal.js';

import type {
  PlainBar,
  PlainFill,
  PlainRules,
  PlainTrade,
  Side,
  Wish,
} from './independent-terms.js';

const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_EVEN });

interface Holding {
  readonly side: Side;
  readonly entryMs: number;
  readonly price: Decimal;
  fees: Decimal;
  funding: Decimal;
}

export class PlainBacktest {
  readonly fills: PlainFill[] = [];
  readonly trades: PlainTrade[] = [];
  /** At each close, from the first bar on. */
  readonly equity: Decimal[] = [];
  readonly isHolding: boolean[] = [];
  readonly paid = { fees: new Exact(0), funding: new Exact(0) };
  #cash: Decimal;
  #held: Holding | null = null;
  #orders: readonly (Side | 'exit')[] = [];
  #until = -Infinity;
  readonly #rules: PlainRules;

  constructor(bars: readonly PlainBar[], rules: PlainRules, wish: Wish) {
    this.#rules = rules;
    this.#cash = new Exact(rules.cash);
    for (const [i, bar] of bars.entries()) {
      this.#payFunding(bar, this.#until, bar.openMs + 1000);
      this.#open(bar);
      this.#until = bar.openMs + rules.timeframeMs - 1;
      this.#payFunding(bar, bar.openMs + 1000, this.#until);
      this.equity.push(this.#worth(new Exact(bar.close)));
      this.isHolding.push(this.#held !== null);
      this.#decide(wish(i, this.#held?.side ?? null));
    }
  }

  #decide(wanted: Side | 'flat' | null): void {
    const held = this.#held?.side ?? null;
    if (wanted === null || wanted === held) return;
    if (wanted === 'flat') this.#orders = held === null ? [] : ['exit'];
    else this.#orders = held === null ? [wanted] : ['exit', wanted];
  }

  #open(bar: PlainBar): void {
    for (const order of this.#orders) this.#fill(order, bar);
    this.#orders = [];
  }

  #fill(order: Side | 'exit', bar: PlainBar): void {
    const wasLong = this.#held?.side === 'long';
    const side = order === 'long' || (order === 'exit' && !wasLong) ? 'buy' : 'sell';
    const price = this.#slipped(new Exact(bar.open), side);
    const fee = cents8(price.times(this.#rules.quantity).times(this.#rules.feeBps).div(10_000));
    this.#cash = this.#cash.minus(fee);
    this.paid.fees = this.paid.fees.plus(fee);
    this.fills.push({ timeMs: bar.openMs, side, price: text(price), fee: text(fee) });
    if (order === 'exit') this.#exit(bar, price, fee);
    else this.#enter(order, bar, price, fee);
  }

  #enter(side: Side, bar: PlainBar, price: Decimal, fee: Decimal): void {
    this.#held = { side, entryMs: bar.openMs, price, fees: fee, funding: new Exact(0) };
    if (this.#rules.market === 'spot') {
      this.#cash = this.#cash.minus(cents8(price.times(this.#rules.quantity)));
    }
  }

  #exit(bar: PlainBar, price: Decimal, fee: Decimal): void {
    const held = this.#held!;
    const gross = this.#profit(held, price);
    const received = cents8(price.times(this.#rules.quantity));
    this.#cash = this.#cash.plus(this.#rules.market === 'spot' ? received : gross);
    const fees = held.fees.plus(fee);
    this.trades.push({
      side: held.side,
      entryMs: held.entryMs,
      entryPrice: text(held.price),
      exitMs: bar.openMs,
      exitPrice: text(price),
      gross: text(gross),
      fees: text(fees),
      funding: text(held.funding),
      pnl: text(gross.minus(fees).plus(held.funding)),
    });
    this.#held = null;
  }

  #profit({ side, price: entry }: Holding, price: Decimal): Decimal {
    const move = side === 'long' ? price.minus(entry) : entry.minus(price);
    return cents8(move.times(this.#rules.quantity));
  }

  // Up to a second after the open counts as at the open: before its fills. Later rows come after.
  #payFunding(bar: PlainBar, afterMs: number, untilMs: number): void {
    if (this.#held === null) return;
    for (const { timeMs, rate } of this.#rules.funding ?? []) {
      if (timeMs <= afterMs || timeMs > untilMs) continue;
      const owed = cents8(new Exact(bar.open).times(this.#rules.quantity).times(rate));
      const amount = this.#held.side === 'long' ? owed.negated() : owed;
      this.#held.funding = this.#held.funding.plus(amount);
      this.paid.funding = this.paid.funding.plus(amount);
      this.#cash = this.#cash.plus(amount);
    }
  }

  #worth(close: Decimal): Decimal {
    if (this.#held === null) return this.#cash;
    const isSpot = this.#rules.market === 'spot';
    return this.#cash.plus(
      isSpot ? close.times(this.#rules.quantity) : this.#profit(this.#held, close),
    );
  }

  #slipped(price: Decimal, side: 'buy' | 'sell'): Decimal {
    const { slippageBps, tick } = this.#rules;
    if (Number(slippageBps) === 0) return price;
    const distance = price.times(slippageBps).div(10_000);
    const rounding = side === 'buy' ? Decimal.ROUND_UP : Decimal.ROUND_DOWN;
    const moved = side === 'buy' ? price.plus(distance) : price.minus(distance);
    return moved.div(tick).toDecimalPlaces(0, rounding).times(tick);
  }
}

function cents8(value: Decimal): Decimal {
  return value.toDecimalPlaces(8, Decimal.ROUND_HALF_EVEN);
}

export function text(value: Decimal): string {
  return value.isZero() ? '0' : value.toFixed();
}
