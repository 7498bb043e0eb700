// What follows from a booked fill, in the order that keeps the position covered: arm or resize its
// protection first, then the intent's progress, then the plugin hears of it.
import { ZERO, multiply } from '../decimal.js';
import { averageEntry } from '../ledger/position.js';
import type { Position } from '../ledger/position.js';
import type { Order } from '../order/order.js';
import { requestCancel } from '../order/place.js';
import { resolveProtection } from '../protection/levels.js';
import type { ProtectionState } from '../protection/protection.js';
import { syncProtection } from '../protection/sync.js';
import type { FillBooked } from '../records.js';
import type { Protection } from '@strategy-runner/contracts';
import { notifyFill, notifyIntent } from '../strategy/notify.js';
import { clearTimersOf, setTimer } from '../strategy/timers.js';
import { type Turn, instrumentOf } from '../turn.js';
import { finishIntent } from './finish.js';
import { resumeAfterFlat } from './resume.js';

export function afterFill(turn: Turn, fill: FillBooked): void {
  const position = fill.position;
  if (fill.action === 'entry') armAfterEntry(turn, fill, position);
  else noteTargetFill(turn, fill);
  if (position.quantity === ZERO) closePosition(turn, fill.positionId);
  else syncProtection(turn, fill.positionId);
  notifyFill(turn, fill);
  if (fill.isComplete) finishOrder(turn, fill);
  else startPartialClock(turn, fill);
}

function armAfterEntry(turn: Turn, fill: FillBooked, position: Position): void {
  const working = turn.state.intents.get(fill.intentId);
  const body = working?.intent;
  const isFirst = position.enteredQuantity === fill.quantity;
  if (isFirst) {
    notifyIntent(turn, fill.intentId, { type: 'position_opened', position_id: position.id });
  } else {
    notifyIntent(turn, fill.intentId, { type: 'position_changed', position_id: position.id });
  }
  if (body?.kind === 'dca') return afterDcaFill(turn, fill, position);
  if (body?.kind !== 'open' || body.protection === undefined) return;
  arm(turn, position, body.protection, isFirst ? 'armed' : 'resized');
}

function afterDcaFill(turn: Turn, fill: FillBooked, position: Position): void {
  const body = turn.state.intents.get(fill.intentId)?.intent;
  if (body?.kind !== 'dca') return;
  if (position.dcaLevel < body.level) {
    const { level } = body;
    turn.emit({ type: 'position_note', ts: turn.now, positionId: position.id, dcaLevel: level });
  }
  const spec = body.protection_mode === 'replace' ? body.protection : position.protection?.spec;
  if (body.protection_mode === 'keep' || spec === undefined) return;
  arm(turn, position, spec, body.protection_mode);
}

/** Resolves the protection at the position's present average, keeping what was already under way. */
export function arm(turn: Turn, position: Position, spec: Protection, cause: string): void {
  const current = turn.state.positions.get(position.id);
  if (current === undefined || current.quantity === ZERO) return;
  const before = current.protection as ProtectionState | null;
  const resolved = resolveProtection(
    spec,
    {
      side: position.side,
      entryAverage: averageEntry(current),
      entryFirst: position.firstPrice,
      reference: position.referencePrice,
      instrument: instrumentOf(turn, position.symbol),
      riskPerUnit: before?.riskPerUnit ?? null,
    },
    { openedMs: position.openedMs, openedBar: position.openedBar },
    turn.config.venueHoldsStops && spec.place !== 'host' ? 'venue' : 'host',
  );
  const protection = before === null ? resolved : carryProgress(resolved, before);
  const { riskPerUnit } = protection;
  const initialRisk = riskPerUnit === null ? null : multiply(riskPerUnit, current.peakQuantity);
  const positionId = position.id;
  turn.emit({ type: 'protection', ts: turn.now, positionId, protection, initialRisk, cause });
  const dueMs = protection.timeExit?.dueMs ?? null;
  if (dueMs !== null && !protection.timeExit!.isFired) setTimer(turn, `time:${positionId}`, dueMs);
  const type = before === null ? 'protection_armed' : 'protection_amended';
  notifyIntent(turn, position.openIntentId, { type, position_id: positionId });
}

function carryProgress(next: ProtectionState, before: ProtectionState): ProtectionState {
  const targets = next.targets.map((target) => {
    const old = before.targets.find(({ index }) => index === target.index);
    return old === undefined ? target : { ...target, filled: old.filled, isDone: old.isDone };
  });
  const wasMoved = before.stop !== null && before.stop.source !== 'stop_loss';
  const stop = wasMoved ? before.stop : next.stop;
  const trailing =
    next.trailing !== null && before.trailing?.isActive === true
      ? { ...next.trailing, isActive: true, best: before.trailing.best }
      : next.trailing;
  const breakeven =
    next.breakeven !== null && before.breakeven?.isDone === true
      ? { ...next.breakeven, isDone: true }
      : next.breakeven;
  const timeExit =
    next.timeExit !== null && before.timeExit?.isFired === true
      ? { ...next.timeExit, isFired: true }
      : next.timeExit;
  return { ...next, stop, targets, trailing, breakeven, timeExit };
}

function noteTargetFill(turn: Turn, fill: FillBooked): void {
  if (!fill.leg.startsWith('tp')) return;
  const position = turn.state.positions.get(fill.positionId);
  const protection = position?.protection as ProtectionState | null | undefined;
  if (position === undefined || protection === null || protection === undefined) return;
  const index = Number(fill.leg.slice(2));
  const targets = protection.targets.map((target) =>
    target.index === index
      ? { ...target, filled: target.filled + fill.quantity, isDone: fill.isComplete }
      : target,
  );
  const { initialRisk } = position;
  const changed = { ...protection, targets };
  const base = { type: 'protection', ts: turn.now, positionId: fill.positionId } as const;
  turn.emit({ ...base, protection: changed, initialRisk, cause: 'target_filled' });
}

/** Flat: everything that still works for the position goes, and its book is closed. */
export function closePosition(turn: Turn, positionId: string): void {
  const position = turn.state.positions.get(positionId) as Position | undefined;
  if (position === undefined) return;
  for (const order of [...turn.state.orders.values()]) {
    if (order.positionId === positionId) requestCancel(turn, order as Order, 'flat');
  }
  clearTimersOf(turn, `time:${positionId}`);
  turn.emit({ type: 'position_closed', ts: turn.now, position, reason: position.exitReason });
  notifyIntent(turn, position.openIntentId, {
    type: 'position_closed',
    position_id: positionId,
    code: position.exitReason,
  });
  resumeAfterFlat(turn, position);
}

function finishOrder(turn: Turn, fill: FillBooked): void {
  clearTimersOf(turn, `:${fill.order}`);
  const working = turn.state.intents.get(fill.intentId);
  if (working === undefined || working.pending === 'close_first') return;
  if (['sl', 'time'].includes(fill.leg) || fill.leg.startsWith('tp')) return;
  finishIntent(turn, fill.intentId, 'filled');
}

// A partial fill starts the clock of the intent's partial-fill policy, once per order.
function startPartialClock(turn: Turn, fill: FillBooked): void {
  if (fill.action !== 'entry' || fill.leg !== 'entry') return;
  const body = turn.state.intents.get(fill.intentId)?.intent;
  if (body?.kind !== 'open' && body?.kind !== 'dca') return;
  const afterMs = body.partial_fill?.after_ms;
  const name = `partial:${fill.order}`;
  if (afterMs === undefined || turn.state.timers.has(name)) return;
  setTimer(turn, name, turn.now + afterMs);
}
