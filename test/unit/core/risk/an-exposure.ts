// What a risk check is shown, with nothing held and nothing near a limit; a spec sets what it is
// about.
import { type CostAssumptions, type RiskLimits, decimal } from '@strategy-runner/core';
import type { NormalizedOrder } from '../../../../core/src/order/order.js';
import type { Exposure } from '../../../../core/src/risk/exposure.js';
import type { RiskCheck } from '../../../../core/src/risk/risk-check.js';
import { WIDE_LIMITS, costsOf } from '../../../support/world-config.js';

type Texts<Shape> = { readonly [Key in keyof Shape]?: Shape[Key] extends number ? number : string };

/** Money as decimal strings. */
export function anExposure(change: Texts<Exposure> = {}): Exposure {
  const calm = {
    lastPrice: '100',
    equity: '10000',
    free: '10000',
    orderNotional: '100',
    sideNotional: '0',
    grossNotional: '0',
    openOrders: 0,
    dayStartEquity: '10000',
    recentEntries: 0,
    ...change,
  };
  return Object.fromEntries(
    Object.entries(calm).map(([name, value]) => [
      name,
      typeof value === 'string' ? decimal(value) : value,
    ]),
  ) as unknown as Exposure;
}

export function anOrder(change: Partial<NormalizedOrder> = {}): NormalizedOrder {
  return {
    intentId: 'sample@bar:1m:1#open.long.1',
    leg: 'entry',
    attempt: 1,
    instance: 'sample',
    symbol: 'BTC/USDT:USDT',
    positionSide: 'long',
    action: 'entry',
    type: 'market',
    quantity: decimal('1'),
    price: null,
    stopPrice: null,
    timeInForce: 'GTC',
    postOnly: false,
    leverage: decimal('1'),
    referencePrice: decimal('100'),
    ...change,
  } as NormalizedOrder;
}

export interface Checked {
  readonly order?: Partial<NormalizedOrder>;
  readonly exposure?: Texts<Exposure>;
  readonly limits?: Partial<RiskLimits>;
  readonly costs?: CostAssumptions;
}

export function run(check: RiskCheck, { order, exposure, limits, costs }: Checked = {}) {
  const all = { ...WIDE_LIMITS, ...limits };
  return check(anOrder(order), anExposure(exposure), all, costs ?? costsOf());
}
