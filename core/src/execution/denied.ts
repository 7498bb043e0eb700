// Every refusal is recorded, counted and told to the plugin (rule 22): silence is the worst answer.
import type { IntentBody } from '@strategy-runner/contracts';
import type { Denial } from '../outcome.js';
import { notifyIntent } from '../strategy/notify.js';
import type { Turn } from '../turn.js';

export interface Refused {
  readonly intentId: string;
  readonly instance: string;
  readonly body: unknown;
}

export function denied(turn: Turn, refused: Refused, denial: Denial): void {
  const { intentId, instance, body } = refused;
  const { code, path, detail, numbers } = denial;
  const kind = kindOf(body);
  const base = { type: 'intent_denied', ts: turn.now, intentId, instance, kind } as const;
  turn.emit({ ...base, code, path, detail, numbers, body });
  notifyIntent(turn, intentId, { type: 'denied', code, detail, path, numbers });
}

export function kindOf(body: unknown): IntentBody['kind'] | 'unreadable' {
  const kind = (body as { readonly kind?: unknown } | null)?.kind;
  return typeof kind === 'string' ? (kind as IntentBody['kind']) : 'unreadable';
}
