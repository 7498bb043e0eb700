import { describe, expect, test } from 'vitest';
import { RESTARTS, afterEnd, worstOf } from '../../../../../adapters/src/cli/fleet/restart-rule.js';

const exited = (status: number) => ({ status, signal: null });
const died = (signal: string) => ({ status: null, signal });
const fresh = { crashesMs: [], nowMs: 0 };

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
    const crashesMs: number[] = [];
    const waits: unknown[] = [];
    for (let nowMs = 0; crashesMs.length <= RESTARTS.max; nowMs += 20_000) {
      const verdict = afterEnd(exited(1), { crashesMs, nowMs });
      waits.push(verdict.kind === 'restart' ? verdict.waitMs : verdict.kind);
      crashesMs.push(nowMs);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 'gave_up']);
  });

  test('is given up on only for crashes of the last ten minutes', () => {
    const crashesMs = [0, 1000, 2000, 3000, 4000];
    const at = (nowMs: number) => afterEnd(exited(1), { crashesMs, nowMs });
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
