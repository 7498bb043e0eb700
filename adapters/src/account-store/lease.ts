// How the request weight of one window is handed out in slices, so that a call costs no disk write:
// a pure decision over what has been handed out so far. A fifth of the limit is kept for exits.

const RESERVE_SHARE = 0.2;
const SLICE_SHARE = 0.05;

/** Weight handed out in the window that began at `windowStartMs`, spent or not. */
export interface Leased {
  readonly windowStartMs: number;
  readonly weight: number;
}

export interface LeaseRequest {
  readonly weight: number;
  readonly isUrgent: boolean;
  readonly limit: number;
  /** What the venue says has been used in this window, by strangers too. */
  readonly reported: number;
  readonly windowStartMs: number;
}

export interface LeaseDecision {
  /** 0 = nothing more in this window. */
  readonly granted: number;
  readonly leased: Leased;
}

/** How much of the limit a call of this urgency may use up. */
export function ceilingOf({ limit, isUrgent }: { limit: number; isUrgent: boolean }): number {
  return isUrgent ? limit : Math.floor(limit * (1 - RESERVE_SHARE));
}

export function decideLease(before: Leased | undefined, request: LeaseRequest): LeaseDecision {
  const { weight, isUrgent, limit, reported, windowStartMs } = request;
  const isSame = before?.windowStartMs === windowStartMs;
  const used = Math.max(isSame ? before.weight : 0, reported);
  const free = ceilingOf(request) - used;
  // One that is larger than all there is would wait for ever.
  const least = Math.min(weight, ceilingOf(request));
  // A close is rare: what it does not need stays in the reserve.
  const wanted = isUrgent ? weight : Math.max(weight, Math.floor(limit * SLICE_SHARE));
  const granted = free < least ? 0 : Math.min(wanted, free);
  return { granted, leased: { windowStartMs, weight: used + granted } };
}
