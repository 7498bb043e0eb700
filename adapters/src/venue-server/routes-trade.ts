// REST: orders and conditional orders of the account, and its trades.
import { ALGO_TYPES, type AlgoType, algoJson } from './algo-order.js';
import { cancelAlgo, findAlgo, openAlgos, placeAlgo } from './algo-trading.js';
import { cancelAll } from './countdown-cancel.js';
import { type PositionSide, type TimeInForce, orderJson, tradeJson } from './order.js';
import type { OrderRequest, VenueOrder } from './order.js';
import type { Side } from './order-book.js';
import type { Params } from './params.js';
import { type Routes, page } from './route.js';
import { cancelOrder, findOrder, placeOrder } from './trading.js';
import { type VenueState, instrumentOf } from './venue-state.js';
import { VenueReject } from './venue-reject.js';
import { ZERO } from './amount.js';

const weightOfOpen = (params: Params): number => (params.get('symbol') === undefined ? 40 : 1);
const ORDERS_PAGE = { limit: 500, limitMax: 1000 };
const WEEK_MS = 7 * 86_400_000;

export const TRADE_ROUTES: Routes = {
  'POST /fapi/v1/order': {
    auth: 'signed',
    weight: 0,
    isOrder: true,
    handle: ({ state }, params) => orderJson(placeOrder(state, orderRequest(state, params))),
  },
  'GET /fapi/v1/order': {
    auth: 'signed',
    weight: 1,
    handle: ({ state }, params) => {
      const order = findOrder(state, orderKey(params));
      if (order === undefined) throw new VenueReject(-2013);
      return orderJson(order);
    },
  },
  'DELETE /fapi/v1/order': {
    auth: 'signed',
    weight: 1,
    handle: ({ state }, params) => orderJson(cancelOrder(state, orderKey(params))),
  },
  'DELETE /fapi/v1/allOpenOrders': {
    auth: 'signed',
    weight: 1,
    handle: ({ state }, params) => {
      cancelAll(state, instrumentOf(state, params.need('symbol')).symbol);
      return { code: 200, msg: 'The operation of cancel all open order is done.' };
    },
  },
  'GET /fapi/v1/openOrders': {
    auth: 'signed',
    weight: weightOfOpen,
    handle: ({ state }, params) => ordersOf(state, params, state.openOrders).map(orderJson),
  },
  'GET /fapi/v1/allOrders': {
    auth: 'signed',
    weight: 5,
    handle: ({ state }, params) => {
      params.need('symbol');
      const from = BigInt(params.get('orderId') ?? 0);
      const orders = ordersOf(state, params).filter(({ id }) => id >= from);
      const by = { ...ORDERS_PAGE, timeMs: (order: VenueOrder) => order.createdMs };
      return page(orders, params, by).map(orderJson);
    },
  },
  'GET /fapi/v1/userTrades': {
    auth: 'signed',
    weight: 5,
    handle: ({ state }, params) => userTrades(state, params),
  },
  'POST /fapi/v1/countdownCancelAll': {
    auth: 'signed',
    weight: 10,
    handle: ({ state, countdown }, params) => {
      const { symbol } = instrumentOf(state, params.need('symbol'));
      const countdownTime = params.integer('countdownTime') ?? 0;
      countdown.set(symbol, countdownTime);
      return { symbol, countdownTime: String(countdownTime) };
    },
  },
  'POST /fapi/v1/algoOrder': {
    auth: 'signed',
    weight: 1,
    isOrder: true,
    handle: ({ state }, params) => algoJson(placeAlgo(state, algoRequest(state, params))),
  },
  'GET /fapi/v1/algoOrder': {
    auth: 'signed',
    weight: 1,
    handle: ({ state }, params) => {
      const algo = findAlgo(state, algoKey(params));
      if (algo === undefined) throw new VenueReject(-2013);
      return algoJson(algo);
    },
  },
  'DELETE /fapi/v1/algoOrder': {
    auth: 'signed',
    weight: 1,
    handle: ({ state }, params) => {
      const { algoId, clientAlgoId } = cancelAlgo(state, algoKey(params));
      return { algoId, clientAlgoId, code: '200', msg: 'success' };
    },
  },
  'DELETE /fapi/v1/algoOpenOrders': {
    auth: 'signed',
    weight: 1,
    handle: ({ state }, params) => {
      const { symbol } = instrumentOf(state, params.need('symbol'));
      for (const { algoId } of openAlgos(state, symbol)) {
        cancelAlgo(state, { algoId: String(algoId) });
      }
      return { code: 200, msg: 'The operation of cancel all open order is done.' };
    },
  },
  'GET /fapi/v1/openAlgoOrders': {
    auth: 'signed',
    weight: weightOfOpen,
    handle: ({ state }, params) => openAlgos(state, params.get('symbol')).map(algoJson),
  },
  'GET /fapi/v1/allAlgoOrders': {
    auth: 'signed',
    weight: 5,
    handle: ({ state }, params) =>
      [...state.algos.values()]
        .filter(({ symbol }) => symbol === params.need('symbol'))
        .map(algoJson),
  },
};

