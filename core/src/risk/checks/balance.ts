// Denies an entry that free balance cannot carry: margin plus the assumed taker fee.
import { bps, divide } from '../../decimal.js';
import { deny } from '../../outcome.js';
import type { RiskCheck } from '../risk-check.js';

export const balance: RiskCheck = (order, exposure, _limits, costs) => {
  const margin = divide(exposure.orderNotional, order.leverage);
  const needed = margin + bps(exposure.orderNotional, costs.takerFeeBps);
  if (needed <= exposure.free) return undefined;
  return deny('BALANCE_INSUFFICIENT', '/sizing_policy', 'free balance does not carry the order', {
    needed,
    free: exposure.free,
    notional: exposure.orderNotional,
  });
};
