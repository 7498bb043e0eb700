// From engine to journal: what the engine says is written down at once, because it reuses its
// objects, numbered, and chained by hash, so that a row that was changed or removed later is
// noticed.
import { hash as digest } from 'node:crypto';
import {
  type EngineEvent,
  type EngineRecord,
  type JournalHead,
  type JournalRow,
  type Sink,
  encode,
} from '@strategy-runner/core';

/** What the first row of a session is chained to. */
export function genesisHash(sessionId: string): string {
  return digest('sha256', sessionId);
}

/** Line breaks keep the fields apart: none but the payload can hold one, and that comes last. */
export function rowHash(row: Omit<JournalRow, 'hash'>): string {
  const { seq, ts, kind, payload, prevHash } = row;
  return digest('sha256', `${prevHash}\n${seq}\n${ts}\n${row.class}\n${kind}\n${payload}`);
}

export interface JournalSinkOptions {
  readonly sessionId: string;
  /** The last row that is stored already; omitted = the session begins. */
  readonly head?: JournalHead | undefined;
}

export class JournalSink implements Sink {
  #rows: JournalRow[] = [];
  #seq: number;
  #hash: string;

  constructor({ sessionId, head }: JournalSinkOptions) {
    this.#seq = head?.seq ?? 0;
    this.#hash = head?.hash ?? genesisHash(sessionId);
  }

  /** Rows that wait for a commit. */
  get size(): number {
    return this.#rows.length;
  }

  /** Number of the last row made, durable or not; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  event(event: EngineEvent): void {
    this.#add('event', event.kind, event.ts, event);
  }

  record(record: EngineRecord): void {
    this.#add('record', record.type, record.ts, record);
  }

  /**
   * Hands out what waits, in order, for one commit. The rows are the caller's from here on: if the
   * commit fails, the same rows must be appended before any later ones.
   */
  take(): readonly JournalRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  #add(kindOfRow: JournalRow['class'], kind: string, ts: number, body: object): void {
    const payload = encode(body);
    const seq = this.#seq + 1;
    const unsigned = { seq, ts, class: kindOfRow, kind, payload, prevHash: this.#hash };
    const hash = rowHash(unsigned);
    this.#rows.push({ ...unsigned, hash });
    this.#seq = seq;
    this.#hash = hash;
  }
}

export type JournalVerdict =
  | { readonly ok: true; readonly head: JournalHead | undefined }
  | { readonly ok: false; readonly seq: number; readonly problem: string };

/** Recomputes the chain over a whole journal, or over what follows `from`. */
export async function verifyJournal(
  sessionId: string,
  rows: AsyncIterable<JournalRow>,
  from?: JournalHead,
): Promise<JournalVerdict> {
  let head = from;
  for await (const row of rows) {
    const problem = rowProblem(sessionId, row, head);
    if (problem !== undefined) return { ok: false, seq: row.seq, problem };
    head = { seq: row.seq, hash: row.hash };
  }
  return { ok: true, head };
}

/** Why the row cannot be the one that follows `before`; undefined where it can. */
export function rowProblem(
  sessionId: string,
  row: JournalRow,
  before: JournalHead | undefined,
): string | undefined {
  const expectedSeq = (before?.seq ?? 0) + 1;
  if (row.seq !== expectedSeq) return `row ${expectedSeq} is missing`;
  if (row.prevHash !== (before?.hash ?? genesisHash(sessionId))) {
    return 'it does not continue the row before it';
  }
  return row.hash === rowHash(row) ? undefined : 'its content does not fit its hash';
}
