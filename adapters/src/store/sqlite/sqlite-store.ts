// A session in an SQLite file: write-ahead log, every commit synced to disk, one connection and one
// writer. The journal is the truth; the tables for people follow behind it and can never hold it
// up.
import type { JournalHead, JournalRow, SessionStore, StoredSnapshot } from '@strategy-runner/core';
import { assertContinues, assertJournaled } from '../journal-order.js';
import { SerialQueue } from '../serial-queue.js';
import { readFailed, storeClosed, writeFailed, writeRefused } from '../store-error.js';
import type { Connection } from '../../private-files/connection.js';
import {
  insertRows,
  insertSnapshot,
  readHead,
  readLatestSnapshot,
  readPage,
} from './journal-table.js';
import { type StoreMeta, establishMeta, readMeta } from './meta.js';
import { assertSound, makeDurable, withFile } from './open-file.js';
import { PROJECTIONS, type ProjectionName, type ProjectionRow } from './projection-tables.js';
import { ProjectionWriter } from './projection-writer.js';
import { type Migrated, assertCurrent, bringUpToDate, readVersion } from './schema.js';

const BUSY_TIMEOUT_MS = 5000;

export interface SqliteStoreOptions {
  readonly path: string;
  /** Facts of a session that begins; one that exists has them, and must be the same session. */
  readonly session?: StoreMeta;
  /** Told once when the tables for people stop following; the journal goes on. */
  readonly onProjectionFault?: (fault: unknown) => void;
  readonly busyTimeoutMs?: number;
}

interface Parts {
  readonly connection: Connection;
  readonly path: string;
  readonly meta: StoreMeta;
  readonly migrated: Migrated;
  readonly head: JournalHead | undefined;
  /** Absent for a reader. */
  readonly projections?: ProjectionWriter;
  readonly onProjectionFault?: ((fault: unknown) => void) | undefined;
}

export class SqliteStore implements SessionStore {
  readonly path: string;
  readonly meta: StoreMeta;
  /** What opening it did to its layout. */
  readonly migrated: Migrated;
  readonly #connection: Connection;
  readonly #projections: ProjectionWriter | undefined;
  readonly #onProjectionFault: ((fault: unknown) => void) | undefined;
  readonly #queue = new SerialQueue();
  #head: JournalHead | undefined;
  #unprojected: JournalRow[] = [];
  #isProjectionFaulty = false;
  #closing: Promise<void> | undefined;

  private constructor(parts: Parts) {
    this.path = parts.path;
    this.meta = parts.meta;
    this.migrated = parts.migrated;
    this.#connection = parts.connection;
    this.#projections = parts.projections;
    this.#onProjectionFault = parts.onProjectionFault;
    this.#head = parts.head;
  }

