// What an order's end means for its intent: the permitted fallback, a reprice, the next chase move, the
// partial-fill policy, or simply the end. Each needs the confirmed final fill first (rule 15).
import type { FallbackLimitToMarket, FallbackPolicy, Intent } from '@strategy-runner/contracts';
import { ZERO, floorTo } from '../decimal.js';
import type { OrderRejected } from '../events.js';
import { type Order, remaining } from '../order/order.js';
import { place, placeExit, prepare, nextAttempt } from '../order/place.js';
import { limitOnTick, slippageBound } from '../order/price.js';
import { MARKET, orderRequest } from '../order/request.js';
import { syncProtection } from '../protection/sync.js';
import { notifyIntent } from '../strategy/notify.js';
import { type Turn, instrumentOf, lastPrice } from '../turn.js';
import { denied } from './denied.js';
import { checkEntryGates } from '../policy/gates.js';
import { type Denial, deny } from '../outcome.js';
import { startClocks } from './entry.js';
import { finishIntent } from './finish.js';

type Orderly = Extract<Intent, { readonly order?: unknown }>;

export function afterReject(turn: Turn, order: Order, event: OrderRejected): void {
  const working = turn.state.intents.get(order.intentId);
  if (working === undefined) return;
  const intent = working.intent as Orderly;
  const isPostOnly = event.reason === 'post_only';
  if (isPostOnly && reprice(turn, intent, order, working.moves)) return;
  const reason = isPostOnly ? 'post_only_reject' : 'reject';
  const isAboutPrice = isPostOnly || event.reason === 'price' || event.reason === 'liquidity';
  if (isAboutPrice && fallBack(turn, order, permissionOf(turn, order), reason)) return;
  if (order.action === 'exit') syncProtection(turn, order.positionId);
  finishIntent(turn, order.intentId, 'rejected', event.detail);
}

/** The permission that belongs to this order: its intent's, or its protection leg's own (R20). */
export function permissionOf(turn: Turn, order: Order): FallbackPolicy | null {
  const protection = turn.state.positions.get(order.positionId)?.protection ?? null;
  if (order.leg === 'sl') return protection?.stop?.fallback ?? null;
  if (order.leg.startsWith('tp')) {
    const index = Number(order.leg.slice(2));
    return protection?.targets.find((target) => target.index === index)?.fallback ?? null;
  }
  if (order.leg === 'time') return protection?.spec.time_exit?.fallback ?? null;
  const intent = turn.state.intents.get(order.intentId)?.intent;
  return intent !== undefined && 'fallback' in intent ? (intent.fallback ?? null) : null;
}

export function afterEnd(turn: Turn, order: Order, code: string): void {
  const working = turn.state.intents.get(order.intentId);
  if (order.cancelReason === 'fallback') {
    if (fallBack(turn, order, permissionOf(turn, order), 'timeout')) return;
    if (working === undefined) return syncProtection(turn, order.positionId);
  }
  if (working === undefined) return;
  if (order.cancelReason === 'chase' && chaseOn(turn, working.intent as Orderly, order)) return;
  if (order.leg === 'fallback' && remaining(order) > ZERO) noteUnfilled(turn, order);
  if (order.action === 'exit') syncProtection(turn, order.positionId);
  if (order.action === 'entry' && applyPartialPolicy(turn, order)) return;
  const outcome = order.filled > ZERO ? 'partially_filled' : outcomeOf(order, code);
  finishIntent(turn, order.intentId, outcome, code);
}

function outcomeOf(order: Order, code: string): string {
  if (order.cancelReason === 'expired' || code === 'EXPIRED') return 'expired';
  return order.status === 'expired' ? 'expired' : 'cancelled';
}

function noteUnfilled(turn: Turn, order: Order): void {
  const text = `fallback ${order.key} found no fill within its slippage bound`;
  turn.emit({ type: 'alert', ts: turn.now, code: 'FALLBACK_SLIPPAGE_EXCEEDED', text });
}

/** Sends the remainder as an IOC limit at the bound; true when something was sent. */
export function fallBack(
  turn: Turn,
  order: Order,
  permission: FallbackPolicy | null,
  reason: 'reject' | 'timeout' | 'post_only_reject',
): boolean {
  if (permission?.mode !== 'limit_to_market' || !permission.on.includes(reason)) return false;
  const working = turn.state.intents.get(order.intentId);
  const uses = working?.fallbackUses ?? 0;
  if (working !== undefined && uses >= (permission.max_uses ?? 1)) return false;
  const quantity = quantityLeft(turn, order);
  if (quantity <= ZERO) return false;
  const denial = gateFallback(turn, order, permission);
  if (denial !== undefined) {
    const body = working?.intent ?? null;
    denied(turn, { intentId: order.intentId, instance: order.instance, body }, denial);
    return false;
  }
  const { intentId } = order;
  const moves = working?.moves ?? 0;
  const progress = { type: 'intent_progress', ts: turn.now, intentId, moves } as const;
  const detail = `${order.leg}: ${reason}`;
  turn.emit({ ...progress, fallbackUses: uses + 1, step: 'fallback_used', pending: null, detail });
  notifyIntent(turn, intentId, { type: 'fallback_used', reason, leg: order.leg });
  return sendBounded(turn, order, order.action === 'entry' ? 'fallback' : exitLeg(order), {
    quantity,
    maxSlippageBps: permission.max_slippage_bps,
  });
}

// Protection keeps its leg, so that the exit is told apart as what it is.
function exitLeg(order: Order): string {
  return order.leg === 'exit' ? 'fallback' : order.leg;
}

