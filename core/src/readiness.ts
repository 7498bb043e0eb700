// The order in which the start of a run gets what it needs, and the event that says so.
/** What a run has to have before it trades, in the order in which it gets it. */
export const READINESS = ['data', 'strategy', 'risk', 'reconcile', 'execution'] as const;
export type ReadinessItem = (typeof READINESS)[number];

/** Something that the start of a run has waited for is there; it changes nothing. */
export interface ReadinessReached {
  readonly kind: 'readiness';
  readonly ts: number;
  readonly run: number;
  readonly item: ReadinessItem;
  /** Since the exchange was reached, wall ms. */
  readonly waitedMs: number;
}
