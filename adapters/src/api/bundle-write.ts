// The archive of a bundle: manifest first, then its files in the order of their names. Written
// beside its name and moved there when it is whole; the same files make the same bytes.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { moveDurably } from '../private-files/private-file.js';
import { writeFailed } from '../store/store-error.js';
import { type BundleManifest, type BundledFile, MANIFEST_NAME } from './bundle-manifest.js';
import { packTar } from './bundle-tar.js';

/** What the prefix of a name in an archive can hold. */
const FOLDER_LENGTH_MAX = 155;

export interface WrittenArchive {
  readonly bytes: number;
  readonly sha256: string;
}

/** Errors: STORE_WRITE_FAILED. */
export async function writeArchive(
  out: string,
  folder: string,
  manifest: BundleManifest,
  signal?: AbortSignal,
): Promise<WrittenArchive> {
  const unfinished = `${out}.${process.pid}.tmp`;
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    const seen = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        bytes += chunk.length;
        done(null, chunk);
      },
    });
    const file = createWriteStream(unfinished, { mode: 0o600 });
    const packed = Readable.from(packTar(sources(folder, manifest)));
    const ends = signal === undefined ? {} : { signal };
    await pipeline(packed, createGzip(), seen, file, ends);
    await moveDurably(unfinished, out);
    return { bytes, sha256: hash.digest('hex') };
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw writeFailed(out, error);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Length and hash of a file, read once. */
export async function describeFile(folder: string, name: string): Promise<BundledFile> {
  const path = join(folder, name);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return { name, bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}

function* sources(folder: string, manifest: BundleManifest) {
  const top = manifest.session_id.slice(0, FOLDER_LENGTH_MAX);
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  yield { folder: top, name: MANIFEST_NAME, bytes: text.length, content: [text] };
  for (const { name, bytes } of manifest.files) {
    yield { folder: top, name, bytes, content: createReadStream(join(folder, name)) };
  }
}
