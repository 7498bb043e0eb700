// When may it be said that a venue never had an order? Only after several answers "not found" over
// longer than a request can be under way, with the venue's other lists agreeing. Pure.

export interface AbsenceLimits {
  /** Answers "not found" that it takes. */
  readonly notFound: number;
  /** Ms since the call ended over which they must be spread; no setting of a clock moves them. */
  readonly windowMs: number;
}

export interface AbsenceEvidence {
  /** When the submitting call ended, or the asking began; on the steady clock. */
  readonly sinceMs: number;
  readonly notFound: number;
  readonly lastMs: number;
}

/** A request can be executed until its window has passed: by then it is there, or never will be. */
export function absenceLimits(recvWindowMs: number): AbsenceLimits {
  return { notFound: 3, windowMs: Math.max(5000, recvWindowMs + 1000) };
}

export function startEvidence(sinceMs: number): AbsenceEvidence {
  return { sinceMs, notFound: 0, lastMs: sinceMs };
}

export function noteNotFound(evidence: AbsenceEvidence, nowMs: number): AbsenceEvidence {
  // An answer from before the call ended says nothing.
  if (nowMs < evidence.sinceMs) return evidence;
  return { ...evidence, notFound: evidence.notFound + 1, lastMs: nowMs };
}

/** Whether enough was heard that it is worth asking the other lists. */
export function isRipe(evidence: AbsenceEvidence, limits: AbsenceLimits): boolean {
  return (
    evidence.notFound >= limits.notFound && evidence.lastMs - evidence.sinceMs >= limits.windowMs
  );
}

/** What the other lists said; null = a reading failed, which is never read as agreement. */
export interface Witnesses {
  readonly isAmongOpenOrders: boolean | null;
  /** The trades since the cursor were read, and none belongs to the order. */
  readonly isFreeOfTrades: boolean | null;
  /** The position at the venue is the one that our fills make. */
  readonly doesPositionAgree: boolean | null;
}

export function doWitnessesAgree(witnesses: Witnesses): boolean {
  const { isAmongOpenOrders, isFreeOfTrades, doesPositionAgree } = witnesses;
  return isAmongOpenOrders === false && isFreeOfTrades === true && doesPositionAgree === true;
}
