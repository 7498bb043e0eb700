import { defineStrategy } from '@strategy-runner/contracts';
import { createStrategyHarness } from '@strategy-runner/contracts/testing';
import { describe, expect, test } from 'vitest';
import { aPosition, minute, observed, start } from './samples.js';

describe('the context', () => {
  test('follows the event being handled and cannot be changed', () => {
    const { strategy, context } = observed();
    const harness = createStrategyHarness(strategy, { position: aPosition() });
    harness.feed(1);
    expect(context().now).toBe(start + minute);
    expect(context().position('long')).toEqual(aPosition());
    expect(context().position('short')).toBeUndefined();
    harness.setPositions(aPosition({ side: 'short' }));
    expect(context().positions).toEqual([aPosition({ side: 'short' })]);
    harness.setAccount({ free: '1' });
    expect(context().account).toEqual({ currency: 'USDT', equity: '10000', free: '1' });
    expect(Object.isFrozen(context())).toBe(true);
    expect(Object.isFrozen(context().positions[0])).toBe(true);
    expect(Object.isFrozen(context().config)).toBe(true);
  });

  test('describes the instrument of the symbol', () => {
    const { strategy, context } = observed();
    createStrategyHarness(strategy, { symbol: 'ETH/EUR', instrument: { tick_size: '0.5' } });
    expect(context().instrument).toMatchObject({
      symbol: 'ETH/EUR',
      market: 'spot',
      base: 'ETH',
      settle: 'EUR',
      tick_size: '0.5',
    });
  });

  test('has the config with the defaults of its schema below the given values', () => {
    let config: unknown;
    const strategy = defineStrategy({
      config: { type: 'object', properties: { fast: { default: 5 }, slow: { default: 20 } } },
      create: (ctx) => {
        config = ctx.config;
        return { onBar: () => undefined };
      },
    });
    createStrategyHarness(strategy, { config: { fast: 3 } });
    expect(config).toEqual({ fast: 3, slow: 20 });
  });

  test('draws the same randomness for the same seed, event and call', () => {
    const draws = (seed: number) => {
      const values: number[] = [];
      const { strategy } = observed((ctx) => values.push(ctx.random(), ctx.random()));
      createStrategyHarness(strategy, { seed }).feed(1, 1, 1);
      return values;
    };
    expect(draws(7)).toEqual(draws(7));
    expect(new Set([...draws(7), ...draws(8)]).size).toBe(12);
    expect(draws(7).every((value) => value >= 0 && value < 1)).toBe(true);
  });

  test('records logs with the time of the event', () => {
    const { strategy } = observed((ctx) => ctx.log('seen', { close: 1 }));
    const harness = createStrategyHarness(strategy);
    harness.feed(1);
    expect(harness.logs).toEqual([
      { time_ms: start + minute, message: 'seen', fields: { close: 1 } },
    ]);
  });
});
