import {
  type EngineConfig,
  type JournalRow,
  decimal,
  decode,
  encode,
  replayEvents,
} from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { countOf, recordLife, recordPlugin } from './recorded-runs.js';

describe('[X3] a recorded run processed again gives the same records, byte for byte', () => {
  test.each(['buy-and-hold', 'sma-cross', 'breakout', 'dca-ladder'])(
    '%s over the sample bars',
    async (strategy) => {
      const { config, rows } = await recordPlugin(strategy);
      expect(countOf(rows, 'fill')).toBeGreaterThan(0);
      expect(countOf(rows, 'bar')).toBeGreaterThan(4_000);
      expect(await replayEvents(config, rows)).toBeUndefined();
    },
  );

  test.each([1, 3, 9, 12])('a session of many restarts and faults (seed %i)', async (seed) => {
    const { config, contents, runs } = await recordLife(seed);
    expect(countOf(contents.rows, 'run_started')).toBeGreaterThan(1);
    expect(countOf(contents.rows, 'run_started')).toBeLessThanOrEqual(runs);
    expect(await replayEvents(config, contents.rows)).toBeUndefined();
  });
});

describe('a replay names the first row at which the engine decides otherwise', () => {
  const changed = (
    rows: readonly JournalRow[],
    at: number,
    change: (payload: string) => string,
  ): readonly JournalRow[] =>
    rows.map((row, place) => (place === at ? { ...row, payload: change(row.payload) } : row));

  test('a record that was changed', async () => {
    const { config, contents } = await recordLife(1);
    const at = contents.rows.findIndex(({ kind }) => kind === 'fill');
    const rows = changed(contents.rows, at, (payload) => payload.replace('"fee":"#', '"fee":"#1'));
    const { payload } = contents.rows[at]!;
    expect(await replayEvents(config, rows)).toEqual({
      seq: at + 1,
      recorded: rows[at]!.payload,
      produced: payload,
    });
  });

  test('an event that was changed, where it first makes a difference', async () => {
    const { config, contents } = await recordLife(1);
    const at = contents.rows.findIndex(({ kind }) => kind === 'fill_reported');
    const rows = changed(contents.rows, at, (payload) => {
      const event = decode(payload) as { quantity: bigint };
      return encode({ ...event, quantity: event.quantity / 2n });
    });
    const found = await replayEvents(config, rows);
    expect(found!.seq).toBe(at + 2);
    expect(JSON.parse(found!.produced!)).toMatchObject({ type: 'fill' });
  });

  test('a record that is missing, and one that is left over', async () => {
    const { config, contents } = await recordLife(1);
    const { rows } = contents;
    const at = rows.findIndex(({ kind }) => kind === 'order_created');
    const cut = await replayEvents(config, rows.slice(0, at));
    expect(cut).toEqual({ seq: at + 1, recorded: null, produced: rows[at]!.payload });
    const doubled = [...rows.slice(0, at + 1), ...rows.slice(at)];
    expect(await replayEvents(config, doubled)).toMatchObject({ recorded: rows[at]!.payload });
  });

  test('an engine of another configuration', async () => {
    const { config, contents } = await recordLife(1);
    const other: EngineConfig = { ...config, initialCash: decimal('999999') };
    const found = await replayEvents(other, contents.rows);
    expect(found?.recorded).not.toBe(found?.produced);
    expect(found?.seq).toBeGreaterThan(0);
  });
});
