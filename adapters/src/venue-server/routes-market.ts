// REST: what needs no account: symbols, time, bars, prices, book.
import { type Amount, plain } from './amount.js';
import { exchangeInfo } from './instrument.js';
import { intervalMs, klineRow, klinesOf } from './klines.js';
import type { Params } from './params.js';
import { nextFundingMs } from './funding.js';
import { type Routes, page } from './route.js';
import {
  type Market,
  type MarketState,
  type Print,
  type VenueState,
  marketOf,
} from './venue-state.js';

const depthWeight = (params: Params): number => {
  const limit = params.integer('limit') ?? 500;
  return limit <= 50 ? 2 : limit <= 100 ? 5 : limit <= 500 ? 10 : 20;
};

export const MARKET_ROUTES: Routes = {
  'GET /fapi/v1/ping': { auth: 'none', weight: 1, handle: () => ({}) },
  'GET /fapi/v1/time': {
    auth: 'none',
    weight: 1,
    handle: ({ serverMs }) => ({ serverTime: serverMs() }),
  },
  'GET /fapi/v1/exchangeInfo': {
    auth: 'none',
    weight: 1,
    handle: ({ state, serverMs }) => exchangeInfo(state.instruments.values(), serverMs()),
  },
  'GET /fapi/v1/klines': {
    auth: 'none',
    weight: 5,
    handle: ({ state }, params) => klineRows(state, params, 1500),
  },
  'GET /fapi/v1/depth': {
    auth: 'none',
    weight: depthWeight,
    handle: ({ state }, params) => ({ E: state.nowMs, T: state.nowMs, ...depth(state, params) }),
  },
  'GET /fapi/v1/trades': {
    auth: 'none',
    weight: 5,
    handle: ({ state }, params) => printsOf(state, params).map(printJson),
  },
  'GET /fapi/v1/aggTrades': {
    auth: 'none',
    weight: 20,
    handle: ({ state }, params) => printsOf(state, params).map(aggregateJson),
  },
  'GET /fapi/v1/fundingRate': {
    auth: 'none',
    weight: 1,
    handle: ({ state }, params) => fundingRates(state, params),
  },
  'GET /fapi/v1/premiumIndex': {
    auth: 'none',
    weight: 1,
    handle: ({ state }, params) => perSymbol(state, params, premiumIndex),
  },
  'GET /fapi/v1/ticker/24hr': {
    auth: 'none',
    weight: 1,
    handle: ({ state }, params) => perSymbol(state, params, dayTicker),
  },
  'GET /fapi/v1/ticker/price': {
    auth: 'none',
    weight: 1,
    handle: ({ state }, params) =>
      perSymbol(state, params, (_, symbol) => ({
        ...lastPrice(state, symbol),
        time: state.nowMs,
      })),
  },
  'GET /fapi/v1/ticker/bookTicker': {
    auth: 'none',
    weight: 2,
    handle: ({ state }, params) => perSymbol(state, params, bookTicker),
  },
};

/** Without a start only the newest are asked for: the rest of a long history need not be merged. */
function recentOf(market: Market, interval: string, params: Params, limitMax: number): Market {
  if (params.get('startTime') !== undefined || params.get('endTime') !== undefined) return market;
  const rows = (params.integer('limit') ?? limitMax) + 1;
  const count = Math.max(1, Math.ceil(intervalMs(interval) / market.timeframeMs));
  return { ...market, closed: market.closed.slice(-rows * count) };
}

export function klineRows(state: MarketState, params: Params, limitMax: number) {
  const market = marketOf(state, params.need('symbol'));
  const interval = params.need('interval');
  const klines = klinesOf(recentOf(market, interval, params, limitMax), interval);
  const by = { limit: 500, limitMax, timeMs: (row: { openMs: number }) => row.openMs };
  return page(klines, params, by).map(klineRow);
}

export function depth(state: MarketState, params: Params) {
  const { book, updateId } = marketOf(state, params.need('symbol'));
  const limit = params.integer('limit') ?? 500;
  return {
    lastUpdateId: updateId,
    bids: book.levels('BUY', limit).map(levelJson),
    asks: book.levels('SELL', limit).map(levelJson),
  };
}

