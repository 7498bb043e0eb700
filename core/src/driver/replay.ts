// The driver of recorded events: a fresh engine takes them in again, and what it decides is held
// against what was recorded, byte for byte. Nothing is asked, sent or waited for; the answers are
// events too.
import type { EngineConfig } from '../config.js';
import { Engine } from '../engine.js';
import type { EngineEvent } from '../events.js';
import { emptySeries } from '../market/bar-book.js';
import type { JournalRow } from '../ports/session-store.js';
import type { EngineRecord, Sink } from '../records.js';
import { decode, encode } from '../state/codec.js';

/** The first place where the engine decides otherwise than it did. */
export interface Divergence {
  /** Row where the two part; one past the last row where the journal ends early. */
  readonly seq: number;
  /** Encoded record of the journal; null where it holds none and the engine produces one. */
  readonly recorded: string | null;
  /** Encoded record of the engine; null where it produces none and the journal holds one. */
  readonly produced: string | null;
}

export type ReplayedRow = Pick<JournalRow, 'seq' | 'class' | 'payload'>;

/**
 * Processes the events of a whole journal, from row 1, and compares the records. Undefined when
 * every record is the same. A run that died and was resumed replays as one: its restarts are
 * events. Across minor versions of the host `meaning` compares what both records say: a field that
 * only one of them has is new or gone, not different.
 */
export async function replayEvents(
  config: EngineConfig,
  rows: Iterable<ReplayedRow> | AsyncIterable<ReplayedRow>,
  comparison: 'bytes' | 'meaning' = 'bytes',
): Promise<Divergence | undefined> {
  const produced: string[] = [];
  const sink: Sink = {
    event: () => undefined,
    record: (record: EngineRecord) => void produced.push(encode(record)),
  };
  const engine = new Engine({ config, sink, series: emptySeries(config) });
  let seq = 0;
  for await (const row of rows) {
    seq = row.seq;
    if (row.class === 'event') {
      const [extra] = produced;
      if (extra !== undefined) return { seq, recorded: null, produced: extra };
      engine.process(decode(row.payload) as EngineEvent);
      engine.effects.length = 0;
      continue;
    }
    const next = produced.shift() ?? null;
    if (next === row.payload) continue;
    if (comparison === 'meaning' && next !== null && meansTheSame(row.payload, next)) continue;
    return { seq, recorded: row.payload, produced: next };
  }
  const [extra] = produced;
  return extra === undefined ? undefined : { seq: seq + 1, recorded: null, produced: extra };
}

function meansTheSame(recorded: string, produced: string): boolean {
  return isAlike(JSON.parse(recorded), JSON.parse(produced));
}

function isAlike(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, place) => isAlike(item, b[place]));
  }
  const [left, right] = [a, b] as [Record<string, unknown>, Record<string, unknown>];
  return Object.keys(left).every((key) => !(key in right) || isAlike(left[key], right[key]));
}
