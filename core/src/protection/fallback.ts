// Each protection leg's own fallback permission and how often it was used (R20).
import type { FallbackPolicy } from '@strategy-runner/contracts';
import { isStopLeg } from '../order/order.js';
import type { Turn } from '../turn.js';
import type { ProtectionState } from './protection.js';

export interface LegFallback {
  readonly policy: FallbackPolicy;
  readonly uses: number;
}

export function protectionFallback(
  turn: Turn,
  positionId: string,
  leg: string,
): LegFallback | undefined {
  const protection = turn.state.positions.get(positionId)?.protection ?? null;
  if (protection === null) return undefined;
  const policy = policyOf(protection as ProtectionState, leg);
  return policy === null ? undefined : { policy, uses: protection.fallbackUses[leg] ?? 0 };
}

function policyOf(protection: ProtectionState, leg: string): FallbackPolicy | null {
  if (isStopLeg(leg)) return protection.stop?.fallback ?? null;
  if (leg === 'time') return protection.spec.time_exit?.fallback ?? null;
  return protection.targets.find(({ index }) => `tp${index}` === leg)?.fallback ?? null;
}

export function noteFallback(turn: Turn, positionId: string, leg: string): void {
  const position = turn.state.positions.get(positionId);
  if (position === undefined || position.protection === null) return;
  const protection = position.protection as ProtectionState;
  const uses = (protection.fallbackUses[leg] ?? 0) + 1;
  const fallbackUses = { ...protection.fallbackUses, [leg]: uses };
  const changed = { ...protection, fallbackUses };
  const { initialRisk } = position;
  const base = { type: 'protection', ts: turn.now, positionId } as const;
  turn.emit({ ...base, protection: changed, initialRisk, cause: 'fallback_used' });
}

/** Ms of waiting after which the leg's reason `timeout` occurs; null where it never does. */
export function timeoutOf(turn: Turn, positionId: string, leg: string): number | null {
  const fallback = protectionFallback(turn, positionId, leg);
  if (fallback?.policy.mode !== 'limit_to_market') return null;
  const { on, after_ms: afterMs, max_uses: most = 1 } = fallback.policy;
  return on.includes('timeout') && fallback.uses < most ? (afterMs ?? null) : null;
}
