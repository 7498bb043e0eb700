// One folder per session: session.json says what ran, config.json with which settings,
// session.sqlite holds its journal. The first is always whole: it is replaced at once and synced,
// and it is checked whenever it is read.
import { access, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { SessionMetadata } from '@strategy-runner/contracts';
import { validateSession } from '@strategy-runner/contracts/validators';
import { EXIT, REPORT_IT, RunnerError } from '../errors.js';
import { codeOf } from '../private-files/error-code.js';
import {
  makePrivateFolder,
  makePrivateFolders,
  probePrivateFolder,
  replacePrivateFile,
} from '../private-files/private-file.js';
import {
  damaged,
  readFailed,
  sessionNotFound,
  sessionsUnwritable,
  writeFailed,
} from './store-error.js';

const DEFAULT_FOLDER = 'sessions';
/** `<UTC yyyymmdd-hhmmss>-<strategy>-<symbol slug>-<4 hex>`, or any other plain file name. */
const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

export interface SessionFolder {
  readonly id: string;
  /** Absolute path of the folder. */
  readonly path: string;
  readonly metadata: SessionMetadata;
  /** Where its journal is, or will be. */
  readonly databasePath: string;
}

/** `--sessions` counts first, then RUNNER_SESSIONS, then `./sessions`. */
export function resolveSessionsDir(sources: {
  readonly flag?: string | undefined;
  readonly variable?: string | undefined;
  readonly workingFolder: string;
}): string {
  const { flag, variable, workingFolder } = sources;
  return resolve(workingFolder, flag || variable || DEFAULT_FOLDER);
}

/** Makes the folder of a new session. Its id must not have been used. */
export async function createSession(options: {
  readonly sessionsDir: string;
  readonly metadata: SessionMetadata;
  /** Settings that a resumed session is held against, kept whole beside their hash. */
  readonly settings?: unknown;
  /**
   * Further files by name: what it takes to run the same again (the plugin, the engine's config).
   */
  readonly files?: Readonly<Record<string, string>>;
}): Promise<SessionFolder> {
  const { sessionsDir, metadata, settings, files = {} } = options;
  assertValid(metadata);
  const path = join(resolve(sessionsDir), metadata.session_id);
  try {
    await makePrivateFolders(dirname(path));
    await makePrivateFolder(path);
    if (settings !== undefined) await replacePrivateFile(settingsPath(path), serialize(settings));
    for (const [name, content] of Object.entries(files)) {
      await replacePrivateFile(join(path, name), content);
    }
    // Last: a folder without it is one whose making was cut off.
    await replacePrivateFile(metadataPath(path), serialize(metadata));
  } catch (error) {
    throw sessionsUnwritable(resolve(sessionsDir), error);
  }
  return folderOf(path, metadata);
}

/** Makes the folder of all sessions, and throws SESSIONS_UNWRITABLE unless it can be written. */
export async function assertSessionsWritable(sessionsDir: string): Promise<void> {
  const path = resolve(sessionsDir);
  try {
    await makePrivateFolders(path);
    await probePrivateFolder(path);
  } catch (error) {
    throw sessionsUnwritable(path, error);
  }
}

/** The settings that the session began with; undefined where an older version kept none. */
export async function readSettings(folder: SessionFolder): Promise<unknown> {
  const file = settingsPath(folder.path);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw readFailed(file, error);
  }
  return parseJson(file, text);
}

/** A file that was kept with the session; undefined where an older version kept none. */
export async function readSessionFile(
  folder: SessionFolder,
  name: string,
): Promise<string | undefined> {
  const file = join(folder.path, name);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw readFailed(file, error);
  }
}

/** Adds files to a session that exists, or replaces them. Errors: STORE_WRITE_FAILED. */
export async function addSessionFiles(
  { path }: SessionFolder,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = join(path, name);
    try {
      await replacePrivateFile(file, content);
    } catch (error) {
      throw writeFailed(file, error);
    }
  }
}

/** Opens a session by its id, or by the path of its folder. */
export async function openSession(sessionsDir: string, idOrPath: string): Promise<SessionFolder> {
  const isPath = idOrPath.includes('/') || idOrPath.includes(sep);
  if (!isPath && !SESSION_ID.test(idOrPath)) {
    throw sessionNotFound(join(sessionsDir, idOrPath), 'That is not the id of a session');
  }
  return readSessionFolder(isPath ? resolve(idOrPath) : join(resolve(sessionsDir), idOrPath));
}

export async function readSessionFolder(path: string): Promise<SessionFolder> {
  const file = metadataPath(path);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw sessionNotFound(path, 'No session.json');
    throw readFailed(file, error);
  }
  return folderOf(path, parse(file, text));
}

/**
 * Throws STORE_DAMAGED where a session that has been run has no journal. One that keeps a trace
 * never has any, and one whose first run did not begin needs none yet.
 */
export async function assertStoreThere({
  path,
  metadata,
  databasePath,
}: SessionFolder): Promise<void> {
  const isExpected = metadata.runs.length > 0 && !(await exists(join(path, 'trace.json')));
  if (!isExpected || (await exists(databasePath))) return;
  throw damaged(databasePath, 'It is not there, though the session has been run');
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Replaces fields of session.json and gives the folder as it is now. */
export async function updateMetadata(
  folder: SessionFolder,
  change: Partial<Omit<SessionMetadata, 'schema' | 'session_id'>>,
): Promise<SessionFolder> {
  const current = await readSessionFolder(folder.path);
  const metadata = { ...current.metadata, ...change };
  assertValid(metadata);
  const file = metadataPath(folder.path);
  try {
    await replacePrivateFile(file, serialize(metadata));
  } catch (error) {
    throw writeFailed(file, error);
  }
  return folderOf(folder.path, metadata);
}

function folderOf(path: string, metadata: SessionMetadata): SessionFolder {
  return { id: basename(path), path, metadata, databasePath: join(path, 'session.sqlite') };
}

function metadataPath(path: string): string {
  return join(path, 'session.json');
}

function settingsPath(path: string): string {
  return join(path, 'config.json');
}

function serialize(content: unknown): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(file, 'It is not JSON', error);
  }
}

function parse(file: string, text: string): SessionMetadata {
  const content = parseJson(file, text);
  const issue = validateSession(content);
  if (issue !== undefined) throw damaged(file, `${issue.path || '/'} ${issue.message}`);
  return content as SessionMetadata;
}

// What the runner itself made up must be right; anything else is a bug, not a damaged file.
function assertValid(metadata: SessionMetadata): void {
  const issue = validateSession(metadata);
  const isNamed = SESSION_ID.test(metadata.session_id);
  if (issue === undefined && isNamed) return;
  throw new RunnerError({
    code: 'INTERNAL',
    message: 'the metadata of the session is not valid',
    why:
      issue === undefined ? `session_id ${metadata.session_id}` : `${issue.path} ${issue.message}`,
    next: REPORT_IT,
    exitCode: EXIT.unexpected,
  });
}
