// Puts an exchange together from its settings: instruments, markets and accounts of futures and of
// spot, under one clock, and the playback that moves them. No network here.
import { Account } from './account.js';
import { triggerAlgos } from './algo-trading.js';
import { amount, floorTo, larger } from './amount.js';
import { liquidateIfDue } from './forced.js';
import { type FundingDue, fundAtOpen } from './funding.js';
import { type InstrumentSpec, isSpotSymbol, makeInstrument } from './instrument.js';
import { movePrice } from './market-play.js';
import { OrderBook } from './order-book.js';
import { Playback, type Track } from './playback.js';
import { SeededRandom } from './seeded-random.js';
import type { SpotEvent, SpotState } from './spot-state.js';
import { meetSpot, triggerSpot } from './spot-trading.js';
import { SpotWallet } from './spot-wallet.js';
import { fillOrder } from './trading.js';
import type { FeeCoin, Market, MarketBar, MarketState } from './venue-state.js';
import type { VenueEvent, VenueState } from './venue-state.js';

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
  /** In each of the two wallets. */
  readonly cash: string;
  readonly seed: number;
  /** Of the base coin of each spot symbol, in the spot wallet. Default none. */
  readonly spotBase?: string;
}

export interface Exchange {
  readonly state: VenueState;
  readonly spot: SpotState;
  readonly playback: Playback;
  /** Everything that happens on futures from now on. */
  listen(listener: (event: VenueEvent) => void): void;
  listenSpot(listener: (event: SpotEvent) => void): void;
}

interface Shared {
  nowMs: number;
  readonly fees: { coin: FeeCoin | undefined };
}

export function createExchange({ symbols, cash, seed, spotBase }: ExchangeSettings): Exchange {
  const shared: Shared = { nowMs: 0, fees: { coin: undefined } };
  const futures = listeners<VenueEvent>();
  const spotters = listeners<SpotEvent>();
  const state = futuresState(shared, { cash, seed, emit: futures.emit });
  const spot = spotState(shared, { seed: seed + 3, emit: spotters.emit });
  const tracks = symbols.map((setup): Track => {
    const isSpot = isSpotSymbol(setup.symbol);
    const market = isSpot ? spot : state;
    const { symbol, bars } = openMarket(market, setup);
    const track = { market, symbol, timeframeMs: setup.timeframeMs, bars };
    if (isSpot) return track;
    return { ...track, open: (bar) => fundAtOpen(state, symbol, bar, setup.funding) };
  });
  spot.wallet.add('USDT', amount(cash));
  for (const { base, quote } of spot.instruments.values()) {
    if (spot.wallet.free(quote).isZero()) spot.wallet.add(quote, amount(cash));
    const isNew = spot.wallet.free(base).isZero();
    if (spotBase !== undefined && isNew) spot.wallet.add(base, amount(spotBase));
  }
  for (const market of [state, spot]) {
    for (const [symbol, { last }] of market.markets) movePrice(market, symbol, last);
  }
  return {
    state,
    spot,
    playback: new Playback(tracks),
    listen: futures.add,
    listenSpot: spotters.add,
  };
}

function listeners<Event>() {
  const all: ((event: Event) => void)[] = [];
  return {
    add: (listener: (event: Event) => void): void => {
      all.push(listener);
    },
    emit: (event: Event): void => {
      for (const listener of all) listener(event);
    },
  };
}

/** What both halves have; the clock is one for both. */
function publicHalf(shared: Shared, seed: number) {
  return {
    instruments: new Map(),
    markets: new Map(),
    prints: [],
    random: new SeededRandom(seed),
    fees: shared.fees,
    get nowMs(): number {
      return shared.nowMs;
    },
    set nowMs(ms: number) {
      shared.nowMs = ms;
    },
    lastQuoteId: 0n,
    lastPrintId: 500_000,
  };
}

interface Half<Event> {
  readonly seed: number;
  readonly emit: (event: Event) => void;
}

function futuresState(
  shared: Shared,
  { cash, seed, emit }: Half<VenueEvent> & { readonly cash: string },
): VenueState {
  const half = {
    account: new Account(amount(cash)),
    orders: new Map(),
    openOrders: new Map(),
    algos: new Map(),
    openAlgos: new Map(),
    triggeredAlgos: new Map(),
    trades: [],
    fundings: [],
    emit,
    // Beyond 2^53, as the real ones are.
    lastOrderId: 8_389_765_500_000_000_000n,
    rules: {
      meet: ({ orderId, price, quantity }) => {
        const order = state.orders.get(orderId);
        if (order !== undefined) fillOrder(state, order, { price, quantity, isMaker: true });
      },
      follow: (symbol) => {
        triggerAlgos(state, symbol);
        liquidateIfDue(state);
      },
    },
  } satisfies Partial<VenueState>;
  const state: VenueState = Object.assign(publicHalf(shared, seed), half);
  return state;
}

function spotState(shared: Shared, { seed, emit }: Half<SpotEvent>): SpotState {
  const half = {
    wallet: new SpotWallet(),
    orders: new Map(),
    openOrders: new Map(),
    trades: [],
    transfers: [],
    emit,
    lastOrderId: 9_100_000_000_000_000_000n,
    rules: {
      meet: (met) => meetSpot(state, met),
      follow: (symbol) => triggerSpot(state, symbol),
    },
  } satisfies Partial<SpotState>;
  const state: SpotState = Object.assign(publicHalf(shared, seed), half);
  return state;
}

/** Spot prices are finer, and its fees are higher. */
const SPOT_DEFAULTS = { tick: '0.01', step: '0.00001', makerRate: '0.001', takerRate: '0.001' };

function openMarket(state: MarketState, setup: SymbolSetup) {
  const defaults = isSpotSymbol(setup.symbol) ? SPOT_DEFAULTS : {};
  const instrument = makeInstrument({ ...defaults, ...setup });
  const { symbol, step } = instrument;
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
  const byValue = larger(step, floorTo(amount(200_000).div(price), step));
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
  state.instruments.set(symbol, instrument);
  state.markets.set(symbol, market);
  state.nowMs = Math.max(state.nowMs, last.openMs + setup.timeframeMs);
  return { symbol, bars };
}
