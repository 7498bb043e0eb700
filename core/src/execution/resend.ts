// Sending an order again, with the same key and body, once the venue has proven that it never had
// it. The first time needs no permission: it may never have left. Each further time of an entry
// needs the intent's retry permission, is counted, and waits longer (rules 16 and 17). Exits are
// never given up.
import type { Code, RetryPolicy } from '@strategy-runner/contracts';
import { type ApprovedOrder, type Order, isProtectionLeg } from '../order/order.js';
import { randomAt } from '../strategy/random.js';
import { setTimer } from '../strategy/timers.js';
import type { Turn } from '../turn.js';
import { gateFollowUp, refuseFollowUp } from './fallback.js';

/** An entry whose absence was shown while the account is still being read waits for its end. */
const NOT_READY_MS = 1000;

/** Undefined when the order leaves or will leave again; else the code why it is over. */
export function sendAgain(turn: Turn, order: Order): Code | undefined {
  if (isOver(turn, order)) return 'NO_POSITION';
  const refusal = gateFollowUp(turn, order);
  const mustWait = refusal?.code === 'VENUE_NOT_READY';
  if (refusal !== undefined && !mustWait) {
    refuseFollowUp(turn, order, refusal);
    return refusal.code;
  }
  const working = turn.state.intents.get(order.intentId);
  if (order.action === 'exit' || working === undefined) {
    if (mustWait) setTimer(turn, `resend:${order.key}`, turn.now + NOT_READY_MS);
    else turn.effect({ kind: 'submit', order: order as ApprovedOrder });
    return undefined;
  }
  const resends = working.resends + 1;
  const { intent, moves, fallbackUses, pending } = working;
  const retry = 'retry' in intent ? intent.retry : undefined;
  if (resends > 1 + attemptsOf(retry)) return 'VENUE_REJECTED';
  const detail = `${order.leg}: absent at the venue`;
  const progress = { type: 'intent_progress', ts: turn.now, intentId: order.intentId } as const;
  turn.emit({ ...progress, step: 'sent_again', moves, fallbackUses, pending, detail, resends });
  const pauseMs = resends === 1 ? 0 : waitOf(turn, order, retry!, resends - 1);
  const waitMs = mustWait ? Math.max(pauseMs, NOT_READY_MS) : pauseMs;
  if (waitMs === 0) turn.effect({ kind: 'submit', order: order as ApprovedOrder });
  else setTimer(turn, `resend:${order.key}`, turn.now + waitMs);
  return undefined;
}

/** The wait of a further attempt is over. */
export function resend(turn: Turn, key: string): Code | undefined {
  const order = turn.state.orders.get(key) as Order | undefined;
  if (order?.status !== 'created') return undefined;
  const refusal = gateFollowUp(turn, order);
  if (refusal === undefined) {
    turn.effect({ kind: 'submit', order: order as ApprovedOrder });
    return undefined;
  }
  if (refusal.code === 'VENUE_NOT_READY') {
    setTimer(turn, `resend:${key}`, turn.now + NOT_READY_MS);
    return undefined;
  }
  refuseFollowUp(turn, order, refusal);
  return refusal.code;
}

function isOver(turn: Turn, order: Order): boolean {
  return isProtectionLeg(order.leg) && !turn.state.positions.has(order.positionId);
}

function attemptsOf(retry: RetryPolicy | undefined): number {
  return retry?.on.includes('network') === true ? retry.max_attempts : 0;
}

function waitOf(turn: Turn, order: Order, retry: RetryPolicy, nth: number): number {
  const doubled = Math.min(retry.max_ms, retry.initial_ms * 2 ** (nth - 1));
  if (retry.jitter !== 'full') return doubled;
  return Math.ceil(doubled * randomAt(turn.config.seed, `retry:${order.key}`, nth));
}
