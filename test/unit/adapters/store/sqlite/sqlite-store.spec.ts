import { open, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalRow } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { exitCodeOf } from '../../../../../adapters/src/errors.js';
import { Connection } from '../../../../../adapters/src/private-files/connection.js';
import { makeDurable } from '../../../../../adapters/src/store/sqlite/open-file.js';
import { SqliteStore } from '../../../../../adapters/src/store/sqlite/sqlite-store.js';
import { aFolder } from '../a-folder.js';
import { SESSION, aTradedJournal, headOf, rowsOfBars } from '../a-journal.js';
import { lock, script, sql } from './a-database.js';

async function aPath(): Promise<string> {
  return join(await aFolder(), 'session.sqlite');
}

async function contentOf(store: SqliteStore): Promise<readonly JournalRow[]> {
  const rows: JournalRow[] = [];
  for await (const row of store.readJournal(1)) rows.push(row);
  return rows;
}

describe('a session file', () => {
  test('can be read by its owner only, with everything that SQLite puts beside it', async () => {
    const path = await aPath();
    const store = await SqliteStore.open({ path, session: SESSION });
    await store.append(rowsOfBars(3));
    const files = await readdir(join(path, '..'));
    const modes = await Promise.all(
      files.map(async (name) => ((await stat(join(path, '..', name))).mode & 0o777).toString(8)),
    );
    await store.close();
    expect(files.sort()).toEqual(['session.sqlite', 'session.sqlite-shm', 'session.sqlite-wal']);
    expect(modes).toEqual(['600', '600', '600']);
  });

  test('uses the write-ahead log and syncs every commit', async () => {
    const path = await aPath();
    await (await SqliteStore.open({ path, session: SESSION })).close();
    expect(await sql(path, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    const connection = await Connection.open(path, { isReadOnly: false, busyTimeoutMs: 0 });
    await makeDurable(connection, path);
    expect(await connection.get('PRAGMA synchronous')).toEqual({ synchronous: 2 });
    await connection.close();
  });

  test('keeps the last two snapshots', async () => {
    const path = await aPath();
    const store = await SqliteStore.open({ path, session: SESSION });
    await store.append(rowsOfBars(4));
    for (const seq of [1, 2, 3, 4]) {
      await store.writeSnapshot({ seq, ts: seq, state: 's', plugin: null, bars: '[]' });
    }
    await store.close();
    expect(await sql(path, 'SELECT seq FROM snapshots ORDER BY seq')).toEqual([
      { seq: 3 },
      { seq: 4 },
    ]);
  });

  test('remembers the facts of its session and refuses another one', async () => {
    const path = await aPath();
    const session = { ...SESSION, initialCash: '123.45', spotSymbols: ['BTC/USDT'] };
    await (await SqliteStore.open({ path, session })).close();
    const again = await SqliteStore.open({ path });
    await again.close();
    expect(again.meta).toEqual(session);
    const other = SqliteStore.open({ path, session: { ...session, sessionId: 'other' } });
    await expect(other).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      why: `It belongs to session ${session.sessionId}, not to other`,
    });
  });

  test('is not made by opening one that does not exist', async () => {
    const path = await aPath();
    for (const opening of [() => SqliteStore.open({ path }), () => SqliteStore.openReader(path)]) {
      const error: unknown = await opening().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'SESSION_NOT_FOUND' });
      expect(exitCodeOf(error)).toBe(66);
    }
    expect(await readdir(join(path, '..'))).toEqual([]);
  });
});

