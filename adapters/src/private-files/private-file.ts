// Files that only their owner can read: what a session holds is somebody's trading. A whole file is
// replaced at once, so that a crash leaves the old content or the new one and never half of it.
import {
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from './error-code.js';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

let written = 0;

/**
 * Makes the folder with those above it that are missing, one level at a time: Node's own way of
 * making several never ends where a file system says that the parent which is there is not. What
 * exists keeps its mode.
 */
export async function makePrivateFolders(path: string): Promise<void> {
  const missing: string[] = [];
  let present = path;
  while (!(await isPresent(present))) {
    missing.push(present);
    present = dirname(present);
  }
  for (const folder of missing.reverse()) await makeUnlessPresent(folder);
  await readdir(path);
}

async function isPresent(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function makeUnlessPresent(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: FOLDER_MODE });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Makes and removes a folder of its own in `path`; throws where nothing can be written. */
export async function probePrivateFolder(path: string): Promise<void> {
  await rmdir(await mkdtemp(join(path, '.probe-')));
}

/** Makes one folder, and fails where something has its name. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { mode: FOLDER_MODE });
  await syncFolder(dirname(path));
}

/** Makes an empty file unless there is one; SQLite gives its own files the same mode. */
export async function touchPrivateFile(path: string): Promise<void> {
  const file = await open(path, 'a', FILE_MODE);
  await file.close();
}

/**
 * Makes an empty file where there is none, and opens none that exists: closing a file gives up the
 * locks that this process has on it.
 */
export async function makePrivateFile(path: string): Promise<void> {
  try {
    const file = await open(path, 'wx', FILE_MODE);
    await file.close();
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

export async function replacePrivateFile(path: string, content: string): Promise<void> {
  written += 1;
  const temporary = `${path}.${process.pid}-${written}.tmp`;
  try {
    const file = await open(temporary, 'w', FILE_MODE);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/**
 * Replaces a whole file at once, but not durably: for what is written again soon. One writer at a
 * time, since what a crash leaves half-written is used again.
 */
export async function refreshPrivateFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await writeFile(temporary, content, { mode: FILE_MODE });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Puts a finished file under its name, durably. */
export async function moveDurably(from: string, to: string): Promise<void> {
  const file = await open(from, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(from, to);
  await syncFolder(dirname(to));
}

// A new name is durable only once its folder has been synced.
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
