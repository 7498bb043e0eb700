// A session that is kept in memory: backtests, and tests of whatever writes a journal. It keeps
// every promise of the port except durability; `contents` outlives a store, as a file would.
import type { JournalHead, JournalRow, SessionStore, StoredSnapshot } from '@strategy-runner/core';
import { assertContinues, assertJournaled } from '../journal-order.js';
import { storeClosed } from '../store-error.js';

const NAME = 'the session in memory';

export interface MemoryContents {
  readonly rows: JournalRow[];
  snapshot: StoredSnapshot | undefined;
}

export function emptyContents(): MemoryContents {
  return { rows: [], snapshot: undefined };
}

export class MemoryStore implements SessionStore {
  readonly #contents: MemoryContents;
  #isClosed = false;

  constructor(contents: MemoryContents = emptyContents()) {
    this.#contents = contents;
  }

  async append(rows: readonly JournalRow[]): Promise<void> {
    this.#assertOpen();
    assertContinues(NAME, this.#head(), rows);
    for (const row of rows) this.#contents.rows.push({ ...row });
  }

  async writeSnapshot(snapshot: StoredSnapshot): Promise<void> {
    this.#assertOpen();
    assertJournaled(NAME, this.#head(), snapshot.seq);
    const current = this.#contents.snapshot;
    if (current !== undefined && current.seq > snapshot.seq) return;
    this.#contents.snapshot = { ...snapshot };
  }

  async latestSnapshot(): Promise<StoredSnapshot | undefined> {
    this.#assertOpen();
    return this.#contents.snapshot;
  }

  async *readJournal(fromSeq: number): AsyncIterable<JournalRow> {
    this.#assertOpen();
    yield* this.#contents.rows.slice(Math.max(fromSeq, 1) - 1);
  }

  async head(): Promise<JournalHead | undefined> {
    this.#assertOpen();
    return this.#head();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #head(): JournalHead | undefined {
    const last = this.#contents.rows.at(-1);
    return last === undefined ? undefined : { seq: last.seq, hash: last.hash };
  }

  #assertOpen(): void {
    if (this.#isClosed) throw storeClosed(NAME);
  }
}
