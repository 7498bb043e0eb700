import { describe, expect, test } from 'vitest';
import { BarSequence } from '../../../../../adapters/src/venue/ccxt/bar-sequence.js';
import { klineOf, newestOf } from '../../../../../adapters/src/venue/ccxt/bar-stream.js';
import { barFrom, isPlausible } from '../../../../../adapters/src/venue/ccxt/history.js';

const MINUTE = 60_000;
const prices = { open: 10, high: 12, low: 9, close: 11, volume: 5 };

function aBar(minute: number, more: Partial<typeof prices> = {}) {
  return { openMs: minute * MINUTE, closeMs: (minute + 1) * MINUTE, ...prices, ...more };
}

describe('a sequence of bars', () => {
  test('takes any bar first where none was taken before', () => {
    expect(new BarSequence(MINUTE, null).judge(aBar(7))).toEqual({ kind: 'next' });
  });

  test('goes on from the bar that was taken last', () => {
    const sequence = new BarSequence(MINUTE, 7 * MINUTE);
    expect(sequence.nextOpenMs).toBe(8 * MINUTE);
    expect(sequence.judge(aBar(8))).toEqual({ kind: 'next' });
    expect(sequence.judge(aBar(10))).toEqual({ kind: 'gap', fromMs: 8 * MINUTE });
    expect(sequence.judge(aBar(7))).toEqual({ kind: 'duplicate' });
  });

  test('tells a repeated bar from a revised one', () => {
    const sequence = new BarSequence(MINUTE, 7 * MINUTE);
    sequence.take(aBar(8));
    sequence.take(aBar(9));
    expect(sequence.judge(aBar(8))).toEqual({ kind: 'duplicate' });
    for (const change of [{ close: 11.5 }, { volume: 6 }, { low: 8 }]) {
      expect(sequence.judge(aBar(8, change))).toEqual({ kind: 'revised', before: aBar(8) });
    }
  });

  test('remembers no more bars than it must', () => {
    const sequence = new BarSequence(MINUTE, -MINUTE);
    for (let minute = 0; minute <= 600; minute += 1) sequence.take(aBar(minute));
    expect(sequence.judge(aBar(0, { close: 11.5 }))).toEqual({ kind: 'duplicate' });
    expect(sequence.judge(aBar(599, { close: 11.5 })).kind).toBe('revised');
  });
});

describe('bars of messages', () => {
  const k = { s: 'BTCUSDT', i: '1m', t: 0, T: 59_999, o: '10', h: '12', l: '9', c: '11', v: '5' };
  const symbols = (id: string): string | undefined => (id === 'BTCUSDT' ? 'BTC/USDT' : undefined);
  const message = (x: unknown, more = {}) =>
    ({
      name: 'kline',
      atMs: 0,
      body: { e: 'kline', s: 'BTCUSDT', k: { ...k, x, ...more } },
    }) as const;

  test('T5: are closed only where the venue says so', () => {
    const heard = { symbol: 'BTC/USDT', timeframe: '1m', openMs: 0 };
    expect(klineOf(message(true), symbols)).toEqual({ ...heard, closed: aBar(0) });
    for (const x of [false, undefined, 'true', 1]) {
      expect(klineOf(message(x), symbols)).toEqual({ ...heard, closed: null });
    }
  });

  test('of other symbols and other messages are none', () => {
    expect(klineOf(message(true, { s: 'XRPUSDT' }), symbols)).toBeUndefined();
    expect(klineOf({ ...message(true), name: 'trade' }, symbols)).toBeUndefined();
    expect(klineOf({ name: 'kline', atMs: 0, body: {} }, symbols)).toBeUndefined();
  });

  test('that a unified watch answers are never closed', () => {
    const rows = [
      [0, 1, 1, 1, 1, 1],
      [MINUTE, 1, 1, 1, 1, 1],
    ];
    const newest = { symbol: 'A/B', timeframe: '1m', openMs: MINUTE, closed: null };
    expect(newestOf('A/B', '1m', rows)).toEqual(newest);
    expect(newestOf('A/B', '1m', [])).toBeUndefined();
  });
});

describe('a possible bar', () => {
  test('has a price, and its extremes around open and close', () => {
    expect(isPlausible(aBar(0))).toBe(true);
    for (const wrong of [
      { low: 0 },
      { high: 10.5 },
      { low: 10.5 },
      { volume: -1 },
      { close: Number.NaN },
      { open: Infinity, high: Infinity },
    ]) {
      expect(isPlausible(aBar(0, wrong))).toBe(false);
    }
  });

  test('is made of a row, with its close at the next open', () => {
    expect(barFrom([MINUTE, 10, 12, 9, 11, 5], MINUTE)).toEqual(aBar(1));
    expect(isPlausible(barFrom([MINUTE, 10], MINUTE))).toBe(false);
    expect(() => barFrom({}, MINUTE)).toThrow('not a list');
  });
});
