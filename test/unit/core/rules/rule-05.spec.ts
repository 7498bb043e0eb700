import { describe, expect, test } from 'vitest';
import { decode, encode, type EngineState } from '@strategy-runner/core';
import {
  type World,
  aWorld,
  closeLong,
  hold,
  idOf,
  limitAt,
  openLong,
  openShort,
  quantity,
} from '../../../support/world.js';

const keyed = (more = {}) => openLong({ idempotency_key: 'entry-2024-01-01', ...more });

function outcomesOf(world: World) {
  return world.accepted().map(({ intent }) => intent.intent_id);
}

describe('[rule-05] ids follow from the decision', () => {
  test('[rule-05] two runs of the same decisions have the same intent ids and order keys', () => {
    const run = (sessionId: string) =>
      aWorld({
        config: { sessionId },
        strategy: { 1: [openLong(), openShort()], 3: closeLong() },
        bars: [100, 100, 100, 100, 100],
      })
        .created()
        .map(({ key }) => key);
    expect(run('session-a')).toEqual([
      `${idOf(1, 'open.long')}/entry/1`,
      `${idOf(1, 'open.short')}/entry/1`,
      `${idOf(3, 'close.long')}/exit/1`,
    ]);
    expect(run('session-b')).toEqual(run('session-a'));
  });

  test('[rule-05] the number in the id counts kind and side within the answer', () => {
    const world = aWorld({ strategy: { 0: [hold(), hold(), openLong()] }, bars: [100] });
    expect(outcomesOf(world)).toEqual([idOf(0, 'open.long'), idOf(0, 'hold'), idOf(0, 'hold', 2)]);
  });

  test('[rule-05] intent and order are recorded before the order leaves', () => {
    const world = aWorld({ strategy: { 0: openLong() }, venue: 'manual' });
    world.bar(100);
    const types = world.records.map(({ type }) => type);
    expect(types.indexOf('intent_accepted')).toBeGreaterThan(-1);
    expect(types.indexOf('order_created')).toBeGreaterThan(types.indexOf('intent_accepted'));
    expect(world.venue.submitted).toEqual([`${idOf(0, 'open.long')}/entry/1`]);
  });
});

describe('[rule-05] an idempotency key is executed once', () => {
  test('[rule-05] the same key with the same content is neither executed nor denied', () => {
    const world = aWorld({
      strategy: { 0: keyed(), 2: closeLong(), 4: keyed() },
      bars: [100, 100, 100, 100, 100, 100],
    });
    expect(world.fills().map(({ action }) => action)).toEqual(['entry', 'exit']);
    expect(world.denied()).toEqual([]);
    expect(world.outcome(idOf(4, 'open.long'))).toBe('repeated');
    expect(world.heard.intents.at(-1)).toMatchObject({
      type: 'accepted',
      intent_id: idOf(4, 'open.long'),
      detail: 'entry-2024-01-01 was taken before with this content; it is executed once',
    });
  });

  test('[rule-05] the order of the keys is not content', () => {
    const { kind, ...rest } = keyed();
    const world = aWorld({
      strategy: { 0: keyed(), 2: closeLong(), 4: { ...rest, kind } },
      bars: [100, 100, 100, 100, 100, 100],
    });
    expect(world.outcome(idOf(4, 'open.long'))).toBe('repeated');
  });

  test('[rule-05] the same key with other content is a conflict', () => {
    const world = aWorld({
      strategy: { 0: keyed(), 2: closeLong(), 4: keyed({ sizing_policy: quantity('2') }) },
      bars: [100, 100, 100, 100, 100, 100],
    });
    expect(world.denied()).toMatchObject([
      { code: 'IDEMPOTENCY_CONFLICT', path: '/idempotency_key', intentId: idOf(4, 'open.long') },
    ]);
    expect(world.fills()).toHaveLength(2);
  });

  test('[rule-05] a key that was denied may be used again', () => {
    const world = aWorld({
      strategy: { 0: keyed({ order: limitAt('10') }), 1: keyed() },
      bars: [100, 100, 100],
    });
    expect(world.codes()).toEqual(['PRICE_OUTSIDE_COLLAR']);
    expect(world.fills()).toHaveLength(1);
  });

  test('[rule-05] within one answer too', () => {
    const world = aWorld({
      strategy: { 0: [keyed({ order: limitAt('99') }), keyed({ order: limitAt('98') })] },
      bars: [100],
    });
    expect(world.codes()).toEqual(['IDEMPOTENCY_CONFLICT']);
    expect(world.orders()).toHaveLength(1);
  });

  test('[rule-05] keys of two instances do not meet', () => {
    const world = aWorld({
      strategy: { 0: keyed() },
      also: [{ strategy: { 0: keyed({ side: 'short' }) } }],
      bars: [100, 100],
    });
    expect(world.codes()).toEqual([]);
    expect(world.fills()).toHaveLength(2);
  });

  test('[rule-05] thousands of denials do not make the host forget a key', () => {
    const refused = Array.from({ length: 100 }, () => closeLong({ kind: 'partial_close' }));
    const world = aWorld({
      policy: { maxIntentsPerAnswer: 100 },
      strategy: (_bar, _ctx, index) =>
        index === 0 ? keyed() : index === 2 ? closeLong() : index === 50 ? keyed() : refused,
      bars: Array.from({ length: 52 }, () => 100),
    });
    expect(world.codes().length).toBeGreaterThan(4000);
    expect(world.fills()).toHaveLength(2);
    expect(world.outcome(idOf(50, 'open.long'))).toBe('repeated');
  });

  test('[rule-05] the key is still known after a restart', () => {
    const before = aWorld({ strategy: { 0: keyed(), 2: closeLong() }, bars: [100, 100, 100, 100] });
    const state = decode(encode(before.state)) as EngineState;
    const after = aWorld({ state, strategy: { 4: keyed(), 5: keyed({ side: 'short' }) } });
    after.bar(100, 100, 100, 100, { skip: 4 }).bars([100, 100, 100, 100, 100]);
    expect(after.fills()).toEqual([]);
    expect(after.recordsOf('intent_done').map(({ outcome }) => outcome)).toEqual(['repeated']);
    expect(after.codes()).toEqual(['IDEMPOTENCY_CONFLICT']);
  });
});
