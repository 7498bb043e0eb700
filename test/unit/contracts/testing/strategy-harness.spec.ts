import { defineStrategy, type Bar, type FillEvent } from '@strategy-runner/contracts';
import { createStrategyHarness, StrategyHarnessError } from '@strategy-runner/contracts/testing';
import { describe, expect, test } from 'vitest';
import { breakout, manifest, minute, observed, open, start } from './samples.js';

describe('feed', () => {
  test('answers the intents of the last bar and keeps all of them', () => {
    const harness = createStrategyHarness(breakout);
    expect(harness.feed(10, 11)).toEqual([]);
    expect(harness.feed(12)).toEqual([open()]);
    expect(harness.feed(11, 13, 12)).toEqual([]);
    expect(harness.intents).toEqual([open(), open()]);
  });

  test('completes a bar from its close and the bar before', () => {
    const bars: Bar[] = [];
    const { strategy } = observed((_ctx, bar) => bars.push(bar));
    createStrategyHarness(strategy, { timeframe: '1h' }).feed(10, { close: 8, volume: 3 });
    expect(bars[1]).toEqual({
      symbol: 'BTC/USDT:USDT',
      timeframe: '1h',
      open_ms: start + 60 * minute,
      close_ms: start + 120 * minute,
      open: 10,
      high: 10,
      low: 8,
      close: 8,
      volume: 3,
    });
  });

  test('refuses a bar that overlaps the one before', () => {
    const harness = createStrategyHarness(breakout);
    harness.feed({ close: 1, open_ms: 5 * minute });
    expect(() => harness.feed({ close: 1, open_ms: 5 * minute })).toThrow(
      /not after the one before/,
    );
    expect(() => harness.feed({ close: 1, open_ms: 9 * minute })).not.toThrow();
  });

  test('refuses an intent that the schema refuses, and says where', () => {
    const strategy = defineStrategy({
      create: () => ({
        onBar: () =>
          [open(), { ...open(), sizing_policy: { mode: 'qty', qty: 0.1, unit: 'base' } }] as never,
      }),
    });
    const feed = () => createStrategyHarness(strategy).feed(1);
    expect(feed).toThrow(StrategyHarnessError);
    expect(feed).toThrow('onBar: SCHEMA_INVALID: intent 2: /sizing_policy/qty must be string');
  });

  test('refuses a promise', () => {
    const strategy = defineStrategy({
      create: () => ({ onBar: (() => Promise.resolve([])) as never }),
    });
    expect(() => createStrategyHarness(strategy).feed(1)).toThrow(
      expect.objectContaining({ code: 'PLUGIN_RETURNED_PROMISE' }),
    );
  });
});

describe('warm-up', () => {
  test('lasts as long as the manifest says and drops its intents', () => {
    const phases: string[] = [];
    const strategy = defineStrategy({
      manifest,
      config: { type: 'object', properties: { slow: { default: 1 } } },
      create: (ctx) => ({
        onBar: () => {
          phases.push(ctx.phase);
          return open();
        },
      }),
    });
    const harness = createStrategyHarness(strategy);
    expect(harness.feed(1, 2)).toEqual([]);
    expect(harness.feed(3)).toEqual([open()]);
    expect(phases).toEqual(['warmup', 'warmup', 'trading']);
    expect(harness.droppedInWarmup).toBe(2);
  });
});

describe('hooks', () => {
  const fill: FillEvent = {
    intent_id: 'BTC/USDT:USDT:sample@bar:1m:1#open.long.1',
    leg: 'entry',
    position_id: 'BTC/USDT:USDT:sample#1',
    symbol: 'BTC/USDT:USDT',
    side: 'long',
    action: 'entry',
    price: '100',
    quantity: '1',
    fee: '0.05',
    fee_currency: 'USDT',
    liquidity: 'taker',
    time_ms: start + minute,
    is_complete: true,
  };

  test('answer to fills and intent events, and to nothing when left out', () => {
    const strategy = defineStrategy({
      create: () => ({
        onBar: () => undefined,
        onFill: ({ leg }) => open(`after.${leg}`),
        onIntentEvent: (event) => (event.type === 'denied' ? open('again') : undefined),
      }),
    });
    const harness = createStrategyHarness(strategy);
    harness.feed(1);
    expect(harness.feedFill(fill)).toEqual([open('after.entry')]);
    const event = { intent_id: fill.intent_id, time_ms: fill.time_ms };
    expect(harness.feedEvent({ ...event, type: 'accepted' })).toEqual([]);
    expect(harness.feedEvent({ ...event, type: 'denied', code: 'STALE', detail: 'late' })).toEqual([
      open('again'),
    ]);
    expect(createStrategyHarness(breakout).feedFill(fill)).toEqual([]);
  });

  test('refuse an event from before the last one', () => {
    const harness = createStrategyHarness(breakout);
    harness.feed(1, 2);
    expect(() => harness.feedFill(fill)).toThrow(/is before/);
  });

  test('see a timer before the bar that it falls into', () => {
    const seen: (readonly [string, number, number])[] = [];
    const strategy = defineStrategy({
      create: (ctx) => ({
        onBar: (bar) => {
          if (ctx.bars.length > 1) return;
          ctx.setTimer('late', bar.close_ms + 20_000);
          ctx.setTimer('early', bar.close_ms + 90_000);
          ctx.setTimer('early', bar.close_ms + 10_000);
        },
        onTimer: ({ name }) => {
          seen.push([name, ctx.now, ctx.bars.length]);
          return open(name);
        },
      }),
    });
    const harness = createStrategyHarness(strategy);
    expect(harness.feed(1)).toEqual([]);
    expect(harness.feed(2)).toEqual([open('early'), open('late')]);
    expect(harness.feed(3)).toEqual([]);
    expect(seen).toEqual([
      ['early', start + minute + 10_000, 1],
      ['late', start + minute + 20_000, 1],
    ]);
  });

  test('stop a timer that sets itself again without end', () => {
    const strategy = defineStrategy({
      create: (ctx) => ({
        onBar: () => ctx.setTimer('again', ctx.now),
        onTimer: () => ctx.setTimer('again', ctx.now),
      }),
    });
    const harness = createStrategyHarness(strategy);
    harness.feed(1);
    expect(() => harness.feed(2)).toThrow('timer again fired 10000 times inside one bar');
  });
});

test('a snapshot continues as if nothing had happened', () => {
  const every3 = defineStrategy<unknown, { readonly count: number }>({
    create: () => {
      let count = 0;
      return {
        onBar: () => {
          count += 1;
          return count % 3 === 0 ? open() : undefined;
        },
        snapshot: () => ({ count }),
        restore: (state) => {
          count = state.count;
        },
      };
    },
  });
  const first = createStrategyHarness(every3);
  first.feed(1, 2);
  const second = createStrategyHarness(every3, { snapshot: first.snapshot() });
  expect(second.feed(3)).toEqual([open()]);
  expect(createStrategyHarness(every3).feed(3)).toEqual([]);
  expect(createStrategyHarness(breakout).snapshot()).toBeUndefined();
});
