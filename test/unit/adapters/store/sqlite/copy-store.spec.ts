import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyStore, findWord } from '../../../../../adapters/src/store/sqlite/copy-store.js';
import { SqliteStore } from '../../../../../adapters/src/store/sqlite/sqlite-store.js';
import { SESSION, foreignRow, headOf, rowsOfBars } from '../a-journal.js';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'runner-copy-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const from = () => join(folder, 'session.sqlite');
const to = () => join(folder, 'copy.sqlite');

test('copies what is committed while the store is still being written', async () => {
  const store = await SqliteStore.open({ path: from(), session: SESSION });
  const rows = rowsOfBars(50);
  await store.append(rows);
  await copyStore(from(), to());
  await store.append(rowsOfBars(5, headOf(rows)));
  await store.close();
  const copy = await SqliteStore.openReader(to());
  expect({ head: await copy.head(), meta: copy.meta }).toEqual({
    head: headOf(rows),
    meta: SESSION,
  });
  await copy.close();
});

test('finds a word that lies across the pages of a long text', async () => {
  const store = await SqliteStore.open({ path: from(), session: SESSION });
  const word = 'a-word-of-forty-characters-to-be-looked-for';
  // Each page of 4 KiB ends somewhere in one of them.
  const body = Array.from({ length: 2000 }, () => word).join(' ');
  await store.append([foreignRow(undefined, 'venue_message', { body })]);
  await store.close();
  expect(await findWord(from(), ['not-there', word])).toBe(word);
  const whole = `${word} ${word} ${word}`.repeat(120);
  expect(await findWord(from(), [whole])).toBeUndefined();
  expect(await findWord(from(), [Array.from({ length: 300 }, () => word).join(' ')])).toBeDefined();
});

test('refuses to copy over a file that is there', async () => {
  const store = await SqliteStore.open({ path: from(), session: SESSION });
  await store.close();
  await expect(copyStore(from(), from())).rejects.toMatchObject({ exitCode: 65 });
});
