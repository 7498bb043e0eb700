import { createStrategyHarness, type HarnessOptions } from '@strategy-runner/contracts/testing';
import type { IntentEvent } from '@strategy-runner/contracts';
import { describe, expect, test } from 'vitest';
import { SMA_CROSS } from '../bundled.js';
import { aPosition, aWorking } from '../a-position.js';

const { definition } = SMA_CROSS;

/** After these closes the averages of 2 and 3 bars are falling, one below the other. */
const DOWN = [10, 9, 8, 7];
const UP = [7, 8, 9, 10];

const OPEN_LONG = {
  kind: 'open',
  side: 'long',
  sizing_policy: { mode: 'equity_fraction', fraction_bps: 9500, basis: 'equity' },
  order: { type: 'market' },
  reason: { code: 'cross.up' },
};

const TURN_SHORT = {
  ...OPEN_LONG,
  side: 'short',
  on_opposite: 'close_first',
  reason: { code: 'cross.down' },
};

function closeOf(side: 'long' | 'short', code: string) {
  return { kind: 'close', target: { side }, order: { type: 'market' }, reason: { code } };
}

function aHarness(config: object = {}, options: HarnessOptions = {}) {
  return createStrategyHarness(definition, { config: { fast: 2, slow: 3, ...config }, ...options });
}

function denied(time_ms: number): IntentEvent {
  const intent_id = aWorking('open', 'short').intent_id;
  return { type: 'denied', intent_id, time_ms, code: 'ENTRIES_PAUSED', detail: 'paused' };
}

const later = 4_000_000_000_000;

describe('long only', () => {
  test('opens at a golden cross and closes at a death cross', () => {
    const harness = aHarness();
    harness.feed(...DOWN);
    expect(harness.feed(12)).toEqual([OPEN_LONG]);
    harness.setPositions(aPosition());
    expect(harness.feed(13)).toEqual([]);
    expect(harness.feed(5)).toEqual([closeOf('long', 'cross.down')]);
  });

  test('needs no more than the slow average to warm up', () => {
    const harness = aHarness();
    expect(harness.feed(9, 8, 7)).toEqual([]);
    expect(harness.feed(12)).toEqual([OPEN_LONG]);
  });

  test('ignores a cross whose side it holds or is about to hold', () => {
    const holding = aHarness();
    holding.feed(...DOWN);
    holding.setPositions(aPosition());
    expect(holding.feed(12)).toEqual([]);
    const opening = aHarness();
    opening.feed(...DOWN);
    opening.setOpenIntents(aWorking('open', 'long'));
    expect(opening.feed(12)).toEqual([]);
  });

  test('has nothing to close at a death cross without a position', () => {
    const harness = aHarness();
    harness.feed(...UP);
    expect(harness.feed(2)).toEqual([]);
  });

  test('closes after an entry that was still under way at the death cross', () => {
    const harness = aHarness();
    harness.feed(...UP);
    harness.setOpenIntents(aWorking('open', 'long'));
    expect(harness.feed(2, 2)).toEqual([]);
    harness.setOpenIntents();
    harness.setPositions(aPosition());
    expect(harness.feed(2)).toEqual([closeOf('long', 'cross.down')]);
    expect(harness.feed(2)).toEqual([]);
  });

  test('buys a fixed quantity where the config gives one', () => {
    const harness = aHarness({ qty: '0.25' });
    harness.feed(...DOWN);
    expect(harness.feed(12)).toEqual([
      { ...OPEN_LONG, sizing_policy: { mode: 'qty', qty: '0.25', unit: 'base' } },
    ]);
  });

  test('has no hook for outcomes, which would cost every order a call', () => {
    const hooks = (side: string) => {
      const seen: string[] = [];
      const { create } = definition;
      createStrategyHarness(
        {
          ...definition,
          create(ctx) {
            const instance = create(ctx);
            seen.push(...Object.keys(instance));
            return instance;
          },
        },
        { config: { side } },
      );
      return seen.sort();
    };
    expect(hooks('long')).toEqual(['onBar', 'restore', 'snapshot']);
    expect(hooks('both')).toEqual(['onBar', 'onIntentEvent', 'restore', 'snapshot']);
  });
});

describe('both sides', () => {
  test('turns at a cross: closes the other side first, then opens', () => {
    const harness = aHarness({ side: 'both' }, { position: aPosition() });
    harness.feed(...UP);
    expect(harness.feed(2)).toEqual([TURN_SHORT]);
  });

  test('at least leaves where the host refuses to turn, and says so once', () => {
    const harness = aHarness({ side: 'both' }, { position: aPosition() });
    harness.feed(...UP, 2);
    expect(harness.feedEvent(denied(later))).toEqual([closeOf('long', 'turn.denied')]);
    expect(harness.feedEvent(denied(later))).toEqual([]);
  });

  test('has nothing to leave where a first entry is refused or the turn has closed already', () => {
    const flat = aHarness({ side: 'both' });
    flat.feed(...UP, 2);
    expect(flat.feedEvent(denied(later))).toEqual([]);
    const closed = aHarness({ side: 'both' }, { position: aPosition() });
    closed.feed(...UP, 2);
    closed.setPositions();
    expect(closed.feedEvent(denied(later))).toEqual([]);
  });

  test('waits with the next cross until the entry before has become a position', () => {
    const harness = aHarness({ side: 'both' });
    harness.feed(...UP);
    harness.setOpenIntents(aWorking('open', 'long'));
    expect(harness.feed(2)).toEqual([]);
    const restarted = aHarness({ side: 'both' }, { snapshot: harness.snapshot(), warmupBars: 0 });
    for (const one of [harness, restarted]) {
      one.setOpenIntents();
      one.setPositions(aPosition());
      expect(one.feed(2).concat(one.feed(2), one.feed(2))).toEqual([TURN_SHORT]);
    }
  });
});

describe('the config', () => {
  test.each([
    [30, 30],
    [31, 30],
  ])('is refused with fast %i and slow %i', (fast, slow) => {
    expect(() => aHarness({ fast, slow })).toThrow(
      `CONFIG_INVALID: fast is ${fast} and slow is ${slow}; fast must be less than slow.`,
    );
  });

  test('is refused with both sides on a spot market', () => {
    expect(() => aHarness({ side: 'both' }, { symbol: 'BTC/USDT' })).toThrow(
      'CONFIG_INVALID: side is both, and BTC/USDT is a spot market',
    );
    expect(() => aHarness({ side: 'long' }, { symbol: 'BTC/USDT' })).not.toThrow();
  });
});
