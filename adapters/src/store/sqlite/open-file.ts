// The first touch of a database file: who may see it, whether it is whole, and that a file which
// turns out to be unusable is let go again.
import { access } from 'node:fs/promises';
import { codeOf } from '../../private-files/error-code.js';
import { touchPrivateFile } from '../../private-files/private-file.js';
import { damaged, readFailed, sessionNotFound, writeFailed, writeRefused } from '../store-error.js';
import { Connection } from '../../private-files/connection.js';

const LOG_BYTES_KEPT = 64 * 1024 * 1024;

export interface OpenFileOptions {
  readonly access: 'create' | 'write' | 'read';
  readonly busyTimeoutMs: number;
}

/** Opens the file and runs `prepare` on it; closes it again if that fails. */
export async function withFile<Result>(
  path: string,
  options: OpenFileOptions,
  prepare: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const isReadOnly = options.access === 'read';
  const failed = isReadOnly ? readFailed : writeFailed;
  if (options.access !== 'create') await assertPresent(path);
  let connection: Connection | undefined;
  try {
    // SQLite would make a file that everybody can read, and gives its log the mode of the file.
    if (options.access === 'create') await touchPrivateFile(path);
    connection = await Connection.open(path, { isReadOnly, busyTimeoutMs: options.busyTimeoutMs });
    return await prepare(connection);
  } catch (error) {
    await connection?.close();
    throw failed(path, error);
  }
}

/** Looks at every page, though not at every index entry, before anything is built on them. */
export async function assertSound(connection: Connection, path: string): Promise<void> {
  const result = await connection.get<{ readonly quick_check: string }>('PRAGMA quick_check(1)');
  if (result?.quick_check === 'ok') return;
  throw damaged(path, result?.quick_check ?? 'The check of its pages gave no answer');
}

/** Every commit reaches the disk before it is reported, and readers never hold up the writer. */
export async function makeDurable(connection: Connection, path: string): Promise<void> {
  const mode = await connection.get<{ readonly journal_mode: string }>('PRAGMA journal_mode = WAL');
  // Some network file systems cannot share the memory that the log needs; SQLite then stays as it
  // was.
  if (mode?.journal_mode !== 'wal') {
    throw writeRefused(path, 'Its file system cannot hold a write-ahead log; use a local disk');
  }
  await connection.exec(`PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${LOG_BYTES_KEPT}`);
}

async function assertPresent(path: string): Promise<void> {
  try {
    await access(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw sessionNotFound(path, 'No such file');
    throw readFailed(path, error);
  }
}
