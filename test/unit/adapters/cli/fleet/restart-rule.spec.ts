import { describe, expect, test } from 'vitest';
import {
  type EarlierEnd,
  RESTARTS,
  afterEnd,
  worstOf,
} from '../../../../../adapters/src/cli/fleet/restart-rule.js';

const exited = (status: number) => ({ status, signal: null });
const died = (signal: string) => ({ status: null, signal });
const fresh = { earlier: [], nowMs: 0 };

function waitsOf(status: number, ends: number): readonly unknown[] {
  const earlier: EarlierEnd[] = [];
  return Array.from({ length: ends }, (_, place) => {
    const nowMs = place * 20_000;
    const verdict = afterEnd(exited(status), { earlier, nowMs });
    earlier.push({ ...exited(status), atMs: nowMs });
    return verdict.kind === 'restart' ? verdict.waitMs : verdict.kind;
  });
}

describe('a run whose process has ended', () => {
  test.each([64, 65, 66, 75, 77, 78, 2])('with status %i is never restarted', (status) => {
    expect(afterEnd(exited(status), fresh)).toEqual({ kind: 'refused' });
  });

  test.each([1, 69, 70, 7, 134])('with status %i is restarted', (status) => {
    expect(afterEnd(exited(status), fresh)).toEqual({ kind: 'restart', waitMs: 1000 });
  });

  test.each(['SIGKILL', 'SIGSEGV', 'SIGABRT'])('by %s is restarted', (signal) => {
    expect(afterEnd(died(signal), fresh)).toEqual({ kind: 'restart', waitMs: 1000 });
  });

  test.each([exited(0), died('SIGTERM'), died('SIGINT')])('as asked (%o) has ended', (end) => {
    expect(afterEnd(end, fresh)).toEqual({ kind: 'ended' });
  });

  test('waits twice as long with each crash, and stays down after the fifth restart', () => {
    expect(waitsOf(1, RESTARTS.max + 1)).toEqual([1000, 2000, 4000, 8000, 16_000, 'gave_up']);
  });

  test('is never given up on while something cannot be reached: at most a minute apart', () => {
    const waits = waitsOf(69, 100);
    expect(waits.slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000]);
    expect(new Set(waits.slice(7))).toEqual(new Set([60_000]));
    // Nor do those ends count against it when it crashes later.
    const earlier = Array.from({ length: 9 }, () => ({ ...exited(69), atMs: 0 }));
    expect(afterEnd(exited(1), { earlier, nowMs: 1 })).toMatchObject({ kind: 'restart' });
  });

  test('is given up on only for crashes of the last ten minutes', () => {
    const earlier = [0, 1000, 2000, 3000, 4000].map((atMs) => ({ ...exited(1), atMs }));
    const at = (nowMs: number) => afterEnd(exited(1), { earlier, nowMs });
    expect(at(599_999)).toEqual({ kind: 'gave_up' });
    expect(at(600_000)).toEqual({ kind: 'restart', waitMs: 16_000 });
    expect(at(604_000)).toEqual({ kind: 'restart', waitMs: 1000 });
  });
});

test('the status of all is that of the worst run, and a crash is worse than a refusal', () => {
  expect(worstOf([])).toBe(0);
  expect(worstOf([0, 0])).toBe(0);
  expect(worstOf([0, 69, 66])).toBe(66);
  expect(worstOf([78, 75, 0])).toBe(75);
  expect(worstOf([77, 75])).toBe(77);
  expect(worstOf([77, 1, 78])).toBe(1);
  expect(worstOf([77, 134])).toBe(1);
});
