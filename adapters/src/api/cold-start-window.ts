// A new session is not begun in a black-out window: its first look at the market would be one that
// its user has said not to act on. A session that exists goes on; its entries wait.
import { blackoutAt } from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';
import type { Setup } from './setup.js';
import { isoOf } from './start-session.js';

/** `nowMs` on the market's clock. Errors: COLD_START_REFUSED (77). */
export function assertNoBlackout(
  { blackout, symbol }: Pick<Setup, 'blackout' | 'symbol'>,
  nowMs: number,
): void {
  const standing = blackoutAt(blackout, nowMs, symbol);
  if (standing === undefined) return;
  const until = isoOf(standing.untilMs);
  throw new RunnerError({
    code: 'COLD_START_REFUSED',
    exitCode: EXIT.refused,
    message: `no session is begun in a black-out window: ${standing.reason}`,
    why: `It is ${isoOf(nowMs)} at the exchange, the window ends at ${until}`,
    next: `start again after ${until}, or take the window out of the config`,
    context: { until_ms: standing.untilMs },
  });
}
