import {
  Engine,
  type EngineEvent,
  type EngineRecord,
  type JournalRow,
  type Recovered,
  type StoredSnapshot,
  applyEvent,
  applyRecord,
  decode,
  emptyState,
  encode,
  recover,
  snapshotOf,
} from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { MemoryStore } from '../../adapters/src/store/memory/memory-store.js';
import { type Simulated, runtimeOf } from '../simulation/world/simulate.js';
import { lifeOf, recordLife } from './recorded-runs.js';

const SEEDS = [1, 3, 9];

function recoverFrom(
  { config }: Simulated,
  seed: number,
  rows: readonly JournalRow[],
  snapshot?: StoredSnapshot,
): Promise<Recovered> {
  const store = new MemoryStore({ rows: [...rows], snapshot });
  return recover(config, store, runtimeOf(lifeOf(seed)));
}

/** All that a recovery brings back, as text. */
function everything(life: Simulated, recovered: Recovered): string {
  const { state, series, runtime, head } = recovered;
  const sink = { event: () => undefined, record: () => undefined };
  const engine = new Engine({ config: life.config, sink, series, state });
  return encode({ snapshot: snapshotOf(engine, runtime, head!.seq), head });
}

/** Places in the journal at which a bar begins: what comes before is whole. */
function barPlaces(rows: readonly JournalRow[], count: number): readonly number[] {
  const places = rows.flatMap(({ kind }, place) => (kind === 'bar' ? [place] : []));
  const every = Math.floor(places.length / count);
  return places.filter((_place, nth) => nth % every === every - 1);
}

describe.each(SEEDS)('a session that died and went on (seed %i)', (seed) => {
  test('its events and records, applied to nothing, give its state byte for byte', async () => {
    const { config, contents, engine } = await recordLife(seed);
    const ids = config.instances.map(({ id }) => id);
    const state = emptyState(config.initialCash, ids);
    for (const row of contents.rows) {
      const body = decode(row.payload);
      if (row.class === 'event') applyEvent(state, body as EngineEvent);
      else applyRecord(state, body as EngineRecord);
    }
    expect(encode(state)).toBe(encode(engine.state));
  });

  test('recovering it twice is recovering it once, and changes nothing in the store', async () => {
    const life = await recordLife(seed);
    const { rows, snapshot } = life.contents;
    const store = new MemoryStore({ rows: [...rows], snapshot });
    const first = await recover(life.config, store, runtimeOf(lifeOf(seed)));
    const once = everything(life, first);
    const second = await recover(life.config, store, runtimeOf(lifeOf(seed)));
    expect(everything(life, second)).toBe(once);
    expect(await store.head()).toEqual({ seq: rows.length, hash: rows.at(-1)!.hash });
    expect(first.diverged).toEqual([]);
  });

  test('a snapshot and what follows it give what the whole journal gives', async () => {
    const life = await recordLife(seed);
    const { rows } = life.contents;
    const whole = await recoverFrom(life, seed, rows);
    for (const place of barPlaces(rows, 6)) {
      const before = await recoverFrom(life, seed, rows.slice(0, place));
      const sink = { event: () => undefined, record: () => undefined };
      const { state, series, runtime } = before;
      const engine = new Engine({ config: life.config, sink, series, state });
      const snapshot = snapshotOf(engine, runtime, place);
      expect(snapshot.plugin).not.toBeNull();
      const resumed = await recoverFrom(life, seed, rows, snapshot);
      expect(resumed.rows).toBe(rows.length - place);
      expect(everything(life, resumed)).toBe(everything(life, whole));
    }
  });
});
