// A session's store as recovery may trust it: every row that is read is held against the hash
// chain, from the row before the first one on, and the journal must hold the row that session.json
// anchors. What was checked by an earlier start is not read again.
import type { JournalHead, JournalRow, SessionStore } from '@strategy-runner/core';
import { rowProblem } from './journal.js';
import { damaged } from './store-error.js';

export interface VerifiedParts {
  readonly store: SessionStore;
  readonly path: string;
  readonly sessionId: string;
  /** `journal_head` of session.json. */
  readonly anchor: JournalHead | null;
}

/** Errors of its reads: STORE_DAMAGED (65), naming the row. */
export function verified({ store, path, sessionId, anchor }: VerifiedParts): SessionStore {
  return {
    append: (rows) => store.append(rows),
    writeSnapshot: (snapshot) => store.writeSnapshot(snapshot),
    head: () => store.head(),
    close: () => store.close(),
    async latestSnapshot() {
      await assertAnchored(store, path, anchor);
      const snapshot = await store.latestSnapshot();
      const lastSeq = (await store.head())?.seq ?? 0;
      if (snapshot === undefined || snapshot.seq <= lastSeq) return snapshot;
      throw damaged(path, `Its snapshot is of row ${snapshot.seq}, its last row is ${lastSeq}`);
    },
    async *readJournal(fromSeq) {
      let before: JournalHead | undefined;
      for await (const row of store.readJournal(Math.max(1, fromSeq - 1))) {
        assertRow(path, sessionId, row, row.seq < fromSeq ? beforeOf(row) : before);
        before = { seq: row.seq, hash: row.hash };
        if (row.seq >= fromSeq) yield row;
      }
    },
  };
}

// The row that reading starts behind is held against its own hash alone; what it continues was
// checked when the snapshot of it was taken.
function beforeOf({ seq, prevHash }: JournalRow): JournalHead | undefined {
  return seq === 1 ? undefined : { seq: seq - 1, hash: prevHash };
}

function assertRow(
  path: string,
  sessionId: string,
  row: JournalRow,
  before: JournalHead | undefined,
): void {
  const problem = rowProblem(sessionId, row, before);
  if (problem !== undefined) throw damaged(path, `Row ${row.seq}: ${problem}`);
}

async function assertAnchored(
  store: SessionStore,
  path: string,
  anchor: JournalHead | null,
): Promise<void> {
  if (anchor === null) return;
  for await (const row of store.readJournal(anchor.seq)) {
    if (row.hash === anchor.hash) return;
    throw damaged(path, `Row ${row.seq}: its hash is not the one that session.json has`);
  }
  const lastSeq = (await store.head())?.seq ?? 0;
  throw damaged(path, `Its last row is ${lastSeq}, session.json has row ${anchor.seq}`);
}
