// Denies an entry that would take gross exposure over equity × the leverage limit.
import { ZERO, divide, multiply } from '../../decimal.js';
import { deny } from '../../outcome.js';
import type { RiskCheck } from '../risk-check.js';

export const maxLeverage: RiskCheck = (_order, exposure, { maxLeverage: max }) => {
  const gross = exposure.grossNotional + exposure.orderNotional;
  if (gross <= multiply(exposure.equity, max)) return undefined;
  const leverage = exposure.equity > ZERO ? divide(gross, exposure.equity) : ZERO;
  return deny('LEVERAGE_EXCEEDS_MAXIMUM', '/sizing_policy', 'gross exposure would be too large', {
    gross_notional: gross,
    equity: exposure.equity,
    leverage,
    max,
  });
};
