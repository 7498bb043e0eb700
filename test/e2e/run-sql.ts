// Changes a session's database from outside, as an older or newer version would have left it.
import sqlite3 from 'sqlite3';

export function runSql(path: string, sql: string): Promise<void> {
  return withDatabase(path, (database, done) => database.exec(sql, (error) => done(error)));
}

export function tablesOf(path: string): Promise<readonly string[]> {
  const sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
  return withDatabase<readonly string[]>(path, (database, done) =>
    database.all<{ readonly name: string }>(sql, (error, rows) =>
      done(
        error,
        rows?.map(({ name }) => name),
      ),
    ),
  );
}

type Done<Result> = (error: Error | null, result?: Result) => void;

function withDatabase<Result>(
  path: string,
  work: (database: sqlite3.Database, done: Done<Result>) => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const database = new sqlite3.Database(path);
    work(database, (error, result) =>
      database.close(() => (error === null ? resolve(result as Result) : reject(error))),
    );
  });
}
