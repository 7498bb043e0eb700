// Ends an intent: it leaves the working set with one outcome, its timers go, and the plugin is told.
import type { Turn } from '../turn.js';
import { notifyIntent } from '../strategy/notify.js';
import { clearTimersOf } from '../strategy/timers.js';

const TOLD: Readonly<Record<string, 'filled' | 'cancelled' | 'expired' | 'noop_flat'>> = {
  cancelled: 'cancelled',
  expired: 'expired',
  noop_flat: 'noop_flat',
};

export function finishIntent(turn: Turn, intentId: string, outcome: string, detail = ''): void {
  if (!turn.state.intents.has(intentId)) return;
  clearTimersOf(turn, `:${intentId}`);
  turn.emit({ type: 'intent_done', ts: turn.now, intentId, outcome });
  const type = TOLD[outcome];
  if (type === undefined || type === 'filled') return;
  notifyIntent(turn, intentId, detail === '' ? { type } : { type, detail });
}
