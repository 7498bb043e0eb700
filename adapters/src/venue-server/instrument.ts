// The symbols of the exchange and their filters. Filters can change while it runs, as they do on a
// real one; what was placed before keeps its numbers.
import { type Amount, amount, floorTo } from './amount.js';

export interface Instrument {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tick: Amount;
  readonly step: Amount;
  readonly minQuantity: Amount;
  readonly maxQuantity: Amount;
  /** Of an order at market, now or behind a trigger. */
  readonly maxMarketQuantity: Amount;
  readonly minNotional: Amount;
  readonly maxOrders: number;
  readonly makerRate: Amount;
  readonly takerRate: Amount;
  readonly maintenanceRate: Amount;
  /** TRADING, or any other status of the exchange: then nothing new is accepted. */
  readonly status: string;
}

export interface InstrumentSpec {
  /** Unified (`BTC/USDT:USDT`) or the exchange's own (`BTCUSDT`). */
  readonly symbol: string;
  readonly tick?: string;
  readonly step?: string;
  readonly minQuantity?: string;
  readonly maxQuantity?: string;
  readonly maxMarketQuantity?: string;
  readonly minNotional?: string;
  readonly makerRate?: string;
  readonly takerRate?: string;
}

export function exchangeSymbol(symbol: string): string {
  const [pair = symbol] = symbol.split(':');
  return pair.replace('/', '').toUpperCase();
}

/** `BTC/USDT` is spot, `BTC/USDT:USDT` and `BTCUSDT` are perpetuals. */
export function isSpotSymbol(symbol: string): boolean {
  return symbol.includes('/') && !symbol.includes(':');
}

export function makeInstrument(spec: InstrumentSpec): Instrument {
  const symbol = exchangeSymbol(spec.symbol);
  const [, pairQuote] = /^[^/]+\/([^:]+)/.exec(spec.symbol) ?? [];
  const quote =
    pairQuote?.toUpperCase() ?? ['USDT', 'USDC'].find((name) => symbol.endsWith(name)) ?? 'USDT';
  const step = amount(spec.step ?? '0.001');
  const most = floorTo(step.times(10_000_000), step);
  const maxQuantity = spec.maxQuantity === undefined ? most : amount(spec.maxQuantity);
  return {
    symbol,
    base: symbol.slice(0, symbol.length - quote.length),
    quote,
    tick: amount(spec.tick ?? '0.1'),
    step,
    minQuantity: spec.minQuantity === undefined ? step : amount(spec.minQuantity),
    maxQuantity,
    maxMarketQuantity:
      spec.maxMarketQuantity === undefined ? maxQuantity : amount(spec.maxMarketQuantity),
    minNotional: amount(spec.minNotional ?? '5'),
    maxOrders: 200,
    makerRate: amount(spec.makerRate ?? '0.0002'),
    takerRate: amount(spec.takerRate ?? '0.0005'),
    maintenanceRate: amount('0.004'),
    status: 'TRADING',
  };
}

export function exchangeInfo(instruments: Iterable<Instrument>, nowMs: number): object {
  return {
    timezone: 'UTC',
    serverTime: nowMs,
    futuresType: 'U_MARGINED',
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2400 },
      { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1200 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
    ],
    exchangeFilters: [],
    assets: [{ asset: 'USDT', marginAvailable: true, autoAssetExchange: '0' }],
    symbols: [...instruments].map(symbolInfo),
  };
}

function symbolInfo(instrument: Instrument): object {
  const { symbol, base, quote, tick, step } = instrument;
  return {
    symbol,
    pair: symbol,
    contractType: 'PERPETUAL',
    deliveryDate: 4_133_404_800_000,
    onboardDate: 1_569_398_400_000,
    status: instrument.status,
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: base,
    quoteAsset: quote,
    marginAsset: quote,
    pricePrecision: tick.decimalPlaces(),
    quantityPrecision: step.decimalPlaces(),
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: [],
    settlePlan: 0,
    triggerProtect: '0.0500',
    liquidationFee: '0.012500',
    marketTakeBound: '0.05',
    orderTypes: ORDER_TYPES,
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
    filters: filtersOf(instrument),
  };
}

const ORDER_TYPES = [
  'LIMIT',
  'MARKET',
  'STOP',
  'STOP_MARKET',
  'TAKE_PROFIT',
  'TAKE_PROFIT_MARKET',
  'TRAILING_STOP_MARKET',
];

function filtersOf(instrument: Instrument): readonly object[] {
  const tickSize = instrument.tick.toFixed();
  const lot = {
    stepSize: instrument.step.toFixed(),
    minQty: instrument.minQuantity.toFixed(),
    maxQty: instrument.maxQuantity.toFixed(),
  };
  const marketLot = { ...lot, maxQty: instrument.maxMarketQuantity.toFixed() };
  return [
    { filterType: 'PRICE_FILTER', tickSize, minPrice: tickSize, maxPrice: '10000000' },
    { filterType: 'LOT_SIZE', ...lot },
    { filterType: 'MARKET_LOT_SIZE', ...marketLot },
    { filterType: 'MAX_NUM_ORDERS', limit: instrument.maxOrders },
    { filterType: 'MAX_NUM_ALGO_ORDERS', limit: 10 },
    { filterType: 'MIN_NOTIONAL', notional: instrument.minNotional.toFixed() },
    {
      filterType: 'PERCENT_PRICE',
      multiplierUp: '1.0500',
      multiplierDown: '0.9500',
      multiplierDecimal: '4',
    },
  ];
}
