import { describe, expect, test } from 'vitest';
import {
  type BarEvent,
  type Channel,
  type FundingPaid,
  type LiveRecord,
  decimal,
} from '@strategy-runner/core';
import { Timelines } from '../../../../../core/src/comparison/attribution/timeline.js';
import { columnsOf, walk } from '../../../../parity/attribution-sessions.js';
import { MINUTE_MS, START_MS, SYMBOL, anInstance } from '../../../../support/world-config.js';

const BARS = walk(6, 3);
const rate = decimal('0.0001');
const ROW = { timeMs: START_MS + MINUTE_MS, rate, markPrice: null };

function aPayment(ts: number, paid = rate): FundingPaid {
  const base = { kind: 'funding_paid', id: `f${ts}`, symbol: SYMBOL, side: 'long' } as const;
  return { ...base, ts, rate: paid, amount: decimal('-1') };
}

function timelines(bars: readonly BarEvent[], live: Partial<LiveRecord> = {}): Timelines {
  const record = { bars, gaps: [], funding: [], ...live } as unknown as LiveRecord;
  return new Timelines(record, { columns: columnsOf(BARS), funding: [ROW] }, anInstance());
}

function closesOf(of: Timelines, ...channels: readonly Channel[]): readonly number[] {
  return of
    .of(new Set(channels))
    .bars.map(({ closeMs }) => BARS.findIndex((b) => b.closeMs === closeMs));
}

describe('the bars of a world', () => {
  test('are the recorded ones where data is applied', () => {
    const found = timelines(BARS.toSpliced(2, 1));
    expect(found.isDataRevised).toBe(true);
    expect(closesOf(found)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(closesOf(found, 'data')).toEqual([0, 1, 3, 4, 5]);
  });

  test('lack what a stopped host never saw by downtime, not by data', () => {
    const gaps = [{ fromMs: BARS[1]!.closeMs, toMs: BARS[3]!.closeMs + 500 }];
    const found = timelines(BARS.toSpliced(2, 2), { gaps });
    expect([found.isDataRevised, found.hasUnseen]).toEqual([false, true]);
    expect(closesOf(found, 'downtime')).toEqual([0, 1, 4, 5]);
    expect(closesOf(found, 'data')).toEqual([0, 1, 2, 3, 4, 5]);
    expect(closesOf(found, 'data', 'downtime')).toEqual([0, 1, 4, 5]);
  });

  test('come at their close, however late live took them in', () => {
    const late = BARS.map((bar) => ({ ...bar, ts: bar.ts + 700 }));
    const [first] = timelines(late).of(new Set(['data'])).bars;
    expect(first?.ts).toBe(first?.closeMs);
  });
});

describe('the funding schedule as recorded', () => {
  test('is the backtest’s where live paid at the same rate, a little later', () => {
    const found = timelines(BARS, { funding: [aPayment(ROW.timeMs + 30_000)] });
    expect(found.recordedFunding).toEqual([ROW]);
    expect(found.isDataRevised).toBe(false);
  });

  test('has another rate, and rows that the backtest does not know', () => {
    const twice = decimal('0.0002');
    const far = ROW.timeMs + 3 * MINUTE_MS;
    const found = timelines(BARS, { funding: [aPayment(ROW.timeMs, twice), aPayment(far)] });
    expect(found.recordedFunding).toEqual([
      { ...ROW, rate: twice },
      { timeMs: far, rate, markPrice: null },
    ]);
    expect(found.isDataRevised).toBe(true);
  });

  test('stays where a payment does not tell its rate', () => {
    const found = timelines(BARS, { funding: [aPayment(ROW.timeMs, 0n)] });
    expect(found.recordedFunding).toEqual([ROW]);
    expect([...found.rowOf.values()]).toEqual([ROW.timeMs]);
  });
});
