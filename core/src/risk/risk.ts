// 6. Runs the checks in order. An entry must pass all; an exit meets the price collar only, since
// what holds entries back must never hold back an exit (R12).
import type { NormalizedOrder } from '../order/order.js';
import type { Denial } from '../outcome.js';
import type { Turn } from '../turn.js';
import { balance } from './checks/balance.js';
import { dailyLoss } from './checks/daily-loss.js';
import { maxLeverage } from './checks/max-leverage.js';
import { maxNotional } from './checks/max-notional.js';
import { maxOpenOrders } from './checks/max-open-orders.js';
import { maxPosition } from './checks/max-position.js';
import { orderRate } from './checks/order-rate.js';
import { priceCollar } from './checks/price-collar.js';
import { exposureFor } from './exposure.js';
import type { RiskCheck } from './risk-check.js';

const ENTRY_CHECKS: readonly RiskCheck[] = [
  dailyLoss,
  orderRate,
  maxOpenOrders,
  priceCollar,
  maxNotional,
  maxPosition,
  maxLeverage,
  balance,
];
const EXIT_CHECKS: readonly RiskCheck[] = [priceCollar];

export function checkRisk(turn: Turn, order: NormalizedOrder): Denial | undefined {
  const isExit = order.action === 'exit';
  if (isExit && order.price === null) return undefined;
  const checks = isExit ? EXIT_CHECKS : ENTRY_CHECKS;
  const exposure = exposureFor(turn, order);
  for (const check of checks) {
    const denial = check(order, exposure, turn.config.risk, turn.config.costs);
    if (denial !== undefined) return denial;
  }
  return undefined;
}
