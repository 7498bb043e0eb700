// Denies a price that is further from the last one than the collar. Exits have a wider one and are
// held to it on their bad side only: far in our favour is a resting target. Stops are never denied
// by it.
import { bps } from '../../decimal.js';
import { deny } from '../../outcome.js';
import { sideOf } from '../../order/order.js';
import type { RiskCheck } from '../risk-check.js';

export const priceCollar: RiskCheck = (order, exposure, limits) => {
  const price = order.price ?? order.stopPrice;
  if (price === null) return undefined;
  const isExit = order.action === 'exit';
  if (isExit && order.stopPrice !== null) return undefined;
  const collarBps = isExit ? limits.exitCollarBps : limits.entryCollarBps;
  const distance = bps(exposure.lastPrice, collarBps);
  const low = exposure.lastPrice - distance;
  const high = exposure.lastPrice + distance;
  const isBuy = sideOf(order.positionSide, order.action) === 'buy';
  const isInside = isExit ? (isBuy ? price <= high : price >= low) : price >= low && price <= high;
  if (isInside) return undefined;
  return deny('PRICE_OUTSIDE_COLLAR', '/order/price', 'the price is too far from the last one', {
    price,
    last_price: exposure.lastPrice,
    collar_bps: collarBps,
  });
};
