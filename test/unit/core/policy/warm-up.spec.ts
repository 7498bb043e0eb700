import { describe, expect, test } from 'vitest';
import { isTradingAt } from '../../../../core/src/policy/warm-up.js';
import { anInstance } from '../../../support/world-config.js';
import { MINUTE_MS, START_MS, SYMBOL, aWorld, idOf, openLong } from '../../../support/world.js';

describe('warm-up [R3]', () => {
  test('the strategy sees all declared history before its first tradable bar', () => {
    const seen: unknown[] = [];
    const world = aWorld({
      warmupBars: 3,
      strategy: (_bar, ctx, index) => {
        seen.push([index, ctx.phase, ctx.bars.length, ctx.bars.close(ctx.bars.length - 1)]);
        return ctx.phase === 'trading' ? openLong() : undefined;
      },
      bars: [100, 101, 102, 103, 104],
    });
    expect(seen).toEqual([
      [0, 'warmup', 1, 100],
      [1, 'warmup', 2, 100],
      [2, 'warmup', 3, 100],
      [3, 'trading', 4, 100],
      [4, 'trading', 5, 100],
    ]);
    expect(world.accepted()[0]!.intent.intent_id).toBe(idOf(3, 'open.long'));
  });

  test('intents during warm-up are counted and dropped, and denied to nobody', () => {
    const world = aWorld({
      warmupBars: 3,
      strategy: () => [openLong(), { broken: true }],
      bars: [100, 100, 100],
    });
    expect(world.recordsOf('warmup_dropped').map(({ count }) => count)).toEqual([2, 2, 2]);
    expect(world.state.instances.get(`${SYMBOL}:sample`)!.warmupDropped).toBe(6);
    expect(world.accepted()).toEqual([]);
    expect(world.denied()).toEqual([]);
    expect(world.heard.intents).toEqual([]);
  });

  test('timers set in warm-up fire, and what they answer is dropped while it lasts', () => {
    const world = aWorld({
      warmupBars: 3,
      strategy: {
        onBar: (_bar, ctx, index) => {
          if (index === 0) ctx.setTimer('early', START_MS + 90_000);
          if (index === 1) ctx.setTimer('late', START_MS + 200_000);
        },
        onTimer: () => openLong(),
      },
      bars: [100, 100, 100, 100],
    });
    expect(world.heard.timers.map(({ name }) => name)).toEqual(['early', 'late']);
    expect(world.recordsOf('warmup_dropped')).toHaveLength(1);
    expect(world.accepted()).toHaveLength(1);
  });

  test('the first tradable bar may also be a time', () => {
    const world = aWorld({
      instance: { tradeFromMs: START_MS + 2 * MINUTE_MS },
      strategy: () => openLong(),
      bars: [100, 100, 100],
    });
    expect(world.recordsOf('warmup_dropped')).toHaveLength(2);
    expect(world.accepted()[0]!.intent.intent_id).toBe(idOf(2, 'open.long'));
  });

  test('both have to be over', () => {
    const world = aWorld({
      instance: { tradeFromMs: START_MS + MINUTE_MS, warmupBars: 3 },
      strategy: () => openLong(),
      bars: [100, 100, 100, 100],
    });
    expect(world.recordsOf('warmup_dropped')).toHaveLength(3);
  });
});

describe('an answer that comes late is held against its question [R3]', () => {
  const market = {
    symbol: SYMBOL,
    bars: 5,
    openMs: START_MS + 4 * MINUTE_MS,
    closeMs: START_MS + 5 * MINUTE_MS,
    last: 100,
    high: 100,
    low: 100,
  };
  const closeOf = (bar: number) => START_MS + bar * MINUTE_MS;

  test.each([
    [5, true],
    [4, true],
    [3, false],
    [1, false],
  ])('about bar %i of five, with three of warm-up, it counts: %s', (bar, isTrading) => {
    const instance = anInstance({ warmupBars: 3 });
    expect(isTradingAt(market, instance, closeOf(bar))).toBe(isTrading);
  });

  test.each([
    [5, true],
    [4, false],
  ])('about bar %i of five, to be traded from the fifth, it counts: %s', (bar, isTrading) => {
    const instance = anInstance({ tradeFromMs: market.openMs });
    expect(isTradingAt(market, instance, closeOf(bar))).toBe(isTrading);
  });

  test('an event inside the next bar belongs to the last closed one', () => {
    const instance = anInstance({ warmupBars: 4 });
    expect(isTradingAt(market, instance, market.closeMs + 1234)).toBe(true);
    expect(isTradingAt(market, instance, market.closeMs - 1)).toBe(false);
  });

  test('before the first bar nothing counts', () => {
    expect(isTradingAt(undefined, anInstance(), START_MS)).toBe(false);
  });
});
