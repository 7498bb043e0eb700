import { predictedAgainstRealised } from '@strategy-runner/core';
import { expect, test } from 'vitest';
import { slippageChart } from '../../../../adapters/src/report/slippage-chart.js';
import { aSlippageModel } from '../../../support/slippage-model.js';
import { type LegOptions, aLeg } from '../../core/telemetry/a-leg.js';

// Predicts 2 bps for each purchase and 4 for each sale.
const model = aSlippageModel({ buy_bps: 2, sell_bps: 4 });

function chartOf(...legs: readonly LegOptions[]): string {
  const rows = legs.map((leg, at) => aLeg({ ...leg, atMs: at }));
  return slippageChart({ model, result: predictedAgainstRealised(rows, model) });
}

interface Place {
  readonly side: string;
  readonly x: number;
  readonly y: number;
}

function placesIn(chart: string): readonly Place[] {
  const circles = chart.matchAll(/<circle class="(\w+)" cx="([\d.]+)" cy="([\d.]+)"/g);
  return [...circles].map(([, side = '', x, y]) => ({ side, x: Number(x), y: Number(y) }));
}

/** Where the dashed line is at that x. */
function lineAt(chart: string, x: number): number {
  const [, ...ends] = /class="same" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"/.exec(chart)!;
  const [fromX, fromY, toX, toY] = ends.map(Number) as [number, number, number, number];
  return fromY + ((toY - fromY) * (x - fromX)) / (toX - fromX);
}

test('an order that paid what was predicted lies on the line, a dearer one above it', () => {
  const chart = chartOf(
    { bps: 2 },
    { bps: 7 },
    { side: 'sell', bps: 4 },
    { side: 'sell', bps: -1 },
  );
  const places = placesIn(chart);
  expect(places.map(({ side }) => side)).toEqual(['buy', 'buy', 'sell', 'sell']);
  const above = places.map(({ x, y }) => Math.round(lineAt(chart, x) - y));
  expect(above[0]).toBeCloseTo(0);
  expect(above[1]).toBeGreaterThan(20);
  expect(above[2]).toBeCloseTo(0);
  expect(above[3]).toBeLessThan(-20);
  expect(places[2]!.x).toBeGreaterThan(places[0]!.x);
  expect(chart).toContain('<title>i1 entry: predicted 2.00, paid 7.00 bps</title>');
});

test('only orders that were filled as a taker are drawn', () => {
  expect(placesIn(chartOf({ bps: 2 }, { bps: 3, liquidity: 'maker' }))).toHaveLength(1);
  const none = chartOf({ liquidity: 'maker' });
  expect(none).toContain('No order was filled as a taker');
  expect(none).not.toContain('<svg');
});
