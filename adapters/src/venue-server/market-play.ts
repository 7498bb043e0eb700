// The market: plays a bar as four prices, each of which first sweeps the orders that it trades
// through and then quotes a new ladder of levels around itself.
import { type Amount, amount, floorTo, larger, smaller } from './amount.js';
import { type Side, opposite } from './order-book.js';
import { emitPrint } from './prints.js';
import { type MarketBar, type MarketState, instrumentOf, marketOf } from './venue-state.js';

const MARKET = 'market';
const LEVELS = 10;
/** Bars kept at least: an endless walk at full speed must not fill the memory. */
const CLOSED_MAX = 100_000;
/** How often a resting order is met by half of what is left of it instead of all. */
const SPLIT_CHANCE = 0.3;

export const TICKS_PER_BAR = 4;

/** The way through a bar: the extreme against its direction comes first. */
export function pathOf(bar: MarketBar): readonly string[] {
  const rises = amount(bar.close).gte(bar.open);
  const [first, second] = rises ? [bar.low, bar.high] : [bar.high, bar.low];
  return [bar.open, first, second, bar.close];
}

/** Ticks are spread evenly; the last one is the end of the bar, a millisecond before its close. */
export function tickMs({ openMs }: MarketBar, timeframeMs: number, index: number): number {
  const passed = Math.floor((timeframeMs * index) / (TICKS_PER_BAR - 1));
  return openMs + Math.min(passed, timeframeMs - 1);
}

/** One of the prices of a bar; `index` counts from 0. */
export function playTick(state: MarketState, symbol: string, bar: MarketBar, index: number): void {
  const market = marketOf(state, symbol);
  const { timeframeMs } = market;
  state.nowMs = tickMs(bar, timeframeMs, index);
  const path = pathOf(bar).slice(0, index + 1);
  const prices = path.map((price) => amount(price));
  market.current = {
    openMs: bar.openMs,
    open: bar.open,
    high: prices.reduce(larger).toFixed(),
    low: prices.reduce(smaller).toFixed(),
    close: path.at(-1)!,
    volume: amount(bar.volume)
      .times(index + 1)
      .div(TICKS_PER_BAR)
      .toFixed(),
  };
  movePrice(state, symbol, prices.at(-1)!);
}

export function closeBar(state: MarketState, symbol: string, bar: MarketBar): void {
  const market = marketOf(state, symbol);
  state.nowMs = bar.openMs + market.timeframeMs;
  market.closed.push(bar);
  if (market.closed.length > 2 * CLOSED_MAX) market.closed.splice(0, CLOSED_MAX);
  market.current = undefined;
  state.emit({ kind: 'bar', symbol, bar });
}

/** The price goes to `price`: sweeps, quotes, then lets triggers and liquidation follow. */
export function movePrice(state: MarketState, symbol: string, price: Amount): void {
  const market = marketOf(state, symbol);
  market.book.removeAllOf(MARKET);
  for (const side of ['BUY', 'SELL'] as const) sweep(state, symbol, side, price);
  market.last = price;
  market.updateId += 1;
  quote(state, symbol);
  emitPrint(state, symbol, price, floorTo(market.liquidity, stepOf(state, symbol)), false);
  state.rules.follow(symbol);
  state.emit({ kind: 'tick', symbol });
}

/** Orders of the account better than the price are met; at the price itself they wait. */
function sweep(state: MarketState, symbol: string, side: Side, price: Amount): void {
  const { book, liquidity } = marketOf(state, symbol);
  const tick = instrumentOf(state, symbol).tick;
  const limit = side === 'BUY' ? price.minus(tick) : price.plus(tick);
  let flow = liquidity;
  while (flow.gt(0)) {
    const met = book.best(opposite(side));
    if (met === undefined) return;
    const chunk = chunkOf(state, symbol, met.remaining);
    const match = book.matchNext({ side, owner: MARKET, limit, quantity: flow }, chunk);
    if (match === undefined) return;
    flow = flow.minus(match.quantity);
    const { id: orderId, price: at } = match.maker;
    emitPrint(state, symbol, at, match.quantity, side === 'SELL');
    state.rules.meet({ orderId, price: at, quantity: match.quantity });
  }
}

function chunkOf(state: MarketState, symbol: string, remaining: Amount): Amount {
  if (state.random.next() >= SPLIT_CHANCE) return remaining;
  const half = floorTo(remaining.div(2), stepOf(state, symbol));
  return half.gt(0) ? half : remaining;
}

/** Levels on both sides of the last price; none that would cross an order of the account. */
function quote(state: MarketState, symbol: string): void {
  const { book, last, liquidity } = marketOf(state, symbol);
  const { tick } = instrumentOf(state, symbol);
  const centre = floorTo(last, tick);
  for (const side of ['BUY', 'SELL'] as const) {
    const other = book.best(opposite(side));
    for (let level = 1; level <= LEVELS; level++) {
      const offset = tick.times(level);
      const price = side === 'BUY' ? centre.minus(offset) : centre.plus(offset);
      const crosses = side === 'BUY' ? other?.price.lte(price) : other?.price.gte(price);
      if (price.lte(0) || crosses === true) continue;
      state.lastQuoteId -= 1n;
      book.add({ id: state.lastQuoteId, side, price, owner: MARKET, remaining: liquidity });
    }
  }
}

function stepOf(state: MarketState, symbol: string): Amount {
  return instrumentOf(state, symbol).step;
}
