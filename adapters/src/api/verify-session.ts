// Whether a session is what it was when it was written: its chain of hashes from the first row to
// the last, its tail against the anchor in session.json, its telemetry and ledger against the
// venue's reports, what the venue said again against where it had said it, and its tables for
// people against the journal. The first row that does not fit is named.
import {
  type EngineEvent,
  type EngineRecord,
  TelemetryAudit,
  type VenueMessage,
  decode,
} from '@strategy-runner/core';
import { RunnerError } from '../errors.js';
import { rowProblem } from '../store/journal.js';
import type { SessionFolder } from '../store/session-folder.js';
import { checkProjections } from '../store/sqlite/check-projections.js';
import { SqliteStore } from '../store/sqlite/sqlite-store.js';
import { SaidTexts } from '../venue/ccxt/said-texts.js';

export type VerifiedPart = 'chain' | 'anchor' | 'telemetry' | 'messages' | 'projections';

export interface SessionVerdict {
  readonly isSound: boolean;
  readonly rows: number;
  readonly head: { readonly seq: number; readonly hash: string } | null;
  /** Of the first thing that does not fit, in the order of `VerifiedPart`. */
  readonly finding?: {
    readonly part: VerifiedPart;
    /** Journal row; null where it is a row of a table. */
    readonly seq: number | null;
    readonly what: string;
  };
}

type Finding = NonNullable<SessionVerdict['finding']>;

export async function verifySession(
  folder: SessionFolder,
  onProgress: (rows: number) => void = () => undefined,
): Promise<SessionVerdict> {
  const store = await SqliteStore.openReader(folder.databasePath);
  try {
    const walk = new JournalWalk(folder, store.meta);
    const finding = (await walk.run(store, onProgress)) ?? (await projections(folder));
    const base = { rows: walk.rows, head: walk.head ?? null };
    return finding === undefined
      ? { ...base, isSound: true }
      : { ...base, isSound: false, finding };
  } finally {
    await store.close();
  }
}

const PROGRESS_ROWS = 100_000;

class JournalWalk {
  rows = 0;
  head: { readonly seq: number; readonly hash: string } | undefined;
  readonly #folder: SessionFolder;
  readonly #sessionId: string;
  readonly #audit: TelemetryAudit;
  // What the audit finds counts only if the chain holds: a changed row is named as that.
  #telemetry: Finding | undefined;
  #messages: Finding | undefined;
  readonly #said = new SaidTexts();
  #isAnchorMet = false;

  constructor(folder: SessionFolder, meta: SqliteStore['meta']) {
    this.#folder = folder;
    this.#sessionId = meta.sessionId;
    this.#audit = new TelemetryAudit({ spotSymbols: new Set(meta.spotSymbols) });
  }

  async run(store: SqliteStore, onProgress: (rows: number) => void): Promise<Finding | undefined> {
    const anchor = this.#folder.metadata.journal_head;
    try {
      for await (const row of store.readJournal(1)) {
        const problem = rowProblem(this.#sessionId, row, this.head);
        if (problem !== undefined) return { part: 'chain', seq: row.seq, what: problem };
        this.head = { seq: row.seq, hash: row.hash };
        this.rows += 1;
        if (this.rows % PROGRESS_ROWS === 0) onProgress(this.rows);
        if (row.seq === anchor?.seq) {
          if (row.hash !== anchor.hash) return otherAnchor(row.seq);
          this.#isAnchorMet = true;
        }
        if (row.kind === 'venue_message') this.#hear(row.seq, decode(row.payload) as VenueMessage);
        else if (MATTERS.has(row.kind)) this.#look(row.seq, row.class, decode(row.payload));
      }
    } catch (error) {
      return holeOf(error, (this.head?.seq ?? 0) + 1);
    }
    if (anchor !== null && !this.#isAnchorMet) return cutShort(this.head?.seq ?? 0, anchor.seq);
    return this.#telemetry ?? this.#messages;
  }

  // What the venue has said again is kept as a reference to where it had said it.
  #hear(seq: number, message: VenueMessage): void {
    for (const { name, text, asked } of this.#said.saidIn(message)) {
      const missing = text === undefined ? 'an answer' : 'a question';
      if (text !== undefined && (asked === null || asked.text !== undefined)) continue;
      const what = `it stands for ${missing} of ${name} that is not in the journal`;
      this.#messages ??= { part: 'messages', seq, what };
    }
  }

  #look(seq: number, kindOfRow: 'event' | 'record', body: unknown): void {
    if (kindOfRow === 'event') this.#audit.event(body as EngineEvent);
    else {
      const found = this.#audit.record(seq, body as EngineRecord);
      if (found !== undefined) this.#telemetry ??= { part: 'telemetry', ...found };
    }
  }
}

// Most rows are bars, asks and answers: nothing of them can contradict the ledger.
const MATTERS: ReadonlySet<string> = new Set([
  'fill_reported',
  'funding_paid',
  'order_created',
  'order_moved',
  'fill',
  'funding',
  'external_fill',
  'cash_moved',
]);

function otherAnchor(seq: number): Finding {
  const what = 'its hash is not the one that session.json has';
  return { part: 'anchor', seq, what };
}

function cutShort(lastSeq: number, anchorSeq: number): Finding {
  const what = `the journal ends at row ${lastSeq}, session.json anchors row ${anchorSeq}`;
  return { part: 'anchor', seq: lastSeq + 1, what };
}

// A hole is what reading itself stops at.
function holeOf(error: unknown, seq: number): Finding {
  if (!(error instanceof RunnerError) || error.code !== 'STORE_DAMAGED') throw error;
  const missing = /Row (\d+) is missing/.exec(error.why ?? '')?.[1];
  if (missing === undefined) return { part: 'chain', seq, what: error.why ?? error.message };
  return { part: 'chain', seq: Number(missing), what: 'it is missing' };
}

async function projections(folder: SessionFolder): Promise<Finding | undefined> {
  const found = await checkProjections(folder.databasePath);
  if (found === undefined) return undefined;
  const what = `row ${found.key} of table ${found.table} ${found.what}`;
  return { part: 'projections', seq: null, what };
}
