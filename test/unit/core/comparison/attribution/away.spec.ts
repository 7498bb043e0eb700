import { describe, expect, test } from 'vitest';
import type { ConnectionState, EngineEvent } from '@strategy-runner/core';
import { AwayWatch } from '../../../../../core/src/comparison/attribution/away.js';
import { aBar } from '../../../../support/world.js';

const MINUTE_MS = 60_000;
const bar = (closeMs: number, ts = closeMs) => aBar({ openMs: closeMs - MINUTE_MS, closeMs, ts });
const connection = (state: ConnectionState): EngineEvent => {
  return { kind: 'connection', ts: 0, state, detail: '', attempt: 0, untilMs: null };
};

function after(...events: readonly EngineEvent[]): AwayWatch {
  const watch = new AwayWatch(MINUTE_MS);
  for (const event of events) watch.note(event);
  return watch;
}

describe('a host', () => {
  const ended = { kind: 'run_ended', ts: 130_000, run: 1, cause: 'crash' } as const;
  const again = { kind: 'run_started', ts: 400_000, run: 2, start: 'warm' } as const;

  test('is there from its first start on', () => {
    const start = { kind: 'run_started', ts: 0, run: 1, start: 'cold' } as const;
    expect(after(start, bar(MINUTE_MS))).toMatchObject({ isAway: false, gaps: [] });
  });

  test('is away until it has caught up with the bars that it missed', () => {
    const late = bar(3 * MINUTE_MS, 400_000);
    expect(after(bar(120_000), ended).isAway).toBe(true);
    expect(after(bar(120_000), ended, again, late).isAway).toBe(true);
    expect(after(bar(120_000), ended, again, late, bar(420_000, 420_100)).isAway).toBe(false);
  });

  test('that died without a word leaves the gap since its last bar', () => {
    expect(after(bar(120_000), again).gaps).toEqual([{ fromMs: 120_000, toMs: 400_000 }]);
  });

  test('is away while the venue is not ready', () => {
    expect(after(connection('down')).isAway).toBe(true);
    expect(after(connection('down'), connection('ready')).isAway).toBe(true);
    expect(after(connection('down'), connection('ready'), bar(MINUTE_MS)).isAway).toBe(false);
  });
});
