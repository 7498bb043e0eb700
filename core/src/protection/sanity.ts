// Refuses protection that cannot mean what it says (rule 19), before any order is sent.
import type { Protection, Side } from '@strategy-runner/contracts';
import { type Decimal, abs, multiply } from '../decimal.js';
import { type Denial, deny } from '../outcome.js';
import type { Instrument } from '../market/instrument.js';
import { favourablePriceOf, riskOf, stopPriceOf } from './levels.js';

export interface SanityInput {
  readonly side: Side;
  /** Expected entry: limit, trigger or last price. */
  readonly entry: Decimal;
  readonly reference: Decimal;
  readonly instrument: Instrument;
}

export function checkProtection(spec: Protection, input: SanityInput): Denial | undefined {
  const { side, entry, reference, instrument } = input;
  const base = { side, entryAverage: entry, entryFirst: entry, reference, instrument };
  const riskPerUnit = riskOf(spec, { ...base, riskPerUnit: null });
  const context = { ...base, riskPerUnit };
  if (spec.stop_loss !== undefined) {
    const stop = stopPriceOf(spec.stop_loss.at, context);
    const isAdverse = side === 'long' ? stop < entry : stop > entry;
    if (!isAdverse || abs(entry - stop) < instrument.tickSize) {
      const why = `a ${side}'s stop must lie ${side === 'long' ? 'below' : 'above'} the entry`;
      return deny('PROTECTION_INVALID', '/protection/stop_loss/at', why, { stop, entry });
    }
  }
  return checkTargets(spec, input, context);
}

function checkTargets(
  spec: Protection,
  { side, entry }: SanityInput,
  context: Parameters<typeof favourablePriceOf>[1],
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
  const trailingNeedsR = spec.trailing_stop?.activate_at ?? spec.breakeven?.activate_at;
  if (trailingNeedsR !== undefined && favourablePriceOf(trailingNeedsR, context) === null) {
    return deny('PROTECTION_INVALID', '/protection', 'an R multiple needs a stop_loss');
  }
  return undefined;
}

/** The stop must still be executable at its own price (rule 8). */
export function checkStopNotional(
  spec: Protection | undefined,
  quantity: Decimal,
  input: SanityInput,
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
