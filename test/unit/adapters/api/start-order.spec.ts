import { type EngineEvent, READINESS } from '@strategy-runner/core';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { StartOrder } from '../../../../adapters/src/api/start-order.js';

function aStart() {
  const lines: { readonly event: string; readonly item: string; readonly waited_ms: number }[] = [];
  const log = pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line) as never) });
  let now = 1000;
  const clock = { now: () => (now += 10) };
  return { start: new StartOrder({ log, clock }), lines };
}

function recorder() {
  const events: EngineEvent[] = [];
  return { events, driver: { deliver: (event: EngineEvent) => void events.push(event) } };
}

describe('[B18] the order of a start', () => {
  test('[B18] is said and written down, what was reached before the journal as well', () => {
    const { start, lines } = aStart();
    const { events, driver } = recorder();
    start.reached('data');
    start.reached('strategy');
    expect(events).toEqual([]);
    start.recordIn({ driver, now: () => 7, run: 3 });
    for (const item of ['risk', 'reconcile', 'execution'] as const) start.reached(item);
    expect(events).toEqual(
      READINESS.map((item, place) => {
        return { kind: 'readiness', ts: 7, run: 3, item, waitedMs: (place + 1) * 10 };
      }),
    );
    expect(lines.map(({ event, item, waited_ms: ms }) => `${event} ${item} ${ms}`)).toEqual(
      READINESS.map((item, place) => `readiness ${item} ${(place + 1) * 10}`),
    );
  });

  test.each([
    [[], 'strategy'],
    [['data', 'strategy', 'risk'], 'execution'],
    [['data'], 'data'],
    [READINESS, 'execution'],
  ] as const)('[B18] is held: after %j no %s', (before, next) => {
    const { start } = aStart();
    for (const item of before) start.reached(item);
    expect(() => start.reached(next)).toThrow(`${next} was ready while`);
  });
});
