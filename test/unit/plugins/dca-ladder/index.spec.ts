import type { IntentEvent, Side } from '@strategy-runner/contracts';
import { createStrategyHarness, type HarnessOptions } from '@strategy-runner/contracts/testing';
import { describe, expect, test } from 'vitest';
import { DCA_LADDER } from '../bundled.js';
import { aPosition, aWorking } from '../a-position.js';
import { aFill } from './a-fill.js';

const { definition } = DCA_LADDER;

function openOf(side: Side) {
  return {
    kind: 'open',
    side,
    sizing_policy: { mode: 'quote_notional', amount: '200' },
    order: { type: 'market' },
    protection: {
      stop_loss: { at: { distance_bps: 1500, from: 'entry_avg' }, order: 'market' },
    },
    lots: 'lifo',
    on_existing: 'ignore',
    reason: { code: 'ladder.open' },
  };
}

function addOf(side: Side, level: number, price: string, amount: string) {
  return {
    kind: 'dca',
    target: { side },
    level,
    max_levels: 4,
    require_improvement_bps: 100,
    sizing_policy: { mode: 'quote_notional', amount },
    protection_mode: 'keep',
    order: { type: 'limit', price: { abs: price }, time_in_force: 'GTC' },
    expires: { after_bars: 48 },
    reason: { code: `ladder.level.${level}` },
  };
}

function closeLotOf(side: Side) {
  return {
    kind: 'partial_close',
    target: { side },
    amount: { lots: 1 },
    on_dust: 'close_all',
    order: { type: 'market' },
    reason: { code: 'ladder.lot' },
  };
}

function closeAllOf(side: Side) {
  const order = { type: 'market' };
  return { kind: 'close', target: { side }, order, reason: { code: 'ladder.done' } };
}

const later = 1_900_000_000_000;

/** One side with lots of 2 at 100 and, with `isDeep`, of 3 at 99 (short: 101). */
function aLadder(side: Side, isDeep: boolean, options: HarnessOptions = {}) {
  const harness = createStrategyHarness(definition, {
    config: { side },
    startMs: later,
    ...options,
  });
  harness.feedFill(aFill({ side, time_ms: later }));
  const price = side === 'long' ? '99' : '101';
  if (isDeep) {
    harness.feedFill(aFill({ side, time_ms: later, intent_id: 'dca-1', price, quantity: '3' }));
  }
  const average = side === 'long' ? '99.4' : '100.6';
  harness.setPositions(
    aPosition({
      side,
      quantity: isDeep ? '5' : '2',
      entry_price: isDeep ? average : '100',
      dca_level: isDeep ? 1 : 0,
    }),
  );
  return harness;
}

describe('the ladders', () => {
  test('open side by side wherever a side is flat', () => {
    const harness = createStrategyHarness(definition);
    expect(harness.feed(100)).toEqual([openOf('long'), openOf('short')]);
    harness.setPositions(aPosition({ side: 'long', dca_level: 4 }));
    expect(harness.feed(100)).toEqual([openOf('short')]);
  });

  test.each(['long', 'short'] as const)('are one where the config says %s', (side) => {
    expect(createStrategyHarness(definition, { config: { side } }).feed(100)).toEqual([
      openOf(side),
    ]);
  });

  test('say nothing during warm-up', () => {
    const harness = createStrategyHarness(definition, { warmupBars: 3 });
    harness.feed(100, 100, 100);
    expect(harness.droppedInWarmup).toBe(0);
  });

  test('wait for an entry that is under way, each for its own', () => {
    const harness = createStrategyHarness(definition);
    harness.setOpenIntents(aWorking('open', 'long'));
    expect(harness.feed(100)).toEqual([openOf('short')]);
  });
});

