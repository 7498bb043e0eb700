// All sessions of a folder, for `runner sessions`. One that is damaged is listed as such: it must
// not hide the others.
import { access, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { SessionMetadata } from '@strategy-runner/contracts';
import { RunnerError } from '../errors.js';
import { type SessionFolder, assertStoreThere, readSessionFolder } from './session-folder.js';
import type { SessionCounts } from './sqlite/session-counts.js';
import { codeOf } from '../private-files/error-code.js';
import { readFailed } from './store-error.js';

/**
 * `ended` = finished for good, `running` = held by a process. Otherwise the last run decides: with
 * an end the session is `stopped`, without one it has `crashed`; both can go on.
 */
export type SessionState = 'running' | 'crashed' | 'stopped' | 'ended';

type SessionPlace = Pick<SessionFolder, 'path' | 'metadata'>;

export type SessionListing =
  | {
      readonly kind: 'session';
      readonly id: string;
      readonly path: string;
      readonly metadata: SessionMetadata;
      readonly state: SessionState;
      /** Null while nothing has been journaled into a database. */
      readonly counts: SessionCounts | null;
    }
  | {
      readonly kind: 'damaged';
      readonly id: string;
      readonly path: string;
      readonly error: RunnerError;
    };

/** Sorted by id, hence by time. A folder that does not exist holds no sessions. */
export async function listSessions(sessionsDir: string): Promise<readonly SessionListing[]> {
  const path = resolve(sessionsDir);
  const names = await folderNames(path);
  const listings: SessionListing[] = [];
  for (const name of names.sort()) listings.push(await list(join(path, name), name));
  return listings;
}

export async function stateOf({ path, metadata }: SessionPlace): Promise<SessionState> {
  if (hasEnded(metadata)) return 'ended';
  const { isSessionLocked } = await import('./session-lock.js');
  if (await isSessionLocked({ path })) return 'running';
  return metadata.runs.at(-1)?.ended_at === null ? 'crashed' : 'stopped';
}

export function hasEnded({ ended_at: endedAt }: SessionMetadata): boolean {
  return endedAt !== null;
}

async function list(path: string, id: string): Promise<SessionListing> {
  try {
    const folder = await readSessionFolder(path);
    await assertStoreThere(folder);
    const { metadata, databasePath } = folder;
    const counts = (await exists(databasePath)) ? await countsOf(databasePath) : null;
    const state = await stateOf(folder);
    return { kind: 'session', id, path, metadata, state, counts };
  } catch (error) {
    return { kind: 'damaged', id, path, error: asRunnerError(path, error) };
  }
}

// SQLite is loaded only where there is a database to look into.
async function countsOf(databasePath: string): Promise<SessionCounts> {
  const { readSessionCounts } = await import('./sqlite/session-counts.js');
  return readSessionCounts(databasePath);
}

async function folderNames(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw readFailed(path, error);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function asRunnerError(path: string, error: unknown): RunnerError {
  return error instanceof RunnerError ? error : readFailed(path, error);
}
