// Whether the bars at hand go on from those that a session has recorded. A session that is played
// on from other prices, or over a hole, would hold positions that its own history cannot explain.
import type { BarSeries } from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';
import { DAY_MS } from '../market-data/timeframe.js';
import type { KnownBars } from './setup.js';
import { isoOf } from './start-session.js';

const PRICES = ['open', 'high', 'low', 'close'] as const;

export interface Resumption {
  readonly bars: KnownBars;
  /** The bars that the session remembers. */
  readonly recorded: BarSeries;
  readonly gaps: 'refuse' | 'allow';
}

/** True where there is a bar to play. Errors: DATA_CHANGED (65), DATA_GAP (65). */
export function hasNewBars({ bars, recorded, gaps }: Resumption): boolean {
  const { columns } = bars;
  if (recorded.length === 0) return columns.length > 0;
  const lastMs = recorded.openMs(0);
  const first = firstAfter(columns.openMs, columns.length, lastMs);
  checkRecorded(bars, recorded, first);
  if (first === columns.length) return false;
  const nextMs = columns.openMs[first]!;
  if ((nextMs - lastMs) % bars.timeframeMs !== 0) {
    throw changed(bars, nextMs, `It is on no grid of ${bars.timeframe} with ${isoOf(lastMs)}`);
  }
  const mayGap = gaps === 'allow' || bars.timeframeMs >= DAY_MS;
  if (nextMs > lastMs + bars.timeframeMs && !mayGap) throw holeBefore(bars, nextMs, lastMs);
  return true;
}

function firstAfter(times: Float64Array, length: number, ms: number): number {
  let at = length;
  while (at > 0 && times[at - 1]! > ms) at -= 1;
  return at;
}

// Backwards from the last bar that both have: every bar of the one must be a bar of the other, as
// far as both reach.
function checkRecorded(bars: KnownBars, recorded: BarSeries, first: number): void {
  const { columns } = bars;
  // A file that ends earlier says nothing about the bars behind its end.
  const endMs = first === columns.length ? columns.openMs[first - 1]! : Infinity;
  let ago = 0;
  while (ago < recorded.length && recorded.openMs(ago) > endMs) ago += 1;
  for (let row = first - 1; row >= 0 && ago < recorded.length; row -= 1, ago += 1) {
    const openMs = columns.openMs[row]!;
    const recordedMs = recorded.openMs(ago);
    if (openMs !== recordedMs) {
      const whose = openMs > recordedMs ? 'The session has no such bar' : 'The file lacks it';
      throw changed(bars, Math.max(openMs, recordedMs), whose);
    }
    for (const price of PRICES) {
      const was = recorded[price](ago);
      const is = columns[price][row]!;
      if (was !== is) throw changed(bars, openMs, `Its ${price} was ${was}, now it is ${is}`);
    }
  }
}

function changed({ path }: KnownBars, openMs: number, why: string): RunnerError {
  return new RunnerError({
    code: 'DATA_CHANGED',
    exitCode: EXIT.badData,
    message: `${path} differs from what the session has played, at the bar of ${isoOf(openMs)}`,
    why,
    next: 'give the file that the session was run on, or begin another with --start cold',
  });
}

function holeBefore({ path }: KnownBars, openMs: number, lastMs: number): RunnerError {
  return new RunnerError({
    code: 'DATA_GAP',
    exitCode: EXIT.badData,
    message: `${path} goes on at ${isoOf(openMs)}, the session has bars up to ${isoOf(lastMs)}`,
    why: 'Bars are missing between the two',
    next: 'give a file that holds them, or accept the gap: --gaps allow',
  });
}
