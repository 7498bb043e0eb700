// Refuses protection that cannot mean what it says (rule 19), before any order is sent.
import type { Protection, Side } from '@strategy-runner/contracts';
import { type Decimal, abs, bps, multiply } from '../decimal.js';
import { type Denial, deny } from '../outcome.js';
import type { Instrument } from '../market/instrument.js';
import { stopOnTick } from '../order/price.js';
import { type LevelContext, exitSide, favourablePriceOf, riskOf, stopPriceOf } from './levels.js';

export interface SanityInput {
  readonly side: Side;
  /** Expected entry: limit, trigger or last price. */
  readonly entry: Decimal;
  readonly reference: Decimal;
  readonly instrument: Instrument;
  readonly venueHoldsStops: boolean;
  /** Average entry of the position, where it is not the entry itself. */
  readonly average?: Decimal;
  /** One R of a position that has it already. */
  readonly riskPerUnit?: Decimal | null;
  /** The stop was held against the last price instead of the entry. */
  readonly isStopChecked?: boolean;
}

export function checkProtection(spec: Protection, input: SanityInput): Denial | undefined {
  const { side, entry, reference, instrument } = input;
  const entryAverage = input.average ?? entry;
  const base = { side, entryAverage, entryFirst: entryAverage, reference, instrument };
  const riskPerUnit = input.riskPerUnit ?? riskOf(spec, { ...base, riskPerUnit: null });
  const context = { ...base, riskPerUnit };
  return (
    checkSupported(spec, input) ??
    (input.isStopChecked === true ? undefined : checkStop(spec, input, context)) ??
    checkTargets(spec, input, context) ??
    checkMoves(spec, input, context)
  );
}

// Asked for and impossible is an error, never a silent something else (rules 18 and 23).
function checkSupported(spec: Protection, { venueHoldsStops }: SanityInput): Denial | undefined {
  const by = spec.stop_loss?.trigger_by ?? 'last';
  if (by !== 'last') {
    const why = `only last prices are known here, no ${by} price`;
    return deny('SIMULATION_UNSUPPORTED', '/protection/stop_loss/trigger_by', why);
  }
  if (spec.place !== 'exchange_required' || venueHoldsStops) return undefined;
  const why = 'the venue cannot hold stops; say exchange_preferred or host';
  return deny('PROTECTION_INVALID', '/protection/place', why);
}

function checkStop(
  spec: Protection,
  { side, entry, instrument }: SanityInput,
  context: LevelContext,
): Denial | undefined {
  if (spec.stop_loss === undefined) return undefined;
  const stop = stopPriceOf(spec.stop_loss.at, context);
  const isAdverse = side === 'long' ? stop < entry : stop > entry;
  if (isAdverse && abs(entry - stop) >= instrument.tickSize) return undefined;
  const why = `a ${side}'s stop must lie ${side === 'long' ? 'below' : 'above'} the entry`;
  return deny('PROTECTION_INVALID', '/protection/stop_loss/at', why, { stop, entry });
}

// What moves the stop must be reachable, and must not put it through the price that moved it.
function checkMoves(
  spec: Protection,
  { side }: SanityInput,
  context: LevelContext,
): Denial | undefined {
  const { trailing_stop: trailing, breakeven } = spec;
  for (const [leg, at] of [
    ['trailing_stop', trailing?.activate_at],
    ['breakeven', breakeven?.activate_at],
  ] as const) {
    if (at === undefined || favourablePriceOf(at, context) !== null) continue;
    const why = 'an R multiple needs a stop_loss';
    return deny('PROTECTION_INVALID', `/protection/${leg}/activate_at`, why);
  }
  if (breakeven === undefined) return undefined;
  const average = context.entryAverage;
  const activation = favourablePriceOf(breakeven.activate_at, context)!;
  const distance = bps(average, breakeven.offset_bps);
  const wanted = side === 'long' ? average + distance : average - distance;
  const stop = stopOnTick(wanted, exitSide(side), context.instrument);
  if (side === 'long' ? stop < activation : stop > activation) return undefined;
  const why = 'the stop would be through the price that activates it';
  return deny('PROTECTION_INVALID', '/protection/breakeven/offset_bps', why, { stop, activation });
}

function checkTargets(
  spec: Protection,
  { side, entry }: SanityInput,
  context: LevelContext,
): Denial | undefined {
  let shares = 0;
  for (const [place, leg] of (spec.take_profit ?? []).entries()) {
    const path = `/protection/take_profit/${place}`;
    const target = favourablePriceOf(leg.at, context);
    if (target === null) {
      return deny('PROTECTION_INVALID', `${path}/at`, 'an R multiple needs a stop_loss');
    }
    if (side === 'long' ? target <= entry : target >= entry) {
      const why = `a ${side}'s target must lie ${side === 'long' ? 'above' : 'below'} the entry`;
      return deny('PROTECTION_INVALID', `${path}/at`, why, { target, entry });
    }
    shares += leg.share_bps;
    if (shares > 10_000) {
      return deny('PROTECTION_INVALID', `${path}/share_bps`, 'the shares exceed the whole', {
        shares_bps: shares,
        max: 10_000,
      });
    }
  }
  return undefined;
}

/** The stop must still be executable at its own price (rule 8). */
export function checkStopNotional(
  spec: Protection | undefined,
  quantity: Decimal,
  input: Pick<SanityInput, 'side' | 'entry' | 'reference' | 'instrument'>,
): Denial | undefined {
  if (spec?.stop_loss === undefined) return undefined;
  const { side, entry, reference, instrument } = input;
  const context = { side, entryAverage: entry, entryFirst: entry, reference, instrument };
  const stop = stopPriceOf(spec.stop_loss.at, { ...context, riskPerUnit: null });
  const notional = multiply(quantity, stop);
  if (notional >= instrument.minNotional) return undefined;
  return deny('STOP_BELOW_MIN_NOTIONAL', '/protection/stop_loss', 'the stop could not execute', {
    notional,
    min_notional: instrument.minNotional,
  });
}
