import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  CONNECTION_BACKOFF,
  backoffMs,
  pause,
} from '../../../../../adapters/src/venue/ccxt/pause.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('the pause before a connection doubles from a second to a minute', () => {
  const pauses = [1, 2, 3, 6, 7, 8, 1000].map((attempt) => backoffMs(attempt, CONNECTION_BACKOFF));
  expect(pauses).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000]);
});

test('a pause ends by itself, or at once when it is called off', async () => {
  const life = new AbortController();
  const whole = pause(1000, life.signal);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await whole).toBe(true);
  const broken = pause(1_000_000, life.signal);
  life.abort();
  expect(await broken).toBe(false);
  expect(await pause(1000, life.signal)).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});
