// What waits is looked at again from the start, with its expiry, size and price of now: an `open`
// with close_first when the other side is confirmed flat (rule 10), an entry that came with the
// cancel of another when the venue has confirmed what became of that one (rule 20).
import type { DcaIntent, OpenIntent } from '@strategy-runner/contracts';
import type { Position } from '../ledger/position.js';
import type { Order } from '../order/order.js';
import { isOver } from '../policy/expiry.js';
import { checkEntryGates } from '../policy/gates.js';
import { type Denial, deny } from '../outcome.js';
import type { WorkingIntent } from '../state/engine-state.js';
import type { Frozen } from '../state/frozen.js';
import { notifyIntent } from '../strategy/notify.js';
import type { Turn } from '../turn.js';
import { planDca } from './dca.js';
import { denied } from './denied.js';
import { startEntry } from './entry.js';
import { finishIntent } from './finish.js';
import { planOpen } from './open.js';
import { startOpen } from './start-open.js';
import { resolveTarget } from './target.js';

export function resumeAfterFlat(turn: Turn, closed: Position): void {
  for (const working of turn.state.intents.values()) {
    const { intent, pending } = working;
    if (pending !== 'close_first' || intent.kind !== 'open') continue;
    if (intent.symbol === closed.symbol && intent.side !== closed.side) resume(turn, working);
  }
}

/** Called when an entry is over, however it ended. */
export function resumeAfterCancel(
  turn: Turn,
  { symbol, action }: Pick<Order, 'symbol' | 'action'>,
): void {
  if (action !== 'entry') return;
  for (const working of turn.state.intents.values()) {
    if (working.pending === 'after_cancel' && working.intent.symbol === symbol) {
      resume(turn, working);
    }
  }
}

function resume(turn: Turn, working: Frozen<WorkingIntent>): void {
  const intent = working.intent as OpenIntent | DcaIntent;
  const { intent_id: intentId, symbol } = intent;
  const { instance } = intent.strategy;
  const gate = isOver(turn, working)
    ? deny('EXPIRED', '/expires', 'what had to end first ended too late')
    : checkEntryGates(turn, instance, symbol);
  const denial =
    gate ??
    (intent.kind === 'open' ? resumeOpen(turn, intent, working.pending) : resumeDca(turn, intent));
  if (denial === undefined) return;
  denied(turn, { intentId, instance, body: intent }, denial);
  finishIntent(turn, intentId, denial.code);
}

// After its flat an open has closed the other side once; another one there is not closed again.
function resumeOpen(turn: Turn, intent: OpenIntent, pending: string | null): Denial | undefined {
  const isFlat = pending === 'close_first';
  const planned = planOpen(turn, isFlat ? { ...intent, on_opposite: 'reject' } : intent);
  if (!planned.ok) return planned;
  const plan = planned.value;
  if (plan.kind === pending) return undefined;
  noteResumed(turn, intent);
  // Behind a cancel it is still what the plugin has just answered, not a reaction to the venue.
  const denial = startOpen(turn, intent, plan, isFlat ? undefined : false);
  if (plan.kind === 'enter') notifyIntent(turn, intent.intent_id, { type: 'submitted' });
  return denial;
}

function resumeDca(turn: Turn, intent: DcaIntent): Denial | undefined {
  const target = resolveTarget(turn, intent.target, intent.strategy.instance, intent.symbol);
  if (!target.ok) return target;
  const planned = planDca(turn, intent, target.value);
  if (!planned.ok) return planned;
  if (planned.value === 'after_cancel') return undefined;
  noteResumed(turn, intent);
  startEntry(turn, intent, planned.value, false);
  notifyIntent(turn, intent.intent_id, { type: 'submitted' });
  return undefined;
}

function noteResumed(turn: Turn, { intent_id: intentId }: OpenIntent | DcaIntent): void {
  const { moves, fallbackUses } = turn.state.intents.get(intentId)!;
  const progress = { type: 'intent_progress', ts: turn.now, intentId } as const;
  turn.emit({ ...progress, moves, fallbackUses, step: 'reopened', pending: null, detail: '' });
}
