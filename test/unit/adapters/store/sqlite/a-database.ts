// Raw access to a database file beside the store, to look at it, and to do to it what the store
// does not.
import sqlite3 from 'sqlite3';

export async function sql<Row = unknown>(path: string, statement: string): Promise<readonly Row[]> {
  const database = await new Promise<sqlite3.Database>((resolve, reject) => {
    const opened = new sqlite3.Database(path, (error) => {
      if (error === null) resolve(opened);
      else reject(error);
    });
  });
  try {
    return await new Promise<readonly Row[]>((resolve, reject) => {
      database.all<Row>(statement, (error, rows) => {
        if (error === null) resolve(rows);
        else reject(error);
      });
    });
  } finally {
    await new Promise((resolve) => database.close(resolve));
  }
}

/** Several statements without a result. */
export async function script(path: string, statements: string): Promise<void> {
  const database = new sqlite3.Database(path);
  await new Promise<void>((resolve, reject) => {
    database.exec(statements, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
  await new Promise((resolve) => database.close(resolve));
}

/** Holds the file as another program would, until the function that it gives is called. */
export async function lock(path: string): Promise<() => Promise<void>> {
  const database = new sqlite3.Database(path);
  await new Promise<void>((resolve, reject) => {
    database.exec('BEGIN IMMEDIATE', (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
  return () => new Promise((resolve) => database.close(() => resolve()));
}
