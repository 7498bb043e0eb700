// The ustar format, as much of it as a bundle needs: plain files in one folder, in and out as
// streams. Nothing of the machine goes in (owner, time, mode), so that the same files make the same
// bytes. On the way out of an archive only plain files with plain names are let through.
import { bundleDamaged } from './bundle-error.js';

const BLOCK = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
/** Sizes from here on do not fit into eleven octal digits. */
const OCTAL_LIMIT = 8 ** 11;

export interface TarMember {
  /** The one folder that all members are in. */
  readonly folder: string;
  readonly name: string;
  readonly bytes: number;
}

export interface TarSource extends TarMember {
  readonly content: AsyncIterable<Buffer> | Iterable<Buffer>;
}

/** Members one after the other, each padded to whole blocks, and two empty blocks at the end. */
export async function* packTar(sources: Iterable<TarSource>): AsyncGenerator<Buffer> {
  for (const source of sources) {
    yield tarHeader(source);
    let written = 0;
    for await (const chunk of source.content) {
      written += chunk.length;
      yield chunk;
    }
    if (written !== source.bytes) throw new Error(`${source.name} changed while it was packed`);
    yield Buffer.alloc(padding(source.bytes));
  }
  yield Buffer.alloc(2 * BLOCK);
}

export function tarHeader({ folder, name, bytes }: TarMember): Buffer {
  const header = Buffer.alloc(BLOCK);
  if (name.length > NAME_BYTES || folder.length > PREFIX_BYTES) {
    throw new RangeError(`${folder}/${name} is too long a name for an archive`);
  }
  header.write(name, 0, 'latin1');
  header.write('0000600\0', 100, 'latin1');
  header.write('0000000\0', 108, 'latin1');
  header.write('0000000\0', 116, 'latin1');
  writeSize(header, bytes);
  header.write('00000000000\0', 136, 'latin1');
  header.write('0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.write(folder, 345, 'latin1');
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

export interface UnpackedMember extends TarMember {
  /** Must be read to its end before the next member is asked for. */
  readonly content: AsyncIterable<Buffer>;
}

/** Errors: BUNDLE_DAMAGED for what is cut off, not a plain file, or has a path for a name. */
export async function* unpackTar(
  path: string,
  source: AsyncIterable<Buffer>,
): AsyncGenerator<UnpackedMember> {
  const bytes = new ByteSource(path, source);
  for (;;) {
    const header = await bytes.take(BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const member = readHeader(path, header);
    yield { ...member, content: bytes.stream(member.bytes) };
    await bytes.take(padding(member.bytes));
  }
}

/** A file name that can lead nowhere else. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

function readHeader(path: string, header: Buffer): TarMember {
  const told = Number.parseInt(textOf(header, 148, 8), 8);
  if (told !== checksum(header))
    throw bundleDamaged(path, 'It is no archive, or one cut to pieces');
  const whole = [textOf(header, 345, PREFIX_BYTES), textOf(header, 0, NAME_BYTES)]
    .filter((part) => part !== '')
    .join('/');
  const type = header.toString('latin1', 156, 157);
  if (type !== '0' && type !== '\0') {
    throw bundleDamaged(path, `Its member ${JSON.stringify(whole)} is not a plain file`);
  }
  const [folder = '', name = '', ...more] = whole.split('/');
  if (more.length > 0 || !PLAIN.test(folder) || !PLAIN.test(name)) {
    throw bundleDamaged(path, `Its member ${JSON.stringify(whole)} is not named as in a bundle`);
  }
  const bytes = readSize(header);
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw bundleDamaged(path, `The size of its member ${name} cannot be read`);
  }
  return { folder, name, bytes };
}

/** A stream that is read in pieces of known size. */
class ByteSource {
  readonly #path: string;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string, source: AsyncIterable<Buffer>) {
    this.#path = path;
    this.#chunks = source[Symbol.asyncIterator]();
  }

  async take(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.stream(bytes)) parts.push(part);
    return Buffer.concat(parts);
  }

  async *stream(bytes: number): AsyncGenerator<Buffer> {
    let left = bytes;
    while (left > 0) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async #next(): Promise<Buffer> {
    let next: IteratorResult<Buffer>;
    try {
      next = await this.#chunks.next();
    } catch (error) {
      throw bundleDamaged(this.#path, error instanceof Error ? error.message : String(error));
    }
    if (next.done === true) throw bundleDamaged(this.#path, 'Its end is missing');
    return next.value;
  }
}

function writeSize(header: Buffer, bytes: number): void {
  if (bytes < OCTAL_LIMIT) {
    header.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    return;
  }
  // Larger files are given in binary, marked by the first bit, as every tar of today reads it.
  header.writeUInt8(0x80, 124);
  header.writeBigUInt64BE(BigInt(bytes), 128);
}

function readSize(header: Buffer): number {
  const isBinary = (header.readUInt8(124) & 0x80) !== 0;
  return isBinary
    ? Number(header.readBigUInt64BE(128))
    : Number.parseInt(textOf(header, 124, 12), 8);
}

// The field of the sum itself counts as blanks.
function checksum(header: Buffer): number {
  let sum = 0;
  for (let at = 0; at < BLOCK; at += 1) sum += at >= 148 && at < 156 ? 0x20 : header[at]!;
  return sum;
}

function textOf(header: Buffer, from: number, length: number): string {
  const text = header.toString('latin1', from, from + length);
  const end = text.indexOf('\0');
  return (end < 0 ? text : text.slice(0, end)).trimEnd();
}

function padding(bytes: number): number {
  return (BLOCK - (bytes % BLOCK)) % BLOCK;
}
