// One process per session: an exclusive lock of the operating system on a file beside the journal,
// held by an open transaction. The kernel lets go of it when the process ends, however it ends, so
// that there is no stale lock and nobody's process number is ever trusted.
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { EXIT, RunnerError } from '../errors.js';
import { makePrivateFile, replacePrivateFile } from './private-file.js';
import type { SessionFolder } from './session-folder.js';
import { Connection } from './sqlite/connection.js';
import { codeOf, writeFailed } from './store-error.js';

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/** Holds the session until the returned function is called. Errors: SESSION_BUSY (75). */
export async function lockSession(
  folder: SessionFolder,
  since: string,
): Promise<() => Promise<void>> {
  const path = join(folder.path, 'lock.sqlite');
  const holderPath = join(folder.path, 'lock.json');
  let connection: Connection | undefined;
  try {
    await makePrivateFile(path);
    connection = await Connection.open(path, { isReadOnly: false, busyTimeoutMs: 0 });
    await connection.exec('BEGIN EXCLUSIVE');
    const holder: Holder = { pid: process.pid, host: hostname(), since };
    await replacePrivateFile(holderPath, `${JSON.stringify(holder)}\n`);
  } catch (error) {
    await connection?.close();
    if (codeOf(error) === 'SQLITE_BUSY') throw busy(folder, await readHolder(holderPath));
    throw writeFailed(path, error);
  }
  const held = connection;
  return () => held.close();
}

// Only for the message: whoever takes the lock writes it down a moment later.
async function readHolder(path: string): Promise<Partial<Holder>> {
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof content === 'object' && content !== null ? content : {};
  } catch {
    return {};
  }
}

function busy(folder: SessionFolder, { pid, host, since }: Partial<Holder>): RunnerError {
  const holder = pid === undefined ? 'another process' : `process ${pid}`;
  return new RunnerError({
    code: 'SESSION_BUSY',
    exitCode: EXIT.busy,
    message: `session ${folder.id} is being run by ${holder}`,
    ...(pid === undefined ? {} : { why: `It runs on ${host} since ${since}` }),
    next: 'wait for it to end, stop it with SIGTERM, or begin another with --start cold',
  });
}
