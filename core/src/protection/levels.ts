// From the intent's distances to prices. Distances are unsigned: a stop is adverse, a target
// favourable, and the position's side supplies the sign (contract decision 3).
import type { Level, Protection, Side, StopLevel } from '@strategy-runner/contracts';
import { type Decimal, abs, bps, ceilTo, decimal, floorTo, toNumber } from '../decimal.js';
import type { Instrument } from '../market/instrument.js';
import { stopOnTick } from '../order/price.js';
import type {
  BreakevenState,
  ProtectionState,
  StopState,
  TargetState,
  TimeExitState,
  TrailingState,
} from './protection.js';

export interface LevelContext {
  readonly side: Side;
  readonly entryAverage: Decimal;
  readonly entryFirst: Decimal;
  readonly reference: Decimal;
  readonly instrument: Instrument;
  readonly riskPerUnit: Decimal | null;
}

function anchor(from: 'entry_avg' | 'entry_first' | 'reference', context: LevelContext): Decimal {
  if (from === 'entry_avg') return context.entryAverage;
  return from === 'entry_first' ? context.entryFirst : context.reference;
}

/** Exit side of the position: a long leaves with a sell. */
export function exitSide(side: Side): 'buy' | 'sell' {
  return side === 'long' ? 'sell' : 'buy';
}

export function stopPriceOf(at: StopLevel, context: LevelContext): Decimal {
  const { side, instrument } = context;
  if ('abs' in at) return stopOnTick(decimal(at.abs), exitSide(side), instrument);
  const from = anchor(at.from, context);
  const distance = bps(from, at.distance_bps);
  return stopOnTick(
    side === 'long' ? from - distance : from + distance,
    exitSide(side),
    instrument,
  );
}

/**
 * A favourable level on the tick, rounded away from the entry; null when it needs a stop to mean
 * 1R.
 */
export function favourablePriceOf(at: Level, context: LevelContext): Decimal | null {
  const { side, instrument, riskPerUnit } = context;
  if ('abs' in at) return away(decimal(at.abs), side, instrument);
  if ('r_bps' in at) {
    if (riskPerUnit === null) return null;
    const distance = bps(riskPerUnit, at.r_bps);
    const average = context.entryAverage;
    return away(side === 'long' ? average + distance : average - distance, side, instrument);
  }
  const from = anchor(at.from, context);
  const distance = bps(from, at.distance_bps);
  return away(side === 'long' ? from + distance : from - distance, side, instrument);
}

function away(price: Decimal, side: Side, { tickSize }: Instrument): Decimal {
  return side === 'long' ? ceilTo(price, tickSize) : floorTo(price, tickSize);
}

/** Distance of one R, or null without a stop. */
export function riskOf(spec: Protection, context: LevelContext): Decimal | null {
  if (spec.stop_loss === undefined) return null;
  return abs(context.entryAverage - stopPriceOf(spec.stop_loss.at, context));
}

export interface TimeContext {
  readonly openedMs: number;
  readonly openedBar: number;
}

/** Resolves every leg of `spec`; progress of legs that were under way is carried by the caller. */
export function resolveProtection(
  spec: Protection,
  given: LevelContext,
  time: TimeContext,
  place: 'venue' | 'host',
): ProtectionState {
  const riskPerUnit = given.riskPerUnit ?? riskOf(spec, given);
  const context = { ...given, riskPerUnit };
  const trailing = trailingState(spec, context);
  return {
    spec,
    place,
    stop: firstStop(spec, trailing, context),
    targets: targetStates(spec, context),
    trailing,
    breakeven: breakevenState(spec, context),
    timeExit: timeExitState(spec, time),
    riskPerUnit,
    fallbackUses: {},
  };
}

// A trailing stop that is active at once covers the position from its first fill on: from the
// entry.
function firstStop(
  spec: Protection,
  trailing: TrailingState | null,
  context: LevelContext,
): StopState | null {
  const stop = stopState(spec, context);
  if (trailing === null || !trailing.isActive) return stop;
  const { side, entryAverage, instrument } = context;
  const distance = bps(entryAverage, trailing.distanceBps);
  const wanted = side === 'long' ? entryAverage - distance : entryAverage + distance;
  const price = stopOnTick(wanted, exitSide(side), instrument);
  const isTighter = stop === null || (side === 'long' ? price > stop.price : price < stop.price);
  if (!isTighter) return stop;
  const fallback = spec.trailing_stop?.fallback ?? null;
  const kept = stop ?? { order: 'market' as const, limitOffsetBps: 0, fallback };
  return { ...kept, price, priceNumber: toNumber(price), source: 'trailing_stop' };
}

function stopState(spec: Protection, context: LevelContext): StopState | null {
  const leg = spec.stop_loss;
  if (leg === undefined) return null;
  const price = stopPriceOf(leg.at, context);
  return {
    price,
    priceNumber: toNumber(price),
    source: 'stop_loss',
    order: leg.order ?? 'market',
    limitOffsetBps: leg.limit_offset_bps ?? 0,
    fallback: leg.fallback ?? null,
  };
}

function targetStates(spec: Protection, context: LevelContext): readonly TargetState[] {
  return (spec.take_profit ?? []).flatMap((leg, place) => {
    const price = favourablePriceOf(leg.at, context);
    if (price === null) return [];
    return {
      index: place + 1,
      price,
      shareBps: leg.share_bps,
      order: leg.order ?? 'limit',
      fallback: leg.fallback ?? null,
      filled: 0n,
      isDone: false,
    };
  });
}

function trailingState(spec: Protection, context: LevelContext): TrailingState | null {
  const leg = spec.trailing_stop;
  if (leg === undefined) return null;
  const activateAt =
    leg.activate_at === undefined ? null : favourablePriceOf(leg.activate_at, context);
  return {
    activateAt: activateAt === null ? null : toNumber(activateAt),
    distanceBps: leg.distance_bps,
    stepBps: leg.step_bps ?? 0,
    isActive: activateAt === null,
    best: toNumber(context.entryAverage),
  };
}

function breakevenState(spec: Protection, context: LevelContext): BreakevenState | null {
  const leg = spec.breakeven;
  if (leg === undefined) return null;
  const activateAt = favourablePriceOf(leg.activate_at, context);
  if (activateAt === null) return null;
  return { activateAt: toNumber(activateAt), offsetBps: leg.offset_bps, isDone: false };
}

function timeExitState(spec: Protection, time: TimeContext): TimeExitState | null {
  const leg = spec.time_exit;
  if (leg === undefined) return null;
  const afterMs = leg.after_ms === undefined ? null : time.openedMs + leg.after_ms;
  const atMs = leg.at_ms ?? null;
  const dueMs = afterMs === null ? atMs : atMs === null ? afterMs : Math.min(afterMs, atMs);
  return {
    dueMs,
    dueBar: leg.after_bars === undefined ? null : time.openedBar + leg.after_bars,
    onlyIf: leg.only_if ?? 'always',
    isFired: false,
  };
}
