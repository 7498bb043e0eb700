// An intent's expiry as an absolute deadline, fixed when it is accepted (rule 6).
import type { Expiry } from '@strategy-runner/contracts';

/** Epoch ms from which nothing of the intent may be sent any more, or null. */
export function deadlineOf(
  expires: Expiry | undefined,
  asOfMs: number,
  timeframeMs: number,
): number | null {
  if (expires === undefined) return null;
  if ('at_ms' in expires) return expires.at_ms;
  if ('after_ms' in expires) return asOfMs + expires.after_ms;
  return asOfMs + expires.after_bars * timeframeMs;
}
