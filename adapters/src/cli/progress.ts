// One progress line on stderr, at most once a second, and only for runs long enough to want one.
import type { Clock } from '@strategy-runner/core';
import { SystemClock } from '../clock/system-clock.js';

const EVERY_MS = 1000;

/** A callback for a backtest's progress; always answers true, so that it never stops the run. */
export function progressLine(clock: Clock): (done: number, total: number) => boolean {
  const startedMs = clock.now();
  let toldMs = startedMs;
  return (done, total) => {
    const nowMs = clock.now();
    if (nowMs - toldMs < EVERY_MS) return true;
    toldMs = nowMs;
    const rate = Math.round(done / ((nowMs - startedMs) / 1000));
    const percent = ((done / total) * 100).toFixed(0);
    process.stderr.write(`${percent} % of ${total} bars, ${rate} bars/s\n`);
    return true;
  };
}

/** The same for a backtest that is played again, for its journal. */
export function barsAgain(): (done: number, total: number) => boolean {
  return progressLine(new SystemClock());
}
