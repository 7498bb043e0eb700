// Reads a text file in chunks of whole lines, so that a file of any size costs one buffer. Every
// chunk ends with a newline (one is added at the end of the file if it has none).
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { EXIT, RunnerError } from '../errors.js';
import { dataError } from './data-error.js';

export const CHUNK_BYTES = 1 << 20;

export interface Chunk {
  readonly bytes: Uint8Array;
  readonly start: number;
  /** Exclusive; the byte before it is a newline. */
  readonly end: number;
  /** Size of the whole file, 0 where it is unknown (a pipe). */
  readonly fileBytes: number;
}

/** The bytes of a chunk are overwritten when the next one is taken. */
export function* readChunks(path: string): Generator<Chunk> {
  const file = openFile(path);
  try {
    // One spare byte for the newline that a last line may lack.
    const bytes = new Uint8Array(CHUNK_BYTES + 1);
    let kept = 0;
    let start = -1;
    for (;;) {
      const read = readSome(path, file.descriptor, bytes, kept);
      let filled = kept + read;
      if (read === 0) {
        if (filled === 0) return;
        bytes[filled++] = 10;
      }
      if (start === -1) start = checkStart(path, bytes, filled);
      const end = bytes.lastIndexOf(10, filled - 1) + 1;
      if (end > start) {
        yield { bytes, start, end, fileBytes: file.size };
        start = 0;
      }
      if (read === 0) return;
      if (end === 0 && filled === CHUNK_BYTES) throw lineTooLong(path);
      kept = filled - end;
      bytes.copyWithin(0, end, filled);
    }
  } finally {
    closeSync(file.descriptor);
  }
}

function openFile(path: string): { descriptor: number; size: number } {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const stats = fstatSync(descriptor);
  if (!stats.isDirectory()) return { descriptor, size: stats.size };
  closeSync(descriptor);
  throw new RunnerError({
    code: 'FILE_NOT_FOUND',
    message: `${path} is a directory, not a file`,
    next: `name a CSV file in it: ls ${path}`,
    exitCode: EXIT.missingInput,
    context: { path },
  });
}

function readSome(path: string, descriptor: number, bytes: Uint8Array, from: number): number {
  try {
    return readSync(descriptor, bytes, from, CHUNK_BYTES - from, null);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): RunnerError {
  const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  const isMissing = reason === 'ENOENT' || reason === 'ENOTDIR';
  return new RunnerError({
    code: 'FILE_NOT_FOUND',
    message: isMissing ? `there is no file ${path}` : `${path} cannot be read (${reason})`,
    next: isMissing ? 'check the path' : `check its permissions: ls -l ${path}`,
    exitCode: EXIT.missingInput,
    cause,
    context: { path, reason },
  });
}

const FOREIGN_STARTS: readonly { readonly start: readonly number[]; readonly name: string }[] = [
  { start: [0x1f, 0x8b], name: 'gzip' },
  { start: [0x28, 0xb5, 0x2f, 0xfd], name: 'zstd' },
  { start: [0x50, 0x4b, 0x03, 0x04], name: 'zip' },
  { start: [0x50, 0x41, 0x52, 0x31], name: 'Parquet' },
  { start: [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], name: 'Arrow' },
  { start: [0xff, 0xfe], name: 'UTF-16 text' },
  { start: [0xfe, 0xff], name: 'UTF-16 text' },
];

/** Where the text starts: behind a UTF-8 byte order mark. Throws for what is plainly no CSV. */
function checkStart(path: string, bytes: Uint8Array, filled: number): number {
  const foreign = FOREIGN_STARTS.find(({ start }) => start.every((byte, i) => bytes[i] === byte));
  if (foreign !== undefined || bytes.subarray(0, Math.min(filled, 4096)).includes(0)) {
    throw dataError(path, {
      code: 'DATA_HEADER',
      message: `the file is ${foreign?.name ?? 'binary'}, not a CSV text file`,
      next: 'convert it to CSV in UTF-8, with a header line',
    });
  }
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function lineTooLong(path: string): RunnerError {
  return dataError(path, {
    code: 'DATA_MALFORMED',
    message: `a line is longer than ${CHUNK_BYTES} bytes`,
    next: 'write one bar per line',
  });
}
