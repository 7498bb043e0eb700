// The market of a simulation: a walk in whole ticks, the same for the same seed.
import { aRandom } from './random.js';
import type { TickBar } from './exchange-truth.js';
import { MINUTE_MS, START_MS } from '../../support/world-config.js';

export function aMarket(seed: number, length: number): readonly TickBar[] {
  const random = aRandom(seed * 13 + 1);
  const bars: TickBar[] = [];
  let price = 10_000;
  for (let i = 0; i < length; i += 1) {
    const open = price;
    const close = open + random.below(61) - 30 + Math.round((10_000 - open) / 40);
    const high = Math.max(open, close) + 1 + random.below(12);
    const low = Math.min(open, close) - 1 - random.below(12);
    const openMs = START_MS + i * MINUTE_MS;
    bars.push({ openMs, closeMs: openMs + MINUTE_MS, open, high, low, close });
    price = close;
  }
  return bars;
}
