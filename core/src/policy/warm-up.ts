// When intents of an instance begin to count: its warm-up is complete and its first bar has come
// (R3).
import type { InstanceConfig } from '../config.js';
import type { SymbolMarket } from '../state/engine-state.js';

/**
 * Whether they counted at the event of `asOfMs`. Bars that closed while an answer was on its way do
 * not make up for warm-up; where bars are missing this errs towards warm-up.
 */
export function isTradingAt(
  market: Readonly<SymbolMarket> | undefined,
  { timeframeMs, warmupBars, tradeFromMs }: InstanceConfig,
  asOfMs: number,
): boolean {
  if (market === undefined) return false;
  const since = Math.max(0, Math.ceil((market.closeMs - asOfMs) / timeframeMs));
  return market.bars - since > warmupBars && market.openMs - since * timeframeMs >= tradeFromMs;
}
