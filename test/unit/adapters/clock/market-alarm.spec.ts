// Waits are faked: the alarm asks the wall for nothing but them.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MarketAlarm } from '../../../../adapters/src/clock/market-alarm.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('fires once when market time that runs at sixty times the wall is due', () => {
  const startMs = Date.now();
  const now = (): number => (Date.now() - startMs) * 60;
  const alarm = new MarketAlarm({ now, wallMsUntil: (ms) => (ms - now()) / 60 });
  const fire = vi.fn();
  alarm.set(60_000, fire);
  vi.advanceTimersByTime(999);
  expect(fire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2000);
  expect(fire).toHaveBeenCalledTimes(1);
});

test('looks again at time that stands until it has been moved', () => {
  let marketMs = 0;
  const alarm = new MarketAlarm({ now: () => marketMs, wallMsUntil: () => Infinity });
  const fire = vi.fn();
  alarm.set(1000, fire);
  vi.advanceTimersByTime(10_000);
  expect(fire).not.toHaveBeenCalled();
  marketMs = 1000;
  vi.advanceTimersByTime(250);
  expect(fire).toHaveBeenCalledTimes(1);
});

test('forgets what it was set to when it is set again or cleared', () => {
  const alarm = new MarketAlarm({ now: () => Infinity, wallMsUntil: () => 10 });
  const first = vi.fn();
  const second = vi.fn();
  alarm.set(1, first);
  alarm.set(2, second);
  vi.advanceTimersByTime(50);
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1]);
  alarm.set(3, first);
  alarm.clear();
  vi.advanceTimersByTime(50);
  expect(first).not.toHaveBeenCalled();
});
