// How long something has lasted, counted as the stricter of two clocks: the steady one stands still
// while a machine sleeps, and the wall clock can be set back.
import type { Clock } from '@strategy-runner/core';

/** Answers with ms since some moment; never less than before. */
export function elapsedTime(
  clock: Clock,
  steadyMs: () => number = () => performance.now(),
): () => number {
  let [wall, steady, total] = [clock.now(), steadyMs(), 0];
  return () => {
    const [wallNow, steadyNow] = [clock.now(), steadyMs()];
    total += Math.max(0, wallNow - wall, steadyNow - steady);
    [wall, steady] = [wallNow, steadyNow];
    return total;
  };
}
