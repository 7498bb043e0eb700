// What every session store promises, whoever wrote it. A store of one's own is checked by calling
// this from a spec with a way to open it; two openings of one fixture see the same session.
import {
  type BarEvent,
  type JournalHead,
  type JournalRow,
  type SessionStore,
  type StoredSnapshot,
} from '@strategy-runner/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { JournalSink } from '../../adapters/src/store/journal.js';

export interface StoreFixture {
  readonly sessionId: string;
  /** Opens the session, which is new at the first call. */
  open(): Promise<SessionStore>;
}

export function describeSessionStore(name: string, fixture: () => Promise<StoreFixture>): void {
  let session: StoreFixture;
  let store: SessionStore;
  beforeEach(async () => {
    session = await fixture();
    store = await session.open();
    return () => store.close();
  });

  const rows = (count: number, head?: JournalHead): readonly JournalRow[] => {
    const sink = new JournalSink({ sessionId: session.sessionId, head });
    for (let i = 0; i < count; i += 1) sink.event({ ...BAR, close: i, ts: BAR.ts + i });
    return sink.take();
  };

  describe(`[L19] ${name}`, () => {
    test('is empty at first, and can be read while it is', async () => {
      expect(await store.head()).toBeUndefined();
      expect(await store.latestSnapshot()).toBeUndefined();
      expect(await contentOf(store)).toEqual([]);
    });

    test('gives back every field of every row, in order', async () => {
      const all = rows(2500);
      await store.append(all.slice(0, 1));
      await store.append(all.slice(1, 1200));
      await store.append(all.slice(1200));
      expect(await contentOf(store)).toEqual(all);
      expect(await contentOf(store, 2400)).toEqual(all.slice(2399));
      expect(await contentOf(store, 2501)).toEqual([]);
    });

    test('keeps text that JSON and SQL could trip over', async () => {
      const sink = new JournalSink({ sessionId: session.sessionId });
      const symbol = `#'"\\ \u0000 \ud800 \u2028 ⚡ ;--`;
      sink.event({ ...BAR, symbol });
      const written = sink.take();
      await store.append(written);
      expect(await contentOf(store)).toEqual(written);
    });

    test('takes a time with a fraction as it is', async () => {
      const sink = new JournalSink({ sessionId: session.sessionId });
      sink.event({ ...BAR, ts: 1_700_000_000_000.25 });
      const written = sink.take();
      await store.append(written);
      expect(await contentOf(store)).toEqual(written);
    });

    test('has the last written row as its head, and never one that was refused', async () => {
      const all = rows(5);
      await store.append(all.slice(0, 3));
      expect(await store.head()).toEqual(tail(all.slice(0, 3)));
      await expect(store.append(all.slice(4))).rejects.toThrow();
      expect(await store.head()).toEqual(tail(all.slice(0, 3)));
    });

    test('takes no rows without complaint', async () => {
      await store.append([]);
      expect(await store.head()).toBeUndefined();
    });

    test.each([
      ['repeats a row', (all: readonly JournalRow[]) => [all[2]!, all[2]!]],
      ['leaves a gap', (all: readonly JournalRow[]) => [all[2]!, all[4]!]],
      ['starts too late', (all: readonly JournalRow[]) => [all[3]!]],
      ['starts again', (all: readonly JournalRow[]) => [all[0]!]],
      ['is numbered wrongly', (all: readonly JournalRow[]) => [{ ...all[2]!, seq: 9 }]],
      ['is of another chain', (all: readonly JournalRow[]) => [{ ...all[2]!, prevHash: 'x' }]],
    ])('leaves nothing of a batch that %s', async (_case, choose) => {
      const all = rows(5);
      await store.append(all.slice(0, 2));
      await expect(store.append(choose(all))).rejects.toMatchObject({
        code: 'STORE_WRITE_FAILED',
      });
      expect(await contentOf(store)).toEqual(all.slice(0, 2));
      await store.append(all.slice(2));
      expect(await contentOf(store)).toEqual(all);
    });

    test('refuses to begin in the middle', async () => {
      await expect(store.append(rows(3).slice(1))).rejects.toMatchObject({
        code: 'STORE_WRITE_FAILED',
      });
      expect(await store.head()).toBeUndefined();
    });

    test('takes overlapping appends in the order of their calls', async () => {
      const all = rows(60);
      const batches = Array.from({ length: 20 }, (_, i) => all.slice(i * 3, i * 3 + 3));
      await Promise.all(batches.map((batch) => store.append(batch)));
      expect(await contentOf(store)).toEqual(all);
    });

    test('refuses what follows a failed append, so that no hole is left', async () => {
      const all = rows(6);
      const outcomes = await Promise.allSettled([
        store.append(all.slice(0, 2)),
        store.append(all.slice(3, 4)),
        store.append(all.slice(4)),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
      expect(await contentOf(store)).toEqual(all.slice(0, 2));
    });

    test('reads up to the row that was last when the reading began', async () => {
      const all = rows(4);
      await store.append(all.slice(0, 2));
      const seen: JournalRow[] = [];
      for await (const row of store.readJournal(1)) {
        if (seen.length === 0) await store.append(all.slice(2));
        seen.push(row);
      }
      expect(seen).toEqual(all.slice(0, 2));
      expect(await store.head()).toEqual(tail(all));
    });

    test('does not change what it stored when the caller changes its rows', async () => {
      const all = rows(1);
      const mine = { ...all[0]! };
      await store.append([mine]);
      Object.assign(mine, { payload: 'changed' });
      expect(await contentOf(store)).toEqual(all);
    });

    test('gives the latest snapshot back, whole', async () => {
      await store.append(rows(5));
      await store.writeSnapshot(snapshotAt(2));
      expect(await store.latestSnapshot()).toEqual(snapshotAt(2));
      await store.writeSnapshot(snapshotAt(5, { plugin: null }));
      expect(await store.latestSnapshot()).toEqual(snapshotAt(5, { plugin: null }));
    });

    test('goes by the row of a snapshot, not by when it was written', async () => {
      await store.append(rows(5));
      await store.writeSnapshot(snapshotAt(5));
      await store.writeSnapshot(snapshotAt(3));
      expect(await store.latestSnapshot()).toEqual(snapshotAt(5));
    });

    test('replaces a snapshot of the same row', async () => {
      await store.append(rows(5));
      await store.writeSnapshot(snapshotAt(5));
      await store.writeSnapshot(snapshotAt(5, { state: 'newer' }));
      expect(await store.latestSnapshot()).toEqual(snapshotAt(5, { state: 'newer' }));
    });

    test('refuses a snapshot of a row that it does not have', async () => {
      await store.append(rows(2));
      await expect(store.writeSnapshot(snapshotAt(3))).rejects.toMatchObject({
        code: 'STORE_WRITE_FAILED',
      });
      expect(await store.latestSnapshot()).toBeUndefined();
    });

    test('goes on after it was closed and opened again', async () => {
      const all = rows(6);
      await store.append(all.slice(0, 3));
      await store.writeSnapshot(snapshotAt(3));
      await store.close();
      store = await session.open();
      expect(await store.head()).toEqual(tail(all.slice(0, 3)));
      expect(await store.latestSnapshot()).toEqual(snapshotAt(3));
      await store.append(all.slice(3));
      expect(await contentOf(store)).toEqual(all);
    });

    test('finishes what is under way before it closes, and refuses the rest', async () => {
      const all = rows(4);
      const appending = store.append(all);
      await Promise.all([store.close(), store.close()]);
      await appending;
      await expect(store.append(rows(1, tail(all)))).rejects.toMatchObject({ code: 'INTERNAL' });
      await expect(store.head()).rejects.toMatchObject({ code: 'INTERNAL' });
      await expect(contentOf(store)).rejects.toMatchObject({ code: 'INTERNAL' });
      store = await session.open();
      expect(await contentOf(store)).toEqual(all);
    });
  });
}

const BAR: BarEvent = {
  kind: 'bar',
  ts: 1_700_000_060_000,
  symbol: 'BTC/USDT:USDT',
  timeframe: '1m',
  openMs: 1_700_000_000_000,
  closeMs: 1_700_000_060_000,
  open: 100,
  high: 101.5,
  low: 99.5,
  close: 100,
  volume: 12.25,
};

async function contentOf(store: SessionStore, fromSeq = 1): Promise<readonly JournalRow[]> {
  const rows: JournalRow[] = [];
  for await (const row of store.readJournal(fromSeq)) rows.push(row);
  return rows;
}

function tail(rows: readonly JournalRow[]): JournalHead {
  const { seq, hash } = rows.at(-1)!;
  return { seq, hash };
}

function snapshotAt(seq: number, change: Partial<StoredSnapshot> = {}): StoredSnapshot {
  const state = `{"seq":${seq},"cash":"#1.5"}`;
  return { seq, ts: 1_700_000_000_000 + seq, state, plugin: '{"n":1}', bars: '[]', ...change };
}
