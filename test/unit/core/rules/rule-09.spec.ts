import { describe, expect, test } from 'vitest';
import { decimal, format } from '@strategy-runner/core';
import { independentLedger } from '../../../support/independent-ledger.js';
import {
  type Body,
  type WorldOptions,
  aWorld,
  dca,
  limitAt,
  openLong,
  stopAt,
} from '../../../support/world.js';

const onePercent = { mode: 'risk_percent', risk_bps: 100, basis: 'equity' };

function sized(body: Body, options: WorldOptions = {}) {
  const world = aWorld({ strategy: { 0: body }, bars: [100], ...options });
  return world.created().map(({ quantity }) => format(quantity))[0] ?? world.codes()[0];
}

describe('[rule-09] risk_percent: basis × risk / (distance + fees + stop slippage)', () => {
  test('[rule-09] without costs it is risk over distance', () => {
    // 1 % of 10 000 over 100 − 95.
    expect(sized(openLong({ sizing_policy: onePercent, protection: stopAt('95') }))).toBe('20');
  });

  test('[rule-09] fees of both sides and the slippage at the stop count as risk', () => {
    const costs = { takerFeeBps: '4', slippageBps: '5' };
    const body = openLong({ sizing_policy: onePercent, protection: stopAt('95') });
    // 100 / (5 + 195 × 0.0004 + 95 × 0.0005) = 100 / 5.1255 = 19.5103…
    expect(sized(body, { costs })).toBe('19.51');
  });

  test('[rule-09] a short has its stop above', () => {
    const costs = { takerFeeBps: '4', slippageBps: '5' };
    const body = openLong({
      side: 'short',
      sizing_policy: onePercent,
      protection: stopAt('104'),
    });
    // 100 / (4 + 204 × 0.0004 + 104 × 0.0005) = 100 / 4.1336 = 24.1919…
    expect(sized(body, { costs })).toBe('24.191');
  });

  test('[rule-09] a limit entry is measured from its limit', () => {
    const body = openLong({
      sizing_policy: onePercent,
      order: limitAt('99'),
      protection: { stop_loss: { at: { distance_bps: 1000, from: 'entry_avg' } } },
    });
    // The stop is 89.1; 100 / 9.9 = 10.1010…
    expect(sized(body)).toBe('10.101');
  });

  test('[rule-09] a stop loses the risk that was asked for, and no more', () => {
    const world = aWorld({
      strategy: { 0: openLong({ sizing_policy: onePercent, protection: stopAt('95') }) },
      costs: { takerFeeBps: '4' },
      bars: [100, 100, [100, 100, 90, 91]],
    });
    const fills = world.fills();
    const { trades, cash } = independentLedger({
      cash: '10000',
      market: 'swap',
      fills,
      mark: '91',
    });
    // 100 / (5 + 195 × 0.0004) = 19.692…
    expect(trades).toMatchObject([{ side: 'long', gross: '-98.46' }]);
    const lost = 10_000 - Number(cash);
    expect(lost).toBeLessThanOrEqual(100);
    expect(lost).toBeGreaterThan(99.99);
    expect(format(world.state.cash)).toBe(cash);
  });
});

describe('[rule-09] the basis', () => {
  test.each([
    ['equity', undefined, '20'],
    ['allocation', decimal('2500'), '5'],
    ['allocation', null, '20'],
  ] as const)('[rule-09] %s with an allocation of %s', (basis, allocation, expected) => {
    const sizing_policy = { ...onePercent, basis };
    const sizing = allocation === undefined ? {} : { allocation };
    const body = openLong({ sizing_policy, protection: stopAt('95') });
    expect(sized(body, { sizing })).toBe(expected);
  });

  test('[rule-09] free is what working entries leave', () => {
    const world = aWorld({
      strategy: {
        0: openLong({
          side: 'short',
          order: limitAt('100'),
          sizing_policy: { mode: 'quote_notional', amount: '4000' },
        }),
        1: openLong({ sizing_policy: { ...onePercent, basis: 'free' }, protection: stopAt('95') }),
      },
      venue: 'manual',
      bars: [100, 100],
    });
    // 1 % of 6 000 over 5.
    expect(world.created().map(({ quantity }) => format(quantity))).toEqual(['40', '12']);
  });
});

describe('[rule-09] a stop that cannot be resolved', () => {
  test('[rule-09] an open without one does not fit the schema', () => {
    expect(sized(openLong({ sizing_policy: onePercent }))).toBe('SCHEMA_INVALID');
  });

  test('[rule-09] [R21] the stop may come from the execution policy', () => {
    const world = aWorld({
      strategy: { 0: openLong({ sizing_policy: onePercent }) },
      execution: { open: { protection: { stop_loss: { at: { abs: '95' } } } } },
      bars: [100],
    });
    expect(world.created().map(({ quantity }) => format(quantity))).toEqual(['20']);
    expect(world.accepted()[0]!.intent.provenance).toMatchObject({
      protection: 'execution_policy',
    });
  });

  test('[rule-09] a dca on a position without a stop is denied', () => {
    const world = aWorld({
      strategy: { 0: openLong(), 2: dca(1, { sizing_policy: onePercent }) },
      bars: [100, 100, 100],
    });
    expect(world.denied()).toMatchObject([
      { code: 'STOP_REQUIRED', path: '/protection/stop_loss' },
    ]);
  });

  test('[rule-09] a dca is sized from the stop of its position', () => {
    const world = aWorld({
      strategy: {
        0: openLong({ protection: stopAt('90') }),
        2: dca(1, { sizing_policy: onePercent, order: limitAt('95') }),
      },
      bars: [100, 100, 100],
    });
    // 1 % of 10 000 over 95 − 90.
    expect(world.leg('entry').map(({ quantity }) => format(quantity))).toEqual(['20']);
  });

  test.each(['90', '89'])('[rule-09] a dca at %s, not above the stop of 90, is denied', (price) => {
    const world = aWorld({
      strategy: {
        0: openLong({ protection: stopAt('90') }),
        2: dca(1, { sizing_policy: onePercent, order: limitAt(price) }),
      },
      bars: [100, 100, 100],
    });
    expect(world.denied()).toMatchObject([
      { code: 'STOP_REQUIRED', numbers: { stop: '90', entry: price } },
    ]);
  });

  test('[rule-09] nothing left at risk comes to no size, never to a crash', () => {
    const sizing_policy = { ...onePercent, basis: 'free' };
    const world = aWorld({
      strategy: {
        0: openLong({ side: 'short', sizing_policy: { mode: 'quote_notional', amount: '10000' } }),
        2: openLong({ sizing_policy, protection: stopAt('95') }),
      },
      bars: [100, 100, 100],
    });
    expect(world.codes()).toEqual(['BELOW_MIN_QTY']);
  });
});
