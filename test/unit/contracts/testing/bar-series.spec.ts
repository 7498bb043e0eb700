import { defineStrategy, type BarHistory } from '@strategy-runner/contracts';
import { createStrategyHarness } from '@strategy-runner/contracts/testing';
import { describe, expect, test } from 'vitest';
import { manifest, minute, observed, open } from './samples.js';

describe('bar history', () => {
  test('shows no bar that has not been fed, at any event', () => {
    const lengths: number[] = [];
    const { strategy } = observed((ctx) => {
      lengths.push(ctx.bars.length);
      expect(ctx.bars.openMs(0)).toBe(ctx.now - minute);
      expect(ctx.bars.close(-1)).toBeNaN();
      expect(ctx.bars.close(ctx.bars.length)).toBeNaN();
    });
    createStrategyHarness(strategy).feed(1, 2, 3);
    expect(lengths).toEqual([1, 2, 3]);
  });

  test('answers extremes over a window, and NaN where it is too short', () => {
    const { strategy, context } = observed();
    createStrategyHarness(strategy).feed(
      { close: 2, high: 9, low: 1 },
      { close: 3, high: 5, low: 2 },
      { close: 4, high: 6, low: 3 },
    );
    const bars: BarHistory = context().bars;
    expect([bars.highest(2), bars.highest(2, 1), bars.highest(3)]).toEqual([6, 9, 9]);
    expect([bars.lowest(1), bars.lowest(2), bars.lowest(2, 1)]).toEqual([3, 2, 1]);
    expect([bars.highest(4), bars.lowest(3, 1), bars.highest(0)]).toEqual([NaN, NaN, NaN]);
  });

  test('gives closes oldest first, as a copy that changes nothing', () => {
    const { strategy, context } = observed();
    createStrategyHarness(strategy).feed(1, 2, 3);
    const closes = context().bars.closes(2);
    expect([...closes]).toEqual([2, 3]);
    closes[1] = 99;
    expect(context().bars.close(0)).toBe(3);
    expect([...context().bars.closes(9)]).toEqual([1, 2, 3]);
    expect(closes.buffer.byteLength).toBe(16);
  });

  test('of another timeframe holds what was fed to it and calls no hook', () => {
    let calls = 0;
    const strategy = defineStrategy({
      manifest: { ...manifest, data: { timeframes: ['1m', '1h'], warmup_bars: 0 } },
      create: (ctx) => ({
        onBar: () => {
          calls += 1;
          return ctx.series('1h').close(0) > 100 ? open() : undefined;
        },
      }),
    });
    const harness = createStrategyHarness(strategy);
    expect(harness.feed(1)).toEqual([]);
    harness.feedSeries('1h', 90, 101);
    expect(calls).toBe(1);
    expect(harness.feed(1)).toEqual([open()]);
    expect(() => harness.feedSeries('4h', 1)).toThrow(/not in the manifest, which has 1m, 1h/);
  });
});
