// What entries need beside the venue itself, such as a lock that must be proven again and again.
// While it is withdrawn nothing that opens risk leaves; exits, cancels and protection go on. Once
// it is given again the account is read before entries may go: it may have been traded meanwhile.

export interface EntryPermit {
  /** Why entries may not go; null = they may. */
  readonly denial: string | null;
  /** Told, with why, each time it is withdrawn. */
  onWithdrawn(listener: (why: string) => void): void;
  /** Resolves when it is given; also when `signal` is aborted. */
  given(signal: AbortSignal): Promise<void>;
}
