// Where journal rows go when the journal itself can no longer be written. It must lie on another
// path than the session, must not throw, and is read by people and by the next start only.
import type { JournalRow } from './session-store.js';

export interface EmergencyLog {
  append(rows: readonly JournalRow[]): void;
}
