// Spot orders, trades, account and symbols as the exchange writes them down.
import { plain } from './amount.js';
import type { Instrument } from './instrument.js';
import { SPOT_TYPES, type SpotOrder, type SpotState, type SpotTrade } from './spot-state.js';

/** `orderId` is a 64-bit integer, so it is a bigint until written. */
export function spotOrderJson(order: SpotOrder): Record<string, unknown> {
  return {
    ...common(order),
    stopPrice: plain(order.stopPrice),
    icebergQty: '0',
    time: order.createdMs,
    updateTime: order.updatedMs,
    isWorking: order.isWorking,
    workingTime: order.isWorking ? order.createdMs : -1,
  };
}

/** The answer to a new order, as much of it as was asked for. */
export function placedJson(
  order: SpotOrder,
  trades: readonly SpotTrade[],
  type: string,
): Record<string, unknown> {
  const { symbol, id, clientOrderId } = order;
  const ack = { symbol, orderId: id, orderListId: -1, clientOrderId };
  const transactTime = order.updatedMs;
  if (type === 'ACK') return { ...ack, transactTime };
  const result = { ...common(order), transactTime, workingTime: order.createdMs };
  if (type === 'RESULT') return result;
  const fills = trades.map((trade) => ({
    price: plain(trade.price),
    qty: plain(trade.quantity),
    commission: plain(trade.commission),
    commissionAsset: trade.commissionAsset,
    tradeId: trade.id,
  }));
  return { ...result, fills };
}

/** `clientOrderId` is the cancel's own: the order's is under another name, as on the real one. */
export function cancelledJson(order: SpotOrder, cancelId: string): Record<string, unknown> {
  const transactTime = order.updatedMs;
  const { clientOrderId: origClientOrderId } = order;
  return { ...common(order), origClientOrderId, clientOrderId: cancelId, transactTime };
}

function common(order: SpotOrder): Record<string, unknown> {
  return {
    symbol: order.symbol,
    orderId: order.id,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    price: plain(order.price),
    origQty: plain(order.quantity),
    executedQty: plain(order.executed),
    origQuoteOrderQty: plain(order.quoteQuantity),
    cummulativeQuoteQty: plain(order.quote),
    status: order.status,
    timeInForce: order.timeInForce,
    type: order.type,
    side: order.side,
    selfTradePreventionMode: 'EXPIRE_MAKER',
  };
}

export function spotTradeJson(trade: SpotTrade): Record<string, unknown> {
  return {
    symbol: trade.symbol,
    id: trade.id,
    orderId: trade.orderId,
    orderListId: -1,
    price: plain(trade.price),
    qty: plain(trade.quantity),
    quoteQty: plain(trade.quoteQuantity),
    commission: plain(trade.commission),
    commissionAsset: trade.commissionAsset,
    time: trade.timeMs,
    isBuyer: trade.side === 'BUY',
    isMaker: trade.isMaker,
    isBestMatch: true,
  };
}

export function balanceRows({ wallet }: SpotState) {
  return wallet.assets().map((asset) => ({
    asset,
    free: plain(wallet.free(asset)),
    locked: plain(wallet.locked(asset)),
  }));
}

export function spotAccountJson(state: SpotState): object {
  const [instrument] = state.instruments.values();
  const maker = plain(instrument?.makerRate ?? state.wallet.free(''));
  const taker = plain(instrument?.takerRate ?? state.wallet.free(''));
  return {
    makerCommission: 10,
    takerCommission: 10,
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: { maker, taker, buyer: '0', seller: '0' },
    canTrade: true,
    canWithdraw: false,
    canDeposit: true,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: state.nowMs,
    accountType: 'SPOT',
    balances: balanceRows(state),
    permissions: ['SPOT'],
    uid: 1,
  };
}

export function spotExchangeInfo(instruments: Iterable<Instrument>, nowMs: number): object {
  return {
    timezone: 'UTC',
    serverTime: nowMs,
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6000 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100 },
      { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000 },
    ],
    exchangeFilters: [],
    symbols: [...instruments].map(symbolJson),
  };
}

function symbolJson(instrument: Instrument): object {
  const { symbol, base, quote, status, tick, step } = instrument;
  const lot = {
    minQty: instrument.minQuantity.toFixed(),
    maxQty: instrument.maxQuantity.toFixed(),
    stepSize: step.toFixed(),
  };
  const tickSize = tick.toFixed();
  return {
    symbol,
    status,
    baseAsset: base,
    baseAssetPrecision: 8,
    quoteAsset: quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: SPOT_TYPES,
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: tickSize, maxPrice: '10000000', tickSize },
      { filterType: 'LOT_SIZE', ...lot },
      { filterType: 'MARKET_LOT_SIZE', ...lot, maxQty: instrument.maxMarketQuantity.toFixed() },
      {
        filterType: 'PERCENT_PRICE_BY_SIDE',
        bidMultiplierUp: '1.2',
        bidMultiplierDown: '0.2',
        askMultiplierUp: '5',
        askMultiplierDown: '0.8',
        avgPriceMins: 5,
      },
      {
        filterType: 'NOTIONAL',
        minNotional: instrument.minNotional.toFixed(),
        applyMinToMarket: true,
        maxNotional: '9000000',
        applyMaxToMarket: false,
        avgPriceMins: 5,
      },
      { filterType: 'MAX_NUM_ORDERS', maxNumOrders: instrument.maxOrders },
      { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: 5 },
    ],
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: 'EXPIRE_MAKER',
    allowedSelfTradePreventionModes: ['EXPIRE_MAKER'],
  };
}
