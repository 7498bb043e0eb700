// From the plan of an accepted `open` to what it does now: enter, close the other side first, wait
// for an entry that is being taken back, or nothing.
import type { OpenIntent } from '@strategy-runner/contracts';
import type { Denial } from '../outcome.js';
import type { Turn } from '../turn.js';
import { closeOpposite } from './close.js';
import { startEntry } from './entry.js';
import { finishIntent } from './finish.js';
import type { OpenPlan } from './open.js';

/** What an intent waits for: a confirmed flat, or the confirmed end of an entry. */
export type Waiting = 'close_first' | 'after_cancel';

/** A denial says that the exit which had to come first was refused. */
export function startOpen(
  turn: Turn,
  intent: OpenIntent,
  plan: OpenPlan,
  isFollowUp?: boolean,
): Denial | undefined {
  const intentId = intent.intent_id;
  switch (plan.kind) {
    case 'ignore':
      finishIntent(turn, intentId, 'ignored');
      return undefined;
    case 'enter':
      startEntry(turn, intent, plan.plan, isFollowUp);
      return undefined;
    case 'after_cancel':
      waitFor(turn, intentId, 'after_cancel', '');
      return undefined;
    case 'close_first': {
      waitFor(turn, intentId, 'close_first', plan.opposite.id);
      const closed = closeOpposite(turn, intent, plan.opposite);
      return closed.ok ? undefined : closed;
    }
  }
}

export function waitFor(turn: Turn, intentId: string, step: Waiting, detail: string): void {
  const { moves, fallbackUses } = turn.state.intents.get(intentId)!;
  const progress = { type: 'intent_progress', ts: turn.now, intentId } as const;
  turn.emit({ ...progress, moves, fallbackUses, pending: step, step, detail });
}
