// What an order's end means for its intent: the permitted fallback, a reprice, the next chase move,
// the partial-fill policy, or simply the end. Each needs the confirmed final fill first (rule 15).
import type { Intent } from '@strategy-runner/contracts';
import { ZERO } from '../decimal.js';
import type { OrderRejected } from '../events.js';
import { type Order, isProtectionLeg, remaining } from '../order/order.js';
import { nextAttempt, place, prepare } from '../order/place.js';
import { limitOnTick, slippageBound } from '../order/price.js';
import { MARKET, orderRequest } from '../order/request.js';
import { syncProtection } from '../protection/sync.js';
import { closingOf } from '../state/closing.js';
import { notifyIntent } from '../strategy/notify.js';
import { type Turn, instrumentOf, lastPrice } from '../turn.js';
import { afterCloseEnd } from './close-rest.js';
import { startClocks } from './entry.js';
import {
  fallBack,
  fallBackAgain,
  gateFollowUp,
  quantityLeft,
  refuseFollowUp,
  sendBounded,
} from './fallback.js';
import { finishIntent } from './finish.js';

type Orderly = Extract<Intent, { readonly order?: unknown }>;

export function afterReject(turn: Turn, order: Order, event: OrderRejected): void {
  if (order.action === 'exit' && afterCloseEnd(turn, order)) return;
  const working = turn.state.intents.get(order.intentId);
  if (working === undefined) return;
  if (!isUnwanted(turn, order) && isMadeGood(turn, order, event)) return;
  if (order.action === 'exit') syncProtection(turn, order.positionId);
  finishIntent(turn, order.intentId, outcomeOf(turn, order, 'rejected'), event.detail);
}

function isMadeGood(turn: Turn, order: Order, event: OrderRejected): boolean {
  const { intent, moves } = turn.state.intents.get(order.intentId)!;
  if (event.reason === 'post_only' && reprice(turn, intent as Orderly, order, moves)) return true;
  const reason = fallbackReasonOf(event);
  if (reason !== undefined && fallBack(turn, order, reason)) return true;
  return order.action === 'entry' && applyPartialPolicy(turn, order);
}

/** Only refusals about price or liquidity may be answered with a fallback (rule 15). */
export function fallbackReasonOf(event: OrderRejected): 'reject' | 'post_only_reject' | undefined {
  if (event.reason === 'post_only') return 'post_only_reject';
  return event.reason === 'other' ? undefined : 'reject';
}

export function afterEnd(turn: Turn, order: Order, code: string): void {
  if (order.action === 'exit' && afterCloseEnd(turn, order)) return;
  if (!isUnwanted(turn, order) && isFollowed(turn, order)) return;
  if (!turn.state.intents.has(order.intentId)) return;
  if (order.action === 'exit') syncProtection(turn, order.positionId);
  const isExpired = order.cancelReason === 'expired' || order.status === 'expired';
  const outcome = outcomeOf(turn, order, isExpired ? 'expired' : 'cancelled');
  finishIntent(turn, order.intentId, outcome, code);
}

/** An entry into a side that has been closed since: whatever else it permits, it ends here. */
function isUnwanted(turn: Turn, order: Order): boolean {
  return order.action === 'entry' && closingOf(turn.state, order) !== undefined;
}

function isFollowed(turn: Turn, order: Order): boolean {
  const { cancelReason, leg, action } = order;
  if (cancelReason === 'fallback' && fallBack(turn, order, 'timeout')) return true;
  const intent = turn.state.intents.get(order.intentId)?.intent;
  if (intent === undefined) return false;
  if (cancelReason === 'chase' && chaseOn(turn, intent as Orderly, order)) return true;
  const isUnfilledFallback = leg === 'fallback' && cancelReason === null;
  if (isUnfilledFallback && fallBackAgain(turn, order)) return true;
  return action === 'entry' && applyPartialPolicy(turn, order);
}

// An intent whose orders have filled anything at all was filled in part, whatever its last order
// did.
function outcomeOf(turn: Turn, order: Order, outcome: string): string {
  return filledByIntent(turn, order) > ZERO ? 'partially_filled' : outcome;
}

/** Over all orders of the intent's own purpose: chasing spreads one entry over several. */
function filledByIntent(turn: Turn, { intentId }: Order): bigint {
  const kind = turn.state.intents.get(intentId)?.intent.kind;
  const action = kind === 'open' || kind === 'dca' ? 'entry' : 'exit';
  let filled = ZERO;
  const { young, old } = turn.state.endedOrders;
  for (const orders of [old, young, turn.state.orders]) {
    for (const other of orders.values()) {
      const isSibling = other.intentId === intentId && !isProtectionLeg(other.leg);
      if (isSibling && other.action === action) filled += other.filled;
    }
  }
  return filled;
}

