// SQLite with promises. Statements are prepared once per text and read to their end, since one that
// is left half-way would hold back every checkpoint.
import sqlite3 from 'sqlite3';

export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface ConnectionOptions {
  readonly isReadOnly: boolean;
  /** How long to wait for another process's lock. */
  readonly busyTimeoutMs: number;
}

type Settle<Result> = (error: Error | null, result: Result) => void;

export class Connection {
  readonly #database: sqlite3.Database;
  readonly #statements = new Map<string, sqlite3.Statement>();

  private constructor(database: sqlite3.Database) {
    this.#database = database;
  }

  static async open(path: string, options: ConnectionOptions): Promise<Connection> {
    const access = options.isReadOnly ? sqlite3.OPEN_READONLY : sqlite3.OPEN_READWRITE;
    // So that a database can be attached for reading only.
    const mode = access | sqlite3.OPEN_URI;
    const database = await new Promise<sqlite3.Database>((resolve, reject) => {
      const opened = new sqlite3.Database(path, mode, (error) => {
        if (error === null) resolve(opened);
        else reject(error);
      });
    });
    database.configure('busyTimeout', options.busyTimeoutMs);
    return new Connection(database);
  }

  /** Statements without parameters or results. */
  exec(sql: string): Promise<void> {
    return settled<unknown>((done) => this.#database.exec(sql, (error) => done(error, null))).then(
      () => undefined,
    );
  }

  async run(sql: string, ...parameters: readonly SqlValue[]): Promise<void> {
    const statement = await this.#prepared(sql);
    await settled<unknown>((done) => statement.run(parameters, (error) => done(error, null)));
  }

  async all<Row>(sql: string, ...parameters: readonly SqlValue[]): Promise<readonly Row[]> {
    const statement = await this.#prepared(sql);
    return settled<Row[]>((done) => statement.all<Row>(parameters, done));
  }

  async get<Row>(sql: string, ...parameters: readonly SqlValue[]): Promise<Row | undefined> {
    return (await this.all<Row>(sql, ...parameters))[0];
  }

  /** All of the body's writes or none. The caller sees to it that nothing else runs meanwhile. */
  async transaction<Result>(body: () => Promise<Result>): Promise<Result> {
    await this.exec('BEGIN IMMEDIATE');
    try {
      const result = await body();
      await this.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some errors; then there is nothing left to undo.
      await this.exec('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#statements.clear();
    await settled<unknown>((done) => this.#database.close((error) => done(error, null)));
  }

  async #prepared(sql: string): Promise<sqlite3.Statement> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = await new Promise<sqlite3.Statement>((resolve, reject) => {
      const prepared = this.#database.prepare(sql, (error) => {
        if (error === null) resolve(prepared);
        else reject(error);
      });
    });
    this.#statements.set(sql, statement);
    return statement;
  }
}

function settled<Result>(start: (done: Settle<Result>) => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    start((error, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}