  /** Opens for writing; makes the file where `session` is given and there is none. */
  static open(options: SqliteStoreOptions): Promise<SqliteStore> {
    const { path, session, onProjectionFault, busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
    const access = session === undefined ? 'write' : 'create';
    return withFile(path, { access, busyTimeoutMs }, async (connection) => {
      // Before anything is changed: a newer or foreign file is left exactly as it is.
      await readVersion(connection, path);
      await assertSound(connection, path);
      await makeDurable(connection, path);
      const migrated = await bringUpToDate(connection, path);
      const meta = await establishMeta(connection, path, session);
      const head = await readHead(connection);
      const projections = new ProjectionWriter(connection, path, meta);
      const parts = { connection, path, meta, migrated, head, projections, onProjectionFault };
      const store = new SqliteStore(parts);
      await store.#project(() => projections.catchUp());
      return store;
    });
  }

  /** Opens for reading, also while a runner writes; refuses an older layout. */
  static openReader(path: string): Promise<SqliteStore> {
    const options = { access: 'read', busyTimeoutMs: BUSY_TIMEOUT_MS } as const;
    return withFile(path, options, async (connection) => {
      const version = await readVersion(connection, path);
      assertCurrent(path, version);
      const meta = await readMeta(connection, path);
      const migrated = { from: version, to: version };
      return new SqliteStore({ connection, path, meta, migrated, head: undefined });
    });
  }

  append(rows: readonly JournalRow[]): Promise<void> {
    return this.#write(async (projections) => {
      if (rows.length === 0) return;
      assertContinues(this.path, this.#head, rows);
      await insertRows(this.#connection, rows);
      const last = rows.at(-1)!;
      this.#head = { seq: last.seq, hash: last.hash };
      this.#projectLater(projections, rows);
    });
  }

  writeSnapshot(snapshot: StoredSnapshot): Promise<void> {
    return this.#write(async (projections) => {
      assertJournaled(this.path, this.#head, snapshot.seq);
      await insertSnapshot(this.#connection, snapshot);
      // Now and then is often enough to see whether what stopped the tables has gone.
      if (this.#isProjectionFaulty) await this.#project(() => projections.catchUp());
    });
  }

  latestSnapshot(): Promise<StoredSnapshot | undefined> {
    return this.#read(() => readLatestSnapshot(this.#connection));
  }

  async *readJournal(fromSeq: number): AsyncIterable<JournalRow> {
    const lastSeq = (await this.head())?.seq ?? 0;
    let next = Math.max(fromSeq, 1);
    while (next <= lastSeq) {
      const range = { fromSeq: next, lastSeq };
      const rows = await this.#read(() => readPage(this.#connection, this.path, range));
      yield* rows;
      next += rows.length;
    }
  }

  /** Payloads of all journal rows of a kind that is rare, in order. */
  async payloadsOf(kind: string): Promise<readonly string[]> {
    const sql = 'SELECT payload FROM journal WHERE kind = ? ORDER BY seq';
    const rows = await this.#read(() =>
      this.#connection.all<{ readonly payload: string }>(sql, kind),
    );
    return rows.map(({ payload }) => payload);
  }

  head(): Promise<JournalHead | undefined> {
    return this.#read(() => readHead(this.#connection));
  }

  /**
   * A whole table for people, in the order of its key, with every row whose append has resolved.
   */
  rows<Name extends ProjectionName>(name: Name): Promise<readonly ProjectionRow<Name>[]> {
    const table = PROJECTIONS[name];
    const sql = `SELECT * FROM ${table.name} ORDER BY ${table.key}`;
    return this.#read(() => this.#connection.all<ProjectionRow<Name>>(sql));
  }

  /** Makes the tables for people anew from the journal. */
  rebuildProjections(): Promise<void> {
    return this.#write(async (projections) => {
      await projections.rebuild();
      this.#isProjectionFaulty = false;
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#queue.run(async () => {
      if (this.#projections !== undefined) await this.#flush(this.#projections);
      await this.#connection.close();
    });
    return this.#closing;
  }

  // Behind the commit and behind whoever waits for it: the order leaves before its row is drawn up.
  #projectLater(projections: ProjectionWriter, rows: readonly JournalRow[]): void {
    // What stopped the tables would stop them again; the rows are read back once it has gone.
    if (this.#isProjectionFaulty) return;
    const isScheduled = this.#unprojected.length > 0;
    for (const row of rows) this.#unprojected.push(row);
    if (isScheduled) return;
    void this.#queue.run(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      await this.#flush(projections);
    });
  }

  async #flush(projections: ProjectionWriter): Promise<void> {
    const rows = this.#unprojected;
    if (rows.length === 0) return;
    this.#unprojected = [];
    await this.#project(() => projections.write(rows));
  }

  async #project(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#isProjectionFaulty = false;
    } catch (fault) {
      if (!this.#isProjectionFaulty) this.#onProjectionFault?.(fault);
      this.#isProjectionFaulty = true;
    }
  }

  #write(job: (projections: ProjectionWriter) => Promise<void>): Promise<void> {
    const projections = this.#projections;
    if (this.#closing !== undefined) return Promise.reject(storeClosed(this.path));
    if (projections === undefined) {
      return Promise.reject(writeRefused(this.path, 'It was opened for reading'));
    }
    return this.#queue.run(async () => {
      try {
        await job(projections);
      } catch (error) {
        throw writeFailed(this.path, error, this.#head?.seq ?? 0);
      }
    });
  }

  #read<Result>(job: () => Promise<Result>): Promise<Result> {
    if (this.#closing !== undefined) return Promise.reject(storeClosed(this.path));
    return this.#queue.run(async () => {
      try {
        return await job();
      } catch (error) {
        throw readFailed(this.path, error);
      }
    });
  }
}
