import type { CloseBody, OpenBody } from '@strategy-runner/contracts';
import {
  createStrategyHarness,
  type BarInput,
  type HarnessOptions,
} from '@strategy-runner/contracts/testing';
import { validateIntentBody } from '@strategy-runner/contracts/validators';
import { describe, expect, test } from 'vitest';
import { BREAKOUT } from '../bundled.js';
import { aPosition, aWorking } from '../a-position.js';

const { definition } = BREAKOUT;

/** A channel of 3 bars between 95 and 105, and an exit channel of 2 between 97 and 103. */
const CHANNEL: readonly BarInput[] = [
  { open: 100, high: 105, low: 95, close: 100 },
  { open: 100, high: 102, low: 98, close: 100 },
  { open: 100, high: 103, low: 97, close: 100 },
];

function aHarness(config: object = {}, options: HarnessOptions = {}) {
  const harness = createStrategyHarness(definition, {
    config: { channel: 3, exit_channel: 2, ...config },
    ...options,
  });
  harness.feed(...CHANNEL);
  return harness;
}

function aBreak(close: number): BarInput {
  return { open: 100, close, high: Math.max(100, close), low: Math.min(100, close) };
}

const LONG: OpenBody = {
  kind: 'open',
  side: 'long',
  sizing_policy: {
    mode: 'risk_percent',
    risk_bps: 100,
    basis: 'equity',
    on_insufficient: 'scale_down',
  },
  order: {
    type: 'limit',
    price: { offset_bps: 2, from: 'reference' },
    post_only: true,
    reprice: { max_moves: 3, max_distance_bps: 20 },
  },
  protection: {
    stop_loss: { at: { distance_bps: 200, from: 'entry_avg' }, order: 'market' },
    take_profit: [
      { at: { r_bps: 10000 }, share_bps: 5000, order: 'limit' },
      { at: { r_bps: 25000 }, share_bps: 5000, order: 'limit' },
    ],
    trailing_stop: { activate_at: { r_bps: 15000 }, distance_bps: 150, step_bps: 10 },
    breakeven: { activate_at: { r_bps: 10000 }, offset_bps: 5 },
    time_exit: { after_bars: 200, only_if: 'always', order: 'market' },
  },
  on_existing: 'ignore',
  on_opposite: 'reject',
  reason: { code: 'break.up', text: '105.1 above the high 105 of 3 bars' },
};

const SHORT: OpenBody = {
  ...LONG,
  side: 'short',
  reason: { code: 'break.down', text: '94.9 below the low 95 of 3 bars' },
};

function closeOf(side: 'long' | 'short', text: string): CloseBody {
  return { kind: 'close', target: { side }, reason: { code: 'exit.channel', text } };
}

describe('an entry', () => {
  test('rests behind a close above the highest high of the channel', () => {
    expect(aHarness().feed(aBreak(105.1))).toEqual([LONG]);
  });

  test('rests behind a close below the lowest low of the channel', () => {
    expect(aHarness().feed(aBreak(94.9))).toEqual([SHORT]);
  });

  test('is not made by a close on the channel, nor by a wick through it', () => {
    const harness = aHarness();
    expect(harness.feed(aBreak(105))).toEqual([]);
    expect(harness.feed({ open: 100, high: 120, low: 80, close: 100 })).toEqual([]);
  });

  test('needs no more than the channel to warm up', () => {
    const harness = createStrategyHarness(definition, { config: { channel: 3, exit_channel: 2 } });
    expect(harness.feed(...CHANNEL)).toEqual([]);
    expect(harness.droppedInWarmup).toBe(0);
    expect(harness.feed(aBreak(105.1))).toHaveLength(1);
  });

  test('waits for the one that is under way', () => {
    const harness = aHarness();
    harness.setOpenIntents(aWorking('open', 'short'));
    expect(harness.feed(aBreak(105.1))).toEqual([]);
    harness.setOpenIntents();
    expect(harness.feed(aBreak(110))).toHaveLength(1);
  });

  test.each([
    ['long', 94.9],
    ['short', 105.1],
  ])('is not made against side %s', (side, close) => {
    expect(aHarness({ side }).feed(aBreak(close))).toEqual([]);
  });

  test('is long only on a spot market', () => {
    const spot = { symbol: 'BTC/USDT' };
    expect(aHarness({}, spot).feed(aBreak(94.9))).toEqual([]);
    expect(aHarness({}, spot).feed(aBreak(105.1))).toEqual([LONG]);
  });

  test('takes its distances from the config', () => {
    const config = { risk_bps: 50, stop_bps: 300, offset_bps: 7, trail_bps: 90, hold_bars: 12 };
    expect(aHarness(config).feed(aBreak(105.1))).toEqual([
      {
        ...LONG,
        sizing_policy: { ...(LONG.sizing_policy as object), risk_bps: 50 },
        order: { ...LONG.order, price: { offset_bps: 7, from: 'reference' } },
        protection: {
          ...LONG.protection,
          stop_loss: { at: { distance_bps: 300, from: 'entry_avg' }, order: 'market' },
          trailing_stop: { activate_at: { r_bps: 15000 }, distance_bps: 90, step_bps: 10 },
          time_exit: { after_bars: 12, only_if: 'always', order: 'market' },
        },
      },
    ]);
  });
});

