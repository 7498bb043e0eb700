// From an intent's order style to the shape of its order.
import type { Intent, LimitStyle, MarketStyle, OrderStyle } from '@strategy-runner/contracts';
import { type Decimal, ZERO, decimal } from '../decimal.js';
import { sideOf } from '../order/order.js';
import { resolvePrice, slippageBound } from '../order/price.js';
import { type LegBase, MARKET, type OrderShape } from '../order/request.js';
import { type Outcome, deny, pass } from '../outcome.js';
import { type Turn, instrumentOf, lastPrice } from '../turn.js';

/**
 * The order that a style means. A market order with a slippage permission leaves as an IOC limit at
 * the bound, so that the venue itself enforces it (rule 15). GTD is kept by the host's own timer.
 */
export function shapeOf(turn: Turn, style: OrderStyle, base: LegBase): Outcome<OrderShape> {
  const trigger = triggerOf(style, sideOf(base.positionSide, base.action));
  if (trigger !== undefined && !trigger.ok) return trigger;
  const stopPrice = trigger?.value ?? null;
  const shape =
    style.type === 'market'
      ? marketShape(turn, style, base, stopPrice)
      : limitShape(turn, style, base, stopPrice);
  // An offset may reach below zero; nothing after this divides by such a price.
  if (shape.price === null || shape.price > ZERO) return pass(shape);
  return deny('PRICE_OUTSIDE_COLLAR', '/order/price', 'the price comes to zero or below', {
    price: shape.price,
  });
}

// Behind a trigger the bound becomes the limit of a stop-limit order.
function marketShape(
  turn: Turn,
  style: MarketStyle,
  base: LegBase,
  stopPrice: Decimal | null,
): OrderShape {
  if (style.max_slippage_bps === undefined) {
    return stopPrice === null ? MARKET : { ...MARKET, type: 'stop_market', stopPrice };
  }
  const side = sideOf(base.positionSide, base.action);
  const limitBps = Math.min(style.max_slippage_bps, turn.config.policy.maxSlippageBps);
  const instrument = instrumentOf(turn, base.symbol);
  const price = slippageBound(base.referencePrice, side, limitBps, instrument);
  if (stopPrice !== null) return { ...MARKET, type: 'stop_limit', stopPrice, price };
  return { ...MARKET, type: 'limit', price, timeInForce: 'IOC' };
}

function limitShape(
  turn: Turn,
  style: LimitStyle,
  base: LegBase,
  stopPrice: Decimal | null,
): OrderShape {
  const side = sideOf(base.positionSide, base.action);
  const { tickSize } = instrumentOf(turn, base.symbol);
  const anchors = {
    reference: base.referencePrice,
    last: lastPrice(turn, base.symbol) ?? base.referencePrice,
  };
  const timeInForce =
    style.time_in_force === undefined || style.time_in_force === 'GTD'
      ? 'GTC'
      : style.time_in_force;
  return {
    type: stopPrice === null ? 'limit' : 'stop_limit',
    price: resolvePrice(style.price, side, anchors, tickSize),
    stopPrice,
    timeInForce,
    postOnly: style.post_only ?? false,
  };
}

// Only triggers on the order's own adverse side exist at every venue: a buy that rises to its
// price, a sell that falls to it. The other direction is a limit order by another name and is
// refused.
function triggerOf(style: OrderStyle, side: 'buy' | 'sell'): Outcome<Decimal> | undefined {
  const { trigger } = style;
  if (trigger === undefined) return undefined;
  if ((trigger.direction === 'rise_to') !== (side === 'buy')) {
    const way = side === 'buy' ? 'rises' : 'falls';
    const why = `a ${side} can only be triggered when the price ${way}`;
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
