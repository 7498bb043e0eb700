import { describe, expect, test } from 'vitest';
import { aWatchedWorld, recoverEachWorld } from '../../../support/recovery.js';
import { type World, dca, idOf, limitAt, openLong, quantity } from '../../../support/world.js';

recoverEachWorld();

const OPEN = idOf(0, 'open.long');
const ENTRY = `${OPEN}/entry/1`;

function told(world: World): readonly object[] {
  return world.heard.intents.filter(({ type }) => type === 'denied' || type === 'rejected');
}

describe('[rule-22] every refusal is recorded, counted and told to the plugin', () => {
  const tiny = openLong({ sizing_policy: quantity('0.0001') });

  test('[rule-22] a denial: record and plugin hear the same code, path, detail and numbers', () => {
    const world = aWatchedWorld({ strategy: { 0: tiny }, bars: [100] });
    const [denial] = world.denied();
    const { code, path, detail, numbers } = denial!;
    expect(denial).toMatchObject({
      intentId: OPEN,
      kind: 'open',
      code: 'BELOW_MIN_QTY',
      numbers: { quantity: '0', min_quantity: '0.001' },
      body: tiny,
    });
    expect(told(world)).toEqual([
      { type: 'denied', intent_id: OPEN, time_ms: denial!.ts, code, path, detail, numbers },
    ]);
  });

  test('[rule-22] each of a batch, with an id of its own', () => {
    const world = aWatchedWorld({ strategy: { 0: [tiny, { kind: 'wish' }, tiny] }, bars: [100] });
    expect(world.denied().map(({ intentId, code }) => [intentId, code])).toEqual([
      [`${OPEN.replace('open.long', 'wish')}`, 'SCHEMA_INVALID'],
      [OPEN, 'BELOW_MIN_QTY'],
      [idOf(0, 'open.long', 2), 'BELOW_MIN_QTY'],
    ]);
    expect(told(world)).toHaveLength(3);
  });

  test('[rule-22] a rejection by the venue: its code and words', () => {
    const world = aWatchedWorld({ strategy: { 0: openLong() }, venue: 'manual', bars: [100] });
    world.venue.reject(ENTRY, 'other', 'MARGIN_INSUFFICIENT');
    expect(world.recordsOf('order_moved').at(-1)).toMatchObject({
      order: ENTRY,
      status: 'rejected',
      code: 'MARGIN_INSUFFICIENT',
    });
    expect(told(world)).toMatchObject([
      { type: 'rejected', code: 'MARGIN_INSUFFICIENT', detail: 'the venue says no', leg: 'entry' },
    ]);
  });

  test('[rule-22] a refused follow-up of an accepted intent, under its id', () => {
    const partial_fill = { policy: 'top_up', max_slippage_bps: 50 };
    const world = aWatchedWorld({
      strategy: { 0: openLong({ order: limitAt('100'), partial_fill }) },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(ENTRY, '100', { quantity: '0.5' });
    world.command('pause');
    world.venue.end(ENTRY, 'expired');
    expect(world.denied()).toMatchObject([{ intentId: OPEN, code: 'ENTRIES_PAUSED' }]);
    expect(told(world)).toMatchObject([{ intent_id: OPEN, code: 'ENTRIES_PAUSED' }]);
    expect(world.alerts).toMatchObject([{ code: 'ENTRIES_PAUSED' }]);
  });

  test('[rule-22] the rest of a partly filled entry: the plugin hears that it is over', () => {
    const world = aWatchedWorld({
      strategy: { 0: openLong({ order: limitAt('100') }) },
      venue: 'manual',
      bars: [100],
    });
    world.venue.fill(ENTRY, '100', { quantity: '0.5' });
    world.venue.end(ENTRY, 'expired', 'EXPIRED');
    expect(world.outcome(OPEN)).toBe('partially_filled');
    expect(world.heard.intents.at(-1)).toMatchObject({ type: 'cancelled', detail: 'EXPIRED' });
  });

  test('[rule-22] a plugin without the hook is not asked, the record stands', () => {
    const world = aWatchedWorld({
      strategy: { 0: tiny },
      instance: { hooks: { onIntentEvent: false } },
      bars: [100],
    });
    expect(world.codes()).toEqual(['BELOW_MIN_QTY']);
    expect(world.heard.intents).toEqual([]);
  });

  test('[rule-22] a plugin may answer a denial with the next try', () => {
    const world = aWatchedWorld({
      strategy: {
        onBar: (_bar, _ctx, index) => (index === 0 ? tiny : undefined),
        onIntentEvent: (event) => (event.type === 'denied' ? openLong() : undefined),
      },
      bars: [100, 100],
    });
    expect(world.fills()).toHaveLength(1);
    expect(world.accepted()[0]!.intent.intent_id).toContain('@event:');
  });

  test('[rule-22] answering every denial with the same mistake ends in a fault', () => {
    const world = aWatchedWorld({
      strategy: {
        onBar: (_bar, _ctx, index) => (index === 0 ? dca(1) : undefined),
        onIntentEvent: (event) => (event.type === 'denied' ? dca(1) : undefined),
      },
      policy: { maxAsksPerEvent: 20 },
      bars: [100, 100],
    });
    expect(world.recordsOf('plugin_fault')).toMatchObject([
      { code: 'PLUGIN_FAULT', isHalted: true },
    ]);
    expect(world.denied().length).toBeLessThanOrEqual(20);
  });
});
