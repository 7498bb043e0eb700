// Intents for people: each accepted one with what became of it, and each denial as a row of its
// own, since an intent that was accepted can be denied later.
import type {
  IntentAccepted,
  IntentDenied,
  IntentDone,
  IntentProgress,
} from '@strategy-runner/core';
import { type Operation, plainJson, put } from './operation.js';
import type { ProjectionState } from './projection-state.js';
import type { ProjectionRow } from '../projection-tables.js';

type IntentRow = ProjectionRow<'intents'>;

export function intentAccepted(
  state: ProjectionState,
  seq: number,
  record: IntentAccepted,
): readonly Operation[] {
  const { intent } = record;
  const row: IntentRow = {
    seq,
    ts: record.ts,
    intent_id: intent.intent_id,
    instance: record.instance,
    kind: intent.kind,
    side: textOf(intent, 'side'),
    symbol: textOf(intent, 'symbol'),
    position_id: record.positionId,
    status: 'working',
    outcome: null,
    path: null,
    detail: null,
    numbers: null,
    deadline_ms: record.deadlineMs,
    done_ms: null,
    step: null,
    moves: 0,
    fallback_uses: 0,
    pending: null,
    body: plainJson(intent),
  };
  state.intents.set(intent.intent_id, row);
  return [put('intents', seq, row)];
}

export function intentDenied(seq: number, record: IntentDenied): readonly Operation[] {
  const row: IntentRow = {
    seq,
    ts: record.ts,
    intent_id: record.intentId,
    instance: record.instance,
    kind: record.kind,
    side: textOf(record.body, 'side'),
    symbol: textOf(record.body, 'symbol'),
    position_id: null,
    status: 'denied',
    outcome: record.code,
    path: record.path,
    detail: record.detail,
    numbers: plainJson(record.numbers),
    deadline_ms: null,
    done_ms: record.ts,
    step: null,
    moves: 0,
    fallback_uses: 0,
    pending: null,
    body: plainJson(record.body),
  };
  return [put('intents', seq, row)];
}

export function intentProgressed(
  state: ProjectionState,
  record: IntentProgress,
): readonly Operation[] {
  const { step, moves, pending, detail } = record;
  const change = { step, moves, fallback_uses: record.fallbackUses, pending, detail };
  return changed(state, record.intentId, change);
}

export function intentDone(state: ProjectionState, record: IntentDone): readonly Operation[] {
  const change = { status: 'done', outcome: record.outcome, done_ms: record.ts, pending: null };
  const operations = changed(state, record.intentId, change);
  state.intents.delete(record.intentId);
  return operations;
}

function changed(
  state: ProjectionState,
  intentId: string,
  change: Partial<IntentRow>,
): readonly Operation[] {
  const known = state.intents.get(intentId);
  if (known === undefined) return [];
  const row = { ...known, ...change };
  state.intents.set(intentId, row);
  return [put('intents', Number(row.seq), row)];
}

/** A text field of something that a plugin may have made up. */
function textOf(body: unknown, field: string): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const value: unknown = Reflect.get(body, field);
  return typeof value === 'string' ? value : null;
}
