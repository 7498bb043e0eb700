// Denies an entry whose own notional exceeds the limit per order.
import { deny } from '../../outcome.js';
import type { RiskCheck } from '../risk-check.js';

export const maxNotional: RiskCheck = (_order, exposure, { maxOrderNotional }) => {
  if (maxOrderNotional === null || exposure.orderNotional <= maxOrderNotional) return undefined;
  return deny('NOTIONAL_EXCEEDS_MAXIMUM', '/sizing_policy', 'the order is larger than allowed', {
    notional: exposure.orderNotional,
    max: maxOrderNotional,
  });
};
