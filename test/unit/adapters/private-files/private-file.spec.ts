import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  makePrivateFile,
  makePrivateFolders,
  probePrivateFolder,
  replacePrivateFile,
  touchPrivateFile,
} from '../../../../adapters/src/private-files/private-file.js';
import { aFolder } from '../store/a-folder.js';

const modeOf = async (path: string): Promise<string> =>
  ((await stat(path)).mode & 0o777).toString(8);

test('files and folders can be read by their owner only', async () => {
  const folder = await aFolder();
  await makePrivateFolders(join(folder, 'a', 'b'));
  await replacePrivateFile(join(folder, 'a', 'b', 'one'), 'text');
  await touchPrivateFile(join(folder, 'a', 'b', 'two'));
  expect(await modeOf(join(folder, 'a'))).toBe('700');
  expect(await modeOf(join(folder, 'a', 'b'))).toBe('700');
  expect(await modeOf(join(folder, 'a', 'b', 'one'))).toBe('600');
  expect(await modeOf(join(folder, 'a', 'b', 'two'))).toBe('600');
});

test('touching a file leaves what it holds', async () => {
  const path = join(await aFolder(), 'file');
  await writeFile(path, 'kept');
  await touchPrivateFile(path);
  expect(await readFile(path, 'utf8')).toBe('kept');
});

test('replaces a file that others could read by one that they cannot', async () => {
  const folder = await aFolder();
  const path = join(folder, 'file');
  await writeFile(path, 'old', { mode: 0o644 });
  await replacePrivateFile(path, 'new');
  expect(await readFile(path, 'utf8')).toBe('new');
  expect(await modeOf(path)).toBe('600');
  expect(await readdir(folder)).toEqual(['file']);
});

test('a replacement that fails leaves the old file and nothing else', async () => {
  const folder = await aFolder();
  const path = join(folder, 'taken');
  await mkdir(join(path, 'child'), { recursive: true });
  await expect(replacePrivateFile(path, 'new')).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['taken']);
  expect(await readdir(path)).toEqual(['child']);
});

test('many replacements at once leave one whole file', async () => {
  const folder = await aFolder();
  const path = join(folder, 'file');
  const texts = Array.from({ length: 10 }, (_, i) => String(i).repeat(5000));
  await Promise.all(texts.map((text) => replacePrivateFile(path, text)));
  expect(texts).toContain(await readFile(path, 'utf8'));
  expect(await readdir(folder)).toEqual(['file']);
});

test('a file system that makes no folders is said at once, and not waited for', async () => {
  await expect(makePrivateFolders('/proc/strategy-runner/sessions')).rejects.toMatchObject({
    code: expect.stringMatching(/^E[A-Z]+$/),
  });
});

test('folders that are there already are no error, a file in their place is', async () => {
  const folder = await aFolder();
  await makePrivateFolders(folder);
  await writeFile(join(folder, 'file'), '');
  await expect(makePrivateFolders(join(folder, 'file'))).rejects.toThrow('ENOTDIR');
  await expect(makePrivateFolders(join(folder, 'file', 'x'))).rejects.toThrow('ENOTDIR');
});

test('a probe leaves nothing behind, and fails where nothing can be made', async () => {
  const folder = await aFolder();
  await probePrivateFolder(folder);
  expect(await readdir(folder)).toEqual([]);
  await expect(probePrivateFolder(join(folder, 'missing'))).rejects.toThrow('ENOENT');
});

test('a private file that exists is left alone', async () => {
  const path = join(await aFolder(), 'file');
  await makePrivateFile(path);
  expect(await modeOf(path)).toBe('600');
  await writeFile(path, 'kept');
  await makePrivateFile(path);
  expect(await readFile(path, 'utf8')).toBe('kept');
});
