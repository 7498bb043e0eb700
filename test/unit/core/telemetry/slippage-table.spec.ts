import { describe, expect, test } from 'vitest';
import { quantilesOf, slippageTable } from '@strategy-runner/core';
import { HandJournal } from './a-journal.js';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1).reverse();

describe('quantiles', () => {
  test('are values of the sample, by nearest rank', () => {
    expect(quantilesOf(upTo(100))).toEqual({ n: 100, p50: 50, p95: 95, p99: 99 });
    expect(quantilesOf(upTo(200))).toEqual({ n: 200, p50: 100, p95: 190, p99: 198 });
  });

  test.each([
    [4, { n: 4, p50: null, p95: null, p99: null }],
    [5, { n: 5, p50: 3, p95: null, p99: null }],
    [19, { n: 19, p50: 10, p95: null, p99: null }],
    [20, { n: 20, p50: 10, p95: 19, p99: null }],
    [99, { n: 99, p50: 50, p95: 95, p99: null }],
  ])('are N/A below their thresholds: %i values', (n, expected) => {
    expect(quantilesOf(upTo(n))).toEqual(expected);
  });
});

describe('the table', () => {
  function traded(): HandJournal {
    const journal = new HandJournal().bar(100);
    for (let i = 0; i < 6; i += 1) {
      const positionSide = i < 5 ? 'long' : 'short';
      journal.order({ name: `o${i}`, positionSide }).fill(`${101 + i}`, {}, `o${i}`);
    }
    return journal;
  }

  test('sums up all orders, and each group by its name', () => {
    const table = slippageTable(traded().telemetry.rows, 'side');
    expect(table.map(({ group, orders }) => [group, orders])).toEqual([
      ['all', 6],
      ['buy', 5],
      ['sell', 1],
    ]);
    // Bought at 101 to 105 against 100: 100 to 500 bps, the middle one is 300.
    const { p50, n } = table[1]!.figures.total_bps;
    expect({ n, p50: Math.round(p50!) }).toEqual({ n: 5, p50: 300 });
    expect(table[2]!.figures.total_bps).toEqual({ n: 1, p50: null, p95: null, p99: null });
  });

  test('counts only the orders for which a figure exists', () => {
    const [all] = slippageTable(traded().telemetry.rows);
    expect(all!.figures.sent_to_acked_ms).toEqual({ n: 0, p50: null, p95: null, p99: null });
  });

  test.each([
    ['symbol', 'BTC/USDT:USDT'],
    ['type', 'market'],
    ['liquidity', 'taker'],
    ['hour', '00'],
  ] as const)('groups by %s', (by, name) => {
    expect(slippageTable(traded().telemetry.rows, by).map(({ group }) => group)).toEqual([
      'all',
      name,
    ]);
  });
});
