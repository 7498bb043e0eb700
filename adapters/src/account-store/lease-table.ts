// What all processes of this machine have been handed out of one address's request weight, in one
// row. It is worth a minute, so that it is not waited for the disk; damage makes it begin anew.
import { rm } from 'node:fs/promises';
import { Connection } from '../private-files/connection.js';
import { codeOf } from '../private-files/error-code.js';
import { makePrivateFile } from '../private-files/private-file.js';
import { type LeaseRequest, type Leased, decideLease } from './lease.js';

// Another process's turn takes a few milliseconds.
const BUSY_MS = 2000;

interface Row {
  readonly window_start_ms: number;
  readonly weight: number;
}

export class LeaseTable {
  readonly #connection: Connection;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  static async open(path: string): Promise<LeaseTable> {
    try {
      return await LeaseTable.#opened(path);
    } catch (error) {
      if (!['SQLITE_CORRUPT', 'SQLITE_NOTADB'].includes(codeOf(error))) throw error;
      for (const suffix of ['', '-journal']) await rm(`${path}${suffix}`, { force: true });
      return LeaseTable.#opened(path);
    }
  }

  static async #opened(path: string): Promise<LeaseTable> {
    await makePrivateFile(path);
    const connection = await Connection.open(path, { isReadOnly: false, busyTimeoutMs: BUSY_MS });
    try {
      await connection.exec(
        'PRAGMA synchronous = OFF; CREATE TABLE IF NOT EXISTS leased (' +
          'id INTEGER PRIMARY KEY CHECK (id = 1), ' +
          'window_start_ms INTEGER NOT NULL, weight INTEGER NOT NULL)',
      );
    } catch (error) {
      await connection.close();
      throw error;
    }
    return new LeaseTable(connection);
  }

  /** The weight that is granted. `request` is asked for once it is our turn. */
  lease(request: () => LeaseRequest): Promise<number> {
    return this.exclusively(async () => {
      const { granted, leased } = decideLease(await this.#read(), request());
      await this.#write(leased);
      return granted;
    });
  }

  /** Gives back what has not been spent. */
  giveBack(unspent: Leased): Promise<void> {
    return this.exclusively(async () => {
      const leased = await this.#read();
      if (leased?.windowStartMs !== unspent.windowStartMs) return;
      const weight = Math.max(0, leased.weight - unspent.weight);
      await this.#write({ ...leased, weight });
    });
  }

  /** Runs `work` while no other process is in its turn. */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const transaction = (): Promise<Result> => this.#connection.transaction(work);
    const result = this.#turn.then(transaction, transaction);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#connection.close();
  }

  async #read(): Promise<Leased | undefined> {
    const row = await this.#connection.get<Row>('SELECT window_start_ms, weight FROM leased');
    return row && { windowStartMs: row.window_start_ms, weight: row.weight };
  }

  async #write({ windowStartMs, weight }: Leased): Promise<void> {
    const sql = 'INSERT OR REPLACE INTO leased (id, window_start_ms, weight) VALUES (1, ?, ?)';
    await this.#connection.run(sql, windowStartMs, weight);
  }
}
