// The venue's trading rules in a world: lots and minimums belong to size, the tick to price.
// Live's are those that its session pinned; what the venue changed since comes as an event.
import type { Instrument } from '../../market/instrument.js';
import type { Channel } from './channels.js';

export type Instruments = ReadonlyMap<string, Instrument>;

/** The backtest's rules, with those of live that the channels ask for. */
export function rulesOf(
  backtest: Instruments,
  live: Instruments,
  has: (channel: Channel) => boolean,
): Instruments {
  if (!has('size') && !has('price')) return backtest;
  return new Map(
    [...backtest].map(([symbol, ours]) => {
      const theirs = live.get(symbol);
      if (theirs === undefined) return [symbol, ours];
      const { lotSize, minQuantity, minNotional } = theirs;
      const { maxQuantity = null, maxMarketQuantity = null } = theirs;
      const limits = { minQuantity, minNotional, maxQuantity, maxMarketQuantity };
      const size = has('size') ? { lotSize, ...limits } : {};
      const price = has('price') ? { tickSize: theirs.tickSize } : {};
      return [symbol, { ...ours, ...size, ...price }];
    }),
  );
}

const SIZES = [
  'lotSize',
  'minQuantity',
  'minNotional',
  'maxQuantity',
  'maxMarketQuantity',
] as const;

/** The channels in which the rules differ. */
export function differingRules(backtest: Instruments, live: Instruments): readonly Channel[] {
  const found = new Set<Channel>();
  for (const [symbol, ours] of backtest) {
    const theirs = live.get(symbol);
    if (theirs === undefined) continue;
    if (SIZES.some((rule) => (ours[rule] ?? null) !== (theirs[rule] ?? null))) found.add('size');
    if (ours.tickSize !== theirs.tickSize) found.add('price');
  }
  return [...found];
}
