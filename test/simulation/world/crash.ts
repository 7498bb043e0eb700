// The death of the process at a chosen boundary: every await and every request is one. What was in
// memory is gone afterwards; only the store's contents and the exchange remain.
import type { JournalRow, SessionStore, StoredSnapshot } from '@strategy-runner/core';
import {
  type MemoryContents,
  MemoryStore,
} from '../../../adapters/src/store/memory/memory-store.js';

export class Crash extends Error {
  constructor(boundary: string, place: number) {
    super(`the process died at boundary ${place}, ${boundary}`);
  }
}

/** Counts boundaries over the whole simulation, its restarts included. */
export class Boundaries {
  readonly #crashAt: ReadonlySet<number>;
  count = 0;
  readonly crashes: string[] = [];

  constructor(crashAt: Iterable<number>) {
    this.#crashAt = new Set(crashAt);
  }

  pass(boundary: string): void {
    this.count += 1;
    if (!this.#crashAt.has(this.count)) return;
    this.crashes.push(boundary);
    throw new Crash(boundary, this.count);
  }
}

/** A store of the process that dies: its contents do not. */
export class CrashingStore implements SessionStore {
  readonly #store: MemoryStore;
  readonly #boundaries: Boundaries;

  constructor(contents: MemoryContents, boundaries: Boundaries) {
    this.#store = new MemoryStore(contents);
    this.#boundaries = boundaries;
  }

  async append(rows: readonly JournalRow[]): Promise<void> {
    this.#boundaries.pass('before append');
    await this.#store.append(rows);
    this.#boundaries.pass('after append');
  }

  async writeSnapshot(snapshot: StoredSnapshot): Promise<void> {
    this.#boundaries.pass('before snapshot');
    await this.#store.writeSnapshot(snapshot);
    this.#boundaries.pass('after snapshot');
  }

  async latestSnapshot(): Promise<StoredSnapshot | undefined> {
    this.#boundaries.pass('recovery');
    return this.#store.latestSnapshot();
  }

  readJournal(fromSeq: number): AsyncIterable<JournalRow> {
    return this.#store.readJournal(fromSeq);
  }

  async head() {
    this.#boundaries.pass('recovery, head');
    return this.#store.head();
  }

  async close(): Promise<void> {
    await this.#store.close();
  }
}
