// The open lots of one position, oldest first, closed from the end: last in, first out. It follows
// the fills as the host's own LIFO ledger does, so "the last lot" means the same lot to both.
import type { FillEvent, PositionView } from '@strategy-runner/contracts';
import { decimal, format, type Decimal } from './decimal.js';

interface Lot {
  readonly intentId: string;
  readonly price: Decimal;
  readonly quantity: Decimal;
}

/** A lot as JSON; decimals are text. */
export interface LotState {
  readonly intent_id: string;
  readonly price: string;
  readonly quantity: string;
}

export class LotStack {
  #lots: readonly Lot[] = [];
  // What a quiet bar compares with, made when the lots change so that it costs no arithmetic.
  #quantity = '0';
  #lastPrice = Number.NaN;

  get count(): number {
    return this.#lots.length;
  }

  get lastPrice(): Decimal | undefined {
    return this.#lots.at(-1)?.price;
  }

  /** The same as float64, to hold against the close of a bar; NaN without a lot. */
  get lastPriceNumber(): number {
    return this.#lastPrice;
  }

  take(fill: FillEvent): void {
    const quantity = decimal(fill.quantity);
    if (fill.action === 'exit') this.#set(withoutLast(this.#lots, quantity));
    else this.#enter({ intentId: fill.intent_id, price: decimal(fill.price), quantity });
  }

  #set(lots: readonly Lot[]): void {
    const last = lots.at(-1);
    this.#lots = lots;
    this.#quantity = format(lots.reduce((sum, lot) => sum + lot.quantity, 0n));
    this.#lastPrice = last === undefined ? Number.NaN : Number(format(last.price));
  }

  // The fills of one intent are one lot at their average price.
  #enter(lot: Lot): void {
    const last = this.#lots.at(-1);
    if (last?.intentId !== lot.intentId) {
      this.#set([...this.#lots, lot]);
      return;
    }
    const quantity = last.quantity + lot.quantity;
    const notional = last.price * last.quantity + lot.price * lot.quantity;
    const merged = { intentId: lot.intentId, price: notional / quantity, quantity };
    this.#set([...this.#lots.slice(0, -1), merged]);
  }

  /**
   * The host's book is the truth: no position means no lots, and a quantity that the fills seen do
   * not explain, after an intervention from outside, counts as one lot at the average entry.
   */
  agreeWith(position: PositionView | undefined): void {
    if (position === undefined) {
      if (this.#lots.length > 0) this.#set([]);
      return;
    }
    if (position.quantity === this.#quantity) return;
    const quantity = decimal(position.quantity);
    if (format(quantity) === this.#quantity) return;
    const price = decimal(position.entry_price);
    this.#set([{ intentId: position.position_id, price, quantity }]);
  }

  snapshot(): readonly LotState[] {
    return this.#lots.map(({ intentId, price, quantity }) => ({
      intent_id: intentId,
      price: format(price),
      quantity: format(quantity),
    }));
  }

  restore(lots: readonly LotState[]): void {
    this.#set(
      lots.map(({ intent_id, price, quantity }) => ({
        intentId: intent_id,
        price: decimal(price),
        quantity: decimal(quantity),
      })),
    );
  }
}

function withoutLast(lots: readonly Lot[], quantity: Decimal): readonly Lot[] {
  const left = [...lots];
  let toTake = quantity;
  for (let last = left.pop(); last !== undefined; last = left.pop()) {
    if (last.quantity > toTake) return [...left, { ...last, quantity: last.quantity - toTake }];
    toTake -= last.quantity;
    if (toTake === 0n) return left;
  }
  return left;
}