export function printJson(print: Print): object {
  return {
    id: print.id,
    price: plain(print.price),
    qty: plain(print.quantity),
    quoteQty: plain(print.price.times(print.quantity)),
    time: print.timeMs,
    isBuyerMaker: print.isBuyerMaker,
  };
}

export function aggregateJson(print: Print): object {
  return {
    a: print.id,
    p: plain(print.price),
    q: plain(print.quantity),
    f: print.id,
    l: print.id,
    T: print.timeMs,
    m: print.isBuyerMaker,
  };
}

export function lastPrice(state: MarketState, symbol: string): object {
  return { symbol, price: plain(marketOf(state, symbol).last) };
}

/** Oldest first, as settled; without a start the newest. */
function fundingRates({ fundings }: VenueState, params: Params): readonly object[] {
  const symbol = params.get('symbol');
  const rows = fundings.filter((row) => symbol === undefined || row.symbol === symbol);
  const by = { limit: 100, limitMax: 1000, timeMs: (row: { timeMs: number }) => row.timeMs };
  return page(rows, params, by).map((row) => ({
    symbol: row.symbol,
    fundingTime: row.timeMs,
    fundingRate: plain(row.rate),
    markPrice: plain(row.markPrice),
  }));
}

export function printsOf(state: MarketState, params: Params): readonly Print[] {
  const wanted = params.need('symbol');
  const prints = state.prints.filter(({ symbol }) => symbol === wanted);
  const by = { limit: 500, limitMax: 1000, timeMs: ({ timeMs }: Print) => timeMs };
  return page(prints, params, by);
}

export function perSymbol(
  state: MarketState,
  params: Params,
  row: (state: MarketState, symbol: string) => object,
): object {
  const symbol = params.get('symbol');
  if (symbol !== undefined) {
    marketOf(state, symbol);
    return row(state, symbol);
  }
  return [...state.markets.keys()].map((name) => row(state, name));
}

export function levelJson([price, quantity]: readonly [Amount, Amount]): readonly string[] {
  return [plain(price), plain(quantity)];
}

function premiumIndex(state: MarketState, symbol: string): object {
  const { last, fundingRate } = marketOf(state, symbol);
  return {
    symbol,
    markPrice: plain(last),
    indexPrice: plain(last),
    estimatedSettlePrice: plain(last),
    lastFundingRate: plain(fundingRate),
    interestRate: '0.0001',
    nextFundingTime: nextFundingMs(state.nowMs),
    time: state.nowMs,
  };
}

/** Without bid and ask: the real one has none here either. */
export function dayTicker(state: MarketState, symbol: string): Record<string, unknown> {
  const market = marketOf(state, symbol);
  const day = klinesOf({ ...market, closed: market.closed.slice(-dayBars(market)) }, '1d').at(-1);
  const open = day?.open ?? market.last;
  const volume = day?.volume ?? market.last.times(0);
  return {
    symbol,
    priceChange: plain(market.last.minus(open)),
    priceChangePercent: plain(market.last.minus(open).div(open).times(100), 3),
    weightedAvgPrice: plain(market.last),
    lastPrice: plain(market.last),
    lastQty: plain(market.liquidity),
    openPrice: plain(open),
    highPrice: plain(day?.high ?? market.last),
    lowPrice: plain(day?.low ?? market.last),
    volume: plain(volume),
    quoteVolume: plain(volume.times(market.last)),
    openTime: day?.openMs ?? state.nowMs,
    closeTime: state.nowMs,
    firstId: 1,
    lastId: state.prints.length,
    count: state.prints.length,
  };
}

function dayBars({ timeframeMs }: { readonly timeframeMs: number }): number {
  return Math.max(1, Math.floor(86_400_000 / timeframeMs));
}

export function bookTicker(state: MarketState, symbol: string): Record<string, unknown> {
  const { book } = marketOf(state, symbol);
  const [bid] = book.levels('BUY', 1);
  const [ask] = book.levels('SELL', 1);
  return {
    symbol,
    bidPrice: bid === undefined ? '0' : plain(bid[0]),
    bidQty: bid === undefined ? '0' : plain(bid[1]),
    askPrice: ask === undefined ? '0' : plain(ask[0]),
    askQty: ask === undefined ? '0' : plain(ask[1]),
    time: state.nowMs,
  };
}
