// What sma-cross should want, from its description: whole-number arithmetic over the ticks of the
// closes, so that no rounding is in it. Shares no code with the plugin.
import type { PlainBar, Wish } from './independent-terms.js';

export interface Lengths {
  readonly fast: number;
  readonly slow: number;
  readonly side: 'long' | 'both';
}

const PLACES = 5;

/** Sign of (fast average − slow average) after each close; undefined while there are too few. */
export function relations(
  bars: readonly PlainBar[],
  { fast, slow }: Pick<Lengths, 'fast' | 'slow'>,
): readonly (number | undefined)[] {
  const units = bars.map(({ close }) => Math.round(Number(close) * 10 ** PLACES));
  return units.map((_, i) => {
    if (i + 1 < slow) return undefined;
    let fastSum = 0;
    let slowSum = 0;
    for (let j = i + 1 - slow; j <= i; j += 1) {
      slowSum += units[j]!;
      if (j > i - fast) fastSum += units[j]!;
    }
    return Math.sign(fastSum * slow - slowSum * fast);
  });
}

/** A cross asks for a side; long only, the short side means to be flat. */
export function crossWish(bars: readonly PlainBar[], lengths: Lengths): Wish {
  const signs = relations(bars, lengths);
  return (i, held) => {
    const before = i === 0 ? undefined : signs[i - 1];
    const now = signs[i];
    if (before === undefined || now === before || now === 0) return null;
    if (now === 1) return held === 'long' ? null : 'long';
    if (lengths.side === 'long') return held === null ? null : 'flat';
    return held === 'short' ? null : 'short';
  };
}
