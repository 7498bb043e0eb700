// Waiting on the wall clock, for what is technical: backoff, probes, grace. Market time is another
// matter and has no timers here.
import { SystemClock } from '../../clock/system-clock.js';

const CLOCK = new SystemClock();

/** Epoch milliseconds of the wall clock. */
export function wallMs(): number {
  return CLOCK.now();
}

/** Milliseconds that no setting of the clock moves: for how long something has lasted (T2). */
export function steadyMs(): number {
  return performance.now();
}

/** Resolves with true after `ms`, or with false as soon as `signal` is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const stop = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve(true);
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

export interface BackoffLimits {
  readonly firstMs: number;
  readonly maxMs: number;
}

export const CONNECTION_BACKOFF: BackoffLimits = { firstMs: 1000, maxMs: 60_000 };

/** Wait before attempt number `attempt + 1`: the first, then doubled up to the longest. */
export function backoffMs(attempt: number, { firstMs, maxMs }: BackoffLimits): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(30, Math.max(0, attempt - 1)));
}
