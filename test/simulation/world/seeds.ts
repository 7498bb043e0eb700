// How many lives a suite lives. RUNNER_SIM_SEEDS raises it: a night of seeds finds what a minute
// does not.
import { type Coverage, noCoverage } from './watcher.js';
import { aRandom } from './random.js';
import type { Simulated } from './simulate.js';

const ASKED = Number(process.env['RUNNER_SIM_SEEDS'] ?? 0);

/** A life takes a fraction of a second; a night of them takes a night. */
export const TIMEOUT_MS = 60_000 + ASKED * 2_000;

/** Seeds 1 to `count`, or to RUNNER_SIM_SEEDS where that is more. */
export function seeds(count: number): readonly number[] {
  return Array.from({ length: Math.max(count, ASKED) }, (_, place) => place + 1);
}

/** Up to six deaths, some of them close together, so that a recovery may die too. */
export function crashPoints(seed: number): readonly number[] {
  const random = aRandom(seed * 101);
  const points: number[] = [];
  let place = 0;
  for (let crash = random.below(7); crash > 0; crash -= 1) {
    place += 1 + random.below(random.chance(0.3) ? 4 : 220);
    points.push(place);
  }
  return points;
}

export function totalOf(lives: readonly Simulated[]): Coverage {
  const total = noCoverage();
  for (const { coverage } of lives) {
    for (const what of Object.keys(total) as (keyof Coverage)[]) total[what] += coverage[what];
  }
  return total;
}
