// Black-out windows hold entries, never exits, by the time of the bar and by the present.
import { describe, expect, test } from 'vitest';
import {
  type BlackoutPlan,
  type BlackoutWindow,
  type EngineConfig,
  blackoutAt,
  format,
} from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import {
  MINUTE_MS,
  START_MS,
  SYMBOL,
  type WorldOptions,
  aBar,
  closeLong,
  dca,
  idOf,
  limitAt,
  openLong,
  openShort,
  stopAt,
} from '../../../support/world.js';

recoverEachWorld();

const HOUR_MS = 60 * MINUTE_MS;
const at = (text: string): number => Date.parse(text);

function planOf(window: BlackoutWindow, offsets: BlackoutPlan['offsets'] = []): BlackoutPlan {
  return { windows: [window], offsets };
}

/** From the close of one bar until before that of another. */
function blackBars(from: number, to: number, symbols: readonly string[] | null = null) {
  const [fromMs, toMs] = [START_MS + from * MINUTE_MS, START_MS + to * MINUTE_MS];
  return planOf({ kind: 'once', reason: 'news', symbols, fromMs, toMs });
}

function aBlackWorld(blackout: BlackoutPlan, options: WorldOptions) {
  const config: Partial<EngineConfig> = { blackout };
  return aWatchedWorld({ ...options, config });
}

describe('[B18] a black-out window', () => {
  test('[B18] denies entries on bars that close in it, its first moment in and its end out', () => {
    const strategy = { 0: openLong(), 1: openLong(), 2: openShort(), 3: openLong() };
    const world = aBlackWorld(blackBars(2, 4), { strategy: { ...strategy }, bars: [100] });
    expect(world.created()).toHaveLength(1);
    world.bar(100).bar(100).bar(100);
    expect(world.denied()).toMatchObject([
      { code: 'BLACKOUT', intentId: idOf(1, 'open.long') },
      { code: 'BLACKOUT', intentId: idOf(2, 'open.short') },
      { code: 'POSITION_EXISTS', intentId: idOf(3, 'open.long') },
    ]);
    const until = { until_ms: String(START_MS + 4 * MINUTE_MS), reason: 'news' };
    expect(world.denied()[0]!.numbers).toEqual(until);
  });

  test('[B18] [R12] lets exits and protection go, and denies a level', () => {
    const strategy = { 0: openLong({ protection: stopAt('90') }), 2: dca(1), 3: closeLong() };
    const world = aBlackWorld(blackBars(2, 99), { strategy, bars: [100, 100] });
    expect(world.leg('sl')).toHaveLength(1);
    expect(world.bar(100).codes()).toEqual(['BLACKOUT']);
    expect(world.bar(100).bar(100).position()).toBeUndefined();
  });

  test('[B18] leaves a resting entry alone, and does not chase with it until its end', () => {
    const chase = { interval_ms: 60_000, max_moves: 5, max_distance_bps: 900 };
    const strategy = { 0: openLong({ order: limitAt('95', { chase }) }) };
    const resting = aBlackWorld(blackBars(2, 5), { strategy, bars: [99, 99, 99, 99] });
    expect(resting.orders().map(({ price }) => format(price!))).toEqual(['95']);
    resting.bars([99, 99]);
    expect(resting.created().map(({ price }) => format(price!))).toEqual(['95', '99']);
    const calm = aBlackWorld(blackBars(2, 99), {
      strategy: { 0: openLong({ order: limitAt('95') }) },
      bars: [100, 100, 100],
    });
    expect(format(calm.bar(100, 100, 94, 95).position()!.quantity)).toBe('1');
  });

  test('[B18] blocks the fallback of an entry', () => {
    const fallback = { mode: 'limit_to_market', on: ['timeout'], after_ms: 90_000 };
    const order = limitAt('90');
    const entry = openLong({ order, fallback: { ...fallback, max_slippage_bps: 100 } });
    const world = aBlackWorld(blackBars(2, 99), { strategy: { 0: entry }, bars: [100] });
    world.bars([100, 100, 100]);
    expect(world.codes()).toEqual(['BLACKOUT']);
    expect(world.created()).toHaveLength(1);
  });

  test('[B18] holds on the symbols that it names only', () => {
    const strategy = { 0: openLong() };
    const others = aBlackWorld(blackBars(0, 99, ['ETH/USDT:USDT']), { strategy, bars: [100] });
    expect(others.created()).toHaveLength(1);
    const own = aBlackWorld(blackBars(0, 99, [SYMBOL]), { strategy, bars: [100] });
    expect(own.codes()).toEqual(['BLACKOUT']);
  });

  test('[B18] decides a bar that comes late as a backtest does, and sends nothing into it', () => {
    const decided = (barCloses: number, lateMs: number) => {
      const policy = { missedBars: 'act' } as const;
      const world = aBlackWorld(blackBars(3, 5), { strategy: () => openLong(), policy });
      const closeMs = START_MS + barCloses * MINUTE_MS;
      const bar = { openMs: closeMs - MINUTE_MS, closeMs, ts: closeMs + lateMs };
      return world.take(aBar(bar)).codes();
    };
    expect([2, 3, 4, 5].map((bar) => decided(bar, 0))).toEqual([
      [],
      ['BLACKOUT'],
      ['BLACKOUT'],
      [],
    ]);
    expect([2, 3, 4, 5].map((bar) => decided(bar, 700))).toEqual(
      [2, 3, 4, 5].map((bar) => decided(bar, 0)),
    );
    // Closed before the window, told within it; and the other way round.
    expect(decided(2, 59_000)).toEqual([]);
    expect([decided(2, 60_000), decided(4, 60_000)]).toEqual([['BLACKOUT'], ['BLACKOUT']]);
  });
});

