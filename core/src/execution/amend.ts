// amend_protection: merge, replace or remove legs. Loosening a stop needs to be said (rule 19).
import type { AmendProtectionIntent, Protection, ProtectionLeg } from '@strategy-runner/contracts';
import type { Decimal } from '../decimal.js';
import { type Position, averageEntry } from '../ledger/position.js';
import { type Denial, deny } from '../outcome.js';
import { ALL_LEGS, arm } from '../protection/arm.js';
import { stopPriceOf } from '../protection/levels.js';
import { checkProtection } from '../protection/sanity.js';
import { syncProtection } from '../protection/sync.js';
import { notifyIntent } from '../strategy/notify.js';
import { type Turn, instrumentOf, lastPrice } from '../turn.js';

/** Checks only; `amend` acts. */
export function checkAmend(
  turn: Turn,
  intent: AmendProtectionIntent,
  position: Position,
): Denial | undefined {
  const spec = amendedSpec(intent, position);
  if (turn.config.policy.requireStop && spec?.stop_loss === undefined) {
    const why = 'the host requires a stop; it may be moved, not taken away';
    return deny('STOP_REQUIRED', '/protection/stop_loss', why);
  }
  const stop = newStop(turn, intent, position);
  return (
    checkStop(turn, position, stop) ??
    checkLegs(turn, intent, spec, position) ??
    checkLoosened(intent, position, stop)
  );
}

/**
 * Price of the stop that the amendment sets; null where it leaves the stop as it is or removes it.
 */
function newStop(turn: Turn, intent: AmendProtectionIntent, position: Position): Decimal | null {
  const leg = intent.protection?.stop_loss;
  if (leg === undefined || intent.remove?.includes('stop_loss') === true) return null;
  return stopPriceOf(leg.at, {
    side: position.side,
    entryAverage: averageEntry(position),
    entryFirst: position.firstPrice,
    reference: position.referencePrice,
    instrument: instrumentOf(turn, position.symbol),
    riskPerUnit: null,
  });
}

// A stop may lie beyond the entry once in profit, so it is held against the last price.
function checkStop(turn: Turn, { side, symbol, firstPrice }: Position, stop: Decimal | null) {
  const last = lastPrice(turn, symbol) ?? firstPrice;
  if (stop === null || (side === 'long' ? stop < last : stop > last)) return undefined;
  const why = `a ${side}'s stop must not be through the market already`;
  return deny('PROTECTION_INVALID', '/protection/stop_loss/at', why, { stop, last });
}

// What the amendment says nothing about was checked when it was said.
function checkLegs(
  turn: Turn,
  intent: AmendProtectionIntent,
  spec: Protection | undefined,
  position: Position,
): Denial | undefined {
  if (spec === undefined) return undefined;
  const said = Object.entries(spec).filter(([leg]) => touches(intent, leg as ProtectionLeg));
  return checkProtection(Object.fromEntries(said), {
    side: position.side,
    entry: averageEntry(position),
    reference: position.referencePrice,
    instrument: instrumentOf(turn, position.symbol),
    venueHoldsStops: turn.config.venueHoldsStops,
    riskPerUnit: position.protection?.riskPerUnit ?? null,
    isStopChecked: true,
  });
}

function checkLoosened(
  intent: AmendProtectionIntent,
  { side, protection }: Position,
  stop: Decimal | null,
): Denial | undefined {
  const current = protection?.stop?.price ?? null;
  if (current === null || intent.allow_loosen === true) return undefined;
  if (stop === null) {
    if (!touches(intent, 'stop_loss')) return undefined;
    const why = 'removing a stop needs allow_loosen';
    return deny('STOP_LOOSENED', '/remove', why, { current_stop: current });
  }
  const isLooser = side === 'long' ? stop < current : stop > current;
  if (!isLooser) return undefined;
  return deny('STOP_LOOSENED', '/protection/stop_loss/at', 'a wider stop needs allow_loosen', {
    stop,
    current_stop: current,
  });
}

/** Whether the amendment says anything about the leg: sets, replaces or removes it. */
function touches(intent: AmendProtectionIntent, leg: ProtectionLeg): boolean {
  if (intent.mode === 'replace' || intent.remove?.includes(leg) === true) return true;
  return intent.protection?.[leg] !== undefined;
}

function amendedSpec(intent: AmendProtectionIntent, position: Position): Protection | undefined {
  const before = position.protection?.spec as Protection | undefined;
  const merged: Record<string, unknown> =
    intent.mode === 'merge' ? { ...before, ...intent.protection } : { ...intent.protection };
  for (const leg of intent.remove ?? []) delete merged[leg];
  const legs = Object.keys(merged).filter((key) => key !== 'place');
  return legs.length === 0 ? undefined : (merged as Protection);
}

export function amend(turn: Turn, intent: AmendProtectionIntent, position: Position): void {
  const spec = amendedSpec(intent, position);
  const base = { type: 'protection', ts: turn.now, positionId: position.id } as const;
  if (spec === undefined) {
    turn.emit({ ...base, protection: null, initialRisk: position.initialRisk, cause: 'removed' });
    notifyIntent(turn, intent.intent_id, { type: 'protection_amended', position_id: position.id });
  } else {
    const fresh = ALL_LEGS.filter((leg) => touches(intent, leg));
    const pinned = ALL_LEGS.filter((leg) => !touches(intent, leg));
    arm(turn, position, spec, { cause: 'amended', fresh, pinned });
  }
  syncProtection(turn, position.id);
}
