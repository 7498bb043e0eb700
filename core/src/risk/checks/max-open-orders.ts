// Denies an entry while too many orders work. Protection and exits count, but are never denied
// here.
import { deny } from '../../outcome.js';
import type { RiskCheck } from '../risk-check.js';

export const maxOpenOrders: RiskCheck = (_order, exposure, { maxOpenOrders: max }) => {
  if (exposure.openOrders < max) return undefined;
  return deny('OPEN_ORDERS_EXCEED_MAXIMUM', '', 'too many orders are working', {
    open_orders: exposure.openOrders,
    max,
  });
};
