// Denies an entry that would take the position, working entries included, over its limit.
import { deny } from '../../outcome.js';
import type { RiskCheck } from '../risk-check.js';

export const maxPosition: RiskCheck = (_order, exposure, { maxPositionNotional }) => {
  if (maxPositionNotional === null) return undefined;
  const notional = exposure.sideNotional + exposure.orderNotional;
  if (notional <= maxPositionNotional) return undefined;
  return deny('POSITION_EXCEEDS_MAXIMUM', '/sizing_policy', 'the position would grow too large', {
    notional,
    max: maxPositionNotional,
  });
};