describe('a level', () => {
  test('rests a step below the last lot of a long, above that of a short', () => {
    expect(aLadder('long', false).feed(100)).toEqual([addOf('long', 1, '99', '300')]);
    expect(aLadder('short', false).feed(100)).toEqual([addOf('short', 1, '101', '300')]);
    expect(aLadder('long', true).feed(99)).toEqual([addOf('long', 2, '98.01', '450')]);
    expect(aLadder('short', true).feed(101)).toEqual([addOf('short', 2, '102.01', '450')]);
  });

  test('is sized by the lots that are open, and counted by the ones that were added', () => {
    const harness = aLadder('long', true);
    harness.feedFill(aFill({ time_ms: later, action: 'exit', leg: 'exit', quantity: '3' }));
    harness.setPositions(aPosition({ quantity: '2', entry_price: '99.4', dca_level: 1 }));
    expect(harness.feed(100)).toEqual([addOf('long', 2, '98.4', '300')]);
  });

  test('keeps a step from the average that closed lots leave behind', () => {
    const harness = aLadder('short', true, { instrument: { tick_size: '0.1' } });
    harness.feedFill(
      aFill({ side: 'short', time_ms: later, action: 'exit', leg: 'exit', quantity: '3' }),
    );
    harness.setPositions(
      aPosition({ side: 'short', quantity: '2', entry_price: '100.6', dca_level: 1 }),
    );
    expect(harness.feed(100)).toEqual([addOf('short', 2, '101.7', '300')]);
  });

  test('is not added above the last one, nor while another works', () => {
    const full = aLadder('long', false);
    full.setPositions(aPosition({ quantity: '2', dca_level: 4 }));
    expect(full.feed(90)).toEqual([]);
    const busy = aLadder('long', false);
    busy.setOpenIntents(aWorking('dca', 'long'));
    expect(busy.feed(100)).toEqual([]);
    busy.setOpenIntents();
    expect(busy.feed(100)).toHaveLength(1);
  });
});

describe('the last lot', () => {
  test('leaves first, once the price has come back to its profit', () => {
    const long = aLadder('long', true);
    expect(long.feed(99.791)).toEqual([addOf('long', 2, '98.01', '450')]);
    expect(long.feed(99.792)).toEqual([closeLotOf('long')]);
    const short = aLadder('short', true);
    expect(short.feed(100.193)).toEqual([addOf('short', 2, '102.01', '450')]);
    expect(short.feed(100.192)).toEqual([closeLotOf('short')]);
  });

  test('takes the level below it away, since that was measured from it', () => {
    const harness = aLadder('long', true);
    const working = aWorking('dca', 'long', 7);
    harness.setOpenIntents(working, aWorking('dca', 'short'));
    expect(harness.feed(100)).toEqual([
      {
        kind: 'cancel',
        scope: { intent_id: working.intent_id },
        reason: { code: 'ladder.moved' },
      },
      closeLotOf('long'),
    ]);
  });

  test('closes the position where it is the only one', () => {
    expect(aLadder('long', false).feed(100.8)).toEqual([closeAllOf('long')]);
    expect(aLadder('short', false).feed(99.2)).toEqual([closeAllOf('short')]);
  });

  test.each(['close', 'partial_close'] as const)('is not closed again while a %s works', (kind) => {
    const harness = aLadder('long', true);
    harness.setOpenIntents(aWorking(kind, 'long'));
    expect(harness.feed(105)).toEqual([]);
  });
});

describe('a refusal', () => {
  const refusal = (type: 'denied' | 'rejected', time_ms: number): IntentEvent => ({
    type,
    intent_id: 'open-1',
    time_ms,
    code: 'BALANCE_INSUFFICIENT',
    detail: 'free balance does not carry the order',
  });

  test.each(['denied', 'rejected'] as const)(
    'that was %s holds entries back for a while',
    (type) => {
      const harness = createStrategyHarness(definition, {
        config: { side: 'long', retry_bars: 3 },
      });
      expect(harness.feed(100)).toHaveLength(1);
      harness.feedEvent(refusal(type, later));
      const answers = [1, 2, 3, 4].map((bar) =>
        harness.feed({ close: 100, open_ms: later + bar * 60_000 }),
      );
      expect(answers).toEqual([[], [], [], [openOf('long')]]);
    },
  );

  test('holds no exit back', () => {
    const harness = aLadder('long', true);
    harness.feedEvent(refusal('denied', later));
    expect(harness.feed(99)).toEqual([]);
    expect(harness.feed(100)).toEqual([closeLotOf('long')]);
  });

  test('is remembered by a snapshot', () => {
    const harness = createStrategyHarness(definition, { config: { retry_bars: 2 } });
    harness.feedEvent(refusal('denied', later));
    const again = createStrategyHarness(definition, {
      config: { retry_bars: 2 },
      snapshot: harness.snapshot(),
    });
    expect([again.feed(100), again.feed(100), again.feed(100)]).toEqual([
      [],
      [],
      [openOf('long'), openOf('short')],
    ]);
  });

  test('is not what an expiry is: the level is placed anew at once', () => {
    const harness = aLadder('long', false);
    harness.setOpenIntents(aWorking('dca', 'long'));
    harness.feed(100);
    harness.setOpenIntents();
    harness.feedEvent({ type: 'expired', intent_id: 'dca-1', time_ms: later + 60_000 });
    expect(harness.feed(100)).toEqual([addOf('long', 1, '99', '300')]);
  });
});
