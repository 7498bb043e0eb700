// The journal and its snapshots as SQL. An append is one statement, whatever the number of rows,
// and a statement is atomic; that is what makes a commit all or nothing.
import type { JournalHead, JournalRow, StoredSnapshot } from '@strategy-runner/core';
import { damaged } from '../store-error.js';
import type { Connection } from '../../private-files/connection.js';

const PAGE_ROWS = 1000;
const SNAPSHOTS_KEPT = 2;

const INSERT = `
  INSERT INTO journal (seq, ts, class, kind, payload, prev_hash, hash)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
  FROM json_each(?)`;

const PAGE = `
  SELECT seq, ts, class, kind, payload, prev_hash AS prevHash, hash
  FROM journal WHERE seq BETWEEN ? AND ? ORDER BY seq`;

export async function insertRows(
  connection: Connection,
  rows: readonly JournalRow[],
): Promise<void> {
  const values = rows.map((row) => [
    row.seq,
    row.ts,
    row.class,
    row.kind,
    row.payload,
    row.prevHash,
    row.hash,
  ]);
  await connection.run(INSERT, JSON.stringify(values));
}

export function readHead(connection: Connection): Promise<JournalHead | undefined> {
  return connection.get<JournalHead>('SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1');
}

/** The rows that follow `fromSeq`, up to `lastSeq` and to one page; a hole is an error. */
export async function readPage(
  connection: Connection,
  path: string,
  range: { readonly fromSeq: number; readonly lastSeq: number },
): Promise<readonly JournalRow[]> {
  const { fromSeq, lastSeq } = range;
  const pageEnd = Math.min(lastSeq, fromSeq + PAGE_ROWS - 1);
  const rows = await connection.all<JournalRow>(PAGE, fromSeq, pageEnd);
  for (let seq = fromSeq; seq <= pageEnd; seq += 1) {
    if (rows[seq - fromSeq]?.seq !== seq) throw damaged(path, `Row ${seq} is missing`);
  }
  return rows;
}

/** The rows of other kinds than these, up to one page: most rows of a journal show in no table. */
export function readOtherKinds(
  connection: Connection,
  kinds: readonly string[],
  range: { readonly fromSeq: number; readonly lastSeq: number },
): Promise<readonly JournalRow[]> {
  const { fromSeq, lastSeq } = range;
  return connection.all<JournalRow>(
    `SELECT seq, ts, class, kind, payload, prev_hash AS prevHash, hash FROM journal
     WHERE seq BETWEEN ? AND ? AND kind NOT IN (SELECT value FROM json_each(?))
     ORDER BY seq LIMIT ${PAGE_ROWS}`,
    fromSeq,
    lastSeq,
    JSON.stringify(kinds),
  );
}

export function insertSnapshot(connection: Connection, snapshot: StoredSnapshot): Promise<void> {
  const { seq, ts, state, plugin, bars } = snapshot;
  return connection.transaction(async () => {
    await connection.run(
      'INSERT OR REPLACE INTO snapshots (seq, ts, state, plugin, bars) VALUES (?, ?, ?, ?, ?)',
      seq,
      ts,
      state,
      plugin,
      bars,
    );
    await connection.run(
      `DELETE FROM snapshots WHERE seq NOT IN
         (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT ${SNAPSHOTS_KEPT})`,
    );
  });
}

export function readLatestSnapshot(connection: Connection): Promise<StoredSnapshot | undefined> {
  return connection.get<StoredSnapshot>(
    'SELECT seq, ts, state, plugin, bars FROM snapshots ORDER BY seq DESC LIMIT 1',
  );
}