function quantityLeft(turn: Turn, order: Order): bigint {
  if (order.action === 'entry') return remaining(order);
  const held = turn.state.positions.get(order.positionId)?.quantity ?? ZERO;
  return remaining(order) < held ? remaining(order) : held;
}

function gateFallback(
  turn: Turn,
  order: Order,
  permission: FallbackLimitToMarket,
): Denial | undefined {
  const gate =
    order.action === 'entry' ? checkEntryGates(turn, order.instance, order.symbol) : undefined;
  if (gate !== undefined) return gate;
  const last = lastPrice(turn, order.symbol) ?? order.referencePrice;
  const limitBps = Math.min(permission.max_slippage_bps, turn.config.policy.maxSlippageBps);
  const instrument = instrumentOf(turn, order.symbol);
  const bound = slippageBound(order.referencePrice, order.side, limitBps, instrument);
  const isBeyond = order.side === 'buy' ? last > bound : last < bound;
  if (!isBeyond) return undefined;
  const why = 'the price is beyond the permitted slippage already; nothing was sent';
  return deny('FALLBACK_SLIPPAGE_EXCEEDED', '/fallback/max_slippage_bps', why, {
    last_price: last,
    bound,
    max_slippage_bps: limitBps,
  });
}

interface Bounded {
  readonly quantity: bigint;
  readonly maxSlippageBps: number;
}

/** An IOC limit at reference ± bound: a market order that cannot run away. */
function sendBounded(turn: Turn, order: Order, leg: string, bounded: Bounded): boolean {
  const limitBps = Math.min(bounded.maxSlippageBps, turn.config.policy.maxSlippageBps);
  const instrument = instrumentOf(turn, order.symbol);
  const price = slippageBound(order.referencePrice, order.side, limitBps, instrument);
  const isExit = order.action === 'exit';
  const quantity = isExit ? bounded.quantity : floorTo(bounded.quantity, instrument.lotSize);
  const attempt = nextAttempt(turn, order.intentId, leg);
  const shape = { ...MARKET, type: 'limit', timeInForce: 'IOC', price } as const;
  const request = orderRequest(order, shape, { leg, attempt, quantity });
  if (isExit) return placeExit(turn, request, order.positionId).ok;
  const prepared = prepare(turn, request);
  if (prepared.ok) {
    place(turn, prepared.value, order.positionId);
    return true;
  }
  denied(turn, { intentId: order.intentId, instance: order.instance, body: null }, prepared);
  return false;
}

// A post-only order that would have crossed is put one tick behind the last price, within its budget.
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

/** Places the rest of the order at `wanted`, no further than the distance from the reference price. */
function moveTo(turn: Turn, intent: Orderly, order: Order, wanted: bigint, step: Step): boolean {
  const instrument = instrumentOf(turn, order.symbol);
  const bound = slippageBound(order.referencePrice, order.side, step.maxDistanceBps, instrument);
  const isBeyond = order.side === 'buy' ? wanted > bound : wanted < bound;
  const price = limitOnTick(isBeyond ? bound : wanted, order.side, instrument);
  const quantity = quantityLeft(turn, order);
  if (quantity <= ZERO) return false;
  const gate =
    order.action === 'entry' ? checkEntryGates(turn, order.instance, order.symbol) : undefined;
  if (gate !== undefined) return false;
  const { intentId, leg, timeInForce, postOnly } = order;
  const attempt = nextAttempt(turn, intentId, leg);
  const shape = { ...MARKET, type: 'limit', price, timeInForce, postOnly } as const;
  const request = orderRequest(order, shape, { leg, attempt, quantity });
  const prepared = prepare(turn, request);
  if (!prepared.ok) return false;
  const working = turn.state.intents.get(intentId)!;
  const progress = { type: 'intent_progress', ts: turn.now, intentId } as const;
  const counters = { moves: working.moves + 1, fallbackUses: working.fallbackUses, pending: null };
  turn.emit({ ...progress, ...counters, step: step.step, detail: leg });
  const placed = place(turn, prepared.value, order.positionId);
  startClocks(turn, { order: intent.order! }, placed);
  notifyIntent(turn, intentId, { type: step.step });
  return true;
}

/** keep, wait: nothing more. top_up: the rest, bounded. flatten: what was bought goes again. */
function applyPartialPolicy(turn: Turn, order: Order): boolean {
  const working = turn.state.intents.get(order.intentId);
  const intent = working?.intent;
  if (intent?.kind !== 'open' && intent?.kind !== 'dca') return false;
  const isPartial = order.filled > ZERO && remaining(order) > ZERO;
  const wasFlat = order.cancelReason === 'flat' || order.leg !== 'entry';
  const policy = intent.partial_fill;
  if (!isPartial || wasFlat || policy === undefined) return false;
  const bounded = { maxSlippageBps: policy.max_slippage_bps ?? 0 };
  if (policy.policy === 'top_up') {
    const gate = checkEntryGates(turn, order.instance, order.symbol);
    if (gate !== undefined) return false;
    return sendBounded(turn, order, 'topup', { ...bounded, quantity: remaining(order) });
  }
  if (policy.policy !== 'flatten') return false;
  const held = turn.state.positions.get(order.positionId)?.quantity ?? ZERO;
  const quantity = order.filled < held ? order.filled : held;
  const side = order.side === 'buy' ? ('sell' as const) : ('buy' as const);
  const exit = { ...order, side, action: 'exit' as const };
  return sendBounded(turn, exit, 'flatten', { ...bounded, quantity });
}
