// Where a session's journal is kept. A write is all or nothing, and its promise resolves only when
// a crash can no longer undo it; a read gives everything that was asked for or fails.
import type { SessionMetadata } from '@strategy-runner/contracts';

/** One journaled event or record. `hash` covers `prevHash` and every other field. */
export interface JournalRow {
  /** 1, 2, 3, … without a gap. */
  readonly seq: number;
  readonly ts: number;
  readonly class: 'event' | 'record';
  /** `kind` of the event, or `type` of the record. */
  readonly kind: string;
  /** The whole event or record as `encode` wrote it. */
  readonly payload: string;
  readonly prevHash: string;
  readonly hash: string;
}

/** Rows that wait for the next commit. */
export interface PendingRows {
  readonly size: number;
  /** Of the last row that was made, durable or not. */
  readonly seq: number;
  take(): readonly JournalRow[];
}

/** The last row of a journal, as session.json anchors it. */
export type JournalHead = NonNullable<SessionMetadata['journal_head']>;

/** The engine after the row `seq`; recovery starts from it. */
export interface StoredSnapshot {
  readonly seq: number;
  readonly ts: number;
  readonly state: string;
  /** JSON state of the plugins, or null where none keeps any. */
  readonly plugin: string | null;
  readonly bars: string;
}

export interface SessionStore {
  /**
   * Adds rows behind the last one. All of them are durable, or none is there. Appends that overlap
   * are taken in the order of their calls; rows that do not continue the journal are refused.
   */
  append(rows: readonly JournalRow[]): Promise<void>;
  /** Refused for a row that is not in the journal yet. */
  writeSnapshot(snapshot: StoredSnapshot): Promise<void>;
  /** The snapshot with the highest `seq`. */
  latestSnapshot(): Promise<StoredSnapshot | undefined>;
  /**
   * Rows from `fromSeq` to the one that is last when the reading starts; a missing row is an error.
   */
  readJournal(fromSeq: number): AsyncIterable<JournalRow>;
  /** The last durable row. */
  head(): Promise<JournalHead | undefined>;
  /** Waits for what is under way. Closing twice is fine; anything else afterwards is refused. */
  close(): Promise<void>;
}
