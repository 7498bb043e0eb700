// cancel: takes back orders of this instance, and entries that wait for the end of such an order.
// Protection is not an order to cancel; it is amended.
import type { CancelIntent } from '@strategy-runner/contracts';
import { type Order, isProtectionLeg } from '../order/order.js';
import { requestCancel } from '../order/place.js';
import type { Turn } from '../turn.js';
import { finishIntent } from './finish.js';

/** Asks for the cancels and tells how many orders are meant. */
export function cancelOrders(turn: Turn, intent: CancelIntent): number {
  const { scope } = intent;
  let count = 0;
  for (const order of turn.state.orders.values()) {
    if (order.instance !== intent.strategy.instance || order.symbol !== intent.symbol) continue;
    if (isProtectionLeg(order.leg)) continue;
    const isMeant =
      'intent_id' in scope
        ? order.intentId === scope.intent_id
        : scope.orders === 'all' || (scope.orders === 'entries') === (order.action === 'entry');
    if (!isMeant) continue;
    count += 1;
    requestCancel(turn, order as Order, 'strategy');
  }
  cancelWaiting(turn, intent);
  return count;
}

function cancelWaiting(turn: Turn, { scope, strategy, symbol }: CancelIntent): void {
  for (const [intentId, { intent, pending }] of turn.state.intents) {
    if (pending !== 'after_cancel' || intent.symbol !== symbol) continue;
    if (intent.strategy.instance !== strategy.instance) continue;
    const isMeant = 'intent_id' in scope ? intentId === scope.intent_id : scope.orders !== 'exits';
    if (isMeant) finishIntent(turn, intentId, 'cancelled');
  }
}
