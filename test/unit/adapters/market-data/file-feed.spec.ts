import { expect, test } from 'vitest';
import { decimal } from '@strategy-runner/core';
import { FileFeed } from '../../../../adapters/src/market-data/file-feed.js';

const MINUTE_MS = 60_000;

/** Bars at minutes 0, 1 and 4; minutes 2 and 3 are missing. */
async function fundingFrom(afterMs: number): Promise<readonly (readonly number[])[]> {
  const minutes = [0, 1, 4];
  const flat = Float64Array.of(1, 1, 1);
  const feed = new FileFeed({
    columns: {
      length: 3,
      openMs: Float64Array.from(minutes, (minute) => minute * MINUTE_MS),
      open: flat,
      high: flat,
      low: flat,
      close: flat,
      volume: flat,
    },
    symbol: 'BTC/USDT:USDT',
    timeframe: '1m',
    timeframeMs: MINUTE_MS,
    funding: [0, 1, 2, 3, 4].map((minute) => {
      return { timeMs: minute * MINUTE_MS + 17, rate: decimal('0.0001'), markPrice: null };
    }),
    afterMs,
    speed: Infinity,
    clock: { now: () => 0 },
  });
  const minutesDue: number[][] = [];
  for (let item = await feed.next(); item !== undefined; item = await feed.next()) {
    minutesDue.push(item.funding.map(({ timeMs }) => Math.floor(timeMs / MINUTE_MS)));
  }
  return minutesDue;
}

test('funding that falls into a gap comes with the bar after it, in every run', async () => {
  expect(await fundingFrom(0)).toEqual([[0], [1], [2, 3, 4]]);
  expect(await fundingFrom(MINUTE_MS)).toEqual([[1], [2, 3, 4]]);
  expect(await fundingFrom(2 * MINUTE_MS)).toEqual([[2, 3, 4]]);
});
