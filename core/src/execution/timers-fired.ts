// What a timer means when it falls due. Its name carries its purpose and its owner.
import { ZERO } from '../decimal.js';
import { type Order, isProtectionLeg } from '../order/order.js';
import { requestCancel } from '../order/place.js';
import { overByBars } from '../policy/expiry.js';
import { alarmUnprotected } from '../protection/monitor.js';
import { checkTimeExit } from '../protection/time-exit.js';
import { notifyTimer } from '../strategy/notify.js';
import { setTimer } from '../strategy/timers.js';
import { type Turn, lastPrice } from '../turn.js';
import { closeAgain } from './close-rest.js';
import { gateFollowUp } from './fallback.js';
import { finishIntent } from './finish.js';
import { boundedPrice } from './follow-up.js';
import { cancelAgain, onEnded, queryAgain } from './order-events.js';
import { resend } from './resend.js';

export function fireTimer(turn: Turn, name: string): void {
  const dueMs = turn.state.timers.get(name);
  if (dueMs === undefined) return;
  turn.emit({ type: 'timer_cleared', ts: turn.now, name, hasFired: true });
  const at = name.indexOf(':');
  const purpose = name.slice(0, at);
  const owner = name.slice(at + 1);
  switch (purpose) {
    case 'expire':
      return expireIntent(turn, owner);
    case 'gtd':
      return cancelOrder(turn, owner, 'expired');
    case 'fallback':
      return cancelOrder(turn, owner, 'fallback');
    case 'partial':
      return cancelOrder(turn, owner, 'partial');
    case 'chase':
      return chase(turn, owner);
    case 'cancel':
      return cancelAgain(turn, owner);
    case 'query':
      return queryAgain(turn, owner);
    case 'resend':
      return resendOrder(turn, owner);
    case 'time':
      return checkTimeExit(turn, owner, turn.now);
    case 'flat':
      return closeAgain(turn, owner);
    case 'protect':
      return alarmUnprotected(turn, owner);
    case 'plugin': {
      const end = owner.lastIndexOf('|');
      return notifyTimer(turn, owner.slice(0, end), owner.slice(end + 1), dueMs);
    }
    default:
      return undefined;
  }
}

function cancelOrder(turn: Turn, key: string, reason: string): void {
  const order = turn.state.orders.get(key) as Order | undefined;
  if (order !== undefined) requestCancel(turn, order, reason);
}

/** A bar has closed: intents that it was the last bar of are over. */
export function expireByBars(turn: Turn, symbol: string): void {
  for (const intentId of overByBars(turn, symbol)) expireIntent(turn, intentId);
}

// Nothing of an expired intent may be sent any more; what rests is taken back, fills are kept.
function expireIntent(turn: Turn, intentId: string): void {
  let isWorking = false;
  for (const order of turn.state.orders.values()) {
    if (order.intentId !== intentId || isProtectionLeg(order.leg)) continue;
    isWorking = true;
    requestCancel(turn, order as Order, 'expired');
  }
  if (!isWorking) finishIntent(turn, intentId, 'expired');
}

function resendOrder(turn: Turn, key: string): void {
  const code = resend(turn, key);
  if (code === undefined) return;
  const status = code === 'EXPIRED' ? 'expired' : 'cancelled';
  onEnded(turn, { kind: 'order_ended', ts: turn.now, order: key, status, code });
}

// Moves only when the market has moved away; otherwise it looks again after the same interval.
function chase(turn: Turn, key: string): void {
  const order = turn.state.orders.get(key) as Order | undefined;
  if (order === undefined || order.status === 'pending_cancel') return;
  const working = turn.state.intents.get(order.intentId);
  const intent = working?.intent;
  if (working === undefined || intent === undefined || !('order' in intent)) return;
  const style = intent.order;
  if (style?.type !== 'limit' || style.chase === undefined) return;
  if (working.moves >= style.chase.max_moves) return;
  const last = lastPrice(turn, order.symbol) ?? ZERO;
  const price = order.price ?? last;
  // At its bound it stays where it is: moving again would only lose its place in the queue.
  const next = boundedPrice(turn, order, last, style.chase.max_distance_bps);
  const wouldMove = order.side === 'buy' ? next > price : next < price;
  if (wouldMove && gateFollowUp(turn, order) === undefined) {
    return requestCancel(turn, order, 'chase');
  }
  setTimer(turn, `chase:${key}`, turn.now + style.chase.interval_ms);
}
