// What follows from a booked fill, in the order that keeps the position covered: arm or resize its
// protection first, then the intent's progress, then the plugin hears of it.
import type { DcaIntent, Protection } from '@strategy-runner/contracts';
import { type Decimal, ZERO } from '../decimal.js';
import type { Position } from '../ledger/position.js';
import { type Order, isProtectionLeg } from '../order/order.js';
import { requestCancel } from '../order/place.js';
import { ALL_LEGS, NO_LEGS, arm } from '../protection/arm.js';
import type { ProtectionState } from '../protection/protection.js';
import { syncProtection } from '../protection/sync.js';
import type { FillBooked } from '../records.js';
import { recall } from '../state/recent.js';
import { notifyFill, notifyIntent } from '../strategy/notify.js';
import { clearTimer, clearTimersOf, setTimer } from '../strategy/timers.js';
import type { Turn } from '../turn.js';
import { closeLate, goOn } from './close-rest.js';
import { finishIntent } from './finish.js';
import { intentOf } from './intent-of.js';
import { openIntentOf } from './open.js';
import { resumeAfterCancel, resumeAfterFlat } from './resume.js';

/** Each entry fill counts one, whatever a fee has taken out of it. */
const FIRST_LOT = 1;

export function afterFill(turn: Turn, fill: FillBooked): void {
  const position = fill.position;
  if (fill.action === 'entry') {
    armAfterEntry(turn, fill, position);
    closeLate(turn, fill);
  } else noteTargetFill(turn, fill);
  const isFollowed = fill.action === 'exit' && fill.isComplete && goOn(turn, fill);
  if (position.quantity === ZERO) closePosition(turn, fill.positionId);
  else syncProtection(turn, fill.positionId);
  notifyFill(turn, fill);
  if (!fill.isComplete) return followPartial(turn, fill);
  clearTimersOf(turn, fill.order);
  if (!isFollowed) finishOrder(turn, fill);
  resumeAfterCancel(turn, fill);
}

function armAfterEntry(turn: Turn, fill: FillBooked, position: Position): void {
  const body = intentOf(turn, fill.intentId);
  const isFirst = position.nextLot === FIRST_LOT + 1;
  const type = isFirst ? 'position_opened' : 'position_changed';
  notifyIntent(turn, fill.intentId, { type, position_id: position.id });
  if (body?.kind === 'dca') return afterDcaFill(turn, body, fill);
  if (body?.kind !== 'open') return;
  // A late fill may add to a position that another intent has opened since: that one's protection
  // holds.
  const isOpener = position.openIntentId === fill.intentId;
  const spec = isOpener ? body.protection : (position.protection?.spec ?? body.protection);
  if (spec !== undefined) arm(turn, position, spec, { cause: isFirst ? 'armed' : 'resized' });
}

// A level's first fill decides about the protection; its further fills only follow the average.
function afterDcaFill(turn: Turn, body: DcaIntent, fill: FillBooked): void {
  const { position } = fill;
  const isFirst = position.dcaLevel < body.level;
  if (isFirst) {
    const { level } = body;
    turn.emit({ type: 'position_note', ts: turn.now, positionId: position.id, dcaLevel: level });
  }
  const cause = body.protection_mode;
  const standing = position.protection?.spec ?? openersProtection(turn, fill);
  const spec = cause === 'replace' ? body.protection : standing;
  if (spec === undefined || (cause === 'keep' && position.protection !== null)) return;
  const fresh = cause === 'replace' && isFirst ? ALL_LEGS : NO_LEGS;
  arm(turn, position, spec, { cause, fresh });
}

// A level that fills after its position was closed opens it again, under what had protected it.
function openersProtection(turn: Turn, { order, position }: FillBooked): Protection | undefined {
  const filled = (turn.state.orders.get(order) ?? recall(turn.state.endedOrders, order)) as
    Order | undefined;
  const opener = intentOf(turn, openIntentOf(filled?.positionId ?? position.id));
  return opener?.kind === 'open' ? opener.protection : undefined;
}

function noteTargetFill(turn: Turn, fill: FillBooked): void {
  if (!fill.leg.startsWith('tp') || fill.position.openIntentId !== fill.intentId) return;
  const position = turn.state.positions.get(fill.positionId);
  const protection = position?.protection as ProtectionState | null | undefined;
  if (position === undefined || protection === null || protection === undefined) return;
  const index = Number(fill.leg.slice(2));
  const isDone = fill.isComplete && restOf(turn, fill) === ZERO;
  const targets = protection.targets.map((target) =>
    target.index === index ? { ...target, filled: target.filled + fill.quantity, isDone } : target,
  );
  const { initialRisk } = position;
  const changed = { ...protection, targets };
  const base = { type: 'protection', ts: turn.now, positionId: fill.positionId } as const;
  turn.emit({ ...base, protection: changed, initialRisk, cause: 'target_filled' });
}

/** What is to follow the order of the fill. */
function restOf({ state }: Turn, { order }: FillBooked): Decimal {
  return (state.orders.get(order) ?? recall(state.endedOrders, order))?.rest ?? ZERO;
}

function closePosition(turn: Turn, positionId: string): void {
  const closed = endPosition(turn, positionId);
  if (closed !== undefined) resumeAfterFlat(turn, closed);
}

/** Flat: everything that still works for the position goes, and its book is closed. */
export function endPosition(turn: Turn, positionId: string): Position | undefined {
  const position = turn.state.positions.get(positionId) as Position | undefined;
  if (position === undefined) return undefined;
  for (const order of turn.state.orders.values()) {
    if (order.positionId === positionId) requestCancel(turn, order as Order, 'flat');
  }
  clearTimer(turn, `time:${positionId}`);
  clearTimer(turn, `flat:${positionId}`);
  turn.emit({ type: 'position_closed', ts: turn.now, position, reason: position.exitReason });
  notifyIntent(turn, position.openIntentId, {
    type: 'position_closed',
    position_id: positionId,
    code: position.exitReason,
  });
  return position;
}

function finishOrder(turn: Turn, fill: FillBooked): void {
  const working = turn.state.intents.get(fill.intentId);
  if (working === undefined || isProtectionLeg(fill.leg)) return;
  // An open with close_first goes on after its closing leg: its own entry is what it is about.
  const isClosingLeg = working.intent.kind === 'open' && fill.leg === 'exit';
  if (!isClosingLeg) finishIntent(turn, fill.intentId, 'filled');
}

// An order of unknown outcome that was to be cancelled shows by its fill that it exists: now it can
// be.
function followPartial(turn: Turn, fill: FillBooked): void {
  const order = turn.state.orders.get(fill.order) as Order | undefined;
  if (order !== undefined && order.cancelReason !== null) {
    requestCancel(turn, order, order.cancelReason);
  }
  startPartialClock(turn, fill);
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
