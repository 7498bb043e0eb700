import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodeOf, formatError } from '../../../../../adapters/src/errors.js';
import { migrateStore } from '../../../../../adapters/src/store/sqlite/migrate-store.js';
import {
  MIGRATIONS,
  type Migration,
  bringUpToDate,
} from '../../../../../adapters/src/store/sqlite/schema.js';
import { Connection } from '../../../../../adapters/src/private-files/connection.js';
import { SqliteStore } from '../../../../../adapters/src/store/sqlite/sqlite-store.js';
import { aFolder } from '../a-folder.js';
import { type TradedJournal, aTradedJournal } from '../a-journal.js';
import { script, sql } from './a-database.js';

const NEWEST = MIGRATIONS.at(-1)!.version;

/** A store as the first version of the layout had it: a journal and no tables for people. */
async function anOldStore({ rows, session }: TradedJournal): Promise<string> {
  const path = join(await aFolder(), 'session.sqlite');
  const store = await SqliteStore.open({ path, session });
  await store.append(rows);
  await store.close();
  const tables = await sql<{ readonly name: string }>(
    path,
    `SELECT name FROM sqlite_schema WHERE type = 'table'
     AND name NOT IN ('meta', 'journal', 'snapshots')`,
  );
  const drops = tables.map(({ name }) => `DROP TABLE ${name};`).join('');
  await script(path, `${drops} PRAGMA user_version = 1;`);
  return path;
}

async function versionOf(path: string): Promise<number | undefined> {
  const rows = await sql<{ readonly user_version: number }>(path, 'PRAGMA user_version');
  return rows[0]?.user_version;
}

describe('[P5] migrating a store', () => {
  test('brings an old one up to date and fills the tables that it did not have', async () => {
    const journal = aTradedJournal();
    const path = await anOldStore(journal);
    const backup = `${path}.v1.bak`;
    expect(await migrateStore(path)).toEqual({ from: 1, to: NEWEST, backup });
    expect(await versionOf(path)).toBe(NEWEST);
    const store = await SqliteStore.openReader(path);
    const fills = await store.rows('fills');
    await store.close();
    expect(fills).toHaveLength(journal.rows.filter(({ kind }) => kind === 'fill').length);
    expect(fills.length).toBeGreaterThan(2);
  });

  test('keeps a private copy of the file as it was', async () => {
    const path = await anOldStore(aTradedJournal());
    const before = await sql(path, 'SELECT * FROM journal');
    const { backup } = await migrateStore(path);
    expect(await versionOf(backup!)).toBe(1);
    expect(await sql(backup!, 'SELECT * FROM journal')).toEqual(before);
    expect((await stat(backup!)).mode & 0o777).toBe(0o600);
  });

  test('does nothing the second time', async () => {
    const path = await anOldStore(aTradedJournal());
    await migrateStore(path);
    const files = await readdir(dirname(path));
    const content = await readFile(path);
    expect(await migrateStore(path)).toEqual({ from: NEWEST, to: NEWEST });
    expect(await readdir(dirname(path))).toEqual(files);
    expect((await readFile(path)).equals(content)).toBe(true);
  });

  test('happens by itself when a run opens an old store, and not when a reader does', async () => {
    const path = await anOldStore(aTradedJournal());
    const error: unknown = await SqliteStore.openReader(path).catch((thrown: unknown) => thrown);
    expect(exitCodeOf(error)).toBe(78);
    expect(error).toMatchObject({ code: 'SCHEMA_OLDER', next: 'runner migrate' });
    const store = await SqliteStore.open({ path });
    await store.close();
    expect(store.migrated).toMatchObject({ from: 1, to: NEWEST });
  });

  test('refuses a newer store in one line, and leaves it byte for byte', async () => {
    const path = join(await aFolder(), 'session.sqlite');
    const { session } = aTradedJournal();
    await (await SqliteStore.open({ path, session })).close();
    await script(path, `PRAGMA user_version = ${NEWEST + 5}`);
    const before = await readFile(path);
    for (const opening of [
      () => migrateStore(path),
      () => SqliteStore.open({ path, session }),
      () => SqliteStore.openReader(path),
    ]) {
      const error: unknown = await opening().catch((thrown: unknown) => thrown);
      expect(exitCodeOf(error)).toBe(78);
      expect(formatError(error)).toBe(
        `error SCHEMA_NEWER: ${path} has schema ${NEWEST + 5}, this host knows ${NEWEST}. ` +
          'A newer version of the host wrote it.\n' +
          '  next: install the newer host again: npm install -g strategy-runner@latest',
      );
    }
    expect((await readFile(path)).equals(before)).toBe(true);
  });

  test('a step that fails leaves the version before it, whole, and can be run again', async () => {
    const path = await anOldStore(aTradedJournal());
    const before = await sql(path, 'SELECT name FROM sqlite_schema ORDER BY name');
    const broken: Migration = { version: 2, sql: 'CREATE TABLE half (a); CREATE TABLE half (a);' };
    const connection = await Connection.open(path, { isReadOnly: false, busyTimeoutMs: 0 });
    await expect(bringUpToDate(connection, path, [MIGRATIONS[0]!, broken])).rejects.toMatchObject({
      code: 'STORE_WRITE_FAILED',
    });
    await connection.close();
    expect(await versionOf(path)).toBe(1);
    expect(await sql(path, 'SELECT name FROM sqlite_schema ORDER BY name')).toEqual(before);
    expect(await migrateStore(path)).toMatchObject({ from: 1, to: NEWEST });
  });

  test('two processes at once take each step once', async () => {
    const path = await anOldStore(aTradedJournal());
    const results = await Promise.all([migrateStore(path), migrateStore(path)]);
    expect(results.map(({ to }) => to)).toEqual([NEWEST, NEWEST]);
    expect(await versionOf(path)).toBe(NEWEST);
  });

  test('says that there is nothing to migrate where there is no store', async () => {
    const path = join(await aFolder(), 'session.sqlite');
    await expect(migrateStore(path)).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
  });
});
