// Endless bars from a seed, for a market without a file: a walk of ticks around a start price.
import { type Amount, amount, larger, smaller } from './amount.js';
import { SeededRandom } from './seeded-random.js';
import type { MarketBar } from './venue-state.js';

export interface WalkOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly timeframeMs: number;
  readonly price: string;
  readonly tick: string;
}

const STEPS_PER_BAR = 8;

export function* seededWalk(options: WalkOptions): Generator<MarketBar, undefined> {
  const random = new SeededRandom(options.seed);
  const tick = amount(options.tick);
  let price = amount(options.price);
  // About two thousandths of the price per step at most, however coarse the tick.
  const reach = Math.max(1, price.div(tick).div(500).floor().toNumber());
  for (let openMs = options.startMs; ; openMs += options.timeframeMs) {
    const way: Amount[] = [price];
    for (let step = 0; step < STEPS_PER_BAR; step++) {
      const move = tick.times(random.below(2 * reach + 1) - reach);
      price = larger(price.plus(move), tick);
      way.push(price);
    }
    yield {
      openMs,
      open: way[0]!.toFixed(),
      high: way.reduce(larger).toFixed(),
      low: way.reduce(smaller).toFixed(),
      close: price.toFixed(),
      volume: String(10 + random.below(90)),
    };
  }
}
