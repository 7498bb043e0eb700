// Questions to the tables for people that name one thing: which rows have a value, which ids there
// are. Whole tables are never read into memory; what is found says where in the journal to look.
import type { Connection, SqlValue } from '../../private-files/connection.js';
import { withFile } from './open-file.js';
import { PROJECTIONS, type ProjectionName, type ProjectionRow } from './projection-tables.js';
import { assertCurrent, readVersion } from './schema.js';

const BUSY_TIMEOUT_MS = 5000;
const PAGE_ROWS = 1000;

type ColumnOf<Name extends ProjectionName> = keyof ProjectionRow<Name> & string;

export class SessionLookup {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Opens for reading, also while a runner writes. Errors: SESSION_NOT_FOUND, SCHEMA_OLDER. */
  static open(path: string): Promise<SessionLookup> {
    const options = { access: 'read', busyTimeoutMs: BUSY_TIMEOUT_MS } as const;
    return withFile(path, options, async (connection) => {
      assertCurrent(path, await readVersion(connection, path));
      return new SessionLookup(connection);
    });
  }

  /** Rows of which one column has the value, in the order of their key. */
  rowsWith<Name extends ProjectionName>(
    name: Name,
    column: ColumnOf<Name>,
    value: SqlValue,
  ): Promise<readonly ProjectionRow<Name>[]> {
    const { name: table, key } = PROJECTIONS[name];
    const sql = `SELECT * FROM ${table} WHERE ${column} = ? ORDER BY ${key}`;
    return this.#connection.all<ProjectionRow<Name>>(sql, value);
  }

  /** The highest journal row of those of which one column has the value; 0 = there are none. */
  async lastSeqWith<Name extends ProjectionName>(
    name: Name,
    column: ColumnOf<Name>,
    value: SqlValue,
  ): Promise<number> {
    const sql = `SELECT max(seq) AS seq FROM ${PROJECTIONS[name].name} WHERE ${column} = ?`;
    const row = await this.#connection.get<{ readonly seq: number | null }>(sql, value);
    return row?.seq ?? 0;
  }

  /** The values of a column, latest first, page by page. */
  async *valuesOf<Name extends ProjectionName>(
    name: Name,
    column: ColumnOf<Name>,
  ): AsyncGenerator<string> {
    const { name: table } = PROJECTIONS[name];
    const sql = `SELECT seq, ${column} AS value FROM ${table} WHERE seq < ?1
      ORDER BY seq DESC LIMIT ${PAGE_ROWS}`;
    let before = Number.MAX_SAFE_INTEGER;
    for (;;) {
      const rows = await this.#connection.all<{ readonly seq: number; readonly value: SqlValue }>(
        sql,
        before,
      );
      for (const { value } of rows) if (value !== null) yield String(value);
      if (rows.length < PAGE_ROWS) return;
      before = rows.at(-1)!.seq;
    }
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
