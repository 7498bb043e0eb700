// A session by id, by folder, or by the file of a bundle: that is unpacked into a folder of its own
// for as long as the work takes. Every file is held against the manifest while it is written.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createGunzip } from 'node:zlib';
import { EXIT, RunnerError } from '../errors.js';
import { type SessionFolder, openSession, readSessionFolder } from '../store/session-folder.js';
import { bundleDamaged } from './bundle-error.js';
import { type BundledFile, MANIFEST_NAME, parseManifest } from './bundle-manifest.js';
import { type UnpackedMember, unpackTar } from './bundle-tar.js';

const MANIFEST_BYTES_MAX = 1024 * 1024;

export function isBundlePath(given: string): boolean {
  return /\.(?:tar\.gz|tgz)$/.test(given);
}

/** Errors: as `openSession`; FILE_NOT_FOUND (66) and BUNDLE_DAMAGED (65) for a bundle. */
export async function withSession<Result>(
  sessionsDir: string,
  idOrPath: string,
  work: (folder: SessionFolder) => Promise<Result>,
): Promise<Result> {
  if (!isBundlePath(idOrPath)) return work(await openSession(sessionsDir, idOrPath));
  const path = resolve(idOrPath);
  await assertThere(path);
  const temporary = await mkdtemp(join(tmpdir(), 'runner-bundle-'));
  try {
    return await work(await readSessionFolder(await unpackBundle(path, temporary)));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Unpacks into `<into>/<session id>` and answers that folder. */
export async function unpackBundle(path: string, into: string): Promise<string> {
  const file = createReadStream(path);
  const gunzip = createGunzip();
  file.on('error', (error) => gunzip.destroy(error));
  try {
    return await unpackAll(path, into, file.pipe(gunzip));
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}

async function unpackAll(
  path: string,
  into: string,
  source: AsyncIterable<Buffer>,
): Promise<string> {
  const members = unpackTar(path, source);
  const first = await members.next();
  if (first.done === true || first.value.name !== MANIFEST_NAME) {
    throw bundleDamaged(path, `It does not begin with a ${MANIFEST_NAME}`);
  }
  const manifest = parseManifest(path, await textOf(path, first.value));
  const folder = join(into, manifest.session_id);
  await mkdir(folder, { mode: 0o700 });
  const awaited = new Map(manifest.files.map((file) => [file.name, file]));
  for await (const member of members) {
    const expected = awaited.get(member.name);
    // A second one of the same name would replace what has been checked.
    if (expected === undefined || !awaited.delete(member.name)) {
      throw bundleDamaged(path, `Its file ${member.name} is not in its ${MANIFEST_NAME}`);
    }
    await write(path, folder, member, expected);
  }
  const [missing] = awaited.keys();
  if (missing !== undefined) throw bundleDamaged(path, `Its file ${missing} is missing`);
  return folder;
}

async function write(
  path: string,
  folder: string,
  { name, bytes, content }: UnpackedMember,
  expected: BundledFile,
): Promise<void> {
  const altered = () => bundleDamaged(path, `Its file ${name} is not what it was when it was made`);
  if (bytes !== expected.bytes) throw altered();
  const hash = createHash('sha256');
  const file = await open(join(folder, name), 'wx', 0o600);
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== expected.sha256) throw altered();
}

async function textOf(path: string, { bytes, content }: UnpackedMember): Promise<string> {
  if (bytes > MANIFEST_BYTES_MAX) throw bundleDamaged(path, `Its ${MANIFEST_NAME} is too long`);
  const parts: Buffer[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

async function assertThere(path: string): Promise<void> {
  await access(path).catch((error: unknown) => {
    throw new RunnerError({
      code: 'FILE_NOT_FOUND',
      exitCode: EXIT.missingInput,
      message: `there is no bundle at ${path}`,
      next: 'name the file that runner bundle <session> has written',
      cause: error,
      context: { path },
    });
  });
}
