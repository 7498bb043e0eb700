import { expect, test } from 'vitest';
import { elapsedTime } from '../../../../adapters/src/account-store/elapsed-time.js';
import { HandClock } from './an-account.js';

test('counts the sleep of a machine, and no clock that is set back', () => {
  const clock = new HandClock();
  let steady = 0;
  const elapsed = elapsedTime(clock, () => steady);
  const first = elapsed();
  steady += 1000;
  clock.ms += 1000;
  expect(elapsed() - first).toBe(1000);
  // Asleep: the steady clock stands still.
  clock.ms += 60_000;
  expect(elapsed() - first).toBe(61_000);
  // Set back by an hour while a second passes.
  clock.ms -= 3_600_000;
  steady += 1000;
  expect(elapsed() - first).toBe(62_000);
});
