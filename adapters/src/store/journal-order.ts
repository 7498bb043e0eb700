// The one rule of an append that every store enforces: rows continue the journal, without a gap, a
// repetition or a broken link. It is what turns a second writer into an error instead of a fork.
import type { JournalHead, JournalRow } from '@strategy-runner/core';
import { writeRefused } from './store-error.js';

/** Throws unless the rows follow `head` and each other. */
export function assertContinues(
  path: string,
  head: JournalHead | undefined,
  rows: readonly JournalRow[],
): void {
  let last = head;
  for (const row of rows) {
    const expectedSeq = (last?.seq ?? 0) + 1;
    if (row.seq !== expectedSeq) {
      throw writeRefused(path, `Row ${row.seq} was given, ${expectedSeq} comes next`);
    }
    if (last !== undefined && row.prevHash !== last.hash) {
      throw writeRefused(path, `Row ${row.seq} is not chained to row ${last.seq}`);
    }
    last = { seq: row.seq, hash: row.hash };
  }
}

/** Throws unless the snapshot's row is in the journal already. */
export function assertJournaled(path: string, head: JournalHead | undefined, seq: number): void {
  const lastSeq = head?.seq ?? 0;
  if (seq <= lastSeq) return;
  throw writeRefused(path, `A snapshot after row ${seq} was given, the last row is ${lastSeq}`);
}
