// The layout of a session's database and the way from an older one to this one. Released steps are
// never changed. Projections follow from the journal, so a step may throw them away and have them
// refilled.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { EXIT, RunnerError } from '../../errors.js';
import { moveDurably, touchPrivateFile } from '../../private-files/private-file.js';
import { damaged, writeFailed } from '../store-error.js';
import type { Connection } from '../../private-files/connection.js';
import { projectionsSql } from './projection-tables.js';

/** Marks a file as a session's; SQLite keeps it in the header. */
const APPLICATION_ID = 0x52_55_4e_52;

export interface Migration {
  readonly version: number;
  readonly sql: string;
}

// Not STRICT: a journal must never refuse a row, not even for half a millisecond.
const JOURNAL_SQL = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY, ts INTEGER NOT NULL, class TEXT NOT NULL, kind TEXT NOT NULL,
    payload TEXT NOT NULL, prev_hash TEXT NOT NULL, hash TEXT NOT NULL
  );
  CREATE TABLE snapshots (
    seq INTEGER PRIMARY KEY, ts INTEGER NOT NULL, state TEXT NOT NULL, plugin TEXT,
    bars TEXT NOT NULL
  );
  PRAGMA application_id = ${APPLICATION_ID};`;

export const MIGRATIONS: readonly Migration[] = [
  { version: 1, sql: JOURNAL_SQL },
  { version: 2, sql: projectionsSql() },
  // What a venue that outlives the process tells got tables; the journal refills all of them.
  { version: 3, sql: projectionsSql() },
];

export interface Migrated {
  readonly from: number;
  readonly to: number;
  /** Copy of the file as it was; absent when nothing had to be done or nothing was there. */
  readonly backup?: string;
}

/**
 * Version of the layout; 0 = an empty file. Refuses what is not a session or is newer than this
 * host.
 */
export async function readVersion(connection: Connection, path: string): Promise<number> {
  const version = await pragma(connection, 'user_version');
  const newest = newestOf(MIGRATIONS);
  const tables = await connection.get<{ readonly count: number }>(
    'SELECT count(*) AS count FROM sqlite_schema',
  );
  if (version === 0 && tables?.count === 0) return 0;
  if ((await pragma(connection, 'application_id')) !== APPLICATION_ID) {
    throw damaged(path, 'It is a database of another program');
  }
  if (version <= newest) return version;
  throw new RunnerError({
    code: 'SCHEMA_NEWER',
    message: `${path} has schema ${version}, this host knows ${newest}`,
    why: 'A newer version of the host wrote it',
    next: 'install the newer host again: npm install -g strategy-runner@latest',
    exitCode: EXIT.configuration,
    context: { path, version, newest },
  });
}

/** For readers, which never write: an older layout is named with the command that mends it. */
export function assertCurrent(path: string, version: number): void {
  const newest = newestOf(MIGRATIONS);
  if (version === newest) return;
  throw new RunnerError({
    code: 'SCHEMA_OLDER',
    message: `${path} has schema ${version}, this host reads ${newest}`,
    why: version === 0 ? 'Its first write was cut off' : 'An older version of the host wrote it',
    next: 'runner migrate',
    exitCode: EXIT.configuration,
    context: { path, version, newest },
  });
}

/** Brings the layout up to date, one transaction per step, after a copy of the file was made. */
export async function bringUpToDate(
  connection: Connection,
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<Migrated> {
  const from = await readVersion(connection, path);
  const to = newestOf(migrations);
  if (from >= to) return { from, to: from };
  const backup = from === 0 ? undefined : await backUp(connection, path, from);
  try {
    for (const migration of migrations) await step(connection, migration);
  } catch (error) {
    throw writeFailed(path, error);
  }
  return backup === undefined ? { from, to } : { from, to, backup };
}

// The version is read again inside the transaction: another process may have taken the step
// meanwhile.
function step(connection: Connection, migration: Migration): Promise<void> {
  return connection.transaction(async () => {
    if ((await pragma(connection, 'user_version')) >= migration.version) return;
    await connection.exec(migration.sql);
    await connection.exec(`PRAGMA user_version = ${migration.version}`);
  });
}

// VACUUM INTO writes what is committed, also what still waits in the write-ahead log.
async function backUp(
  connection: Connection,
  path: string,
  version: number,
): Promise<string | undefined> {
  const backup = `${path}.v${version}.bak`;
  const unfinished = `${backup}.${process.pid}-${randomUUID()}.tmp`;
  try {
    await touchPrivateFile(unfinished);
    await connection.run('VACUUM INTO ?', unfinished);
    // Whoever migrated it meanwhile has made the copy; ours may show the new layout.
    if ((await pragma(connection, 'user_version')) !== version) return undefined;
    await moveDurably(unfinished, backup);
    return backup;
  } catch (error) {
    throw writeFailed(backup, error);
  } finally {
    await rm(unfinished, { force: true });
  }
}

function newestOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

async function pragma(connection: Connection, name: string): Promise<number> {
  const row = await connection.get<Readonly<Record<string, number>>>(`PRAGMA ${name}`);
  return row?.[name] ?? 0;
}
