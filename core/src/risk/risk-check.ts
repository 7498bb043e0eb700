// One rule. It sees the normalised order, what the account would hold, the limits and the cost
// model.
import type { CostAssumptions, RiskLimits } from '../config.js';
import type { NormalizedOrder } from '../order/order.js';
import type { Denial } from '../outcome.js';
import type { Exposure } from './exposure.js';

export type RiskCheck = (
  order: NormalizedOrder,
  exposure: Exposure,
  limits: RiskLimits,
  costs: CostAssumptions,
) => Denial | undefined;
