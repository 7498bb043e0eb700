// What becomes of a run whose process has ended, and what the supervisor's own exit status is. A
// crash is restarted, slower each time and not for ever; what was refused would be refused again.
// What cannot be reached may be reached later, and a position may be open: that is tried for ever.
import { EXIT } from '../../errors.js';

export interface ProcessEnd {
  /** Null where a signal ended it. */
  readonly status: number | null;
  readonly signal: string | null;
}

export const RESTARTS = { max: 5, withinMs: 600_000, firstMs: 1000, longestMs: 60_000 } as const;

export type Verdict =
  | { readonly kind: 'ended' | 'refused' | 'gave_up' }
  | { readonly kind: 'restart'; readonly waitMs: number };

/** What was decided on purpose: by the command, or by whoever reads its answer. */
const REFUSALS: ReadonlySet<number> = new Set([
  EXIT.checkFailed,
  EXIT.usage,
  EXIT.badData,
  EXIT.missingInput,
  EXIT.busy,
  EXIT.refused,
  EXIT.configuration,
]);

export interface EarlierEnd extends ProcessEnd {
  readonly atMs: number;
}

/** `earlier`: the ends that it was restarted after. */
export function afterEnd(
  end: ProcessEnd,
  { earlier, nowMs }: { readonly earlier: readonly EarlierEnd[]; readonly nowMs: number },
): Verdict {
  const status = statusOf(end);
  if (status === EXIT.ok) return { kind: 'ended' };
  if (REFUSALS.has(status)) return { kind: 'refused' };
  const recent = earlier.filter(({ atMs }) => nowMs - atMs < RESTARTS.withinMs);
  const crashes = recent.filter((one) => !isUnreached(one)).length;
  if (!isUnreached(end) && crashes >= RESTARTS.max) return { kind: 'gave_up' };
  const waitMs = Math.min(RESTARTS.firstMs * 2 ** recent.length, RESTARTS.longestMs);
  return { kind: 'restart', waitMs };
}

function isUnreached(end: ProcessEnd): boolean {
  return statusOf(end) === EXIT.venueUnavailable;
}

// A run answers these two itself; one that dies of them had not begun.
const ASKED_TO_END: ReadonlySet<string> = new Set(['SIGTERM', 'SIGINT']);

export function statusOf({ status, signal }: ProcessEnd): number {
  if (status !== null) return status;
  return signal !== null && ASKED_TO_END.has(signal) ? EXIT.ok : EXIT.unexpected;
}

/** From harmless to bad. A status that is not listed counts as unexpected, the last of them. */
const SEVERITY: readonly number[] = [
  EXIT.ok,
  EXIT.checkFailed,
  EXIT.venueUnavailable,
  EXIT.missingInput,
  EXIT.badData,
  EXIT.usage,
  EXIT.configuration,
  EXIT.busy,
  EXIT.refused,
  EXIT.unexpected,
];

/** The worst of them. */
export function worstOf(statuses: readonly number[]): number {
  const ranks = statuses.map((status) => {
    const rank = SEVERITY.indexOf(status);
    return rank < 0 ? SEVERITY.length - 1 : rank;
  });
  return SEVERITY[Math.max(0, ...ranks)]!;
}
