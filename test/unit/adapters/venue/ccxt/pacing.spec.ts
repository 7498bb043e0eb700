import { describe, expect, test } from 'vitest';
import { Pace } from '../../../../../adapters/src/venue/ccxt/pacing.js';

function aPace(burst: number) {
  const time = { ms: 1_000_000 };
  const pace = new Pace({
    unitMs: 50,
    burst,
    now: () => time.ms,
    sleep: () => Promise.resolve(),
  });
  return { pace, time };
}

describe('requests of one instance', () => {
  test('leave at once up to the burst, then one by one at their cost', () => {
    const { pace } = aPace(4);
    expect([1, 1, 1, 1, 1, 4, 1].map((cost) => pace.reserve(cost))).toEqual([
      0, 0, 0, 0, 0, 50, 250,
    ]);
  });

  test('do not wait for one that was long ago', () => {
    const { pace, time } = aPace(0);
    expect(pace.reserve(30)).toBe(0);
    expect(pace.reserve(1)).toBe(1500);
    time.ms += 60_000;
    expect(pace.reserve(1)).toBe(0);
  });

  test('never leave faster than their pace over a long run', () => {
    const { pace, time } = aPace(10);
    const start = time.ms;
    for (let request = 0; request < 1000; request++) time.ms += pace.reserve(1);
    expect(time.ms - start).toBe((1000 - 1 - 10) * 50);
  });
});
