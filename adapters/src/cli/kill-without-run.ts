// What `runner kill` leaves for whoever has to find out why: the run that obeys it writes a bundle;
// where none runs, the newest session of the account is packed here, once the kill is durable.
import type { AccountStore } from '../account-store/account-store.js';
import type { Clock } from '@strategy-runner/core';
import { join } from 'node:path';
import { BUNDLES_FOLDER } from '../api/kept-bundles.js';
import { formatError } from '../errors.js';
import { newestSession } from '../store/newest-session.js';
import { isSessionLocked } from '../store/session-lock.js';
import { writeEndBundle } from './end-bundle.js';

/** Somebody stands there and waits. */
const WITHIN_MS = 10_000;

export interface KilledAccount {
  readonly store: AccountStore;
  readonly sessionsDir: string;
  readonly clock: Clock;
  /** A process holds the account, or may. */
  readonly isHeld: boolean;
}

export interface KillBundled {
  /** Where it is; null where there is none yet. */
  readonly path: string | null;
  /** In words. */
  readonly said: string;
}

/** The kill stands, whatever comes of this. */
export function bundleAtKill(killed: KilledAccount): Promise<KillBundled> {
  return bundleOf(killed).catch((error: unknown) => none(`none: ${formatError(error)}`));
}

async function bundleOf(killed: KilledAccount): Promise<KillBundled> {
  const { store, sessionsDir, clock, isHeld } = killed;
  if (store.id.exchange === 'sim') return none('sessions on a played file keep none');
  const folder = await newestSession(sessionsDir, store.id);
  if (folder === undefined) {
    const writes = 'the run writes one beside its session';
    const where = `no session of this account is in ${sessionsDir}`;
    return none(isHeld ? writes : `none: ${where} (--sessions)`);
  }
  if (isHeld || (await isSessionLocked(folder))) {
    const where = join(folder.path, BUNDLES_FOLDER);
    return none(`the run writes one into ${where}, unless it has --no-end-bundle`);
  }
  const written = await writeEndBundle({ folder, clock, withinMs: WITHIN_MS });
  if (written.path !== null) return { path: written.path, said: written.path };
  return none(`none: ${written.why}; ${written.next} writes one`);
}

function none(said: string): KillBundled {
  return { path: null, said };
}
