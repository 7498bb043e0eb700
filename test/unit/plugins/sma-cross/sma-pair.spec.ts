import { describe, expect, test } from 'vitest';
import { type Cross, SmaPair } from '../../../../plugins/sma-cross/src/sma-pair.js';
import { aWalk, randomOf } from '../a-walk.js';

/** Crosses by exact arithmetic on closes of one decimal: no sum of it is ever rounded. */
function exactCrosses(closes: readonly number[], fast: number, slow: number) {
  const tenths = closes.map((close) => BigInt(Math.round(close * 10)));
  const sumOf = (end: number, count: number) =>
    tenths.slice(end - count, end).reduce((sum, one) => sum + one, 0n);
  let before: number | undefined;
  return closes.map((_close, index): Cross | undefined => {
    const end = index + 1;
    if (end < slow) return undefined;
    const difference = sumOf(end, fast) * BigInt(slow) - sumOf(end, slow) * BigInt(fast);
    const was = before;
    before = difference > 0n ? 1 : difference < 0n ? -1 : 0;
    if (was === undefined) return undefined;
    if (before > 0 && was <= 0) return 'up';
    return before < 0 && was >= 0 ? 'down' : undefined;
  });
}

function pushAll(pair: SmaPair, closes: readonly number[]): readonly (Cross | undefined)[] {
  return closes.map((close) => pair.push(close));
}

describe('a pair of averages', () => {
  test.each([
    [2, 3, 1],
    [10, 30, 2],
    [7, 50, 3],
    [1, 2, 4],
  ])('crosses where exact arithmetic does (fast %i, slow %i)', (fast, slow, seed) => {
    // Half the moves are below a tick, so that closes repeat and averages are often level.
    const closes = [...aWalk(5000, seed, 1).close];
    const crosses = pushAll(new SmaPair(fast, slow), closes);
    expect(crosses).toEqual(exactCrosses(closes, fast, slow));
    expect(crosses.filter((cross) => cross !== undefined).length).toBeGreaterThan(50);
  });

  test('needs the relation of the bar before: the first full window crosses nothing', () => {
    const pair = new SmaPair(2, 3);
    expect(pushAll(pair, [1, 2, 3])).toEqual([undefined, undefined, undefined]);
    expect(pair.push(1)).toBeUndefined();
    expect(pair.push(0)).toBe('down');
  });

  test('crosses up from level, and not by becoming level', () => {
    const pair = new SmaPair(1, 2);
    expect(pushAll(pair, [5, 4, 4, 5])).toEqual([undefined, undefined, undefined, 'up']);
    expect(pushAll(pair, [5, 6])).toEqual([undefined, 'up']);
    expect(pushAll(pair, [6, 5])).toEqual([undefined, 'down']);
  });

  test.each([100.1, 0.07, 1 / 3])('does not cross in a market that is flat at %d', (close) => {
    const pair = new SmaPair(10, 30);
    const random = randomOf(5);
    for (let i = 0; i < 997; i += 1) pair.push(close + random());
    for (let i = 0; i < 31; i += 1) pair.push(close);
    for (let i = 0; i < 1000; i += 1) expect(pair.push(close)).toBeUndefined();
  });

  test('forgets the rounding of prices that have left its windows', () => {
    const random = randomOf(6);
    const high = Array.from({ length: 60 }, () => 1e9 * (1 + random()));
    const low = [...aWalk(500, 6, 50).close].map((close) => close / 1e6);
    const crashed = pushAll(new SmaPair(10, 30), [...high, ...low]).slice(high.length);
    const fresh = pushAll(new SmaPair(10, 30), low);
    expect(crashed.slice(60)).toEqual(fresh.slice(60));
  });

  test('agrees with one that began at another bar, once its windows are full', () => {
    const closes = [...aWalk(2000, 9, 50).close].map((close) => close / 3);
    const early = pushAll(new SmaPair(10, 30), closes);
    const late = pushAll(new SmaPair(10, 30), closes.slice(417));
    expect(late.slice(30)).toEqual(early.slice(447));
  });

  test('continues from its snapshot with the very same sums', () => {
    const closes = [...aWalk(500, 11, 50).close].map((close) => close / 3);
    const random = randomOf(12);
    for (let round = 0; round < 20; round += 1) {
      const at = Math.floor(random() * 400);
      const pair = new SmaPair(7, 20);
      pushAll(pair, closes.slice(0, at));
      const other = new SmaPair(7, 20);
      other.restore(JSON.parse(JSON.stringify(pair.snapshot())));
      expect(pushAll(other, closes.slice(at))).toEqual(pushAll(pair, closes.slice(at)));
      expect(other.snapshot()).toEqual(pair.snapshot());
    }
  });

  test('refuses the snapshot of other lengths and says what to do', () => {
    const state = new SmaPair(7, 20).snapshot();
    const message = /^CONFIG_INVALID: the state is of fast 7 and slow 20.*start cold\.$/;
    expect(() => new SmaPair(8, 20).restore(state)).toThrow(message);
    expect(() => new SmaPair(7, 21).restore(state)).toThrow(message);
  });
});
