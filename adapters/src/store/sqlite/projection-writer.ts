// Keeps the tables for people behind the journal: each batch of rows is one transaction of its own,
// with the number of the last row taken in, so that after a crash the tables go on where they
// stopped.
import type { JournalRow } from '@strategy-runner/core';
import type { Connection, SqlRow, SqlValue } from '../../private-files/connection.js';
import { readHead, readOtherKinds, readPage } from './journal-table.js';
import {
  PROJECTIONS,
  PROJECTION_NAMES,
  type ProjectionName,
  type ProjectionRow,
} from './projection-tables.js';
import type { Operation } from './projections/operation.js';
import {
  ENDED_ORDERS_MAX,
  type LedgerSettings,
  type ProjectionState,
  initialState,
  readRemainder,
  writeRemainder,
} from './projections/projection-state.js';
import { KINDS_WITHOUT_TRACE, projectRow } from './projections/projector.js';

const UNSAVED_ROWS_MAX = 1000;

export class ProjectionWriter {
  readonly #connection: Connection;
  readonly #path: string;
  readonly #settings: LedgerSettings;
  /** Undefined until it is read, and after a transaction that failed. */
  #state: ProjectionState | undefined;
  /** The last row that `#state` has taken in. */
  #seq = 0;
  /** The last row that the tables are known to hold. */
  #savedSeq = 0;

  constructor(connection: Connection, path: string, settings: LedgerSettings) {
    this.#connection = connection;
    this.#path = path;
    this.#settings = settings;
  }

  /** Takes in rows that have just been committed. */
  async write(rows: readonly JournalRow[]): Promise<void> {
    if (this.#state === undefined || rows[0]?.seq !== this.#seq + 1) return this.catchUp();
    await this.#guarded((state) => this.#take(state, rows));
  }

  /** Takes in what the journal has and the tables have not. */
  async catchUp(): Promise<void> {
    this.#state ??= await this.#load();
    const lastSeq = (await readHead(this.#connection))?.seq ?? 0;
    while (this.#seq < lastSeq) {
      const range = { fromSeq: this.#seq + 1, lastSeq };
      const rows = await readPage(this.#connection, this.#path, range);
      await this.#guarded((state) => this.#take(state, rows));
    }
  }

  /**
   * Empties the tables and fills them from the journal, up to `untilSeq` if it is given; readers
   * see the old ones or the new.
   */
  async rebuild(untilSeq = Infinity): Promise<void> {
    this.#state = initialState(this.#settings);
    this.#seq = 0;
    await this.#guarded((state) =>
      this.#connection.transaction(() => this.#refill(state, untilSeq)),
    );
  }

  async #refill(state: ProjectionState, untilSeq: number): Promise<void> {
    for (const name of PROJECTION_NAMES) {
      await this.#connection.run(`DELETE FROM ${PROJECTIONS[name].name}`);
    }
    await this.#connection.run('DELETE FROM projected');
    const lastSeq = Math.min(untilSeq, (await readHead(this.#connection))?.seq ?? 0);
    while (this.#seq < lastSeq) {
      const range = { fromSeq: this.#seq + 1, lastSeq };
      const rows = await readOtherKinds(this.#connection, KINDS_WITHOUT_TRACE, range);
      const operations = rows.flatMap((row) => projectRow(state, row));
      this.#seq = rows.at(-1)?.seq ?? lastSeq;
      await this.#save(state, operations);
    }
  }

  // A rolled back transaction leaves the state ahead of the tables: it has to be read again.
  async #guarded(write: (state: ProjectionState) => Promise<void>): Promise<void> {
    const state = this.#state!;
    this.#state = undefined;
    await write(state);
    this.#state = state;
  }

  async #take(state: ProjectionState, rows: readonly JournalRow[]): Promise<void> {
    const operations = rows.flatMap((row) => projectRow(state, row));
    this.#seq = rows.at(-1)?.seq ?? this.#seq;
    // Quiet bars change no table; to read some of them again after a crash is cheaper than to sync.
    if (operations.length === 0 && this.#seq - this.#savedSeq < UNSAVED_ROWS_MAX) return;
    await this.#connection.transaction(() => this.#save(state, operations));
  }

  async #save(state: ProjectionState, operations: readonly Operation[]): Promise<void> {
    for (const [table, changes] of byTable(operations)) await this.#store(table, changes);
    await this.#connection.run(
      'INSERT OR REPLACE INTO projected (id, seq, state) VALUES (1, ?, ?)',
      this.#seq,
      writeRemainder(state),
    );
    this.#savedSeq = this.#seq;
  }

  async #store(table: ProjectionName, changes: ReadonlyMap<string | number, SqlRow | null>) {
    const { name, key, columns } = PROJECTIONS[table];
    const puts: (readonly SqlValue[])[] = [];
    const removed: (string | number)[] = [];
    for (const [rowKey, row] of changes) {
      if (row === null) removed.push(rowKey);
      else puts.push(columns.map((column) => row[column] ?? null));
    }
    if (puts.length > 0) {
      const values = columns.map((_column, index) => `value ->> ${index}`).join(', ');
      const into = `INSERT OR REPLACE INTO ${name} (${columns.join(', ')})`;
      const sql = `${into} SELECT ${values} FROM json_each(?)`;
      await this.#connection.run(sql, JSON.stringify(puts));
    }
    if (removed.length > 0) {
      const sql = `DELETE FROM ${name} WHERE ${key} IN (SELECT value FROM json_each(?))`;
      await this.#connection.run(sql, JSON.stringify(removed));
    }
  }

  async #load(): Promise<ProjectionState> {
    const state = initialState(this.#settings);
    const done = await this.#connection.get<{ readonly seq: number; readonly state: string }>(
      'SELECT seq, state FROM projected',
    );
    this.#seq = done?.seq ?? 0;
    this.#savedSeq = this.#seq;
    if (done === undefined) return state;
    readRemainder(state, done.state);
    for (const row of await this.#rows<'intents'>(`intents WHERE status = 'working'`)) {
      state.intents.set(String(row.intent_id), row);
    }
    for (const row of await this.#rows<'positions'>(`positions WHERE status = 'open'`)) {
      state.positions.set(String(row.position_id), row);
    }
    for (const row of await this.#rows<'orders'>('orders WHERE ended_ms IS NULL')) {
      state.orders.set(String(row.order_key), row);
    }
    const latest = `ORDER BY ended_ms DESC LIMIT ${ENDED_ORDERS_MAX}`;
    const ended = `orders WHERE ended_ms IS NOT NULL ${latest}`;
    for (const row of [...(await this.#rows<'orders'>(ended))].reverse()) {
      state.endedOrders.set(String(row.order_key), row);
    }
    return state;
  }

  #rows<Name extends ProjectionName>(source: string) {
    return this.#connection.all<ProjectionRow<Name>>(`SELECT * FROM ${source}`);
  }
}

function byTable(
  operations: readonly Operation[],
): ReadonlyMap<ProjectionName, Map<string | number, SqlRow | null>> {
  const tables = new Map<ProjectionName, Map<string | number, SqlRow | null>>();
  for (const { table, key, row } of operations) {
    const changes = tables.get(table) ?? new Map<string | number, SqlRow | null>();
    changes.set(key, row);
    tables.set(table, changes);
  }
  return tables;
}
