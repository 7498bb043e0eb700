// The protection of a position that works at the venue, and what of it is on its way out.
import { type Order, isProtectionLeg } from '../order/order.js';
import type { Turn } from '../turn.js';

/**
 * Resting protection of a position; a time exit is an exit under way, not protection that rests.
 */
export function liveLegs(turn: Turn, positionId: string): readonly Order[] {
  const found: Order[] = [];
  for (const order of turn.state.orders.values()) {
    if (order.positionId !== positionId || !isProtectionLeg(order.leg)) continue;
    if (order.leg === 'time') continue;
    if (order.status !== 'pending_cancel' || isUnderWay(order as Order)) found.push(order as Order);
  }
  return found;
}

/** Already leaving at market, or being cancelled for its fallback: nothing may be put beside it. */
export function isUnderWay(order: Order): boolean {
  if (order.status === 'pending_cancel') return order.cancelReason === 'fallback';
  return order.type === 'market' || order.timeInForce === 'IOC';
}
