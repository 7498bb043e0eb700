import { describe, expect, test } from 'vitest';
import {
  type AttributionParts,
  CHANNELS,
  Engine,
  type EngineConfig,
  type Order,
  attribute,
  decimal,
  emptySeries,
} from '@strategy-runner/core';
import { MINUTE_MS, START_MS, aConfig, anInstrument } from '../support/world-config.js';
import { generator } from './attribution-random.js';
import {
  type FreshStrategy,
  Journal,
  comparisonOf,
  runtimeOf,
  walk,
} from './attribution-sessions.js';
import { byEquity, byLevels, byOffers, byPosition, byTheClock } from './attribution-strategies.js';
import { DisturbedVenue } from './disturbed-venue.js';

const COSTS = { takerFeeBps: '5', makerFeeBps: '2', slippageBps: '2' };
const CONFIG = aConfig({ costs: COSTS });
/** Entries wait on bars 20 to 27, in live and in the backtest. */
const BLACK = {
  offsets: [],
  windows: [
    {
      kind: 'once',
      reason: 'news',
      symbols: null,
      fromMs: START_MS + 20 * MINUTE_MS,
      toMs: START_MS + 28 * MINUTE_MS,
    },
  ],
} as const;
const COARSE = aConfig({ costs: COSTS, instruments: [anInstrument({ lot_size: '0.03' })] });
const STRATEGIES: readonly FreshStrategy[] = [
  () => byTheClock(),
  byEquity,
  byPosition,
  byLevels,
  byOffers,
];
/** More than the venue takes at market: exits leave in parts. */
const NARROW = aConfig({
  costs: COSTS,
  instruments: [anInstrument({ max_market_quantity: '0.3' })],
});
const LARGE: readonly FreshStrategy[] = [
  () => byTheClock({ order: { type: 'limit', price: { from: 'last', offset_ticks: -9 } } }),
  byLevels,
  byOffers,
];
const FUNDING = Array.from({ length: 9 }, (_, i) => ({
  timeMs: START_MS + (9 * (i + 1) - 1) * MINUTE_MS,
  rate: decimal(i % 4 === 3 ? '0.0001' : '0.0003'),
  markPrice: null,
}));

interface Rules {
  readonly live: EngineConfig;
  readonly backtest: EngineConfig;
}

function seededSession(seed: number, rules?: Rules): AttributionParts {
  const random = generator(seed * 7919 + 13);
  const strategies = rules === undefined ? STRATEGIES : LARGE;
  const strategy = strategies[seed % strategies.length]!;
  const bars = walk(70, seed);
  const held = seed % 4 === 1 ? { blackout: BLACK } : {};
  const live = rules?.live ?? (seed % 3 === 0 ? COARSE : CONFIG);
  const config = { ...live, ...held };
  const journal = new Journal();
  const series = emptySeries(config);
  const engine = new Engine({ config, sink: journal.sink, series });
  const runtime = runtimeOf(strategy)({ config, state: engine.state, series });
  const venue = new DisturbedVenue(engine, runtime, random);
  venue.take({ kind: 'run_started', ts: START_MS, run: 1, start: 'cold' });
  let awayUntil = 0;
  for (const [place, bar] of bars.entries()) {
    const isAway = place < awayUntil;
    if (!isAway) venue.during(bar);
    // A bar that never came, one that came otherwise, some that came late after a stop.
    if (random() < 0.02) continue;
    if (!isAway && random() < 0.02) {
      awayUntil = place + 3;
      venue.away(bar.closeMs + 3 * MINUTE_MS);
    }
    const close = random() < 0.03 ? bar.low : bar.close;
    const ts = Math.max(engine.now, bar.closeMs + Math.floor(random() * 400));
    const taken = { ...bar, close, ts };
    if (random() < 0.03) venue.dieWith(taken);
    else venue.take(taken);
  }
  venue.take({ kind: 'run_ended', ts: engine.now, run: 9, cause: 'operator' });
  const backtest = { ...(rules?.backtest ?? CONFIG), ...held };
  const tested = { config: backtest, strategy, bars, funding: FUNDING };
  return comparisonOf(journal.entries, tested, config);
}

describe('sessions in which everything goes otherwise at once', () => {
  test.each(Array.from({ length: 200 }, (_, i) => i + 1))(
    'leave no residual, seed %i [X1]',
    (seed) => {
      const parts = seededSession(seed);
      const order = seed % 2 === 0 ? 'forward' : 'reverse';
      const found = attribute(parts, { order });
      expect(found.firstDifference).toBeNull();
      expect(found.residual).toBe(0n);
      const sum = found.channels.reduce((total, { amount }) => total + amount, 0n);
      expect(sum).toBe(found.total);
    },
  );

  test('are held by black-out windows in live [B18]', () => {
    const denials = [1, 5, 9, 13].flatMap((seed) => [...seededSession(seed).live.denials.values()]);
    expect(denials.filter(({ code }) => code === 'BLACKOUT').length).toBeGreaterThan(0);
  });

  describe.each([
    ['on both sides', { live: NARROW, backtest: NARROW }],
    ['live only', { live: NARROW, backtest: CONFIG }],
    ['in the backtest only', { live: CONFIG, backtest: NARROW }],
  ])('and exits leave in parts %s', (_where, rules) => {
    test.each(Array.from({ length: 6 }, (_, i) => i + 1))(
      'leave no residual, seed %i [X1]',
      (seed) => {
        const parts = seededSession(seed, rules);
        const { firstDifference, residual } = attribute(parts);
        expect(firstDifference).toBeNull();
        expect(residual).toBe(0n);
      },
    );

    test('which they do', () => {
      const parts = [1, 2, 3, 4].flatMap((seed) => [
        ...seededSession(seed, rules).live.orders.values(),
      ]);
      const isPart = (order: Order) => order.rest !== undefined || order.leg.startsWith('sl.');
      expect(parts.filter(isPart).length > 5).toBe(rules.live === NARROW);
    });
  });

  test('trade with every strategy', () => {
    const fills = STRATEGIES.map(() => 0);
    for (let seed = 1; seed <= 25; seed += 1) {
      fills[seed % STRATEGIES.length]! += seededSession(seed).live.fills.length;
    }
    expect(fills.filter((count) => count < 20)).toEqual([]);
  });

  test('have causes in every channel', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 60; seed += 1) {
      const { channels } = attribute(seededSession(seed));
      for (const { channel, amount } of channels) if (amount !== 0n) seen.add(channel);
    }
    expect(seen).toEqual(new Set(CHANNELS.filter((channel) => channel !== 'signal')));
  });
});
