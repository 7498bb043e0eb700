// REST of spot: what needs no account: symbols, time, bars, prices, book.
import type { Params } from './params.js';
import { type Routes } from './route.js';
import { aggregateJson, bookTicker, dayTicker, depth, klineRows } from './routes-market.js';
import { lastPrice, perSymbol, printJson, printsOf } from './routes-market.js';
import { spotExchangeInfo } from './spot-json.js';
import type { MarketState } from './venue-state.js';

const weightOfAll =
  (one: number, all: number) =>
  (params: Params): number =>
    params.get('symbol') === undefined ? all : one;

const depthWeight = (params: Params): number => {
  const limit = params.integer('limit') ?? 100;
  return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250;
};

export const SPOT_MARKET_ROUTES: Routes = {
  'GET /api/v3/ping': { auth: 'none', weight: 1, handle: () => ({}) },
  'GET /api/v3/time': {
    auth: 'none',
    weight: 1,
    handle: ({ serverMs }) => ({ serverTime: serverMs() }),
  },
  'GET /api/v3/exchangeInfo': {
    auth: 'none',
    weight: 20,
    handle: ({ spot, serverMs }) => spotExchangeInfo(spot.instruments.values(), serverMs()),
  },
  'GET /api/v3/klines': {
    auth: 'none',
    weight: 2,
    handle: ({ spot }, params) => klineRows(spot, params, 1000),
  },
  'GET /api/v3/depth': {
    auth: 'none',
    weight: depthWeight,
    handle: ({ spot }, params) => depth(spot, params),
  },
  'GET /api/v3/trades': {
    auth: 'none',
    weight: 25,
    handle: ({ spot }, params) => printsOf(spot, params).map(printJson),
  },
  'GET /api/v3/aggTrades': {
    auth: 'none',
    weight: 4,
    handle: ({ spot }, params) => printsOf(spot, params).map(aggregateJson),
  },
  'GET /api/v3/ticker/24hr': {
    auth: 'none',
    weight: weightOfAll(2, 80),
    handle: ({ spot }, params) => perSymbol(spot, params, spotDayTicker),
  },
  'GET /api/v3/ticker/bookTicker': {
    auth: 'none',
    weight: weightOfAll(2, 4),
    handle: ({ spot }, params) => perSymbol(spot, params, bestPrices),
  },
  'GET /api/v3/ticker/price': {
    auth: 'none',
    weight: weightOfAll(2, 4),
    handle: ({ spot }, params) => perSymbol(spot, params, lastPrice),
  },
};

function bestPrices(state: MarketState, symbol: string): object {
  const { time: _, ...prices } = bookTicker(state, symbol);
  return prices;
}

/** With bid and ask, unlike that of futures. */
function spotDayTicker(state: MarketState, symbol: string): object {
  return { ...dayTicker(state, symbol), ...bestPrices(state, symbol) };
}
