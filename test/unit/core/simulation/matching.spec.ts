import { describe, expect, test } from 'vitest';
import {
  type Resting,
  isReached,
  levelOf,
  meetOpen,
  waitsBelow,
} from '../../../../core/src/simulation/matching.js';

const BAR = { openMs: 0, closeMs: 60_000, open: 100, high: 105, low: 95, close: 101, volume: 1 };

function resting(change: Partial<Resting> = {}): Resting {
  return {
    side: 'buy',
    type: 'limit',
    limit: 98,
    stop: Number.NaN,
    isTriggered: false,
    postOnly: false,
    timeInForce: 'GTC',
    ...change,
  };
}

describe('an order against the open', () => {
  test.each<[string, Partial<Resting>, string]>([
    ['a market order fills', { type: 'market' }, 'fill'],
    ['a buy limit below the open rests', { limit: 99.9 }, 'rest'],
    ['a buy limit at the open fills', { limit: 100 }, 'fill'],
    ['a sell limit above the open rests', { side: 'sell', limit: 100.1 }, 'rest'],
    ['a sell limit at the open fills', { side: 'sell', limit: 100 }, 'fill'],
    ['a marketable post-only limit is refused', { limit: 100, postOnly: true }, 'reject_post_only'],
    ['a passive post-only limit rests', { limit: 99.9, postOnly: true }, 'rest'],
    ['an IOC limit that is not marketable expires', { timeInForce: 'IOC' }, 'expire'],
    ['a FOK limit that is not marketable expires', { timeInForce: 'FOK' }, 'expire'],
    ['a buy stop above the open rests', { type: 'stop_market', stop: 100.1 }, 'rest'],
    ['a buy stop at the open fills', { type: 'stop_market', stop: 100 }, 'fill'],
    ['a gapped buy stop fills', { type: 'stop_market', stop: 90 }, 'fill'],
    ['a sell stop below the open rests', { type: 'stop_market', side: 'sell', stop: 99 }, 'rest'],
    ['a gapped sell stop fills', { type: 'stop_market', side: 'sell', stop: 101 }, 'fill'],
    ['a stop-limit within its limit fills', { type: 'stop_limit', stop: 99, limit: 100 }, 'fill'],
    [
      'a stop-limit gapped past it triggers',
      { type: 'stop_limit', stop: 98, limit: 99 },
      'trigger',
    ],
    [
      'a stop that has turned into a market order fills wherever the open is',
      { type: 'stop_market', stop: 110, isTriggered: true },
      'fill',
    ],
    [
      'a triggered stop-limit rests like a limit',
      { type: 'stop_limit', stop: 90, limit: 99, isTriggered: true },
      'rest',
    ],
  ])('%s', (_title, order, expected) => {
    expect(meetOpen(resting(order), 100)).toBe(expected);
  });
});

describe('a resting order against the range', () => {
  test.each<[string, Partial<Resting>, boolean, boolean]>([
    ['a buy limit that is traded through', { limit: 95.1 }, true, true],
    ['a buy limit that is only touched', { limit: 95 }, false, true],
    ['a buy limit below the low', { limit: 94.9 }, false, false],
    ['a sell limit that is traded through', { side: 'sell', limit: 104.9 }, true, true],
    ['a sell limit that is only touched', { side: 'sell', limit: 105 }, false, true],
    ['a sell limit above the high', { side: 'sell', limit: 105.1 }, false, false],
    ['a buy stop that is touched', { type: 'stop_market', stop: 105 }, true, true],
    ['a buy stop above the high', { type: 'stop_market', stop: 105.1 }, false, false],
    ['a sell stop that is touched', { type: 'stop_market', side: 'sell', stop: 95 }, true, true],
    ['a sell stop below the low', { type: 'stop_market', side: 'sell', stop: 94 }, false, false],
    ['a market order, which never rests', { type: 'market' }, false, false],
    [
      'a triggered stop-limit at the edge of its limit',
      { type: 'stop_limit', stop: 99, limit: 95, isTriggered: true },
      false,
      true,
    ],
  ])('%s: through %s', (_title, order, through, touched) => {
    expect(isReached(resting(order), BAR, false)).toBe(through);
    expect(isReached(resting(order), BAR, true)).toBe(touched);
  });

  test.each<[string, Partial<Resting>, number, boolean]>([
    ['a buy limit', { limit: 98 }, 98, true],
    ['a sell limit', { side: 'sell', limit: 102 }, 102, false],
    ['a sell stop', { side: 'sell', type: 'stop_market', stop: 97 }, 97, true],
    ['a buy stop', { type: 'stop_market', stop: 103 }, 103, false],
    ['an untriggered sell stop-limit', { side: 'sell', type: 'stop_limit', stop: 97 }, 97, true],
    [
      'a triggered sell stop-limit, which waits for the price to come back',
      { side: 'sell', type: 'stop_limit', stop: 97, limit: 96, isTriggered: true },
      96,
      false,
    ],
  ])('%s acts at its level, on its side', (_title, order, level, below) => {
    expect(levelOf(resting(order))).toBe(level);
    expect(waitsBelow(resting(order))).toBe(below);
  });
});
