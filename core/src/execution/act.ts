// What each kind of intent does once it is permitted. A denial is returned before anything was
// placed.
import type { Intent } from '@strategy-runner/contracts';
import type { Denial, Outcome } from '../outcome.js';
import type { Position } from '../ledger/position.js';
import { notifyIntent } from '../strategy/notify.js';
import { acceptedBarOf } from '../policy/expiry.js';
import { setTimer } from '../strategy/timers.js';
import type { Turn } from '../turn.js';
import { amend, checkAmend } from './amend.js';
import { cancelOrders } from './cancel.js';
import { closePart, closeWhole } from './close.js';
import { planDca } from './dca.js';
import { startEntry } from './entry.js';
import { finishIntent } from './finish.js';
import { planOpen, positionIdOf } from './open.js';
import { startOpen, waitFor } from './start-open.js';
import { resolveTarget } from './target.js';

export function act(turn: Turn, intent: Intent, deadlineMs: number | null): Denial | undefined {
  switch (intent.kind) {
    case 'open':
      return actOpen(turn, intent, deadlineMs);
    case 'dca':
      return actDca(turn, intent, deadlineMs);
    case 'close':
    case 'partial_close':
      return actClose(turn, intent, deadlineMs);
    case 'amend_protection':
      return actAmend(turn, intent);
    case 'cancel': {
      accept(turn, intent, null, '');
      const count = cancelOrders(turn, intent);
      finishIntent(turn, intent.intent_id, 'done', `${count} orders`);
      return undefined;
    }
    case 'hold':
      accept(turn, intent, null, '');
      finishIntent(turn, intent.intent_id, 'done');
      return undefined;
  }
}

function accept(turn: Turn, intent: Intent, deadlineMs: number | null, positionId: string): void {
  const instance = intent.strategy.instance;
  const bar = acceptedBarOf(turn, intent);
  turn.emit({
    type: 'intent_accepted',
    ts: turn.now,
    intent,
    instance,
    deadlineMs,
    positionId,
    bar,
  });
  const id = intent.intent_id;
  if (deadlineMs !== null) setTimer(turn, `expire:${id}`, deadlineMs);
  notifyIntent(turn, id, { type: 'accepted' });
}

function actOpen(
  turn: Turn,
  intent: Extract<Intent, { kind: 'open' }>,
  deadlineMs: number | null,
): Denial | undefined {
  const planned = planOpen(turn, intent);
  if (!planned.ok) return planned;
  const plan = planned.value;
  if (plan.kind === 'ignore') accept(turn, intent, null, '');
  else accept(turn, intent, deadlineMs, positionIdOf(intent.intent_id));
  const refused = startOpen(turn, intent, plan);
  return refused === undefined ? undefined : abandon(turn, intent.intent_id, refused);
}

function actDca(
  turn: Turn,
  intent: Extract<Intent, { kind: 'dca' }>,
  deadlineMs: number | null,
): Denial | undefined {
  const target = resolveTarget(turn, intent.target, intent.strategy.instance, intent.symbol);
  if (!target.ok) return target;
  const planned = planDca(turn, intent, target.value);
  if (!planned.ok) return planned;
  accept(turn, intent, deadlineMs, target.value.id);
  if (planned.value === 'after_cancel') waitFor(turn, intent.intent_id, planned.value, '');
  else startEntry(turn, intent, planned.value);
  return undefined;
}

function actClose(
  turn: Turn,
  intent: Extract<Intent, { kind: 'close' | 'partial_close' }>,
  deadlineMs: number | null,
): Denial | undefined {
  const target = resolveTarget(turn, intent.target, intent.strategy.instance, intent.symbol);
  if (!target.ok) {
    if (target.code !== 'NO_POSITION' || intent.kind !== 'close') return target;
    accept(turn, intent, null, '');
    finishIntent(turn, intent.intent_id, 'noop_flat');
    return undefined;
  }
  return exit(turn, intent, target.value, deadlineMs);
}

// The acceptance is recorded before the exit is placed, and taken back if the exit is refused.
function exit(
  turn: Turn,
  intent: Extract<Intent, { kind: 'close' | 'partial_close' }>,
  position: Position,
  deadlineMs: number | null,
): Denial | undefined {
  accept(turn, intent, deadlineMs, position.id);
  const placed: Outcome<unknown> =
    intent.kind === 'close'
      ? closeWhole(turn, intent, position)
      : closePart(turn, intent, position);
  return placed.ok ? undefined : abandon(turn, intent.intent_id, placed);
}

function abandon(turn: Turn, intentId: string, denial: Denial): Denial {
  finishIntent(turn, intentId, denial.code);
  return denial;
}

function actAmend(
  turn: Turn,
  intent: Extract<Intent, { kind: 'amend_protection' }>,
): Denial | undefined {
  const target = resolveTarget(turn, intent.target, intent.strategy.instance, intent.symbol);
  if (!target.ok) return target;
  const denial = checkAmend(turn, intent, target.value);
  if (denial !== undefined) return denial;
  accept(turn, intent, null, target.value.id);
  amend(turn, intent, target.value);
  finishIntent(turn, intent.intent_id, 'done');
  return undefined;
}