describe('an exit', () => {
  test('closes a long below the low of the exit channel', () => {
    const harness = aHarness({}, { position: aPosition() });
    expect(harness.feed({ open: 100, high: 100, low: 97, close: 97 })).toEqual([]);
    expect(harness.feed(aBreak(96.9))).toEqual([
      closeOf('long', '96.9 below the low 97 of 2 bars'),
    ]);
  });

  test('closes a short above the high of the exit channel', () => {
    const harness = aHarness({}, { position: aPosition({ side: 'short' }) });
    expect(harness.feed(aBreak(103.1))).toEqual([
      closeOf('short', '103.1 above the high 103 of 2 bars'),
    ]);
  });

  test('is not said again while it works, and nothing is opened meanwhile', () => {
    const harness = aHarness({}, { position: aPosition() });
    harness.setOpenIntents(aWorking('close', 'long'));
    expect(harness.feed(aBreak(90), aBreak(80))).toEqual([]);
    expect(harness.intents).toEqual([]);
  });
});

describe('the execution policy', () => {
  const { execution = {} } = definition;

  test('completes the intents to what the contract takes', () => {
    expect(validateIntentBody({ ...execution.open, ...LONG })).toBeUndefined();
    expect(validateIntentBody({ ...execution.close, ...closeOf('long', 'x') })).toBeUndefined();
    expect(execution.open?.fallback).toEqual({
      mode: 'limit_to_market',
      on: ['timeout', 'post_only_reject'],
      after_ms: 300_000,
      max_slippage_bps: 20,
      max_uses: 1,
    });
    expect(execution.open?.expires).toEqual({ after_bars: 3 });
    expect(execution.close?.order).toEqual({ type: 'market' });
  });

  test('says what the defaults of the config say', () => {
    const { expiry_bars, fallback_after_ms, max_slippage_bps } = BREAKOUT.schema.properties;
    expect(execution.open?.expires).toEqual({ after_bars: expiry_bars?.default });
    expect(execution.open?.fallback).toMatchObject({
      after_ms: fallback_after_ms?.default,
      max_slippage_bps: max_slippage_bps?.default,
    });
  });

  test.each([
    [{ expiry_bars: 5 }, { expires: { after_bars: 5 } }],
    [
      { fallback_after_ms: 60_000 },
      { fallback: { ...execution.open?.fallback, after_ms: 60_000 } },
    ],
    [
      { max_slippage_bps: 9 },
      {
        fallback: { ...execution.open?.fallback, max_slippage_bps: 9 },
        order: { ...LONG.order, reprice: { max_moves: 3, max_distance_bps: 9 } },
      },
    ],
  ])('is departed from by name: %j', (config, named) => {
    expect(aHarness(config).feed(aBreak(105.1))).toEqual([{ ...LONG, ...named }]);
  });
});

describe('the config', () => {
  test('is refused with an exit channel that looks further back than the warm-up', () => {
    expect(() => aHarness({ exit_channel: 4 })).toThrow(
      'CONFIG_INVALID: exit_channel is 4 and channel is 3',
    );
    expect(() => aHarness({ exit_channel: 3 })).not.toThrow();
  });

  test('is refused with side short on a spot market', () => {
    expect(() => aHarness({ side: 'short' }, { symbol: 'BTC/USDT' })).toThrow(
      'CONFIG_INVALID: side is short, and BTC/USDT is a spot market',
    );
  });
});
