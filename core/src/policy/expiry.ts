// An intent's expiry as an absolute deadline, fixed when it is accepted (rule 6).
import type { Expiry } from '@strategy-runner/contracts';
import { type OrderRequest, isProtectionLeg } from '../order/order.js';
import { type Denial, deny } from '../outcome.js';
import type { Turn } from '../turn.js';

/** Epoch ms from which nothing of the intent may be sent any more, or null. */
export function deadlineOf(
  expires: Expiry | undefined,
  asOfMs: number,
  timeframeMs: number,
): number | null {
  if (expires === undefined) return null;
  if ('at_ms' in expires) return expires.at_ms;
  if ('after_ms' in expires) return asOfMs + expires.after_ms;
  return asOfMs + expires.after_bars * timeframeMs;
}

/**
 * Denies what an intent would still send after its deadline: chase, reprice, fallback, top-up.
 * Protection belongs to the position, and what a flatten takes back must not stay, so neither
 * expires.
 */
export function checkDeadline(
  turn: Turn,
  { intentId, leg }: Pick<OrderRequest, 'intentId' | 'leg'>,
): Denial | undefined {
  if (isProtectionLeg(leg) || leg === 'flatten') return undefined;
  const deadlineMs = turn.state.intents.get(intentId)?.deadlineMs ?? null;
  if (deadlineMs === null || turn.now < deadlineMs) return undefined;
  return deny('EXPIRED', '/expires', 'the deadline has passed; nothing more is sent', {
    deadline_ms: deadlineMs,
  });
}