describe('a write that fails', () => {
  test('in the middle of a batch leaves nothing of it, and can be tried again', async () => {
    const path = await aPath();
    const store = await SqliteStore.open({ path, session: SESSION });
    const rows = rowsOfBars(10);
    await store.append(rows.slice(0, 4));
    await script(
      path,
      `CREATE TRIGGER broken BEFORE INSERT ON journal WHEN new.seq = 8
       BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END`,
    );
    const error: unknown = await store.append(rows.slice(4)).catch((thrown: unknown) => thrown);
    expect(exitCodeOf(error)).toBe(1);
    expect(error).toMatchObject({
      code: 'STORE_WRITE_FAILED',
      message: `${path} could not be written`,
      why: expect.stringMatching(/the disk is gone\. Rows 1 to 4 are stored, none after them$/),
      next: expect.stringContaining('the same runner live command resumes there'),
    });
    expect(await store.head()).toEqual(headOf(rows.slice(0, 4)));
    await script(path, 'DROP TRIGGER broken');
    await store.append(rows.slice(4));
    expect(await contentOf(store)).toEqual(rows);
    await store.close();
  });

  test('because another process holds the file says so', async () => {
    const path = await aPath();
    const store = await SqliteStore.open({ path, session: SESSION, busyTimeoutMs: 10 });
    const release = await lock(path);
    const error: unknown = await store.append(rowsOfBars(1)).catch((thrown: unknown) => thrown);
    await release();
    expect(error).toMatchObject({ code: 'SESSION_BUSY' });
    expect(exitCodeOf(error)).toBe(75);
    await store.append(rowsOfBars(1));
    expect(await contentOf(store)).toEqual(rowsOfBars(1));
    await store.close();
  });

  test('because another writer was faster is refused instead of forking the journal', async () => {
    const path = await aPath();
    const first = await SqliteStore.open({ path, session: SESSION });
    const second = await SqliteStore.open({ path });
    await first.append(rowsOfBars(2));
    await expect(second.append(rowsOfBars(1))).rejects.toMatchObject({
      code: 'STORE_WRITE_FAILED',
    });
    expect(await contentOf(second)).toEqual(rowsOfBars(2));
    await first.close();
    await second.close();
  });
});

describe('a damaged file', () => {
  test.each([
    ['cut off in the middle', (path: string) => truncate(path, 12_288)],
    ['overwritten', (path: string) => writeFile(path, 'no database at all. '.repeat(500))],
    ['of another program', (path: string) => script(path, 'PRAGMA application_id = 1')],
    ['with a hole', (path: string) => script(path, 'DELETE FROM journal WHERE seq = 1500')],
  ])('%s is never taken for a session', async (_case, damage) => {
    const path = await aPath();
    const store = await SqliteStore.open({ path, session: SESSION });
    await store.append(rowsOfBars(3000));
    await store.close();
    await damage(path);
    const reading = SqliteStore.open({ path }).then(async (opened) => {
      try {
        return await contentOf(opened);
      } finally {
        await opened.close();
      }
    });
    const error: unknown = await reading.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'STORE_DAMAGED' });
    expect(exitCodeOf(error)).toBe(65);
  });
});

test('a page that nobody would read for long is noticed when the file is opened', async () => {
  const path = await aPath();
  const store = await SqliteStore.open({ path, session: SESSION });
  await store.append(rowsOfBars(10));
  await store.close();
  const [index] = await sql<{ readonly rootpage: number }>(
    path,
    `SELECT rootpage FROM sqlite_schema WHERE name = 'fills_intent_id'`,
  );
  const [page] = await sql<{ readonly page_size: number }>(path, 'PRAGMA page_size');
  const file = await open(path, 'r+');
  await file.write('damage', (index!.rootpage - 1) * page!.page_size);
  await file.close();
  await expect(SqliteStore.open({ path })).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
});

describe('a reader', () => {
  test('sees what is committed while the writer goes on, and cannot write', async () => {
    const path = await aPath();
    const { rows, session } = aTradedJournal();
    const writer = await SqliteStore.open({ path, session });
    await writer.append(rows.slice(0, 10));
    const reader = await SqliteStore.openReader(path);
    expect(await contentOf(reader)).toEqual(rows.slice(0, 10));
    await writer.append(rows.slice(10));
    expect(await contentOf(reader)).toEqual(rows);
    const written = await writer.rows('fills');
    expect(await reader.rows('fills')).toEqual(written);
    await expect(reader.append([])).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' });
    await expect(reader.rebuildProjections()).rejects.toMatchObject({
      code: 'STORE_WRITE_FAILED',
    });
    await reader.close();
    await writer.close();
  });
});
