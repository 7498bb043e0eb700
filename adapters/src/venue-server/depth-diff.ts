// Levels of a book that changed since the last tick, in the chain U, u, pu of the exchange. A chain
// is kept only while somebody listens.
import { plain } from './amount.js';
import type { Side } from './order-book.js';
import type { StreamEvent } from './stream-event.js';
import { type MarketState, marketOf } from './venue-state.js';

type Levels = ReadonlyMap<string, string>;

interface Chain {
  readonly updateId: number;
  readonly levels: Readonly<Record<Side, Levels>>;
}

export class DepthDiff {
  readonly #chains = new Map<string, Chain>();

  /** From here on: who subscribes reads the whole book afterwards. */
  begin(state: MarketState, symbol: string): void {
    if (!this.#chains.has(symbol)) this.#chains.set(symbol, chainOf(state, symbol));
  }

  end(symbol: string): void {
    this.#chains.delete(symbol);
  }

  next(state: MarketState, symbol: string): StreamEvent {
    const now = chainOf(state, symbol);
    const before = this.#chains.get(symbol) ?? now;
    this.#chains.set(symbol, now);
    const payload = {
      e: 'depthUpdate',
      E: state.nowMs,
      T: state.nowMs,
      s: symbol,
      U: before.updateId + 1,
      u: now.updateId,
      pu: before.updateId,
      b: changesOf(before.levels.BUY, now.levels.BUY),
      a: changesOf(before.levels.SELL, now.levels.SELL),
    };
    return { name: 'depthUpdate', payload };
  }
}

function chainOf(state: MarketState, symbol: string): Chain {
  const { book, updateId } = marketOf(state, symbol);
  const levelsOf = (side: Side): Levels =>
    new Map(book.levels(side, 1000).map(([price, quantity]) => [plain(price), plain(quantity)]));
  return { updateId, levels: { BUY: levelsOf('BUY'), SELL: levelsOf('SELL') } };
}

function changesOf(before: Levels, now: Levels): readonly (readonly string[])[] {
  const changed = [...now].filter(([price, quantity]) => before.get(price) !== quantity);
  const gone = [...before.keys()].filter((price) => !now.has(price)).map((price) => [price, '0']);
  return [...changed, ...gone];
}
