// [X19] Bars that were missed while the host was down: the plugin sees them, protection is managed,
// and what the plugin says to them is acted on by policy only.
import { describe, expect, test } from 'vitest';
import { type HostPolicy, decimal, format } from '@strategy-runner/core';
import { aWatchedWorld, recoverEachWorld } from '../../support/recovery.js';
import {
  MINUTE_MS,
  START_MS,
  type World,
  aBar,
  closeLong,
  idOf,
  openLong,
  stopAt,
} from '../../support/world.js';

recoverEachWorld();

const bars = [100];

/** The host comes back at `ts`, and the bars that closed meanwhile are fed at that time. */
function missing(world: World, count: number, more: object = {}): World {
  const now = START_MS + (1 + count) * MINUTE_MS;
  world.take({ kind: 'run_started', ts: now, run: 2, start: 'warm' });
  for (let nth = 1; nth <= count; nth += 1) {
    world.take(aBar({ openMs: START_MS + nth * MINUTE_MS, ts: now, close: 100, ...more }));
  }
  return world;
}

function aWorldThat(missedBars: HostPolicy['missedBars'], strategy: object): World {
  return aWatchedWorld({ policy: { missedBars }, strategy, venue: 'manual', bars });
}

describe('[X19] a bar that was missed', () => {
  test('is shown to the plugin, and its answer is kept and not acted on', () => {
    const body = openLong();
    const world = missing(aWorldThat('skip', { 1: body }), 2);
    expect(world.heard.bars).toHaveLength(3);
    expect(world.created()).toEqual([]);
    expect(world.codes()).toEqual([]);
    expect(world.recordsOf('missed_dropped')).toMatchObject([
      { asOfMs: START_MS + 2 * MINUTE_MS, bodies: [body] },
    ]);
  });

  test('is acted on where the operator wants that', () => {
    const world = missing(aWorldThat('act', { 1: openLong() }), 2);
    expect(world.created()).toHaveLength(1);
    expect(world.recordsOf('missed_dropped')).toEqual([]);
  });

  test('is none while less than a timeframe has passed since its close', () => {
    const world = aWorldThat('skip', { 1: openLong() });
    const openMs = START_MS + MINUTE_MS;
    world.take(aBar({ openMs, ts: openMs + 2 * MINUTE_MS - 1 }));
    expect(world.created()).toHaveLength(1);
  });

  test('says nothing where the plugin has nothing to say', () => {
    const world = missing(aWorldThat('skip', {}), 3);
    expect(world.recordsOf('missed_dropped')).toEqual([]);
  });

  test('drops a close too, but exits of the host’s own protection are sent', () => {
    const protection = { ...stopAt('90'), place: 'host' };
    const strategy = { 0: openLong({ protection }) };
    const world = aWorldThat('skip', { ...strategy, 1: closeLong() });
    world.venue.fill(`${idOf(0, 'open.long')}/entry/1`, '100');
    missing(world, 2, { low: 80 });
    expect(world.recordsOf('missed_dropped')).toHaveLength(1);
    expect(world.leg('exit')).toEqual([]);
    expect(world.leg('sl')).toMatchObject([{ type: 'market' }]);
    expect(format(world.leg('sl')[0]!.quantity)).toBe('1');
  });

  test('a question that was out when the host died is one too', () => {
    const world = aWorldThat('skip', {});
    const { engine } = world;
    const openMs = START_MS + MINUTE_MS;
    engine.process(aBar({ openMs }));
    const [ask] = engine.effects.splice(0);
    expect(ask).toMatchObject({ kind: 'ask' });
    const ts = openMs + 5 * MINUTE_MS;
    engine.process({ kind: 'run_started', ts, run: 2, start: 'warm' });
    engine.effects.length = 0;
    const answer = { kind: 'answer', ts, askId: 2, timers: [], fault: null } as const;
    engine.process({ ...answer, bodies: [openLong()] });
    expect(world.recordsOf('missed_dropped')).toHaveLength(1);
    expect(world.created()).toEqual([]);
  });

  test('a hook that waited behind a slow answer is no missed bar: it is acted on', () => {
    const world = aWorldThat('skip', { 0: openLong() });
    const { engine } = world;
    const openMs = START_MS + MINUTE_MS;
    const later = openMs + 9 * MINUTE_MS;
    engine.process(aBar({ openMs }));
    const fill = { kind: 'fill_reported', order: `${idOf(0, 'open.long')}/entry/1` } as const;
    const traded = { tradeId: 't', price: decimal('100'), quantity: decimal('1'), fee: 0n };
    const rest = { feeCurrency: 'USDT', liquidity: 'taker', basePrice: null } as const;
    engine.process({ ...fill, ...traded, ...rest, ts: openMs + MINUTE_MS });
    const answer = { kind: 'answer', ts: later, timers: [], fault: null } as const;
    for (const askId of [engine.state.lastAskId, engine.state.lastAskId + 1]) {
      engine.process({ ...answer, askId, bodies: [] });
    }
    const waiting = engine.state.instances.values().next().value!;
    expect(waiting.outstandingHook).toMatchObject({ hook: 'onFill' });
    const askId = waiting.outstandingAsk;
    engine.process({ ...answer, askId, bodies: [closeLong()] });
    expect(world.recordsOf('missed_dropped')).toEqual([]);
    expect(world.leg('exit')).toHaveLength(1);
  });
});
