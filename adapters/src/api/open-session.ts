// Which session a live run belongs to: the one that was named, the last unfinished one of the same
// strategy and symbol, or a new one. A session that was started on other premises is not resumed.
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionMetadata } from '@strategy-runner/contracts';
import { EXIT, RunnerError } from '../errors.js';
import {
  type SessionFolder,
  createSession,
  openSession,
  readSessionFolder,
} from '../store/session-folder.js';
import { makePrivateFolders } from '../store/private-file.js';
import { type SessionListing, listSessions, stateOf } from '../store/session-list.js';
import { sessionsUnwritable } from '../store/store-error.js';

export interface SessionRequest {
  readonly sessionsDir: string;
  readonly session?: string;
  readonly start: 'auto' | 'warm' | 'cold';
  /** What a new session would be; its premises are held against an existing one. */
  readonly metadata: SessionMetadata;
}

/** Errors: SESSION_NOT_FOUND (66), SESSION_PREMISES_CHANGED (78), SESSIONS_UNWRITABLE (77). */
export async function findOrCreate(request: SessionRequest): Promise<SessionFolder> {
  const { sessionsDir, metadata } = request;
  await assertUsable(sessionsDir);
  if (request.start === 'cold') return createSession({ sessionsDir, metadata });
  const found =
    request.session === undefined
      ? await lastUnfinished(sessionsDir, metadata)
      : await openSession(sessionsDir, request.session);
  if (found !== undefined) {
    checkPremises(found.metadata, metadata);
    return found;
  }
  if (request.start === 'warm') throw nothingToResume(sessionsDir);
  return createSession({ sessionsDir, metadata });
}

// Said before anything is looked for in it: a file in its place is no damaged session.
async function assertUsable(sessionsDir: string): Promise<void> {
  try {
    await makePrivateFolders(sessionsDir);
  } catch (error) {
    throw sessionsUnwritable(sessionsDir, error);
  }
}

async function lastUnfinished(
  sessionsDir: string,
  wanted: SessionMetadata,
): Promise<SessionFolder | undefined> {
  const fitting: { readonly id: string; readonly startedAt: string }[] = [];
  for (const listing of await listSessions(sessionsDir)) {
    const metadata = await metadataOf(listing);
    if (metadata === undefined || !fits(metadata, wanted)) continue;
    fitting.push({ id: listing.id, startedAt: metadata.started_at });
  }
  // By time, not by id: ids of the same second are in no order.
  const last = fitting.sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1)).at(-1);
  return last === undefined ? undefined : openSession(sessionsDir, last.id);
}

// A store of an older version, or one that is damaged, may hold positions: it is opened, which
// migrates it or says what is wrong with it. Passing it over would trade the same account from
// nothing.
async function metadataOf(listing: SessionListing): Promise<SessionMetadata | undefined> {
  if (listing.kind === 'session') return listing.metadata;
  return readSessionFolder(listing.path).then(
    ({ metadata }) => metadata,
    () => undefined,
  );
}

function fits(metadata: SessionMetadata, wanted: SessionMetadata): boolean {
  return (
    stateOf(metadata) !== 'ended' &&
    metadata.kind === wanted.kind &&
    metadata.exchange === wanted.exchange &&
    metadata.account === wanted.account &&
    metadata.strategy.id === wanted.strategy.id &&
    metadata.data.symbol === wanted.data.symbol
  );
}

function checkPremises(before: SessionMetadata, now: SessionMetadata): void {
  const changed = [
    ['plugin code', before.strategy.code_hash, now.strategy.code_hash],
    ['config', before.config_hash, now.config_hash],
    ['symbol', before.data.symbol, now.data.symbol],
    ['timeframe', before.timeframe, now.timeframe],
  ].filter(([, was, is]) => was !== is);
  const first = changed[0];
  if (first === undefined) return;
  const [what, was, is] = first as [string, string, string];
  throw new RunnerError({
    code: 'SESSION_PREMISES_CHANGED',
    exitCode: EXIT.configuration,
    message: `session ${before.session_id} was started with another ${what}`,
    why: `It was ${was.slice(0, 16)}, now it is ${is.slice(0, 16)}`,
    next: 'give the same plugin and settings, or start a new session with --start cold',
  });
}

function nothingToResume(sessionsDir: string): RunnerError {
  return new RunnerError({
    code: 'SESSION_NOT_FOUND',
    exitCode: EXIT.missingInput,
    message: `no unfinished session in ${sessionsDir} fits this strategy and symbol`,
    next: 'runner sessions lists them; --start auto begins a new one',
  });
}

/**
 * Holds the session for one process. Released by the returned function; a dead holder's is taken
 * over.
 */
export async function lockSession(folder: SessionFolder): Promise<() => Promise<void>> {
  const path = join(folder.path, 'lock');
  const claim = `${path}.${process.pid}`;
  // Linked once it says whose it is: a lock that is still empty would look like a dead holder's.
  await writeFile(claim, String(process.pid), { mode: 0o600 });
  try {
    for (let tries = 0; tries < 2; tries += 1) {
      if (await isLinked(claim, path)) return () => rm(path, { force: true });
      const holder = Number(await readFile(path, 'utf8').catch(() => '0'));
      if (isAlive(holder)) throw busy(folder, holder);
      await rm(path, { force: true });
    }
  } finally {
    await rm(claim, { force: true });
  }
  throw busy(folder, 0);
}

async function isLinked(claim: string, path: string): Promise<boolean> {
  try {
    await link(claim, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function busy(folder: SessionFolder, holder: number): RunnerError {
  return new RunnerError({
    code: 'SESSION_BUSY',
    exitCode: EXIT.busy,
    message: `session ${folder.id} is being run by process ${holder}`,
    next: 'wait for it to end, stop it with SIGTERM, or begin another with --start cold',
  });
}