describe('[B18] a weekly window', () => {
  const weekly = { kind: 'weekly', reason: 'thin', symbols: null } as const;
  // 2024-01-05 is a Friday.
  const friday = { ...weekly, days: [4], fromMinute: 22 * 60, toMinute: 90 };

  test.each([
    ['2024-01-05T21:59:59.999Z', undefined],
    ['2024-01-05T22:00:00Z', '2024-01-06T01:30:00Z'],
    ['2024-01-06T01:29:59.999Z', '2024-01-06T01:30:00Z'],
    ['2024-01-06T01:30:00Z', undefined],
    ['2024-01-06T22:30:00Z', undefined],
    ['2030-03-01T23:00:00Z', '2030-03-02T01:30:00Z'],
  ])('[B18] from one day into the next, at %s', (time, until) => {
    const standing = blackoutAt(planOf(friday), at(time));
    expect(standing?.untilMs).toBe(until === undefined ? undefined : at(until));
  });

  test('[B18] lasts a whole day from midnight to midnight', () => {
    const sunday = { ...weekly, days: [6], fromMinute: 0 };
    for (const toMinute of [1440, 0]) {
      const plan = planOf({ ...sunday, toMinute });
      expect(blackoutAt(plan, at('2024-01-06T23:59:59.999Z'))).toBeUndefined();
      expect(blackoutAt(plan, at('2024-01-07T00:00:00Z'))?.untilMs).toBe(
        at('2024-01-08T00:00:00Z'),
      );
      expect(blackoutAt(plan, at('2024-01-08T00:00:00Z'))).toBeUndefined();
    }
  });

  test('[B18] follows the clock of its zone over a change', () => {
    const change = at('2024-03-10T07:00:00Z');
    const offsets = [
      { fromMs: 0, offsetMs: -5 * HOUR_MS },
      { fromMs: change, offsetMs: -4 * HOUR_MS },
    ];
    const morning = { ...weekly, days: [0, 1, 2, 3, 4], fromMinute: 510, toMinute: 540 };
    const plan = planOf(morning, offsets);
    expect(blackoutAt(plan, at('2024-03-08T13:30:00Z'))?.untilMs).toBe(at('2024-03-08T14:00:00Z'));
    expect(blackoutAt(plan, at('2024-03-11T12:30:00Z'))?.untilMs).toBe(at('2024-03-11T13:00:00Z'));
    expect(blackoutAt(plan, at('2024-03-11T13:30:00Z'))).toBeUndefined();
    // A window over the change ends when the clock on the wall says so.
    const night = planOf({ ...weekly, days: [6], fromMinute: 60, toMinute: 240 }, offsets);
    expect(blackoutAt(night, at('2024-03-10T06:00:00Z'))?.untilMs).toBe(at('2024-03-10T08:00:00Z'));
  });

  test('[B18] ends at the change where its end is an hour that the clock leaves out', () => {
    const offsets = [
      { fromMs: 0, offsetMs: -5 * HOUR_MS },
      { fromMs: at('2024-03-10T07:00:00Z'), offsetMs: -4 * HOUR_MS },
    ];
    const night = { ...weekly, days: [5], fromMinute: 1320, toMinute: 150 };
    const plan = planOf(night, offsets);
    const until = (time: string) => blackoutAt(plan, at(time))?.untilMs;
    expect(until('2024-03-10T06:45:00Z')).toBe(at('2024-03-10T07:00:00Z'));
    expect(until('2024-03-10T07:00:00Z')).toBeUndefined();
    expect(until('2024-03-03T07:00:00Z')).toBe(at('2024-03-03T07:30:00Z'));
  });

  // The clock goes back from 02:00 to 01:00.
  test.each([
    ['stands on where it stands then', 90, 150, '05:30', '07:30', []],
    ['comes twice where the hour that is repeated holds it', 75, 105, '05:15', '05:45', ['06:15']],
    ['stands on where the end that it has is not shown yet', 90, 120, '05:30', '07:00', []],
  ])('[B18] over a clock that is put back %s', (_how, fromMinute, toMinute, from, to, again) => {
    const offsets = [
      { fromMs: 0, offsetMs: -4 * HOUR_MS },
      { fromMs: at('2024-11-03T06:00:00Z'), offsetMs: -5 * HOUR_MS },
    ];
    const plan = planOf({ ...weekly, days: [6], fromMinute, toMinute }, offsets);
    const night = (clock: string): number => at(`2024-11-03T${clock}:00Z`);
    const begins: number[] = [];
    let untilMs = 0;
    for (let ms = night('00:00'); ms < night('12:00'); ms += MINUTE_MS) {
      const standing = blackoutAt(plan, ms);
      if (standing === undefined) expect(ms).toBeGreaterThanOrEqual(untilMs);
      else if (ms >= untilMs) begins.push(ms);
      if (standing !== undefined) untilMs = standing.untilMs;
      if (ms === night(from)) expect(untilMs).toBe(night(to));
    }
    expect(begins).toEqual([from, ...again].map(night));
  });
});
