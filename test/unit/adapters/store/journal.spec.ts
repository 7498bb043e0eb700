import { createHash } from 'node:crypto';
import { type EngineRecord, type JournalRow, decimal, decode } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import {
  JournalSink,
  genesisHash,
  rowHash,
  verifyJournal,
} from '../../../../adapters/src/store/journal.js';
import { aBar } from '../../../support/world.js';
import { SESSION, headOf, rowsOfBars } from './a-journal.js';

const { sessionId } = SESSION;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function* streamOf(rows: readonly JournalRow[]): AsyncIterable<JournalRow> {
  yield* rows;
}

describe('JournalSink', () => {
  test('writes an entry down at once, since its object is used again', () => {
    const sink = new JournalSink({ sessionId });
    const bar = { ...aBar(), close: 100 };
    sink.event(bar);
    bar.close = 200;
    sink.event(bar);
    const closes = sink.take().map(({ payload }) => (decode(payload) as { close: number }).close);
    expect(closes).toEqual([100, 200]);
  });

  test('numbers and chains events and records in one sequence', () => {
    const sink = new JournalSink({ sessionId });
    const bar = aBar();
    const record: EngineRecord = { type: 'backoff', ts: 7, rejects: 1, untilMs: 9 };
    sink.event(bar);
    sink.record(record);
    expect(sink.size).toBe(2);
    const [first, second] = sink.take() as [JournalRow, JournalRow];
    const start = sha256(sessionId);
    const firstHash = sha256(`${start}\n1\n${bar.ts}\nevent\nbar\n${first.payload}`);
    expect(first).toEqual({
      seq: 1,
      ts: bar.ts,
      class: 'event',
      kind: 'bar',
      payload: JSON.stringify(bar),
      prevHash: start,
      hash: firstHash,
    });
    expect(second).toEqual({
      seq: 2,
      ts: 7,
      class: 'record',
      kind: 'backoff',
      payload: JSON.stringify(record),
      prevHash: firstHash,
      hash: sha256(`${firstHash}\n2\n7\nrecord\nbackoff\n${second.payload}`),
    });
  });

  test('keeps money exact', () => {
    const sink = new JournalSink({ sessionId });
    const equity = decimal('12345678901234567.000000000000000001');
    const record: EngineRecord = { type: 'day_started', ts: 1, day: 2, equity };
    sink.record(record);
    expect(decode(sink.take()[0]!.payload)).toEqual(record);
  });

  test('hands rows out once and goes on numbering', () => {
    const sink = new JournalSink({ sessionId });
    sink.event(aBar());
    expect(sink.take()).toHaveLength(1);
    expect(sink.take()).toEqual([]);
    sink.event(aBar());
    expect(sink.take()[0]!.seq).toBe(2);
    expect(sink.seq).toBe(2);
  });

  test('continues a stored journal as if it had never stopped', () => {
    const whole = rowsOfBars(4);
    const begun = whole.slice(0, 2);
    const sink = new JournalSink({ sessionId, head: headOf(begun) });
    for (const close of [102, 103]) sink.event(aBar({ close }));
    expect([...begun, ...sink.take()]).toEqual(whole);
  });

  test('chains each session to itself', () => {
    expect(genesisHash('a')).not.toBe(genesisHash('b'));
    expect(genesisHash('a')).toBe(sha256('a'));
  });
});

describe('verifyJournal', () => {
  test('accepts a whole journal, an empty one, and the rest of one', async () => {
    const rows = rowsOfBars(5);
    const head = headOf(rows);
    expect(await verifyJournal(sessionId, streamOf(rows))).toEqual({ ok: true, head });
    expect(await verifyJournal(sessionId, streamOf([]))).toEqual({ ok: true, head: undefined });
    const from = headOf(rows.slice(0, 3));
    const rest = await verifyJournal(sessionId, streamOf(rows.slice(3)), from);
    expect(rest).toEqual({ ok: true, head });
  });

  test.each([
    ['seq', 9, 'row 3 is missing'],
    ['ts', 1, 'its content does not fit its hash'],
    ['class', 'record', 'its content does not fit its hash'],
    ['kind', 'bars', 'its content does not fit its hash'],
    ['payload', '{}', 'its content does not fit its hash'],
    ['hash', 'f'.repeat(64), 'its content does not fit its hash'],
    ['prevHash', 'f'.repeat(64), 'it does not continue the row before it'],
  ])('notices a changed %s', async (field, value, problem) => {
    const rows = rowsOfBars(5).map((row) => (row.seq === 3 ? { ...row, [field]: value } : row));
    const verdict = await verifyJournal(sessionId, streamOf(rows));
    expect(verdict).toEqual({ ok: false, seq: rows[2]!.seq, problem });
  });

  test('notices a row that was changed together with its hash, at the next one', async () => {
    const rows = [...rowsOfBars(5)];
    const forged = { ...rows[2]!, payload: '{}' };
    rows[2] = { ...forged, hash: rowHash(forged) };
    const verdict = await verifyJournal(sessionId, streamOf(rows));
    expect(verdict).toMatchObject({ ok: false, seq: 4 });
  });

  test('notices a removed row and the journal of another session', async () => {
    const rows = rowsOfBars(5);
    const holed = rows.filter(({ seq }) => seq !== 2);
    expect(await verifyJournal(sessionId, streamOf(holed))).toMatchObject({ ok: false, seq: 3 });
    expect(await verifyJournal('other', streamOf(rows))).toMatchObject({ ok: false, seq: 1 });
  });
});