function orderRequest(state: VenueState, params: Params): OrderRequest {
  const { symbol } = instrumentOf(state, params.need('symbol'));
  const type = params.need('type');
  if (ALGO_TYPES.includes(type) || type === 'TRAILING_STOP_MARKET') throw new VenueReject(-4120);
  if (type !== 'LIMIT' && type !== 'MARKET') throw new VenueReject(-1116);
  const isLimit = type === 'LIMIT';
  if (isLimit) params.need('timeInForce');
  return {
    symbol,
    type,
    ...sidesOf(state, params),
    quantity: params.amount('quantity'),
    price: isLimit ? params.amount('price') : ZERO,
    timeInForce: timeInForceOf(params),
    clientOrderId: params.get('newClientOrderId') ?? `venue-${state.lastOrderId + 1n}`,
  };
}

function algoRequest(state: VenueState, params: Params) {
  const { symbol } = instrumentOf(state, params.need('symbol'));
  if (params.need('algoType') !== 'CONDITIONAL') throw new VenueReject(-1116);
  const type = params.need('type');
  if (!ALGO_TYPES.includes(type)) throw new VenueReject(-1116);
  const isClosePosition = params.flag('closePosition');
  return {
    symbol,
    type: type as AlgoType,
    ...sidesOf(state, params),
    isClosePosition,
    quantity: isClosePosition ? ZERO : params.amount('quantity'),
    price: type.endsWith('MARKET') ? ZERO : params.amount('price'),
    triggerPrice: params.amount('triggerPrice'),
    timeInForce: timeInForceOf(params),
    workingType: params.get('workingType') ?? 'CONTRACT_PRICE',
    clientAlgoId: params.get('clientAlgoId') ?? `venue-algo-${state.algos.size + 1}`,
  };
}

/** In hedge mode the exit of a side is reduce-only by itself, and may not be called so. */
function sidesOf({ account }: VenueState, params: Params) {
  const side = params.need('side');
  if (side !== 'BUY' && side !== 'SELL') throw new VenueReject(-1117);
  const positionSide = params.get('positionSide') ?? 'BOTH';
  if (!['BOTH', 'LONG', 'SHORT'].includes(positionSide)) throw new VenueReject(-4061);
  const isSaid = params.flag('reduceOnly');
  if (isSaid && account.isHedged) {
    throw new VenueReject(-1106, "Parameter 'reduceonly' sent when not required.");
  }
  const isExit = positionSide === (side === 'SELL' ? 'LONG' : 'SHORT');
  return {
    side: side as Side,
    positionSide: positionSide as PositionSide,
    isReduceOnly: isSaid || isExit,
  };
}

function timeInForceOf(params: Params): TimeInForce {
  const value = params.get('timeInForce') ?? 'GTC';
  if (!['GTC', 'IOC', 'FOK', 'GTX'].includes(value)) throw new VenueReject(-1115);
  return value as TimeInForce;
}

function orderKey(params: Params) {
  const symbol = params.need('symbol');
  const orderId = params.get('orderId');
  return orderId === undefined
    ? { symbol, clientOrderId: params.need('origClientOrderId') }
    : { symbol, orderId };
}

function algoKey(params: Params) {
  const algoId = params.get('algoId');
  return algoId === undefined ? { clientAlgoId: params.need('clientAlgoId') } : { algoId };
}

function ordersOf(state: VenueState, params: Params, orders = state.orders) {
  const symbol = params.get('symbol');
  if (symbol !== undefined) instrumentOf(state, symbol);
  return [...orders.values()].filter((order) => symbol === undefined || order.symbol === symbol);
}

/** A window of more than a week is refused, so a client has to go on by `fromId`. */
function userTrades(state: VenueState, params: Params) {
  const { symbol } = instrumentOf(state, params.need('symbol'));
  const start = params.integer('startTime');
  const end = params.integer('endTime');
  if (start !== undefined && end !== undefined && end - start > WEEK_MS) {
    throw new VenueReject(-4166, 'Search window is restricted to recent 7 days.');
  }
  const fromId = params.integer('fromId') ?? 0;
  const orderId = params.get('orderId');
  const rows = state.trades.filter(
    (trade) =>
      trade.symbol === symbol &&
      trade.id >= fromId &&
      (orderId === undefined || trade.orderId.toString() === orderId),
  );
  return page(rows, params, { ...ORDERS_PAGE, timeMs: ({ timeMs }) => timeMs }).map(tradeJson);
}
