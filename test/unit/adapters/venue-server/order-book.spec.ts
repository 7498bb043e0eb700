import { OrderBook as OtherBook, Side as OtherSide } from 'nodejs-order-book';
import { describe, expect, test } from 'vitest';
import { amount } from '../../../../adapters/src/venue-server/amount.js';
import { OrderBook, type Side } from '../../../../adapters/src/venue-server/order-book.js';
import { SeededRandom } from '../../../../adapters/src/venue-server/seeded-random.js';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const ORDERS = 400;

interface Traded {
  readonly maker: string;
  readonly quantity: number;
}

/** Whole numbers only, so that the other book's floats are exact. */
class Pair {
  readonly ours = new OrderBook();
  readonly theirs = new OtherBook();

  limit(id: number, side: Side, price: number, size: number): readonly Traded[] {
    const trades: Traded[] = [];
    let left = amount(size);
    while (left.gt(0)) {
      const limit = amount(price);
      // Every order has its own owner here: the other book is not told owners either.
      const match = this.ours.matchNext({ side, owner: String(id), limit, quantity: left });
      if (match === undefined) break;
      left = left.minus(match.quantity);
      trades.push({ maker: String(match.maker.id), quantity: match.quantity.toNumber() });
    }
    const entry = { id: BigInt(id), side, price: amount(price), owner: String(id) };
    if (left.gt(0)) this.ours.add({ ...entry, remaining: left });
    return trades;
  }

  otherLimit(id: number, side: Side, price: number, size: number): readonly Traded[] {
    const before = this.#sizes();
    const otherSide = side === 'BUY' ? OtherSide.BUY : OtherSide.SELL;
    const done = this.theirs.limit({ id: String(id), side: otherSide, price, size });
    expect(done.err).toBeNull();
    const after = this.#sizes();
    return [...before].flatMap(([maker, size]) => {
      const quantity = size - (after.get(maker) ?? 0);
      return quantity > 0 ? [{ maker, quantity }] : [];
    });
  }

  cancel(id: number): void {
    const isKnown = this.theirs.cancel(String(id)) !== undefined;
    expect(this.ours.remove(BigInt(id))).toBe(isKnown);
  }

  depths() {
    const [asks, bids] = this.theirs.depth();
    const level = ([price, size]: readonly [number, number]) => [price, size];
    // The other book lists both sides downwards or upwards as it likes: compared as sets.
    const sorted = (levels: readonly (readonly number[])[]) =>
      levels.toSorted((a, b) => a[0]! - b[0]!);
    const mine = (side: Side) =>
      this.ours.levels(side, 1000).map(([price, size]) => [price.toNumber(), size.toNumber()]);
    return {
      ours: [sorted(mine('SELL')), sorted(mine('BUY'))],
      theirs: [sorted(asks.map(level)), sorted(bids.map(level))],
    };
  }

  #sizes(): ReadonlyMap<string, number> {
    const { bids, asks } = this.theirs.snapshot();
    const all = [...bids, ...asks].flatMap(({ orders }) => orders);
    return new Map(all.map(({ id, size }) => [id, size]));
  }
}

describe('the order book', () => {
  test.each(SEEDS)('matches like an independent order book, seed %i', (seed) => {
    const random = new SeededRandom(seed);
    const pair = new Pair();
    let trades = 0;
    for (let id = 1; id <= ORDERS; id++) {
      if (random.next() < 0.2) {
        pair.cancel(1 + random.below(id));
        continue;
      }
      const side = random.next() < 0.5 ? 'BUY' : 'SELL';
      const price = 90 + random.below(21);
      const size = 1 + random.below(9);
      const ours = pair.limit(id, side, price, size);
      const theirs = pair.otherLimit(id, side, price, size);
      const byMaker = (all: readonly Traded[]) =>
        all.toSorted((a, b) => Number(a.maker) - Number(b.maker));
      expect(byMaker(ours)).toEqual(byMaker(theirs));
      trades += ours.length;
      const { ours: mine, theirs: other } = pair.depths();
      expect(mine).toEqual(other);
    }
    expect(trades).toBeGreaterThan(50);
  });

  test('keeps the place of an order that is reduced', () => {
    const book = new OrderBook();
    const entry = { side: 'SELL', price: amount('10'), owner: 'a' } as const;
    book.add({ ...entry, id: 1n, remaining: amount('5') });
    book.add({ ...entry, id: 2n, remaining: amount('5') });
    book.reduce(1n, amount('4'));
    const match = book.matchNext({ side: 'BUY', owner: 'b', quantity: amount('9') });
    expect([match?.maker.id, match?.quantity.toFixed()]).toEqual([1n, '1']);
  });

  test('lets the resting order of the same owner go instead of trading with it', () => {
    const book = new OrderBook();
    const entry = { side: 'SELL', price: amount('10'), owner: 'a' } as const;
    book.add({ ...entry, id: 1n, remaining: amount('5') });
    const taker = { side: 'BUY', owner: 'a', quantity: amount('5') } as const;
    expect(book.available(taker).toFixed()).toBe('0');
    expect(book.matchNext(taker)).toMatchObject({ isSelf: true });
    expect(book.best('SELL')).toBeUndefined();
  });
});
