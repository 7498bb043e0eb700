// Ends an intent: it leaves the working set with one outcome, its timers go, and the plugin is
// told.
import type { Turn } from '../turn.js';
import { notifyIntent } from '../strategy/notify.js';
import { clearTimer } from '../strategy/timers.js';

/**
 * Complete fills are told as fills; of a partial one the plugin must hear that the rest is over.
 */
const TOLD: Readonly<Record<string, 'cancelled' | 'expired' | 'noop_flat'>> = {
  cancelled: 'cancelled',
  partially_filled: 'cancelled',
  expired: 'expired',
  noop_flat: 'noop_flat',
};

export function finishIntent(turn: Turn, intentId: string, outcome: string, detail = ''): void {
  if (!turn.state.intents.has(intentId)) return;
  clearTimer(turn, `expire:${intentId}`);
  turn.emit({ type: 'intent_done', ts: turn.now, intentId, outcome });
  const type = TOLD[outcome];
  if (type === undefined) return;
  notifyIntent(turn, intentId, detail === '' ? { type } : { type, detail });
}
