// What waits for a confirmed flat: an `open` with close_first is looked at again from the start,
// with its expiry, size and price of now (rule 10).
import type { OpenIntent } from '@strategy-runner/contracts';
import type { Position } from '../ledger/position.js';
import { checkEntryGates } from '../policy/gates.js';
import { deny } from '../outcome.js';
import { notifyIntent } from '../strategy/notify.js';
import type { Turn } from '../turn.js';
import { denied } from './denied.js';
import { startEntry } from './entry.js';
import { finishIntent } from './finish.js';
import { planOpen } from './open.js';

export function resumeAfterFlat(turn: Turn, closed: Position): void {
  for (const [intentId, working] of turn.state.intents) {
    if (working.pending !== 'close_first') continue;
    const intent = working.intent as OpenIntent;
    if (intent.symbol !== closed.symbol || intent.side === closed.side) continue;
    reopen(turn, intentId, intent, working.deadlineMs);
  }
}

function reopen(turn: Turn, intentId: string, intent: OpenIntent, deadlineMs: number | null): void {
  const gate =
    deadlineMs !== null && turn.now >= deadlineMs
      ? deny('EXPIRED', '/expires', 'the opposite position closed too late')
      : checkEntryGates(turn, intent.strategy.instance, intent.symbol);
  const planned = gate ?? planOpen(turn, { ...intent, on_opposite: 'reject' });
  if (!planned.ok || planned.value.kind !== 'enter') {
    const denial = planned.ok ? deny('OPPOSITE_POSITION', '/side', 'still opposite') : planned;
    denied(turn, { intentId, instance: intent.strategy.instance, body: intent }, denial);
    finishIntent(turn, intentId, denial.code);
    return;
  }
  const { moves, fallbackUses } = turn.state.intents.get(intentId)!;
  const progress = {
    type: 'intent_progress',
    ts: turn.now,
    intentId,
    moves,
    fallbackUses,
  } as const;
  turn.emit({ ...progress, step: 'reopened', pending: null, detail: '' });
  startEntry(turn, intent, planned.value.plan);
  notifyIntent(turn, intentId, { type: 'submitted' });
}
