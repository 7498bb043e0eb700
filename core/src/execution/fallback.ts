// Leaving the order style that the intent chose, as far as it permits that (rule 15): only for a
// listed reason, only the remainder after the confirmed final fill, never beyond the slippage
// bound. The bound is measured from the first decision price each time, so it does not widen from
// use to use (rule 17).
import { raiseAlert } from '../alert.js';
import type {
  FallbackLimitToMarket,
  FallbackPolicy,
  FallbackReason,
} from '@strategy-runner/contracts';
import { ZERO, floorTo, min } from '../decimal.js';
import { type Order, isProtectionLeg, outstanding, remaining } from '../order/order.js';
import { nextAttempt, place, prepare } from '../order/place.js';
import { slippageBound } from '../order/price.js';
import { MARKET, orderRequest } from '../order/request.js';
import { type Denial, deny } from '../outcome.js';
import { checkDeadline } from '../policy/expiry.js';
import { checkEntryGates } from '../policy/gates.js';
import { noteFallback, protectionFallback } from '../protection/fallback.js';
import { notifyIntent } from '../strategy/notify.js';
import { type Turn, instrumentOf, lastPrice } from '../turn.js';
import { denied } from './denied.js';

/** The permission that belongs to this order: its intent's, or its protection leg's own (R20). */
export function permissionOf(turn: Turn, order: Order): FallbackPolicy | null {
  if (isProtectionLeg(order.leg)) {
    return protectionFallback(turn, order.positionId, order.leg)?.policy ?? null;
  }
  const intent = turn.state.intents.get(order.intentId)?.intent;
  return intent !== undefined && 'fallback' in intent ? (intent.fallback ?? null) : null;
}

/** Sends the remainder as an IOC limit at the bound; true when something was sent. */
export function fallBack(turn: Turn, order: Order, reason: FallbackReason): boolean {
  const permission = permissionOf(turn, order);
  if (permission?.mode !== 'limit_to_market' || !permission.on.includes(reason)) return false;
  if (usesOf(turn, order) >= (permission.max_uses ?? 1)) return false;
  const quantity = quantityLeft(turn, order);
  if (quantity <= ZERO) return false;
  const denial = gateFollowUp(turn, order) ?? checkBound(turn, order, permission);
  if (denial !== undefined) {
    refuseFollowUp(turn, order, denial);
    return false;
  }
  noteUse(turn, order, reason);
  return sendBounded(turn, order, isProtectionLeg(order.leg) ? order.leg : 'fallback', {
    quantity,
    maxSlippageBps: permission.max_slippage_bps,
  });
}

/**
 * A fallback that found nothing within its bound: said, and tried again where the intent permits
 * it.
 */
export function fallBackAgain(turn: Turn, order: Order): boolean {
  if (quantityLeft(turn, order) <= ZERO) return false;
  const why = 'no fill was to be had within the permitted slippage';
  const path = '/fallback/max_slippage_bps';
  const numbers = { bound: order.price ?? ZERO, unfilled: remaining(order) };
  refuseFollowUp(turn, order, deny('FALLBACK_SLIPPAGE_EXCEEDED', path, why, numbers));
  const permission = permissionOf(turn, order);
  if (permission?.mode !== 'limit_to_market') return false;
  return fallBack(turn, order, permission.on[0]!);
}

/**
 * What may hold back anything further of an order: its intent's deadline, and for entries the
 * gates.
 */
export function gateFollowUp(turn: Turn, order: Order): Denial | undefined {
  const expired = checkDeadline(turn, order);
  if (expired !== undefined || order.action === 'exit') return expired;
  return checkEntryGates(turn, order.instance, order.symbol);
}

/**
 * A refused follow-up is recorded and told like a refused intent (rule 22), and the host is
 * alerted.
 */
export function refuseFollowUp(turn: Turn, order: Order, denial: Denial): void {
  const { intentId, instance } = order;
  const body = turn.state.intents.get(intentId)?.intent ?? null;
  denied(turn, { intentId, instance, body }, denial);
  const text = `${order.key}: ${denial.detail}`;
  raiseAlert(turn, denial.code, text);
}

function usesOf(turn: Turn, order: Order): number {
  if (isProtectionLeg(order.leg)) {
    return protectionFallback(turn, order.positionId, order.leg)?.uses ?? 0;
  }
  return turn.state.intents.get(order.intentId)?.fallbackUses ?? 0;
}

function noteUse(turn: Turn, order: Order, reason: FallbackReason): void {
  const { intentId, leg } = order;
  const { moves = 0, fallbackUses = 0 } = turn.state.intents.get(intentId) ?? {};
  const isOfIntent = !isProtectionLeg(leg);
  if (!isOfIntent) noteFallback(turn, order.positionId, leg);
  turn.emit({
    type: 'intent_progress',
    ts: turn.now,
    intentId,
    moves,
    fallbackUses: isOfIntent ? fallbackUses + 1 : fallbackUses,
    step: 'fallback_used',
    pending: null,
    detail: `${leg}: ${reason}`,
  });
  notifyIntent(turn, intentId, { type: 'fallback_used', reason, leg });
}

/** What an order may still do: its remainder, for an exit at most what is held. */
export function quantityLeft(turn: Turn, order: Order): bigint {
  if (order.action === 'entry') return remaining(order);
  const held = turn.state.positions.get(order.positionId)?.quantity ?? ZERO;
  return min(outstanding(order), held);
}

function checkBound(
  turn: Turn,
  order: Order,
  permission: FallbackLimitToMarket,
): Denial | undefined {
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

export interface Bounded {
  readonly quantity: bigint;
  readonly maxSlippageBps: number;
}

/** An IOC limit at reference ± bound: a market order that cannot run away. */
export function sendBounded(turn: Turn, order: Order, leg: string, bounded: Bounded): boolean {
  const limitBps = Math.min(bounded.maxSlippageBps, turn.config.policy.maxSlippageBps);
  const instrument = instrumentOf(turn, order.symbol);
  const price = slippageBound(order.referencePrice, order.side, limitBps, instrument);
  const isExit = order.action === 'exit';
  const quantity = isExit ? bounded.quantity : floorTo(bounded.quantity, instrument.lotSize);
  const attempt = nextAttempt(turn, order.intentId, leg);
  const shape = { ...MARKET, type: 'limit', timeInForce: 'IOC', price } as const;
  const prepared = prepare(turn, orderRequest(order, shape, { leg, attempt, quantity }));
  if (prepared.ok) {
    place(turn, prepared.value, order.positionId);
    return true;
  }
  refuseFollowUp(turn, order, prepared);
  return false;
}
