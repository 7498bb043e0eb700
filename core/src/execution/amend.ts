// amend_protection: merge, replace or remove legs. Loosening a stop needs to be said (rule 19).
import type { AmendProtectionIntent, Protection } from '@strategy-runner/contracts';
import type { Decimal } from '../decimal.js';
import { type Position, averageEntry } from '../ledger/position.js';
import { type Denial, deny } from '../outcome.js';
import { stopPriceOf } from '../protection/levels.js';
import { checkProtection } from '../protection/sanity.js';
import { syncProtection } from '../protection/sync.js';
import { notifyIntent } from '../strategy/notify.js';
import { type Turn, instrumentOf, lastPrice } from '../turn.js';
import { arm } from './after-fill.js';

/** Checks only; `amend` acts. */
export function checkAmend(
  turn: Turn,
  intent: AmendProtectionIntent,
  position: Position,
): Denial | undefined {
  const spec = amendedSpec(intent, position);
  const instrument = instrumentOf(turn, position.symbol);
  const last = lastPrice(turn, position.symbol) ?? position.firstPrice;
  // A stop may lie beyond the entry once in profit, so it is held against the last price.
  const stop = spec?.stop_loss === undefined ? null : stopOf(turn, spec, position);
  if (stop !== null && (position.side === 'long' ? stop >= last : stop <= last)) {
    const why = `a ${position.side}'s stop must not be through the market already`;
    return deny('PROTECTION_INVALID', '/protection/stop_loss/at', why, { stop, last });
  }
  if (spec !== undefined) {
    const { stop_loss: _stop, ...others } = spec;
    const invalid = checkProtection(others, {
      side: position.side,
      entry: averageEntry(position),
      reference: position.referencePrice,
      instrument,
    });
    if (invalid !== undefined && !usesRisk(spec, position)) return invalid;
  }
  return checkLoosened(turn, intent, position, stop);
}

function usesRisk(spec: Protection, position: Position): boolean {
  return position.protection?.riskPerUnit != null && JSON.stringify(spec).includes('r_bps');
}

function checkLoosened(
  turn: Turn,
  intent: AmendProtectionIntent,
  position: Position,
  stop: Decimal | null,
): Denial | undefined {
  const current = position.protection?.stop?.price ?? null;
  if (current === null || intent.allow_loosen === true) return undefined;
  const policyNeedsStop = turn.config.policy.requireStop;
  if (stop === null) {
    const keepsStop = intent.mode === 'merge' && intent.remove?.includes('stop_loss') !== true;
    if (keepsStop) return undefined;
    const why = policyNeedsStop ? 'the host requires a stop' : 'removing a stop needs allow_loosen';
    return deny('STOP_LOOSENED', '/remove', why, { current_stop: current });
  }
  const isLooser = position.side === 'long' ? stop < current : stop > current;
  if (!isLooser) return undefined;
  return deny('STOP_LOOSENED', '/protection/stop_loss/at', 'a wider stop needs allow_loosen', {
    stop,
    current_stop: current,
  });
}

function stopOf(turn: Turn, spec: Protection, position: Position): Decimal {
  return stopPriceOf(spec.stop_loss!.at, {
    side: position.side,
    entryAverage: averageEntry(position),
    entryFirst: position.firstPrice,
    reference: position.referencePrice,
    instrument: instrumentOf(turn, position.symbol),
    riskPerUnit: null,
  });
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
    forgetMovedStop(turn, intent, position);
    arm(turn, position, spec, 'amended');
  }
  syncProtection(turn, position.id);
}

// An explicit stop in the amendment outranks one that trailing or breakeven had moved.
function forgetMovedStop(turn: Turn, intent: AmendProtectionIntent, position: Position): void {
  const { protection } = position;
  if (protection === null || intent.protection?.stop_loss === undefined) return;
  if (protection.stop === null) return;
  const stop = { ...protection.stop, source: 'stop_loss' as const };
  turn.emit({
    type: 'protection',
    ts: turn.now,
    positionId: position.id,
    protection: { ...protection, stop },
    initialRisk: position.initialRisk,
    cause: 'amended',
  });
}