// A post-only order that would have crossed is put one tick behind the last price, within its
// budget.
function reprice(turn: Turn, intent: Orderly, order: Order, moves: number): boolean {
  const style = intent.order;
  if (style?.type !== 'limit' || style.reprice === undefined) return false;
  if (moves >= style.reprice.max_moves) return false;
  const { tickSize } = instrumentOf(turn, order.symbol);
  const last = lastPrice(turn, order.symbol) ?? order.referencePrice;
  const passive = order.side === 'buy' ? last - tickSize : last + tickSize;
  return moveTo(turn, intent, order, passive, {
    maxDistanceBps: style.reprice.max_distance_bps,
    step: 'repriced',
  });
}

// Follows the market with the same anchor as the first order (rule 21).
function chaseOn(turn: Turn, intent: Orderly, order: Order): boolean {
  const style = intent.order;
  if (style?.type !== 'limit' || style.chase === undefined) return false;
  const last = lastPrice(turn, order.symbol) ?? order.referencePrice;
  return moveTo(turn, intent, order, last, {
    maxDistanceBps: style.chase.max_distance_bps,
    step: 'chased',
  });
}

interface Step {
  readonly maxDistanceBps: number;
  readonly step: 'chased' | 'repriced';
}

/** `wanted`, but no further than the distance from the decision price; on the tick. */
export function boundedPrice(
  turn: Turn,
  order: Order,
  wanted: bigint,
  maxDistanceBps: number,
): bigint {
  const instrument = instrumentOf(turn, order.symbol);
  const bound = slippageBound(order.referencePrice, order.side, maxDistanceBps, instrument);
  const isBeyond = order.side === 'buy' ? wanted > bound : wanted < bound;
  return limitOnTick(isBeyond ? bound : wanted, order.side, instrument);
}

/**
 * Places the rest of the order at the bounded price; a refusal is recorded, and nothing is placed.
 */
function moveTo(turn: Turn, intent: Orderly, order: Order, wanted: bigint, step: Step): boolean {
  const quantity = quantityLeft(turn, order);
  if (quantity <= ZERO) return false;
  const { intentId, leg, timeInForce, postOnly } = order;
  const price = boundedPrice(turn, order, wanted, step.maxDistanceBps);
  const attempt = nextAttempt(turn, intentId, leg);
  const shape = { ...MARKET, type: 'limit', price, timeInForce, postOnly } as const;
  const request = orderRequest(order, shape, { leg, attempt, quantity });
  const prepared = gateFollowUp(turn, order) ?? prepare(turn, request);
  if (!prepared.ok) {
    refuseFollowUp(turn, order, prepared);
    return false;
  }
  const working = turn.state.intents.get(intentId)!;
  const progress = { type: 'intent_progress', ts: turn.now, intentId } as const;
  const counters = { moves: working.moves + 1, fallbackUses: working.fallbackUses, pending: null };
  turn.emit({ ...progress, ...counters, step: step.step, detail: leg });
  const placed = place(turn, prepared.value, order.positionId);
  startClocks(turn, intent, placed);
  notifyIntent(turn, intentId, { type: step.step });
  return true;
}

/** Somebody wanted the entry gone: topping it up would work against them. */
const TAKEN_BACK = ['flat', 'close', 'time_exit', 'strategy', 'kill', 'plugin_fault'];
/** The position is being closed as a whole already. */
const CLOSING = ['flat', 'close', 'time_exit'];

/** keep, wait: nothing more. top_up: the rest, bounded. flatten: what was bought goes again. */
function applyPartialPolicy(turn: Turn, order: Order): boolean {
  const intent = turn.state.intents.get(order.intentId)?.intent;
  if (intent?.kind !== 'open' && intent?.kind !== 'dca') return false;
  const filled = filledByIntent(turn, order);
  const isPartial = filled > ZERO && remaining(order) > ZERO;
  const policy = intent.partial_fill;
  if (!isPartial || order.leg !== 'entry' || policy === undefined) return false;
  const reason = order.cancelReason ?? '';
  const bounded = { maxSlippageBps: policy.max_slippage_bps ?? 0 };
  if (policy.policy === 'top_up') {
    if (TAKEN_BACK.includes(reason)) return false;
    const gate = gateFollowUp(turn, order);
    if (gate !== undefined) refuseFollowUp(turn, order, gate);
    else return sendBounded(turn, order, 'topup', { ...bounded, quantity: remaining(order) });
  }
  if (policy.policy !== 'flatten' || CLOSING.includes(reason)) return false;
  const held = turn.state.positions.get(order.positionId)?.quantity ?? ZERO;
  const quantity = filled < held ? filled : held;
  const side = order.side === 'buy' ? ('sell' as const) : ('buy' as const);
  const exit = { ...order, side, action: 'exit' as const };
  return sendBounded(turn, exit, 'flatten', { ...bounded, quantity });
}
