import { describe, expect, test } from 'vitest';
import { type WalkOptions, seededWalk } from '../../../../adapters/src/venue-server/seeded-walk.js';
import type { MarketBar } from '../../../../adapters/src/venue-server/venue-state.js';

const OPTIONS: WalkOptions = {
  seed: 7,
  startMs: 60_000,
  timeframeMs: 60_000,
  price: '3',
  tick: '0.5',
};

function take(count: number, options: WalkOptions = OPTIONS): readonly MarketBar[] {
  const walk = seededWalk(options);
  return Array.from({ length: count }, () => walk.next().value!);
}

describe('a seeded walk', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(take(50)).toEqual(take(50));
    expect(take(50)).not.toEqual(take(50, { ...OPTIONS, seed: 8 }));
  });

  test('has whole bars in a row, above zero and on the tick', () => {
    const bars = take(500);
    for (const [index, bar] of bars.entries()) {
      const [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map(Number) as [
        number,
        number,
        number,
        number,
      ];
      expect(bar.openMs).toBe(60_000 * (index + 1));
      expect(low >= 0.5 && low <= Math.min(open, close) && high >= Math.max(open, close)).toBe(
        true,
      );
      expect([open, high, low, close].every((price) => Number.isInteger(price * 2))).toBe(true);
      if (index > 0) expect(bar.open).toBe(bars[index - 1]!.close);
    }
    expect(new Set(bars.map(({ close }) => close)).size).toBeGreaterThan(3);
  });
});
