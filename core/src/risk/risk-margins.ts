// What each risk check saw of an order and how far it was from its limit: for whoever explains a
// decision afterwards, from the state that it was taken on. The verdict is the check's own.
import type { Code } from '@strategy-runner/contracts';
import type { CostAssumptions, RiskLimits } from '../config.js';
import {
  type Decimal,
  ZERO,
  abs,
  bps,
  decimal,
  divide,
  format,
  multiply,
  roundHalfEvenTo,
} from '../decimal.js';
import { equity, freeBalance } from '../ledger/account.js';
import type { NormalizedOrder, OrderRequest } from '../order/order.js';
import type { EngineView } from '../strategy/context.js';
import type { Turn } from '../turn.js';
import { balance } from './checks/balance.js';
import { dailyLoss } from './checks/daily-loss.js';
import { maxLeverage } from './checks/max-leverage.js';
import { maxNotional } from './checks/max-notional.js';
import { maxOpenOrders } from './checks/max-open-orders.js';
import { maxPosition } from './checks/max-position.js';
import { orderRate } from './checks/order-rate.js';
import { priceCollar } from './checks/price-collar.js';
import { type Exposure, exposureFor } from './exposure.js';
import type { RiskCheck } from './risk-check.js';

export interface RiskMargin {
  /** What a denial by this check is called. */
  readonly code: Code;
  readonly measure: string;
  readonly value: string;
  /** Null = there is no limit. */
  readonly limit: string | null;
  readonly isPassed: boolean;
}

/** Cash, marked equity and free balance as a view of the engine has them; decimal strings. */
export interface AccountMarks {
  readonly cash: string;
  readonly equity: string;
  readonly free: string;
}

export function accountMarks(view: EngineView): AccountMarks {
  const turn = turnOf(view);
  return {
    cash: format(turn.state.cash),
    equity: format(equity(turn)),
    free: format(freeBalance(turn)),
  };
}

/** Of an entry every check, of an exit the price collar, in the order in which they are made. */
export function riskMargins(view: EngineView, order: OrderRequest): readonly RiskMargin[] {
  const { risk, costs } = view.config;
  const exposure = exposureFor(turnOf(view), order as NormalizedOrder);
  const isCollared = hasCollar(order);
  return MEASURES.flatMap(({ code, check, measure, read }) => {
    if (code === 'PRICE_OUTSIDE_COLLAR' ? !isCollared : order.action === 'exit') return [];
    const { value, limit } = read(order, exposure, { ...risk, costs });
    const isPassed = check(order as NormalizedOrder, exposure, risk, costs) === undefined;
    return [{ code, measure, value, limit, isPassed }];
  });
}

// An exit's stop is never held back by its price.
function hasCollar({ action, price, stopPrice }: OrderRequest): boolean {
  return action === 'entry' ? (price ?? stopPrice) !== null : price !== null && stopPrice === null;
}

interface Bounds extends RiskLimits {
  readonly costs: CostAssumptions;
}

interface Measure {
  readonly code: Code;
  readonly check: RiskCheck;
  readonly measure: string;
  readonly read: (
    order: OrderRequest,
    exposure: Exposure,
    bounds: Bounds,
  ) => { readonly value: string; readonly limit: string | null };
}

const MEASURES: readonly Measure[] = [
  {
    code: 'DAILY_LOSS_EXCEEDED',
    check: dailyLoss,
    measure: 'loss since the start of the day',
    read: (_order, { dayStartEquity, equity: now }, { maxDailyLoss }) =>
      money(dayStartEquity - now, maxDailyLoss),
  },
  {
    code: 'ORDER_RATE_EXCEEDED',
    check: orderRate,
    measure: 'entries within the last minute',
    read: (_order, { recentEntries }, { maxEntriesPerMinute }) =>
      count(recentEntries, maxEntriesPerMinute),
  },
  {
    code: 'OPEN_ORDERS_EXCEED_MAXIMUM',
    check: maxOpenOrders,
    measure: 'orders that work already',
    read: (_order, { openOrders }, bounds) => count(openOrders, bounds.maxOpenOrders),
  },
  {
    code: 'PRICE_OUTSIDE_COLLAR',
    check: priceCollar,
    measure: 'distance of the price from the last one in bps',
    read: collar,
  },
  {
    code: 'NOTIONAL_EXCEEDS_MAXIMUM',
    check: maxNotional,
    measure: 'notional of the order',
    read: (_order, { orderNotional }, { maxOrderNotional }) =>
      money(orderNotional, maxOrderNotional),
  },
  {
    code: 'POSITION_EXCEEDS_MAXIMUM',
    check: maxPosition,
    measure: 'notional of the position with it',
    read: (_order, { sideNotional, orderNotional }, { maxPositionNotional }) =>
      money(sideNotional + orderNotional, maxPositionNotional),
  },
  {
    code: 'LEVERAGE_EXCEEDS_MAXIMUM',
    check: maxLeverage,
    measure: 'gross exposure with it',
    read: (_order, { grossNotional, orderNotional, equity: now }, bounds) =>
      money(grossNotional + orderNotional, multiply(now, bounds.maxLeverage)),
  },
  {
    code: 'BALANCE_INSUFFICIENT',
    check: balance,
    measure: 'margin and assumed fee',
    read: ({ leverage }, { orderNotional, free }, { costs }) =>
      money(divide(orderNotional, leverage) + bps(orderNotional, costs.takerFeeBps), free),
  },
];

const TEN_THOUSAND = decimal('10000');
const HUNDREDTH = decimal('0.01');

function collar(order: OrderRequest, { lastPrice }: Exposure, bounds: Bounds) {
  const price = order.price ?? order.stopPrice ?? lastPrice;
  const distance = abs(price - lastPrice);
  const value = lastPrice === ZERO ? ZERO : divide(multiply(distance, TEN_THOUSAND), lastPrice);
  const limit = order.action === 'exit' ? bounds.exitCollarBps : bounds.entryCollarBps;
  return { value: format(roundHalfEvenTo(value, HUNDREDTH)), limit: String(limit) };
}

function money(value: Decimal, limit: Decimal | null) {
  return { value: format(value), limit: limit === null ? null : format(limit) };
}

function count(value: number, limit: number) {
  return { value: String(value), limit: String(limit) };
}

// Checks read state, config and clock of a turn; nothing here emits.
function turnOf({ config, state }: EngineView): Turn {
  return { config, state, now: state.clockMs } as unknown as Turn;
}
