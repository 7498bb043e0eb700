// Bars as the exchange serves them: of any whole multiple of the bars being played, the last one
// still open.
import { type Amount, ZERO, amount, larger, plain, smaller } from './amount.js';
import type { Market, MarketBar } from './venue-state.js';
import { VenueReject } from './venue-reject.js';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

export function intervalMs(interval: string): number {
  const [, count = '', unit = ''] = /^(\d{1,3})([smhdw])$/.exec(interval) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs === undefined) throw new VenueReject(-1120, 'Invalid interval.');
  return Number(count) * unitMs;
}

export interface Kline {
  readonly openMs: number;
  readonly closeMs: number;
  readonly open: Amount;
  readonly high: Amount;
  readonly low: Amount;
  readonly close: Amount;
  readonly volume: Amount;
  readonly isClosed: boolean;
}

/** Oldest first. Errors: -1120 for an interval that the played bars cannot make up. */
export function klinesOf(market: Market, interval: string): readonly Kline[] {
  const lengthMs = intervalMs(interval);
  if (lengthMs % market.timeframeMs !== 0) throw new VenueReject(-1120, 'Invalid interval.');
  const groups = new Map<number, MarketBar[]>();
  const bars = market.current === undefined ? market.closed : [...market.closed, market.current];
  for (const bar of bars) {
    const openMs = bar.openMs - (bar.openMs % lengthMs);
    const group = groups.get(openMs);
    if (group === undefined) groups.set(openMs, [bar]);
    else group.push(bar);
  }
  const doneMs = (market.closed.at(-1)?.openMs ?? 0) + market.timeframeMs;
  return [...groups].map(([openMs, group]) => merge(openMs, lengthMs, group, doneMs));
}

/** The kline under way or just closed, without going through all of history. */
export function lastKline(market: Market, interval: string): Kline | undefined {
  const count = Math.max(1, Math.ceil(intervalMs(interval) / market.timeframeMs));
  const recent = { ...market, closed: market.closed.slice(-count) };
  return klinesOf(recent, interval).at(-1);
}

function merge(
  openMs: number,
  lengthMs: number,
  bars: readonly MarketBar[],
  doneMs: number,
): Kline {
  return {
    openMs,
    closeMs: openMs + lengthMs - 1,
    open: amount(bars[0]!.open),
    high: bars.map(({ high }) => amount(high)).reduce(larger),
    low: bars.map(({ low }) => amount(low)).reduce(smaller),
    close: amount(bars.at(-1)!.close),
    volume: bars.reduce((sum, { volume }) => sum.plus(volume), ZERO),
    isClosed: doneMs >= openMs + lengthMs,
  };
}

export function klineRow(kline: Kline): readonly unknown[] {
  const quote = kline.volume.times(kline.close);
  return [
    kline.openMs,
    plain(kline.open),
    plain(kline.high),
    plain(kline.low),
    plain(kline.close),
    plain(kline.volume),
    kline.closeMs,
    plain(quote),
    100,
    plain(kline.volume.div(2)),
    plain(quote.div(2)),
    '0',
  ];
}
