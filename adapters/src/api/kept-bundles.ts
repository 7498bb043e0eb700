// The bundles that a session keeps beside itself: written at the end of a run and at a kill, the
// newest few. Each is put together in a folder of its own and moved to its name when it is whole,
// so that whatever ends the work leaves the ones before it and never half of one.
import { mkdir, mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../private-files/error-code.js';
import { moveDurably } from '../private-files/private-file.js';
import type { SessionFolder } from '../store/session-folder.js';
import { bundleWithoutRoom } from './bundle-error.js';

export const BUNDLES_FOLDER = 'bundles';
const KEPT_BUNDLES = 3;
const UNFINISHED = '.making-';
/** Left by a process that was killed; a younger one may still be at work. */
const ABANDONED_MS = 3_600_000;
/** Left free for the journal of a run that goes on. */
const LEFT_BYTES = 64 * 1024 * 1024;

export interface KeepOptions {
  readonly folder: Pick<SessionFolder, 'path'>;
  /** Wall time, which names it. */
  readonly nowMs: number;
  /** Writes the archive to `out`, and whatever it needs for that into `scratch`. */
  readonly pack: (place: PackPlace) => Promise<unknown>;
  readonly keep?: number;
  /** Of the disk that the session is on; default: asked of it. */
  readonly freeBytes?: (path: string) => Promise<number>;
}

export interface PackPlace {
  readonly out: string;
  readonly scratch: string;
}

/** Path of the bundle. Errors: BUNDLE_REFUSED, those of `pack`, and of the file system. */
export async function keepBundle(options: KeepOptions): Promise<string> {
  const { folder, nowMs, pack, keep = KEPT_BUNDLES } = options;
  const bundles = join(folder.path, BUNDLES_FOLDER);
  await mkdir(bundles, { recursive: true, mode: 0o700 });
  await removeAbandoned(bundles, nowMs);
  await assertRoom(folder.path, options.freeBytes ?? freeBytesOf);
  const scratch = await mkdtemp(join(bundles, UNFINISHED));
  try {
    const out = join(scratch, 'bundle.tar.gz');
    await pack({ out, scratch });
    const path = join(bundles, `${stampOf(nowMs)}.tar.gz`);
    await moveDurably(out, path);
    await removeOldest(bundles, keep);
    return path;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

// A full disk would take the journal from the run that it tells of. The copy and the archive are at
// most as large as what they are made of.
async function assertRoom(path: string, freeBytes: (path: string) => Promise<number>) {
  const files = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(({ name }) => sizeOf(join(path, name))));
  const neededBytes = 2 * sizes.reduce((sum, size) => sum + size, 0) + LEFT_BYTES;
  const free = await freeBytes(path);
  if (free < neededBytes) throw bundleWithoutRoom(path, neededBytes, free);
}

/** A file that is renamed or removed meanwhile takes no room. */
async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** `20240131-235959-123`, which sorts by time. */
function stampOf(ms: number): string {
  const [date = '', time = ''] = new Date(ms).toISOString().split('T');
  const clock = time.replace('Z', '').replaceAll(':', '').replace('.', '-');
  return `${date.replaceAll('-', '')}-${clock}`;
}

async function removeOldest(bundles: string, keep: number): Promise<void> {
  const kept = (await readdir(bundles)).filter((name) => /^\d{8}-\d{6}-\d{3}\.tar\.gz$/.test(name));
  for (const name of kept.sort().slice(0, -keep)) await rm(join(bundles, name), { force: true });
}

async function removeAbandoned(bundles: string, nowMs: number): Promise<void> {
  for (const name of await readdir(bundles)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const path = join(bundles, name);
    try {
      if (nowMs - (await stat(path)).mtimeMs < ABANDONED_MS) continue;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      continue;
    }
    await rm(path, { recursive: true, force: true });
  }
}
