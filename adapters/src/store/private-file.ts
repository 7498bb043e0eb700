// Files that only their owner can read: what a session holds is somebody's trading. A whole file is
// replaced at once, so that a crash leaves the old content or the new one and never half of it.
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

let written = 0;

/** Makes the folder with those above it that are missing; what exists keeps its mode. */
export async function makePrivateFolders(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: FOLDER_MODE });
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
