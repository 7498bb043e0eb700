// REST: balances, positions, settings, income and the keys of user streams.
import { accountJson, assetRows, positionRisk } from './account-json.js';
import { type MarginType, incomeJson } from './account.js';
import { plain } from './amount.js';
import type { Params } from './params.js';
import { type Routes, page } from './route.js';
import { type VenueState, instrumentOf } from './venue-state.js';
import { VenueReject, missingParameter } from './venue-reject.js';

const LEVERAGE_MAX = 125;
const NOTIONAL_CAP = '10000000';
const DONE = { code: 200, msg: 'success' };

export const ACCOUNT_ROUTES: Routes = {
  'GET /fapi/v3/account': {
    auth: 'signed',
    weight: 5,
    handle: ({ state }) => accountJson(state),
  },
  'GET /fapi/v3/balance': {
    auth: 'signed',
    weight: 5,
    handle: ({ state }) => assetRows(state),
  },
  'GET /fapi/v3/positionRisk': {
    auth: 'signed',
    weight: 5,
    handle: ({ state }, params) => positionRisk(state, params.get('symbol')),
  },
  'GET /fapi/v1/leverageBracket': {
    auth: 'signed',
    weight: 1,
    handle: ({ state }) => [...state.instruments.keys()].map(bracketJson),
  },
  'POST /fapi/v1/leverage': {
    auth: 'signed',
    weight: 1,
    handle: ({ state }, params) => setLeverage(state, params),
  },
  'GET /fapi/v1/symbolConfig': {
    auth: 'signed',
    weight: 5,
    handle: ({ state }, params) =>
      [...state.instruments.keys()]
        .filter((symbol) => (params.get('symbol') ?? symbol) === symbol)
        .map((symbol) => ({
          symbol,
          marginType: state.account.marginTypeOf(symbol),
          isAutoAddMargin: 'false',
          leverage: state.account.leverageOf(symbol),
          maxNotionalValue: NOTIONAL_CAP,
        })),
  },
  'GET /fapi/v1/commissionRate': {
    auth: 'signed',
    weight: 20,
    handle: ({ state }, params) => {
      const { symbol, makerRate, takerRate } = instrumentOf(state, params.need('symbol'));
      const rates = {
        makerCommissionRate: plain(makerRate),
        takerCommissionRate: plain(takerRate),
      };
      return { symbol, ...rates };
    },
  },
  'POST /fapi/v1/marginType': {
    auth: 'signed',
    weight: 1,
    handle: ({ state }, params) => setMarginType(state, params),
  },
  'GET /fapi/v1/positionSide/dual': {
    auth: 'signed',
    weight: 30,
    handle: ({ state }) => ({ dualSidePosition: state.account.isHedged }),
  },
  'POST /fapi/v1/positionSide/dual': {
    auth: 'signed',
    weight: 1,
    handle: ({ state }, params) => setPositionMode(state, params),
  },
  'GET /fapi/v1/income': {
    auth: 'signed',
    weight: 30,
    handle: ({ state }, params) => incomeRows(state, params),
  },
  'POST /fapi/v1/listenKey': {
    auth: 'key',
    weight: 1,
    handle: ({ listenKeys }) => ({ listenKey: listenKeys.create() }),
  },
  'PUT /fapi/v1/listenKey': {
    auth: 'key',
    weight: 1,
    handle: ({ listenKeys }) => ({ listenKey: listenKeys.keepAlive() }),
  },
  'DELETE /fapi/v1/listenKey': {
    auth: 'key',
    weight: 1,
    handle: ({ listenKeys }) => {
      listenKeys.close();
      return {};
    },
  },
};

function bracketJson(symbol: string): object {
  const bracket = {
    bracket: 1,
    initialLeverage: LEVERAGE_MAX,
    notionalCap: Number(NOTIONAL_CAP),
    notionalFloor: 0,
    maintMarginRatio: 0.004,
    cum: 0,
  };
  return { symbol, notionalCoef: 1, brackets: [bracket] };
}

function setLeverage(state: VenueState, params: Params): object {
  const { symbol } = instrumentOf(state, params.need('symbol'));
  const leverage = params.integer('leverage') ?? 0;
  if (leverage < 1 || leverage > LEVERAGE_MAX) throw new VenueReject(-4028);
  state.account.leverage.set(symbol, leverage);
  state.emit({ kind: 'leverage', symbol, leverage });
  return { symbol, leverage, maxNotionalValue: NOTIONAL_CAP };
}

function setMarginType(state: VenueState, params: Params): object {
  const { symbol } = instrumentOf(state, params.need('symbol'));
  const type = params.need('marginType');
  if (type !== 'CROSSED' && type !== 'ISOLATED') throw missingParameter('marginType');
  if (state.account.marginTypeOf(symbol) === type) throw new VenueReject(-4046);
  if (hasOpenOrders(state, symbol)) throw new VenueReject(-4047);
  if (state.account.openPositions(symbol).length > 0) throw new VenueReject(-4048);
  state.account.marginType.set(symbol, type satisfies MarginType);
  return DONE;
}

function setPositionMode(state: VenueState, params: Params): object {
  const isHedged = params.need('dualSidePosition').toLowerCase() === 'true';
  if (isHedged === state.account.isHedged) throw new VenueReject(-4059);
  if (hasOpenOrders(state)) throw new VenueReject(-4067);
  if (state.account.openPositions().length > 0) throw new VenueReject(-4068);
  state.account.isHedged = isHedged;
  return DONE;
}

function hasOpenOrders({ openOrders }: VenueState, symbol?: string): boolean {
  return [...openOrders.values()].some((order) => symbol === undefined || order.symbol === symbol);
}

function incomeRows(state: VenueState, params: Params): readonly object[] {
  const symbol = params.get('symbol');
  const type = params.get('incomeType');
  const rows = state.account.income.filter(
    (row) =>
      (symbol === undefined || row.symbol === symbol) && (type === undefined || row.type === type),
  );
  const by = { limit: 100, limitMax: 1000, timeMs: (row: { timeMs: number }) => row.timeMs };
  return page(rows, params, by).map(incomeJson);
}
