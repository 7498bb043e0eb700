// Puts an exchange together from its settings: instruments, markets, account and the playback that
// moves them. No network here.
import { Account } from './account.js';
import { amount, floorTo, larger } from './amount.js';
import { type InstrumentSpec, makeInstrument } from './instrument.js';
import { movePrice } from './market-play.js';
import { OrderBook } from './order-book.js';
import { type FundingDue, Playback } from './playback.js';
import { SeededRandom } from './seeded-random.js';
import { type Market, type MarketBar, type VenueEvent, type VenueState } from './venue-state.js';

export interface SymbolSetup extends InstrumentSpec {
  readonly timeframeMs: number;
  readonly bars: Iterable<MarketBar>;
  /** Bars that count as closed before the exchange opens. Default 1. */
  readonly history?: number;
  /** Quantity of each quoted level. Default: about 200 000 of the quote currency. */
  readonly liquidity?: string;
  readonly fundingRate?: string;
  readonly funding?: readonly FundingDue[];
}

export interface ExchangeSettings {
  readonly symbols: readonly SymbolSetup[];
  readonly cash: string;
  readonly seed: number;
}

export interface Exchange {
  readonly state: VenueState;
  readonly playback: Playback;
  /** Everything that happens from now on. */
  listen(listener: (event: VenueEvent) => void): void;
}

export function createExchange({ symbols, cash, seed }: ExchangeSettings): Exchange {
  const listeners: ((event: VenueEvent) => void)[] = [];
  const state: VenueState = {
    instruments: new Map(),
    markets: new Map(),
    account: new Account(amount(cash)),
    orders: new Map(),
    algos: new Map(),
    trades: [],
    prints: [],
    random: new SeededRandom(seed),
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    nowMs: 0,
    // Beyond 2^53, as the real ones are.
    lastOrderId: 8_389_765_500_000_000_000n,
    lastQuoteId: 0n,
    lastPrintId: 500_000,
  };
  const tracks = symbols.map((setup) => {
    const { symbol, market, bars } = openMarket(setup);
    state.instruments.set(symbol.symbol, symbol);
    state.markets.set(symbol.symbol, market);
    state.nowMs = Math.max(state.nowMs, market.closed.at(-1)!.openMs + setup.timeframeMs);
    const { timeframeMs, funding } = setup;
    const track = { symbol: symbol.symbol, timeframeMs, bars };
    return funding === undefined ? track : { ...track, funding };
  });
  for (const [symbol, market] of state.markets) movePrice(state, symbol, market.last);
  return {
    state,
    playback: new Playback(state, tracks),
    listen: (listener) => {
      listeners.push(listener);
    },
  };
}

function openMarket(setup: SymbolSetup) {
  const symbol = makeInstrument(setup);
  const bars = setup.bars[Symbol.iterator]();
  const closed: MarketBar[] = [];
  while (closed.length < Math.max(1, setup.history ?? 1)) {
    const next = bars.next();
    if (next.done === true) break;
    closed.push(next.value);
  }
  const last = closed.at(-1);
  if (last === undefined) throw new RangeError(`${setup.symbol} has no bars`);
  const price = amount(last.close);
  const byValue = larger(symbol.step, floorTo(amount(200_000).div(price), symbol.step));
  const market: Market = {
    book: new OrderBook(),
    timeframeMs: setup.timeframeMs,
    closed,
    current: undefined,
    last: price,
    fundingRate: amount(setup.fundingRate ?? '0.0001'),
    liquidity: setup.liquidity === undefined ? byValue : amount(setup.liquidity),
    updateId: 1_000_000,
  };
  return { symbol, market, bars };
}
