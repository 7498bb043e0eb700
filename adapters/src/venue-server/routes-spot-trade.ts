// REST of spot: orders, trades and balances of the account.
import { ZERO, amount } from './amount.js';
import type { Side } from './order-book.js';
import type { Params } from './params.js';
import { type Routes, page } from './route.js';
import { cancelledJson, placedJson, spotAccountJson, spotOrderJson } from './spot-json.js';
import { spotTradeJson } from './spot-json.js';
import { SPOT_TYPES, type SpotOrder, type SpotRequest, type SpotState } from './spot-state.js';
import type { SpotTimeInForce, SpotType } from './spot-state.js';
import { cancelSpot, findSpot, placeSpot } from './spot-trading.js';
import { instrumentOf } from './venue-state.js';
import { VenueReject, missingParameter } from './venue-reject.js';

const PAGE = { limit: 500, limitMax: 1000 };
const DAY_MS = 86_400_000;

export const SPOT_TRADE_ROUTES: Routes = {
  'POST /api/v3/order': {
    auth: 'signed',
    weight: 1,
    isOrder: true,
    handle: ({ spot }, params) => {
      const request = requestOf(spot, params);
      const order = placeSpot(spot, request);
      const trades = spot.trades.filter(({ orderId }) => orderId === order.id);
      const isPlain = request.type === 'LIMIT' || request.type === 'MARKET';
      const type = params.get('newOrderRespType') ?? (isPlain ? 'FULL' : 'ACK');
      return placedJson(order, trades, type);
    },
  },
  'POST /api/v3/order/test': {
    auth: 'signed',
    weight: 1,
    handle: ({ spot }, params) => {
      requestOf(spot, params);
      return {};
    },
  },
  'GET /api/v3/order': {
    auth: 'signed',
    weight: 4,
    handle: ({ spot }, params) => {
      const order = findSpot(spot, keyOf(spot, params));
      if (order === undefined) throw new VenueReject(-2013);
      return spotOrderJson(order);
    },
  },
  'DELETE /api/v3/order': {
    auth: 'signed',
    weight: 1,
    handle: ({ spot }, params) => {
      const cancelId = params.get('newClientOrderId') ?? cancelIdOf(spot);
      return cancelledJson(cancelSpot(spot, keyOf(spot, params), cancelId), cancelId);
    },
  },
  'DELETE /api/v3/openOrders': {
    auth: 'signed',
    weight: 1,
    handle: ({ spot }, params) => {
      const { symbol } = instrumentOf(spot, params.need('symbol'));
      const open = [...spot.openOrders.values()].filter((order) => order.symbol === symbol);
      if (open.length === 0) throw new VenueReject(-2011);
      return open.map(({ id }) => {
        const cancelId = cancelIdOf(spot);
        return cancelledJson(cancelSpot(spot, { symbol, orderId: String(id) }, cancelId), cancelId);
      });
    },
  },
  'GET /api/v3/openOrders': {
    auth: 'signed',
    weight: (params) => (params.get('symbol') === undefined ? 80 : 6),
    handle: ({ spot }, params) => {
      const symbol = params.get('symbol');
      if (symbol !== undefined) instrumentOf(spot, symbol);
      return [...spot.openOrders.values()]
        .filter((order) => symbol === undefined || order.symbol === symbol)
        .map(spotOrderJson);
    },
  },
  'GET /api/v3/allOrders': {
    auth: 'signed',
    weight: 20,
    handle: ({ spot }, params) => {
      const { symbol } = instrumentOf(spot, params.need('symbol'));
      const from = BigInt(params.get('orderId') ?? 0);
      checkDay(params);
      const orders = [...spot.orders.values()].filter(
        (order) => order.symbol === symbol && order.id >= from,
      );
      const by = { ...PAGE, timeMs: (order: SpotOrder) => order.createdMs };
      return page(orders, params, by).map(spotOrderJson);
    },
  },
  'GET /api/v3/myTrades': {
    auth: 'signed',
    weight: (params) => (params.get('orderId') === undefined ? 20 : 5),
    handle: ({ spot }, params) => {
      const { symbol } = instrumentOf(spot, params.need('symbol'));
      const fromId = params.integer('fromId') ?? 0;
      const orderId = params.get('orderId');
      checkDay(params);
      const trades = spot.trades.filter(
        (trade) =>
          trade.symbol === symbol &&
          trade.id >= fromId &&
          (orderId === undefined || String(trade.orderId) === orderId),
      );
      return page(trades, params, { ...PAGE, timeMs: ({ timeMs }) => timeMs }).map(spotTradeJson);
    },
  },
  'GET /api/v3/account': {
    auth: 'signed',
    weight: 20,
    handle: ({ spot }) => spotAccountJson(spot),
  },
};

function requestOf(spot: SpotState, params: Params): SpotRequest {
  const { symbol } = instrumentOf(spot, params.need('symbol'));
  const side = params.need('side');
  if (side !== 'BUY' && side !== 'SELL') throw new VenueReject(-1117);
  const type = params.need('type') as SpotType;
  if (!SPOT_TYPES.includes(type)) throw new VenueReject(-1116);
  const hasPrice = type.includes('LIMIT');
  const needsTime = hasPrice && type !== 'LIMIT_MAKER';
  const isByCost = type === 'MARKET' && params.get('quoteOrderQty') !== undefined;
  return {
    symbol,
    side: side satisfies Side,
    type,
    quantity: isByCost ? ZERO : params.amount('quantity'),
    quoteQuantity: isByCost ? positive(params, 'quoteOrderQty') : ZERO,
    price: hasPrice ? params.amount('price') : ZERO,
    stopPrice: /^(?:STOP_LOSS|TAKE_PROFIT)/.test(type) ? params.amount('stopPrice') : ZERO,
    timeInForce: needsTime ? timeInForceOf(params) : 'GTC',
    clientOrderId: params.get('newClientOrderId') ?? `venue-${spot.lastOrderId + 1n}`,
  };
}

function positive(params: Params, name: string) {
  const value = params.amount(name);
  if (value.lte(amount(0))) throw missingParameter(name);
  return value;
}

function timeInForceOf(params: Params): SpotTimeInForce {
  const value = params.need('timeInForce');
  if (value !== 'GTC' && value !== 'IOC' && value !== 'FOK') throw new VenueReject(-1115);
  return value;
}

function keyOf(spot: SpotState, params: Params) {
  const { symbol } = instrumentOf(spot, params.need('symbol'));
  const orderId = params.get('orderId');
  return orderId === undefined
    ? { symbol, clientOrderId: params.need('origClientOrderId') }
    : { symbol, orderId };
}

function cancelIdOf(spot: SpotState): string {
  return `venue-cancel-${spot.lastOrderId}-${spot.openOrders.size}`;
}

function checkDay(params: Params): void {
  const start = params.integer('startTime');
  const end = params.integer('endTime');
  if (start === undefined || end === undefined || end - start <= DAY_MS) return;
  throw new VenueReject(-1127, 'More than 24 hours between startTime and endTime.');
}
