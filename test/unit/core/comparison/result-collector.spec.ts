import { describe, expect, test } from 'vitest';
import {
  type EngineRecord,
  type FillBooked,
  type PositionClosed,
  ResultCollector,
  decimal,
  resultLine,
} from '@strategy-runner/core';
import { aWorld, closeLong, openLong } from '../../../support/world.js';

/** Records of a run that opens and closes, with a denial on the way. */
function recordsOfARun(): readonly EngineRecord[] {
  const strategy = { 0: openLong(), 1: openLong(), 2: closeLong() };
  return aWorld({ strategy, bars: [100, 101, 102, 103] }).records;
}

function collected(records: readonly EngineRecord[]): ResultCollector {
  const collector = new ResultCollector();
  for (const record of records) collector.record(record);
  return collector;
}

describe('the rows of a result', () => {
  test('come in the order in which they were decided', () => {
    const { rows } = collected(recordsOfARun());
    expect(rows.map(({ kind }) => kind)).toEqual([
      'intent',
      'order',
      'fill',
      'denied',
      'intent',
      'order',
      'fill',
      'closed',
    ]);
  });

  test('say of a fill and of a closed position what the records say', () => {
    const records = recordsOfARun();
    const { rows } = collected(records);
    const fills = records.filter((record): record is FillBooked => record.type === 'fill');
    rows
      .filter((row) => row.kind === 'fill')
      .forEach(({ kind: _kind, ...row }, i) => {
        expect(fills[i]).toMatchObject(row);
      });
    const closed = records.find((one): one is PositionClosed => one.type === 'position_closed')!;
    const [row] = rows.filter(({ kind }) => kind === 'closed');
    expect(closed).toMatchObject({ ts: row!.ts, reason: 'strategy' });
    const { position } = row as Extract<typeof row, { kind: 'closed' }>;
    expect(closed.position).toMatchObject(position);
    expect(position.initialRisk).toBe(null);
  });

  test('are the same when they are read in between', () => {
    const records = recordsOfARun();
    const collector = new ResultCollector();
    for (const record of records) {
      collector.record(record);
      expect(collector.rows).toBe(collector.rows);
    }
    expect(collector.rows).toEqual(collected(records).rows);
  });

  test('are all kept where a run is long', () => {
    const collector = new ResultCollector();
    const base = { type: 'funding', symbol: 'X', positionId: '', rate: 0n } as const;
    for (let i = 0; i < 10_000; i += 1) {
      collector.record({ ...base, ts: i + 0.5, id: `f${i}`, amount: decimal(`${i}.25`) });
    }
    expect(collector.rows).toHaveLength(10_000);
    expect(collector.rows[9_999]).toEqual({
      kind: 'funding',
      ts: 9_999.5,
      id: 'f9999',
      amount: decimal('9999.25'),
    });
    expect(resultLine(collector.rows[4_321]!)).toBe('funding f4321 4321.25');
  });
});

describe('counts beside the rows', () => {
  test('are of accepted intents, of denials by code, and of the end of orders', () => {
    const collector = collected(recordsOfARun());
    expect(collector.accepted).toBe(2);
    expect([...collector.denied]).toEqual([['POSITION_EXISTS', 1]]);
    const over = { type: 'order_moved', ts: 1, order: 'o', status: 'expired' } as const;
    collector.record({ ...over, venueOrderId: null, cancelReason: null, code: '' });
    expect(collector.rows.at(-1)).toEqual({ kind: 'over', ts: 1, key: 'o', status: 'expired' });
    collector.record({
      ...over,
      status: 'accepted',
      venueOrderId: 'v',
      cancelReason: null,
      code: '',
    });
    expect(collector.rows).toHaveLength(9);
  });
});
