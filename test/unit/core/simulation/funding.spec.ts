import { describe, expect, test } from 'vitest';
import { type FundingRow, FundingSchedule, decimal } from '@strategy-runner/core';
import { MINUTE_MS, START_MS } from '../../../support/world.js';
import { Desk } from './a-venue.js';

function row(timeMs: number): FundingRow {
  return { timeMs, rate: decimal('0.0001'), markPrice: null };
}

const SECOND_BAR = START_MS + MINUTE_MS;
const out = { name: 'out', action: 'exit' } as const;

describe('when funding is paid', () => {
  test.each([
    ['at the open', 0],
    ['some milliseconds late, as venues stamp it', 17],
    ['a second late', 1000],
  ])('due %s: on what was carried in, before the open is met', (_what, late) => {
    const desk = new Desk().holding('long', '1', 100).place(out);
    const told = desk.bar(100, 100, 100, 100, { funding: [row(SECOND_BAR + late)] });
    expect(told).toEqual(['funding long -0.01', 'out 1 @ 100 taker']);
    expect(desk.events.map(({ ts }) => ts)).toEqual([SECOND_BAR, SECOND_BAR]);
  });

  test('due later in the bar: not on what has left at its open', () => {
    const desk = new Desk().holding('long', '1', 100).place(out);
    const told = desk.bar(100, 100, 100, 100, { funding: [row(SECOND_BAR + 30_000)] });
    expect(told).toEqual(['out 1 @ 100 taker']);
  });

  test('due later in the bar: on what was bought at its open, at its own time', () => {
    const desk = new Desk().place({ quantity: '2' });
    const due = START_MS + 30_000;
    const told = desk.bar(100, 101, 99, 100, { funding: [row(due)] });
    expect(told).toEqual(['a 2 @ 100 taker', 'funding long -0.02']);
    expect(desk.events[1]!.ts).toBe(due);
  });

  test('due later in the bar: before what happens along its path', () => {
    const desk = new Desk().holding('long', '1', 100);
    desk.place({ ...out, leg: 'sl', type: 'stop_market', stop: '95' });
    const told = desk.bar(100, 100, 90, 91, { funding: [row(SECOND_BAR + 30_000)] });
    expect(told).toEqual(['funding long -0.01', 'out 1 @ 95 taker']);
  });

  test('due in a gap before the bar: on what was carried through it, at its own time', () => {
    const desk = new Desk().holding('long', '1', 100).place(out);
    const due = SECOND_BAR - 1;
    const told = desk.bar(101, 101, 101, 101, { funding: [row(due)] });
    expect(told).toEqual(['funding long -0.0101', 'out 1 @ 101 taker']);
    expect(desk.events[0]!.ts).toBe(due);
  });
});

describe('the schedule', () => {
  const rows = [10, 20, 30, 40].map(row);
  const timesOf = (due: readonly FundingRow[]) => due.map(({ timeMs }) => timeMs);

  test('hands out each row once, with the first bar that closes after it', () => {
    const schedule = new FundingSchedule(rows);
    expect([20, 21, 22, 100].map((ms) => timesOf(schedule.dueUntil(ms)))).toEqual([
      [10],
      [20],
      [],
      [30, 40],
    ]);
  });

  test('starts where an earlier run has ended', () => {
    expect(timesOf(new FundingSchedule(rows, 20).dueUntil(40))).toEqual([20, 30]);
  });
});
