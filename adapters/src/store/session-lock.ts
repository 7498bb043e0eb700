// One process per session: an exclusive lock of the operating system on a file beside the journal,
// which the kernel lets go of when the process ends, however it ends.
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { EXIT, RunnerError } from '../errors.js';
import { isFileLocked, lockFile } from '../private-files/file-lock.js';
import { replacePrivateFile } from '../private-files/private-file.js';
import type { SessionFolder } from './session-folder.js';
import { writeFailed } from './store-error.js';

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

// A command that only looks whether the session is being run is through within this time.
const LOOK_MS = 1000;

/** Whether a process runs the session now. */
export function isSessionLocked(folder: Pick<SessionFolder, 'path'>): Promise<boolean> {
  return isFileLocked(lockPath(folder));
}

/** Holds the session until the returned function is called. Errors: SESSION_BUSY (75). */
export async function lockSession(
  folder: SessionFolder,
  since: string,
): Promise<() => Promise<void>> {
  const path = lockPath(folder);
  const holderPath = join(folder.path, 'lock.json');
  try {
    const lock = await lockFile(path, LOOK_MS);
    if (lock === undefined) throw busy(folder, await readHolder(holderPath));
    await writeHolder(holderPath, since).catch(async (error: unknown) => {
      await lock.release();
      throw error;
    });
    return () => lock.release();
  } catch (error) {
    throw writeFailed(path, error);
  }
}

function lockPath({ path }: Pick<SessionFolder, 'path'>): string {
  return join(path, 'lock.sqlite');
}

async function writeHolder(path: string, since: string): Promise<void> {
  const holder: Holder = { pid: process.pid, host: hostname(), since };
  await replacePrivateFile(path, `${JSON.stringify(holder)}\n`);
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
