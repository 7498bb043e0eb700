import type { Exchange } from 'ccxt';
import { describe, expect, test } from 'vitest';
import { ClockSync } from '../../../../../adapters/src/venue/ccxt/clock-sync.js';

function aSync(venue: { aheadMs: number | undefined }) {
  const wall = { ms: 1_000_000 };
  const exchange = { options: {} as Record<string, unknown> };
  const drifts: number[] = [];
  const offsets: number[] = [];
  let reads = 0;
  const sync = new ClockSync({
    wall: () => wall.ms,
    exchanges: [exchange as unknown as Exchange],
    readTime: () => {
      reads += 1;
      const { aheadMs } = venue;
      return Promise.resolve(aheadMs === undefined ? undefined : wall.ms + aheadMs);
    },
    setOffset: (offsetMs) => void offsets.push(offsetMs),
    onDrift: (offsetMs) => void drifts.push(offsetMs),
  });
  return { sync, wall, exchange, drifts, offsets, reads: () => reads };
}

describe('the clock of the venue', () => {
  test('is what requests are signed with', async () => {
    const { sync, exchange, offsets, drifts } = aSync({ aheadMs: 60 });
    expect(await sync.sync()).toBe(true);
    expect(exchange.options['timeDifference']).toBe(-60);
    expect(offsets).toEqual([60]);
    expect(drifts).toEqual([]);
  });

  test('tells a drift of more than half a second once, and again when it changes', async () => {
    const venue = { aheadMs: -501 };
    const { sync, wall, drifts } = aSync(venue);
    await sync.sync();
    wall.ms += 2000;
    await sync.sync();
    expect(drifts).toEqual([-501]);
    venue.aheadMs = 0;
    wall.ms += 2000;
    await sync.sync();
    expect(drifts).toEqual([-501, 0]);
  });

  test('is not asked on every refusal, nor by two at a time', async () => {
    const { sync, wall, reads } = aSync({ aheadMs: 0 });
    await Promise.all([sync.sync(), sync.sync()]);
    expect(await sync.sync()).toBe(false);
    expect(reads()).toBe(1);
    wall.ms += 1000;
    expect(await sync.sync()).toBe(true);
  });

  test('that cannot be read changes nothing', async () => {
    const { sync, exchange } = aSync({ aheadMs: undefined });
    expect(await sync.sync()).toBe(false);
    expect(exchange.options).toEqual({});
  });
});
