// An exclusive lock of the operating system on a file, held by an open transaction. The kernel lets
// go of it when the process ends, however it ends, so that there is no stale lock and nobody's
// process number is ever trusted.
import { stat } from 'node:fs/promises';
import { Connection } from './connection.js';
import { codeOf } from './error-code.js';
import { makePrivateFile } from './private-file.js';

export interface FileLock {
  /** False once the file has been removed or replaced: somebody else may hold the new one. */
  isStillThere(): Promise<boolean>;
  release(): Promise<void>;
}

/** Undefined where another holds it for longer than `waitMs`. */
export async function lockFile(path: string, waitMs = 0): Promise<FileLock | undefined> {
  let connection: Connection | undefined;
  try {
    await makePrivateFile(path);
    connection = await Connection.open(path, { isReadOnly: false, busyTimeoutMs: waitMs });
    await connection.exec('BEGIN EXCLUSIVE');
    const held = connection;
    const taken = await identityOf(path);
    let released: Promise<void> | undefined;
    return {
      isStillThere: async () => (await identityOf(path)) === taken,
      release: () => (released ??= held.close()),
    };
  } catch (error) {
    await connection?.close();
    if (codeOf(error) === 'SQLITE_BUSY') return undefined;
    throw error;
  }
}

/** Whether somebody holds it now. Asking never stands in the way of one that waits a moment. */
export async function isFileLocked(path: string): Promise<boolean> {
  if ((await identityOf(path)) === undefined) return false;
  const connection = await Connection.open(path, { isReadOnly: true, busyTimeoutMs: 0 });
  try {
    await connection.all('SELECT count(*) FROM sqlite_master');
    return false;
  } catch (error) {
    if (codeOf(error) === 'SQLITE_BUSY') return true;
    throw error;
  } finally {
    await connection.close();
  }
}

// Asked by name: opening and closing the file would give up the locks that this process has on it.
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path);
    return `${dev}:${ino}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
