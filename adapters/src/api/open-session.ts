// Which session a live run belongs to: the one that was named, the last unfinished one of the same
// strategy and symbol, or a new one. A session that was started on other premises is not resumed.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionMetadata } from '@strategy-runner/contracts';
import { EXIT, RunnerError } from '../errors.js';
import {
  type SessionFolder,
  assertSessionsWritable,
  assertStoreThere,
  createSession,
  openSession,
  readSessionFolder,
  readSettings,
} from '../store/session-folder.js';
import { RUN_FILE, readRunName, runFileText } from '../store/run-name.js';
import { type SessionListing, hasEnded, listSessions } from '../store/session-list.js';
import { damaged } from '../store/store-error.js';
import { firstDifference } from './setting-difference.js';
import { isoOf } from './start-session.js';

/** What a session pins beside its metadata, so that a change can be named. */
export interface SessionSettings {
  /** First tradable bar as given, ISO; null = at once. */
  readonly trade_from: string | null;
  readonly config: unknown;
}

export function settingsOf(fromMs: number | undefined, config: unknown): SessionSettings {
  return { trade_from: fromMs === undefined ? null : isoOf(fromMs), config };
}

export interface SessionRequest {
  readonly sessionsDir: string;
  readonly session?: string;
  readonly start: 'auto' | 'warm' | 'cold';
  /** What a new session would be; its premises are held against an existing one. */
  readonly metadata: SessionMetadata;
  readonly settings: SessionSettings;
  /** Files that a new session keeps; see `premisesOf`. */
  readonly files: Readonly<Record<string, string>>;
  /** Only sessions of the run of this name, undefined: of none; left out: of whatever name. */
  readonly ofRun?: { readonly run: string | undefined };
  /** Called before a new one is made; what it throws leaves no trace. */
  readonly beforeNew?: () => void;
}

/**
 * Errors: SESSION_NOT_FOUND (66), SESSION_PREMISES_CHANGED (78), SESSIONS_UNWRITABLE (77),
 * STORE_DAMAGED (65).
 */
export async function findOrCreate(request: SessionRequest): Promise<SessionFolder> {
  const { sessionsDir, metadata, settings, ofRun } = request;
  const files =
    ofRun?.run === undefined
      ? request.files
      : { ...request.files, [RUN_FILE]: runFileText(ofRun.run) };
  // Said before anything is looked for in it: a file in its place is no damaged session.
  await assertSessionsWritable(sessionsDir);
  const create = (): Promise<SessionFolder> => {
    request.beforeNew?.();
    return createSession({ sessionsDir, metadata, settings, files });
  };
  if (request.start === 'cold') return create();
  const found =
    request.session === undefined
      ? await lastUnfinished(request)
      : await openSession(sessionsDir, request.session);
  if (found !== undefined) {
    await assertStoreThere(found);
    await checkPremises(found, metadata, settings);
    return found;
  }
  if (request.start === 'warm') throw nothingToResume(sessionsDir);
  return create();
}

interface Candidate {
  readonly id: string;
  readonly startedAt: string;
  /** Whether it may be gone on with; a finished one only says what is older. */
  readonly isOpen: boolean;
  /** What keeps it from being read at all. */
  readonly damage?: RunnerError;
}

async function lastUnfinished({
  sessionsDir,
  metadata: wanted,
  ofRun,
}: SessionRequest): Promise<SessionFolder | undefined> {
  const candidates: Candidate[] = [];
  for (const listing of await listSessions(sessionsDir)) {
    if (ofRun !== undefined && (await readRunName(listing.path)) !== ofRun.run) continue;
    const candidate = await candidateOf(listing, wanted);
    if (candidate !== undefined) candidates.push(candidate);
  }
  // By time, not by id: ids of the same second are in no order.
  candidates.sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  // One that cannot be read may hold positions, unless a later one was begun in spite of it.
  const damage = candidates.at(-1)?.damage;
  if (damage !== undefined) throw damage;
  const last = candidates.filter(({ isOpen }) => isOpen).at(-1);
  return last === undefined ? undefined : openSession(sessionsDir, last.id);
}

