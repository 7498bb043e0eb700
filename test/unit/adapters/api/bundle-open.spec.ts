import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BundleManifest } from '../../../../adapters/src/api/bundle-manifest.js';
import { isBundlePath, unpackBundle } from '../../../../adapters/src/api/bundle-open.js';
import { packTar } from '../../../../adapters/src/api/bundle-tar.js';
import { describeFile, writeArchive } from '../../../../adapters/src/api/bundle-write.js';

const ID = '20240101-000000-sample-btc-usdt-0001';

let folder = '';
let into = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-open-'));
  into = join(folder, 'into');
  mkdirSync(into);
  writeFileSync(join(folder, 'a.json'), '{"a":1}\n');
  writeFileSync(join(folder, 'b.txt'), 'b'.repeat(3000));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function aManifest(change: Partial<BundleManifest> = {}): Promise<BundleManifest> {
  return {
    schema: 'runner.bundle/1',
    session_id: ID,
    host_version: '0.1.0',
    has_plugin: false,
    removed: [],
    files: [await describeFile(folder, 'a.json'), await describeFile(folder, 'b.txt')],
    ...change,
  };
}

const archive = () => join(folder, 'x.tar.gz');

/** An archive of anything, its manifest included. */
async function pack(files: readonly (readonly [name: string, text: string])[]): Promise<void> {
  const sources = files.map(([name, text]) => {
    const content = Buffer.from(text);
    return { folder: ID, name, bytes: content.length, content: [content] };
  });
  const parts: Buffer[] = [];
  for await (const part of packTar(sources)) parts.push(part);
  writeFileSync(archive(), gzipSync(Buffer.concat(parts)));
}

const A = ['a.json', '{"a":1}\n'] as const;
const B = ['b.txt', 'b'.repeat(3000)] as const;
const manifestText = async () => ['MANIFEST.json', JSON.stringify(await aManifest())] as const;

const refused = (says: string) => ({
  code: 'BUNDLE_DAMAGED',
  exitCode: 65,
  why: expect.stringContaining(says) as unknown,
});

describe('unpackBundle', () => {
  test('gives back every file below the id of its session', async () => {
    const { bytes, sha256 } = await writeArchive(archive(), folder, await aManifest());
    expect({ bytes, isHash: /^[0-9a-f]{64}$/.test(sha256) }).toEqual({
      bytes: readFileSync(archive()).length,
      isHash: true,
    });
    const path = await unpackBundle(archive(), into);
    expect(path).toBe(join(into, ID));
    expect(readFileSync(join(path, 'a.json'), 'utf8')).toBe(A[1]);
    expect(readFileSync(join(path, 'b.txt'), 'utf8')).toBe(B[1]);
  });

  test('names the file that is not what its hash says, although it is as long', async () => {
    await pack([await manifestText(), ['a.json', '{"a":2}\n'], B]);
    const says = 'a.json is not what it was when it was made';
    await expect(unpackBundle(archive(), into)).rejects.toMatchObject(refused(says));
  });

  test('names the file that is longer than the manifest says, and writes none of it', async () => {
    await pack([await manifestText(), A, ['b.txt', 'b'.repeat(3001)]]);
    await expect(unpackBundle(archive(), into)).rejects.toMatchObject(refused('b.txt is not what'));
    expect(existsSync(join(into, ID, 'b.txt'))).toBe(false);
  });

  test('names the file that is missing, too many, or there twice', async () => {
    await pack([await manifestText(), A]);
    const missing = refused('b.txt is missing');
    await expect(unpackBundle(archive(), into)).rejects.toMatchObject(missing);
    rmSync(join(into, ID), { recursive: true });
    await pack([await manifestText(), A, B, ['c.txt', 'c']]);
    const tooMany = refused('c.txt is not in its MANIFEST.json');
    await expect(unpackBundle(archive(), into)).rejects.toMatchObject(tooMany);
    rmSync(join(into, ID), { recursive: true });
    await pack([await manifestText(), A, A, B]);
    const twice = refused('a.json is not in its MANIFEST.json');
    await expect(unpackBundle(archive(), into)).rejects.toMatchObject(twice);
  });

  test.each([
    ['../evil', 'a path for a session id'],
    ['', 'no session id'],
  ])('refuses a manifest with %j', async (id) => {
    await writeArchive(archive(), folder, await aManifest());
    await pack([['MANIFEST.json', JSON.stringify(await aManifest({ session_id: id }))], A, B]);
    await expect(unpackBundle(archive(), into)).rejects.toMatchObject(refused('is not a bundle'));
    expect(existsSync(join(folder, 'evil'))).toBe(false);
  });

  test('refuses what does not begin with a manifest, or with one that is not JSON', async () => {
    await pack([A, B]);
    const none = refused('does not begin with a MANIFEST.json');
    await expect(unpackBundle(archive(), into)).rejects.toMatchObject(none);
    await pack([['MANIFEST.json', 'not JSON'], A, B]);
    await expect(unpackBundle(archive(), into)).rejects.toMatchObject(refused('is not JSON'));
  });

  test('refuses an archive of which the compression is cut short or was altered', async () => {
    await writeArchive(archive(), folder, await aManifest());
    const whole = readFileSync(archive());
    expect(gunzipSync(whole).length % 512).toBe(0);
    writeFileSync(archive(), whole.subarray(0, whole.length - 20));
    await expect(unpackBundle(archive(), into)).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' });
    rmSync(join(into, ID), { recursive: true, force: true });
    const altered = Buffer.from(whole);
    altered[40]! ^= 0xff;
    writeFileSync(archive(), altered);
    await expect(unpackBundle(archive(), into)).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' });
  });
});

test('knows a bundle by the end of its name', () => {
  const names = ['x.tar.gz', './x.tgz', '20240101-000000-x', '/a/folder', 'x.tar', 'x.tar.gz/y'];
  expect(names.filter(isBundlePath)).toEqual(['x.tar.gz', './x.tgz']);
});
