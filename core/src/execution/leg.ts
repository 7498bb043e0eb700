// From an intent's order style to the shape of its order.
import type { Intent, OrderStyle } from '@strategy-runner/contracts';
import { type Decimal, decimal } from '../decimal.js';
import { sideOf } from '../order/order.js';
import { resolvePrice, slippageBound } from '../order/price.js';
import { type LegBase, MARKET, type OrderShape } from '../order/request.js';
import { type Outcome, deny, pass } from '../outcome.js';
import { type Turn, instrumentOf, lastPrice } from '../turn.js';

/**
 * The order that a style means. A market order with a slippage permission leaves as an IOC limit at the
 * bound, so that the venue itself enforces it (rule 15). GTD is kept by the host's own timer.
 */
export function shapeOf(turn: Turn, style: OrderStyle, base: LegBase): Outcome<OrderShape> {
  const side = sideOf(base.positionSide, base.action);
  const trigger = triggerOf(style, side);
  if (trigger !== undefined && !trigger.ok) return trigger;
  const stopPrice = trigger?.value ?? null;
  const instrument = instrumentOf(turn, base.symbol);
  if (style.type === 'market') {
    if (stopPrice !== null) return pass({ ...MARKET, type: 'stop_market', stopPrice });
    if (style.max_slippage_bps === undefined) return pass(MARKET);
    const limitBps = Math.min(style.max_slippage_bps, turn.config.policy.maxSlippageBps);
    const price = slippageBound(base.referencePrice, side, limitBps, instrument);
    return pass({ ...MARKET, type: 'limit', price, timeInForce: 'IOC' });
  }
  const anchors = {
    reference: base.referencePrice,
    last: lastPrice(turn, base.symbol) ?? base.referencePrice,
  };
  const timeInForce =
    style.time_in_force === undefined || style.time_in_force === 'GTD'
      ? 'GTC'
      : style.time_in_force;
  return pass({
    type: stopPrice === null ? 'limit' : 'stop_limit',
    price: resolvePrice(style.price, side, anchors, instrument.tickSize),
    stopPrice,
    timeInForce,
    postOnly: style.post_only ?? false,
  });
}

// Only triggers on the order's own adverse side exist at every venue: a buy that rises to its price, a
// sell that falls to it. The other direction is a limit order by another name and is refused.
function triggerOf(style: OrderStyle, side: 'buy' | 'sell'): Outcome<Decimal> | undefined {
  const { trigger } = style;
  if (trigger === undefined) return undefined;
  if ((trigger.direction === 'rise_to') !== (side === 'buy')) {
    const why = `a ${side} can only be triggered when the price ${side === 'buy' ? 'rises' : 'falls'}`;
    return deny('SIMULATION_UNSUPPORTED', '/order/trigger/direction', why);
  }
  if (trigger.by !== undefined && trigger.by !== 'last') {
    return deny('SIMULATION_UNSUPPORTED', '/order/trigger/by', 'only last prices are simulated');
  }
  return pass(decimal(trigger.price));
}

export function referenceOf(intent: Intent): Decimal {
  return decimal(intent.reference_price ?? '0');
}
