// Why something happened: an id is looked for in the sessions, the latest first, and its story is
// read from the journal of the one that has it.
import { access } from 'node:fs/promises';
import { type EngineConfig, decode } from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';
import { closestName } from '../plugin-source/closest-name.js';
import { type SessionFolder, readSessionFile, readSessionFolder } from '../store/session-folder.js';
import { listSessions } from '../store/session-list.js';
import { SessionLookup } from '../store/sqlite/session-lookup.js';
import { SqliteStore } from '../store/sqlite/sqlite-store.js';
import { type OnBars, isTraceOnly, withJournal, withJournaledSession } from './backtest-journal.js';
import { readTrace } from './backtest-inputs.js';
import type { Explanation } from './explain-document.js';
import { type Found, findInSession, idsLike } from './explain-find.js';
import { ExplainWalk } from './explain-walk.js';

export interface ExplainOptions {
  readonly sessionsDir: string;
  readonly id: string;
  /** Session id, its folder, or a bundle; omitted = the last session that has the id. */
  readonly session?: string;
  /** Told how far a backtest is whose journal is being made. */
  readonly onBars?: OnBars;
}

/**
 * Errors: ID_UNKNOWN (66), SESSION_NOT_FOUND (66), STORE_DAMAGED (65), BUNDLE_DAMAGED (65),
 * SESSION_PREMISES_CHANGED (78).
 */
export function explain(options: ExplainOptions): Promise<Explanation> {
  const { sessionsDir, id, session, onBars } = options;
  const near: string[] = [];
  if (session === undefined) return explainLatest(options, near);
  const work = async (folder: SessionFolder) => {
    await assertJournal(folder);
    const told = await explainIn(folder, id, near);
    if (told === undefined) throw unknownId(id, near, `in session ${folder.id}`);
    return told;
  };
  return withJournaledSession(sessionsDir, session, work, onBars);
}

async function explainLatest(
  { sessionsDir, id, onBars }: ExplainOptions,
  near: string[],
): Promise<Explanation> {
  const sessions = (await listSessions(sessionsDir)).flatMap((listing) =>
    listing.kind === 'session' ? [{ path: listing.path, at: listing.metadata.started_at }] : [],
  );
  sessions.sort((a, b) => (a.at < b.at ? 1 : -1));
  for (const { path } of sessions) {
    const folder = await journaledIfItHas(id, await readSessionFolder(path), onBars);
    const told = folder && (await explainIn(folder, id, near));
    if (told !== undefined) return told;
  }
  throw unknownId(id, near, `in any session of ${sessionsDir}`);
}

// A backtest's trace names what has filled. Of what has not, only its journal would know, and not
// every backtest is run again for an id that may be in none.
async function journaledIfItHas(
  id: string,
  folder: SessionFolder,
  onBars: OnBars | undefined,
): Promise<SessionFolder | undefined> {
  if (!(await isTraceOnly(folder))) return (await hasJournal(folder)) ? folder : undefined;
  // One that is damaged must not hide the others.
  const fills = await readTrace(folder).then(
    (trace) => trace?.fills,
    () => undefined,
  );
  const isThere =
    fills?.position.includes(id) === true ||
    fills?.order.some((order) => order === id || order.startsWith(`${id}/`)) === true;
  return isThere ? withJournal(folder, onBars) : undefined;
}

function hasJournal({ databasePath }: SessionFolder): Promise<boolean> {
  return access(databasePath).then(
    () => true,
    () => false,
  );
}

const NEAR_MAX = 3;

async function explainIn(
  folder: SessionFolder,
  id: string,
  near: string[],
): Promise<Explanation | undefined> {
  const { session_id: sessionId } = folder.metadata;
  const lookup = await SessionLookup.open(folder.databasePath);
  let found: Found | undefined;
  try {
    found = await findInSession(lookup, sessionId, id);
    if (found === undefined && near.length < NEAR_MAX) near.push(...(await nearest(lookup, id)));
  } finally {
    await lookup.close();
  }
  if (found === undefined) return undefined;
  const { kind, id: standsFor } = found;
  const story = await walk(folder, found);
  return {
    schema: 'runner.explain/1',
    session_id: sessionId,
    id,
    kind,
    stands_for: standsFor,
    ...story,
  };
}

async function walk(folder: SessionFolder, found: Found) {
  const engine = await readSessionFile(folder, 'engine.json');
  if (engine === undefined) throw withoutEngine(folder);
  const config = decode(engine) as EngineConfig;
  const reading = new ExplainWalk(found, config, folder.metadata.session_id);
  const store = await SqliteStore.openReader(folder.databasePath);
  try {
    for await (const row of store.readJournal(1)) if (!reading.take(row)) break;
  } finally {
    await store.close();
  }
  return reading.result();
}

async function nearest(lookup: SessionLookup, id: string): Promise<readonly string[]> {
  const { holding, others } = await idsLike(lookup, id);
  if (holding.length > 0) return holding;
  const closest = closestName(id, others);
  if (closest !== undefined) return [closest];
  // Most ids begin alike, so that what was typed may be an end that is not quite right.
  const ends = new Map(others.map((other) => [other.slice(-id.length), other]));
  const nearestEnd = ends.get(closestName(id, ends.keys()) ?? '');
  return nearestEnd === undefined ? [] : [nearestEnd];
}

function unknownId(id: string, near: readonly string[], where: string): RunnerError {
  const [first] = near;
  const known = [...new Set(near)].slice(0, NEAR_MAX);
  return new RunnerError({
    code: 'ID_UNKNOWN',
    exitCode: EXIT.missingInput,
    message: `there is no intent, order, fill or position ${id} ${where}`,
    ...(first === undefined ? {} : { why: `There are: ${known.join(', ')}` }),
    next:
      first === undefined
        ? 'runner status shows orders and positions, runner sessions the sessions'
        : `runner explain '${first}'`,
    context: { id },
  });
}

async function assertJournal(folder: SessionFolder): Promise<void> {
  await access(folder.databasePath).catch((error: unknown) => {
    throw new RunnerError({
      code: 'SESSION_NOT_FOUND',
      exitCode: EXIT.missingInput,
      message: `session ${folder.id} has no journal to explain from`,
      why: 'It was stopped before its first event',
      next: 'runner sessions lists the sessions',
      cause: error,
    });
  });
}

function withoutEngine(folder: SessionFolder): RunnerError {
  return new RunnerError({
    code: 'SESSION_NOT_FOUND',
    exitCode: EXIT.missingInput,
    message: `session ${folder.id} does not hold its engine config`,
    why: 'An older version of the host began it',
    next: 'give a session that runner live has begun',
  });
}
