// Price-time priority of one symbol. The book matches one maker at a time, so that whoever applies
// a fill can shrink or remove other orders before the next one is met.
import { type Amount, ZERO, smaller } from './amount.js';

export type Side = 'BUY' | 'SELL';

export interface BookEntry {
  readonly id: bigint;
  readonly side: Side;
  readonly price: Amount;
  readonly owner: string;
  remaining: Amount;
}

export interface Taker {
  readonly side: Side;
  readonly owner: string;
  /** Absent = at every price. */
  readonly limit?: Amount;
  readonly quantity: Amount;
}

/** A maker met, and how much of it; `self` = both orders have the same owner, nothing trades. */
export interface Match {
  readonly maker: BookEntry;
  readonly quantity: Amount;
  readonly isSelf: boolean;
}

export class OrderBook {
  readonly #sides: Readonly<Record<Side, BookEntry[]>> = { BUY: [], SELL: [] };

  add(entry: BookEntry): void {
    const side = this.#sides[entry.side];
    const at = side.findIndex(({ price }) => isBetter(entry.side, entry.price, price));
    side.splice(at < 0 ? side.length : at, 0, entry);
  }

  remove(id: bigint): boolean {
    for (const side of [this.#sides.BUY, this.#sides.SELL]) {
      const at = side.findIndex((entry) => entry.id === id);
      if (at < 0) continue;
      side.splice(at, 1);
      return true;
    }
    return false;
  }

  /** Takes some of an entry's quantity away; its place in the queue stays. */
  reduce(id: bigint, by: Amount): void {
    const entry = [...this.#sides.BUY, ...this.#sides.SELL].find((entry) => entry.id === id);
    if (entry !== undefined) entry.remaining = entry.remaining.minus(by);
  }

  removeAllOf(owner: string): void {
    for (const side of [this.#sides.BUY, this.#sides.SELL]) {
      const kept = side.filter((entry) => entry.owner !== owner);
      side.splice(0, side.length, ...kept);
    }
  }

  best(side: Side, owner?: string): BookEntry | undefined {
    return this.#sides[side].find((entry) => owner === undefined || entry.owner === owner);
  }

  entries(side: Side): readonly BookEntry[] {
    return this.#sides[side];
  }

  /** The next maker that the taker meets; the entry is reduced, and leaves the book when empty. */
  matchNext(taker: Taker, atMost: Amount = taker.quantity): Match | undefined {
    const makers = this.#sides[opposite(taker.side)];
    const maker = makers[0];
    if (maker === undefined || !reaches(taker, maker.price)) return undefined;
    if (maker.owner === taker.owner) {
      makers.shift();
      return { maker, quantity: ZERO, isSelf: true };
    }
    const quantity = smaller(smaller(taker.quantity, atMost), maker.remaining);
    maker.remaining = maker.remaining.minus(quantity);
    if (maker.remaining.isZero()) makers.shift();
    return { maker, quantity, isSelf: false };
  }

  /** How much a taker would get of other owners, up to its quantity. */
  available(taker: Taker): Amount {
    let sum = ZERO;
    for (const maker of this.#sides[opposite(taker.side)]) {
      if (!reaches(taker, maker.price) || sum.gte(taker.quantity)) break;
      if (maker.owner !== taker.owner) sum = sum.plus(maker.remaining);
    }
    return smaller(sum, taker.quantity);
  }

  /** Price levels, best first: [price, quantity]. */
  levels(side: Side, limit: number): readonly (readonly [Amount, Amount])[] {
    const levels: [Amount, Amount][] = [];
    for (const { price, remaining } of this.#sides[side]) {
      const last = levels.at(-1);
      if (last !== undefined && last[0].eq(price)) last[1] = last[1].plus(remaining);
      else if (levels.length === limit) break;
      else levels.push([price, remaining]);
    }
    return levels;
  }
}

export function opposite(side: Side): Side {
  return side === 'BUY' ? 'SELL' : 'BUY';
}

function isBetter(side: Side, a: Amount, b: Amount): boolean {
  return side === 'BUY' ? a.gt(b) : a.lt(b);
}

function reaches({ side, limit }: Taker, price: Amount): boolean {
  if (limit === undefined) return true;
  return side === 'BUY' ? price.lte(limit) : price.gte(limit);
}
