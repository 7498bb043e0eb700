import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packTar, tarHeader, unpackTar } from '../../../../adapters/src/api/bundle-tar.js';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'runner-tar-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SIZES = [0, 1, 511, 512, 513, 70_000];

function files() {
  return SIZES.map((size) => {
    const content = Buffer.from(Array.from({ length: size }, (_, i) => (i * 31 + size) % 256));
    return { folder: 'a-session', name: `file-${size}.bin`, bytes: size, content: [content] };
  });
}

async function packed(sources: Parameters<typeof packTar>[0]): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of packTar(sources)) parts.push(part);
  return Buffer.concat(parts);
}

/** In pieces that fit no block, as a stream may give them. */
async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 333) yield bytes.subarray(at, at + 333);
}

async function unpacked(bytes: Buffer) {
  const members: { name: string; content: Buffer }[] = [];
  for await (const { name, content } of unpackTar('x.tar.gz', inPieces(bytes))) {
    const parts: Buffer[] = [];
    for await (const part of content) parts.push(part);
    members.push({ name, content: Buffer.concat(parts) });
  }
  return members;
}

describe('packTar', () => {
  test('makes what the tar of the system unpacks, byte for byte', async () => {
    writeFileSync(join(folder, 'x.tar'), await packed(files()));
    execFileSync('tar', ['xf', 'x.tar'], { cwd: folder });
    for (const { name, content } of files()) {
      const out = readFileSync(join(folder, 'a-session', name));
      expect(out.equals(content[0]!), name).toBe(true);
    }
  });

  test('makes the same bytes again', async () => {
    expect((await packed(files())).equals(await packed(files()))).toBe(true);
  });

  test('notices a file that is not as long as its header says', async () => {
    const short = { folder: 'f', name: 'a', bytes: 5, content: [Buffer.from('abc')] };
    await expect(packed([short])).rejects.toThrow('a changed while it was packed');
  });

  test('writes a size of 8 GiB and more as the tar of the system reads it', async () => {
    const bytes = 9 * 2 ** 30;
    const header = tarHeader({ folder: 'f', name: 'large', bytes });
    writeFileSync(join(folder, 'x.tar'), Buffer.concat([header, Buffer.alloc(1024)]));
    let listed = '';
    try {
      listed = execFileSync('tar', ['tvf', 'x.tar'], { cwd: folder, stdio: 'pipe' }).toString();
    } catch (error) {
      // It complains that the content is missing, after it has said what it read.
      listed = String((error as { stdout?: Buffer }).stdout ?? '');
    }
    expect(listed).toContain(String(bytes));
    for await (const member of unpackTar('x', inPieces(header))) {
      expect(member.bytes).toBe(bytes);
      break;
    }
  });

  test('refuses a name that does not fit', () => {
    const name = 'a'.repeat(101);
    expect(() => tarHeader({ folder: 'f', name, bytes: 0 })).toThrow(RangeError);
  });
});

describe('unpackTar', () => {
  test('gives back what was packed', async () => {
    const expected = files().map(({ name, content }) => ({ name, content: content[0] }));
    expect(await unpacked(await packed(files()))).toEqual(expected);
  });

  test('reads what the tar of the system has packed', async () => {
    writeFileSync(join(folder, 'x'), 'hello');
    execFileSync('tar', ['cf', 'y.tar', '--format=ustar', '--transform=s,^,f/,', 'x'], {
      cwd: folder,
    });
    const bytes = readFileSync(join(folder, 'y.tar'));
    expect(await unpacked(bytes)).toEqual([{ name: 'x', content: Buffer.from('hello') }]);
  });

  test.each([
    ['a path upwards', '..', 'evil'],
    ['an absolute path', '', '/etc/evil'],
    ['a folder in a folder', 'f', 'g/evil'],
    ['a hidden file', 'f', '.evil'],
    ['a step upwards as a name', 'f', '..'],
    ['no folder', '', 'evil'],
  ])('refuses %s', async (_what, into, name) => {
    const bytes = await packed([{ folder: into, name, bytes: 1, content: [Buffer.from('x')] }]);
    await expect(unpacked(bytes)).rejects.toMatchObject({
      code: 'BUNDLE_DAMAGED',
      exitCode: 65,
      why: expect.stringContaining('is not named as in a bundle'),
    });
  });

  test.each(['1', '2', '3', '5', 'x', 'L'])('refuses a member of type %s', async (type) => {
    const header = tarHeader({ folder: 'f', name: 'evil', bytes: 0 });
    header.write(type, 156, 'latin1');
    resum(header);
    const bytes = Buffer.concat([header, Buffer.alloc(1024)]);
    await expect(unpacked(bytes)).rejects.toMatchObject({
      why: expect.stringContaining('is not a plain file'),
    });
  });

  test('refuses a header that does not fit its sum', async () => {
    const bytes = await packed(files());
    bytes[3]! ^= 1;
    await expect(unpacked(bytes)).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' });
  });

  test.each([100, 512, 600, 1024])('notices an archive that ends after %i bytes', async (at) => {
    const bytes = (await packed(files().slice(2))).subarray(0, at);
    await expect(unpacked(bytes)).rejects.toMatchObject({ why: 'Its end is missing' });
  });
});

function resum(header: Buffer): void {
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
