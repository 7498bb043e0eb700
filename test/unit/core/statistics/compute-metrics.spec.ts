// Every metric against the reference written from the definitions, on random runs.
// fast-check prints the seed of a failing property.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  computeMetrics,
  METRIC_NAMES,
  type MetricName,
  type MetricsInput,
} from '../../../../core/src/statistics/index.js';
import { aRun, aTrade, DAY_MS, HOUR_MS, START_MS, tradesOf } from './a-run.js';
import { referenceMetrics } from './reference-metrics.js';

// Whole cents and basis points: values that vary far above the noise of float64.
const cents = (low: number, high: number) =>
  fc.integer({ min: low * 100, max: high * 100 }).map((n) => n / 100);

const trades = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(cents(-50, 50), cents(1, 20)), { maxLength: 130 }))
  .map(([hasRisk, rows]) => [
    ...tradesOf(5, -3).map((trade) => ({ ...trade, initialRisk: hasRisk ? 2 : null })),
    ...rows.map(([pnl, risk], i) =>
      aTrade({ pnl, initialRisk: hasRisk ? risk : null, exitMs: START_MS + i * HOUR_MS }),
    ),
  ]);

/** At least 30 days, gaps of bars and of days, a fall and a rise, never bankrupt. */
const runs: fc.Arbitrary<MetricsInput> = fc
  .record({
    timeframeMs: fc.constantFrom(HOUR_MS, 4 * HOUR_MS, DAY_MS, 7 * DAY_MS),
    closesBeforeMidnight: fc.boolean(),
    bars: fc.array(
      fc.tuple(fc.integer({ min: -400, max: 450 }), fc.constantFrom(1, 1, 1, 1, 1, 2, 9)),
      { minLength: 1, maxLength: 120 },
    ),
    trades,
    turnover: cents(0, 10_000),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    spare: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ timeframeMs, closesBeforeMidnight, bars, share, spare, ...rest }) => {
    const rows = [[-100, 1] as const, [200, (35 * DAY_MS) / timeframeMs] as const, ...bars];
    let value = 100;
    let timeMs = START_MS - (closesBeforeMidnight ? 1 : 0);
    const length = rows.length;
    const equity = new Float64Array(length + spare).fill(Number.NaN);
    const times = new Float64Array(length + spare).fill(Number.NaN);
    rows.forEach(([bps, gap], i) => {
      equity[i] = value *= 1 + bps / 10_000;
      times[i] = timeMs += gap * timeframeMs;
    });
    const barsInPosition = Math.floor(share * length);
    return aRun({ timeframeMs, equity, times, length, barsInPosition, ...rest });
  });

function expectClose(name: MetricName, actual: number | null, expected: number): void {
  const tolerance = 1e-9 * Math.max(1, Math.abs(expected));
  expect(actual, name).not.toBeNull();
  expect(Math.abs((actual ?? Number.NaN) - expected), `${name}: ${actual} and ${expected}`) //
    .toBeLessThanOrEqual(tolerance);
}

describe('computeMetrics', () => {
  test('agrees with the definitions on random runs, for every metric', () => {
    fc.assert(
      fc.property(runs, (run) => {
        const { metrics, na } = computeMetrics(run);
        const expected = referenceMetrics(run);
        const few = run.trades.length < 30;
        for (const name of METRIC_NAMES) {
          if (few && (name === 'sqn' || name === 'kelly')) expect(metrics[name]).toBeNull();
          else expectClose(name, metrics[name], expected[name]);
        }
        expect(Object.keys(na)).toEqual(few ? ['sqn', 'kelly'] : []);
      }),
      { numRuns: 1_000 },
    );
  });

  test('gives a reason exactly for the metrics that are null', () => {
    const short = aRun({ equity: new Float64Array([101, 99]), trades: tradesOf(1) });
    for (const run of [aRun(), short, aRun({ length: 0 }), aRun({ initialEquity: 0 })]) {
      const { metrics, na } = computeMetrics(run);
      expect(Object.keys(metrics)).toEqual([...METRIC_NAMES]);
      const missing = METRIC_NAMES.filter((name) => metrics[name] === null);
      expect(Object.keys(na).toSorted()).toEqual(missing.toSorted());
      for (const reason of Object.values(na)) expect(reason).toMatch(/^[A-Z].*\.$/);
    }
  });

  test('reports the costs as they come', () => {
    const { metrics } = computeMetrics(aRun({ costs: { fees: 3, funding: -2, slippage: 1.5 } }));
    expect([metrics.fees, metrics.funding, metrics.slippage]).toEqual([3, -2, 1.5]);
  });

  test('does not change its input and answers the same again', () => {
    const run = aRun({ equity: new Float64Array([101, 99, 103]), trades: tradesOf(1, -2, 3) });
    const copy = structuredClone(run);
    expect(computeMetrics(run)).toEqual(computeMetrics(run));
    expect(run).toEqual(copy);
  });

  test.each([
    ['a value that is not a number', aRun({ equity: new Float64Array([100, Number.NaN, 100]) })],
    ['an infinite value', aRun({ equity: new Float64Array([100, Number.POSITIVE_INFINITY]) })],
    ['a length beyond the arrays', aRun({ length: 2 })],
    ['an initial equity that is not a number', aRun({ initialEquity: Number.NaN })],
    ['times that are not numbers', aRun({ times: new Float64Array([Number.NaN]) })],
  ])('refuses an equity curve with %s', (_, run) => {
    expect(() => computeMetrics(run)).toThrow(RangeError);
    expect(() => computeMetrics(run)).toThrow('METRICS_INPUT_INVALID');
  });

  test('says so when a number outgrows float64, instead of reporting infinity', () => {
    const { metrics, na } = computeMetrics(aRun({ trades: tradesOf(1e308, -1e-10) }));
    expect(metrics.profit_factor).toBeNull();
    expect(na.profit_factor).toBe('The result is not a finite number.');
  });
});
