// A database that several machines reach, as the shared lock sees it: one claim, taken once and
// taken again after a loss, over a connection with which the lock lives and ends.
import type { AccountHolder } from './account-lock.js';
import { type AccountId, accountName, keyFingerprint } from './account-folder.js';

export interface LockClaim {
  readonly id: AccountId;
  readonly apiKey: string;
  readonly host: string;
  readonly pid: number;
  readonly session: string;
  /** ISO time of the wall clock. */
  readonly since: string;
}

export interface LockServer {
  /** Takes the lock, which raises its epoch. Errors: LOCK_SERVER_* and what the network says. */
  take(): Promise<Taking>;
  /** Takes it again, unless somebody has had it since. Errors: whatever keeps it unsaid. */
  retake(): Promise<Taking>;
}

export type Taking =
  | { readonly kind: 'taken'; readonly epoch: number; readonly connection: LockConnection }
  /** Undefined: it has not said who it is. */
  | { readonly kind: 'held'; readonly holder: AccountHolder | undefined };

export interface LockConnection {
  /**
   * `gone`: the connection lives and the lock is not with it. `taken`: somebody has had it since.
   */
  prove(): Promise<'held' | 'gone' | 'taken'>;
  /** Resolves, with why, when the connection has ended. */
  readonly broken: Promise<string>;
  /** Lets go and says so. */
  release(): Promise<void>;
  /** Drops the connection without a word. */
  close(): void;
}

/** What a claim locks: the account by name, and the key, which two names may share. */
export function lockNames({ id, apiKey }: Pick<LockClaim, 'id' | 'apiKey'>): readonly string[] {
  const key = `key ${id.exchange.toLowerCase()} ${keyFingerprint(id.exchange, apiKey)}`;
  return [`account ${accountName(id)}`, key];
}
