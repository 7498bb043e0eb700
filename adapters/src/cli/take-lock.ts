// The locks of an account that real orders need: the one of this machine, and where the config
// names a Postgres the one that other machines see. Taken in this order, given back in the other.
import { hostname } from 'node:os';
import type { Clock } from '@strategy-runner/core';
import type { Logger } from 'pino';
import type { AccountLock } from '../account-store/account-lock.js';
import type { AccountStore } from '../account-store/account-store.js';
import { elapsedTime } from '../account-store/elapsed-time.js';
import { lockAddress } from '../account-store/lock-address.js';
import { PostgresLock } from '../account-store/postgres-lock.js';
import { SharedLock } from '../account-store/shared-lock.js';
import type { AccountConfig } from '../venue/ccxt/account-config.js';

export interface LockParts {
  readonly accountStore: AccountStore;
  readonly config: AccountConfig;
  readonly apiKey: string;
  /** What the lock is held for, in words. */
  readonly session: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface TakenLocks {
  readonly lock: AccountLock;
  /** Null where the config names none. */
  readonly sharedLock: SharedLock | null;
  release(): Promise<void>;
}

const LOST_AFTER_MS = 60_000;
/** The server lets nobody in before a machine that it hears nothing from has given up itself. */
const KEPT_LONGER_MS = 30_000;

/** Errors: ACCOUNT_BUSY (75), LOCK_* and those of the account store. */
export async function takeLocks(parts: LockParts): Promise<TakenLocks> {
  const { accountStore, config, apiKey, session } = parts;
  const settings = config.lock;
  const address = settings && lockAddress(settings.postgres_url_env, process.env);
  const lock = await accountStore.lock({ apiKey, session });
  if (settings === undefined || address === undefined) {
    return { lock, sharedLock: null, release: () => lock.release() };
  }
  try {
    const { id } = accountStore;
    const { clock, log } = parts;
    const { lost_after_ms: lostAfterMs = LOST_AFTER_MS } = settings;
    const since = new Date(clock.now()).toISOString();
    const claim = { id, apiKey, host: hostname(), pid: process.pid, session, since };
    const server = new PostgresLock({ address, claim, keptMs: lostAfterMs + KEPT_LONGER_MS });
    const elapsedMs = elapsedTime(clock);
    const sharedLock = await SharedLock.take({ server, id, lostAfterMs, elapsedMs, log });
    const release = async (): Promise<void> => {
      try {
        await sharedLock.release();
      } finally {
        await lock.release();
      }
    };
    return { lock, sharedLock, release };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
