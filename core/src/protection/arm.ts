// Resolves a position's protection at its present average and records it, keeping what was under
// way: filled targets, a stop that was moved, a running trail. A leg that is said anew starts anew.
import type { Protection, ProtectionLeg } from '@strategy-runner/contracts';
import { ZERO, multiply } from '../decimal.js';
import { type Position, averageEntry } from '../ledger/position.js';
import { isStopLeg } from '../order/order.js';
import { notifyIntent } from '../strategy/notify.js';
import { setTimer } from '../strategy/timers.js';
import { type Turn, instrumentOf } from '../turn.js';
import { resolveProtection } from './levels.js';
import type { ProtectionState } from './protection.js';

type Legs = readonly ProtectionLeg[];

export const NO_LEGS: Legs = [];
export const ALL_LEGS: Legs = [
  'stop_loss',
  'take_profit',
  'trailing_stop',
  'breakeven',
  'time_exit',
];

export interface Arming {
  readonly cause: string;
  /** Legs that are said anew: nothing of their past counts. */
  readonly fresh?: Legs;
  /** Legs that stay at the price that they have, whatever the average has become. */
  readonly pinned?: Legs;
}

export function arm(turn: Turn, position: Position, spec: Protection, arming: Arming): void {
  const current = turn.state.positions.get(position.id) as Position | undefined;
  if (current === undefined || current.quantity === ZERO) return;
  const before = current.protection;
  const resolved = resolve(turn, current, spec);
  const protection = before === null ? resolved : carryProgress(resolved, before, arming);
  const { riskPerUnit } = protection;
  const initialRisk = riskPerUnit === null ? null : multiply(riskPerUnit, current.peakQuantity);
  const { cause } = arming;
  const positionId = position.id;
  turn.emit({ type: 'protection', ts: turn.now, positionId, protection, initialRisk, cause });
  const dueMs = protection.timeExit?.dueMs ?? null;
  if (dueMs !== null && !protection.timeExit!.isFired) setTimer(turn, `time:${positionId}`, dueMs);
  const type = before === null ? 'protection_armed' : 'protection_amended';
  notifyIntent(turn, position.openIntentId, { type, position_id: positionId });
}

function resolve(turn: Turn, current: Position, spec: Protection): ProtectionState {
  return resolveProtection(
    spec,
    {
      side: current.side,
      entryAverage: averageEntry(current),
      entryFirst: current.firstPrice,
      reference: current.referencePrice,
      instrument: instrumentOf(turn, current.symbol),
      riskPerUnit: current.protection?.riskPerUnit ?? null,
    },
    { openedMs: current.openedMs, openedBar: current.openedBar },
    turn.config.venueHoldsStops && spec.place !== 'host' ? 'venue' : 'host',
  );
}

function carryProgress(
  next: ProtectionState,
  before: ProtectionState,
  { fresh = NO_LEGS, pinned = NO_LEGS }: Arming,
): ProtectionState {
  const keeps = (leg: ProtectionLeg): boolean => !fresh.includes(leg);
  return {
    ...next,
    stop: keeps('stop_loss') ? carryStop(next, before, pinned) : next.stop,
    targets: keeps('take_profit') ? carryTargets(next, before, pinned) : next.targets,
    trailing: keeps('trailing_stop') ? carryTrailing(next, before) : next.trailing,
    breakeven: keeps('breakeven') ? carryBreakeven(next, before) : next.breakeven,
    timeExit: keeps('time_exit') ? carryTimeExit(next, before) : next.timeExit,
    fallbackUses: keepUses(before.fallbackUses, fresh),
  };
}

// A stop that trailing or breakeven has moved is tighter than what the levels say.
function carryStop(
  next: ProtectionState,
  before: ProtectionState,
  pinned: Legs,
): ProtectionState['stop'] {
  const { stop } = before;
  if (stop === null) return next.stop;
  return stop.source !== 'stop_loss' || pinned.includes('stop_loss') ? stop : next.stop;
}

function carryTargets(
  next: ProtectionState,
  before: ProtectionState,
  pinned: Legs,
): ProtectionState['targets'] {
  if (pinned.includes('take_profit')) return before.targets;
  return next.targets.map((target) => {
    const old = before.targets.find(({ index }) => index === target.index);
    return old === undefined ? target : { ...target, filled: old.filled, isDone: old.isDone };
  });
}

function carryTrailing(
  { trailing }: ProtectionState,
  before: ProtectionState,
): ProtectionState['trailing'] {
  if (trailing === null || before.trailing?.isActive !== true) return trailing;
  return { ...trailing, isActive: true, best: before.trailing.best };
}

function carryBreakeven(
  { breakeven }: ProtectionState,
  before: ProtectionState,
): ProtectionState['breakeven'] {
  if (breakeven === null || before.breakeven?.isDone !== true) return breakeven;
  return { ...breakeven, isDone: true };
}

function carryTimeExit(
  { timeExit }: ProtectionState,
  before: ProtectionState,
): ProtectionState['timeExit'] {
  if (timeExit === null || before.timeExit?.isFired !== true) return timeExit;
  return { ...timeExit, isFired: true };
}

function named(leg: string): ProtectionLeg {
  if (isStopLeg(leg)) return 'stop_loss';
  return leg === 'time' ? 'time_exit' : 'take_profit';
}

function keepUses(
  uses: ProtectionState['fallbackUses'],
  fresh: Legs,
): ProtectionState['fallbackUses'] {
  if (fresh.length === 0) return uses;
  const kept = Object.entries(uses).filter(([leg]) => {
    return !fresh.includes(named(leg));
  });
  return Object.fromEntries(kept);
}
