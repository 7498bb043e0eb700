// The wall clock, for pacing only: what the engine knows of time comes with its events.
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}
