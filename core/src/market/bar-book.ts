// All series of a run. A closed base bar goes into its own series, and completes the bars of longer
// timeframes that end with it, so that a strategy reads those before it is asked about the base
// bar.
import type { BarEvent } from '../events.js';
import type { EngineConfig } from '../config.js';
import { type BarColumns, type BarRow, BarSeries } from './bar-series.js';
import { timeframeMsOf } from './timeframe.js';

const DAY_MS = 86_400_000;
/** Weeks open on Monday; the epoch was a Thursday. */
const WEEK_OFFSET_MS = 4 * DAY_MS;
const WEEK_MS = 7 * DAY_MS;

/** Series keyed by `symbol|timeframe`: what each instance trades on, then what it only looks at. */
export function emptySeries(
  config: EngineConfig,
  preloaded?: BarColumns,
): ReadonlyMap<string, BarSeries> {
  const found = new Map<string, BarSeries>();
  for (const { symbol, timeframe, informative = [] } of config.instances) {
    const base = new BarSeries(symbol, timeframe, config.historyBars, preloaded);
    found.set(`${symbol}|${timeframe}`, base);
    for (const longer of informative) {
      const key = `${symbol}|${longer}`;
      if (!found.has(key)) found.set(key, new BarSeries(symbol, longer, config.historyBars));
    }
  }
  return found;
}

/** Appends the bar wherever it belongs. */
export function appendBar(series: readonly BarSeries[], bar: BarEvent): void {
  let base: BarSeries | undefined;
  for (let i = 0; i < series.length; i += 1) {
    const one = series[i]!;
    if (one.symbol === bar.symbol && one.timeframe === bar.timeframe) base = one;
  }
  if (base === undefined) return;
  base.append(bar);
  if (series.length === 1) return;
  for (const longer of series) {
    if (longer === base || longer.symbol !== bar.symbol) continue;
    const row = completedBy(bar, base, longer.timeframe);
    if (row !== undefined) longer.append(row);
  }
}

/**
 * The longer bar that ends with `bar`, made of the base bars inside it; missing ones are left out.
 */
function completedBy(bar: BarEvent, base: BarSeries, timeframe: string): BarRow | undefined {
  const lengthMs = timeframeMsOf(timeframe);
  if (lengthMs === undefined) return undefined;
  const offsetMs = lengthMs % WEEK_MS === 0 ? WEEK_OFFSET_MS : 0;
  if ((bar.closeMs - offsetMs) % lengthMs !== 0) return undefined;
  const openMs = bar.closeMs - lengthMs;
  let [high, low, volume, count] = [-Infinity, Infinity, 0, 0];
  while (count < base.length && base.openMs(count) >= openMs) {
    high = Math.max(high, base.high(count));
    low = Math.min(low, base.low(count));
    volume += base.volume(count);
    count += 1;
  }
  const { closeMs, close } = bar;
  return { openMs, closeMs, open: base.open(count - 1), high, low, close, volume };
}