// A store of an older version, or one that is damaged, may hold positions: it is opened, which
// migrates it or says what is wrong with it. Passing it over would trade the same account from
// nothing.
async function candidateOf(
  listing: SessionListing,
  wanted: SessionMetadata,
): Promise<Candidate | undefined> {
  const { id } = listing;
  const metadata =
    listing.kind === 'session' ? listing.metadata : await readableMetadata(listing.path);
  if (metadata instanceof RunnerError) return unreadable(listing, wanted, metadata);
  if (!fits(metadata, wanted)) return undefined;
  const isOpen = !hasEnded(metadata);
  return { id, startedAt: metadata.started_at, isOpen };
}

async function readableMetadata(path: string): Promise<SessionMetadata | RunnerError> {
  try {
    return (await readSessionFolder(path)).metadata;
  } catch (error) {
    if (error instanceof RunnerError) return error;
    throw error;
  }
}

const SESSION_ID = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-(.+)-[0-9a-f]{4}$/;

// Of what cannot be read the id alone says whose it is. A folder without a journal, such as one
// whose making was cut off, holds nothing.
async function unreadable(
  { id, path }: SessionListing,
  wanted: SessionMetadata,
  error: RunnerError,
): Promise<Candidate | undefined> {
  const parts = SESSION_ID.exec(id);
  const isSame = parts !== null && parts[7] === SESSION_ID.exec(wanted.session_id)?.[7];
  if (!isSame || !(await exists(join(path, 'session.sqlite')))) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  // To the second only; among those of one second it counts as the last.
  const startedAt = `${year}-${month}-${day}T${hour}:${minute}:${second}.999Z`;
  const file = join(path, 'session.json');
  const damage =
    error.code === 'STORE_DAMAGED' ? error : damaged(file, 'The journal beside it needs it', error);
  return { id, startedAt, isOpen: false, damage };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function fits(metadata: SessionMetadata, wanted: SessionMetadata): boolean {
  return (
    metadata.kind === wanted.kind &&
    metadata.exchange === wanted.exchange &&
    metadata.account === wanted.account &&
    metadata.strategy.id === wanted.strategy.id &&
    metadata.data.symbol === wanted.data.symbol
  );
}

async function checkPremises(
  folder: SessionFolder,
  now: SessionMetadata,
  settings: SessionSettings,
): Promise<void> {
  const before = folder.metadata;
  const pinned = (await readSettings(folder)) as Partial<SessionSettings> | undefined;
  const setting = pinned && firstDifference(pinned.config, settings.config);
  const changed: readonly (readonly [string, string, string])[] = [
    ['plugin code', before.strategy.code_hash, now.strategy.code_hash],
    ...(setting ? [[`config: ${setting.path}`, setting.was, setting.is] as const] : []),
    ['config', before.config_hash, now.config_hash],
    ['symbol', before.data.symbol, now.data.symbol],
    ['timeframe', before.timeframe, now.timeframe],
    ...(pinned ? [['--from', fromOf(pinned), fromOf(settings)] as const] : []),
  ];
  const first = changed.find(([, was, is]) => was !== is);
  if (first === undefined) return;
  const [what, was, is] = first;
  throw new RunnerError({
    code: 'SESSION_PREMISES_CHANGED',
    exitCode: EXIT.configuration,
    message: `session ${before.session_id} was started with another ${what}`,
    why: `It was ${was.slice(0, 40)}, now it is ${is.slice(0, 40)}`,
    next: 'give the same plugin and settings, or start a new session with --start cold',
  });
}

function fromOf({ trade_from }: Partial<SessionSettings>): string {
  return trade_from ?? 'not given';
}

function nothingToResume(sessionsDir: string): RunnerError {
  return new RunnerError({
    code: 'SESSION_NOT_FOUND',
    exitCode: EXIT.missingInput,
    message: `no unfinished session in ${sessionsDir} fits this strategy and symbol`,
    next: 'runner sessions lists them; --start auto begins a new one',
  });
}
