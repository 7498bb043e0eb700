// The profiles: Binance USD-M futures and Binance spot as proven, and one for everything else that
// keeps to ccxt's unified calls.
import type { Exchange } from 'ccxt';
import { BINANCE_CODES, UNPROVEN_CODES } from './binance-codes.js';
import type { StreamEvent, VenueProfile } from './profile.js';

export function profileOf(exchangeId: string): VenueProfile {
  if (exchangeId === 'binanceusdm') return BINANCE_USDM;
  if (exchangeId === 'binance') return BINANCE_SPOT;
  return GENERIC;
}

const USDM_USER_EVENTS: ReadonlySet<string> = new Set([
  'ORDER_TRADE_UPDATE',
  'ACCOUNT_UPDATE',
  'ALGO_UPDATE',
  'CONDITIONAL_ORDER_TRIGGER_REJECT',
  'TRADE_LITE',
  'MARGIN_CALL',
  'ACCOUNT_CONFIG_UPDATE',
  'STRATEGY_UPDATE',
  'GRID_UPDATE',
  'listenKeyExpired',
]);

const SPOT_USER_EVENTS: ReadonlySet<string> = new Set([
  'executionReport',
  'outboundAccountPosition',
  'balanceUpdate',
  'listStatus',
  'externalLockUpdate',
  'eventStreamTerminated',
  'listenKeyExpired',
]);

const BINANCE_USDM: VenueProfile = {
  name: 'binanceusdm',
  options: {
    // Otherwise loadMarkets reads the account's coins from another host.
    fetchCurrencies: false,
    fetchOpenOrders: { warnWithoutSymbol: false },
    setMarginMode: { throwMarginModeAlreadySet: false },
  },
  // ccxt puts /public, /market or /private before the last part, which must be exactly /ws.
  urls: (_, stream) =>
    stream === undefined
      ? {}
      : {
          ws: { future: `${stream}/ws`, 'ws-api': { future: `${stream}/ws-fapi/v1` } },
        },
  needs: [['fapiPublic'], ['fapiPrivate'], ['ws', 'future']],
  mergeExceptions: (exchange) => mergeTables(exchange, 'linear'),
  codes: BINANCE_CODES,
  // ccxt's pace is half of the 2400 a minute that the venue grants, so each instance may keep it.
  // A start asks for some 150 at once; the budget keeps count of the minute.
  pace: { normal: { share: 1, burst: 250 }, urgent: { share: 1, burst: 250 } },
  weights: {
    fetchPositionMode: 30,
    fetchFundingHistory: 30,
    fetchLedger: 30,
    fetchOrders: 5,
    fetchMyTrades: 5,
    fetchPositions: 5,
    fetchBalance: 5,
    fetchOpenOrders: 40,
    fetchOHLCV: 10,
    fetchLeverage: 5,
    countdownCancelAll: 10,
  },
  weightLimit: 2400,
  eventOf: (message) => binanceEvent(message, USDM_USER_EVENTS),
  streamOf: (url) =>
    /\/private\b|listenKey=/.test(url) ? 'user' : /\/market\b/.test(url) ? 'bars' : 'quotes',
};

const BINANCE_SPOT: VenueProfile = {
  name: 'binance',
  options: {
    defaultType: 'spot',
    fetchCurrencies: false,
    fetchMargins: false,
    fetchMarkets: { types: ['spot'] },
    fetchOpenOrders: { warnWithoutSymbol: false },
  },
  // ccxt takes a symbol for a perpetual unless the address contains /stream.
  urls: (_, stream) =>
    stream === undefined
      ? {}
      : { ws: { spot: `${stream}/stream/ws`, 'ws-api': { spot: `${stream}/ws-api/v3` } } },
  needs: [['public'], ['private'], ['ws', 'spot'], ['ws', 'ws-api', 'spot']],
  mergeExceptions: (exchange) => mergeTables(exchange, 'spot'),
  codes: BINANCE_CODES,
  pace: { normal: { share: 0.8, burst: 100 }, urgent: { share: 0.2, burst: 50 } },
  weights: {
    fetchOrder: 4,
    fetchOpenOrders: 80,
    fetchOrders: 20,
    fetchMyTrades: 20,
    fetchBalance: 20,
    fetchOHLCV: 2,
    loadMarkets: 20,
  },
  weightLimit: 6000,
  eventOf: (message) => binanceEvent(message, SPOT_USER_EVENTS),
  streamOf: (url) => (url.includes('/ws-api') ? 'user' : 'bars'),
};

const GENERIC: VenueProfile = {
  name: 'generic',
  options: {},
  urls: () => ({}),
  needs: [],
  mergeExceptions: () => undefined,
  codes: UNPROVEN_CODES,
  pace: { normal: { share: 0.8, burst: 4 }, urgent: { share: 0.2, burst: 4 } },
  weights: {},
  weightLimit: null,
  eventOf: () => undefined,
  streamOf: () => 'user',
};

/** ccxt picks the market's table by the host of the exchange, which another address has not. */
function mergeTables(exchange: Exchange, market: string): void {
  const tables = exchange.exceptions as Readonly<Record<string, Record<string, object>>>;
  for (const kind of ['exact', 'broad']) {
    const [common, own] = [tables[kind], tables[market]?.[kind]];
    if (common !== undefined && own !== undefined) Object.assign(common, own);
  }
}

function binanceEvent(message: unknown, user: ReadonlySet<string>): StreamEvent | undefined {
  const body = binanceBody(message);
  const name = body?.['e'];
  if (typeof name !== 'string') return undefined;
  const stamp = body?.['E'];
  return {
    name,
    // What is not known is not a market event that we asked for: it is kept with the account's.
    isUser: user.has(name) || !MARKET_EVENTS.has(name),
    stampMs: typeof stamp === 'number' ? stamp : undefined,
  };
}

const MARKET_EVENTS: ReadonlySet<string> = new Set([
  'kline',
  'bookTicker',
  'trade',
  'aggTrade',
  'depthUpdate',
  'markPriceUpdate',
  '24hrTicker',
  '24hrMiniTicker',
  'forceOrder',
]);

/** Combined streams and the WebSocket API wrap the event. */
export function binanceBody(message: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isRecord(message)) return undefined;
  for (const wrapper of ['event', 'data']) {
    const inner = message[wrapper];
    if (isRecord(inner) && typeof inner['e'] === 'string') return inner;
  }
  return message;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
