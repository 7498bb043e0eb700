// What must hold at every moment of a simulation, by name. A broken build is caught by one of
// these.

export type Invariant =
  /** No order reaches the exchange twice, and no intent trades more than it was allowed. */
  | 'executed-once'
  | 'within-limits'
  | 'persisted-before-submitted'
  /** What is booked is what the exchange traded, and adds up to the position. */
  | 'fills-are-the-position'
  | 'ledger-adds-up'
  /** Nothing that holds entries back holds back an exit. */
  | 'exits-pass-gates'
  | 'no-entry-through-gates'
  | 'forward-only'
  | 'always-protected'
  /** Asked again after a restart, the plugin says what it said. */
  | 'plugin-remembers'
  /** With the faults off, everything is known, agreed and over. */
  | 'converges';

export class Violation extends Error {
  readonly invariant: Invariant;

  constructor(invariant: Invariant, what: string) {
    super(`${invariant}: ${what}`);
    this.invariant = invariant;
  }
}

export function must(isTrue: boolean, invariant: Invariant, what: () => string): void {
  if (!isTrue) throw new Violation(invariant, what());
}
