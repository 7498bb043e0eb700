// Metrics of the equity curve against numbers worked by hand, and each reason not to give one.
import { describe, expect, test } from 'vitest';
import { computeMetrics, type MetricsInput } from '../../../../core/src/statistics/index.js';
import { aRun, compounded, DAY_MS, HOUR_MS, repeated, START_MS } from './a-run.js';

const measure = (overrides: Partial<MetricsInput>) => computeMetrics(aRun(overrides));

describe('thirty days that win 2 % and lose 1 % in turn', () => {
  const run = aRun({ equity: compounded(repeated([0.02, -0.01], 15)), turnover: 1000 });
  const { metrics, na } = computeMetrics(run);
  const growth = (1.02 * 0.99) ** 15;

  test('grow by the product of the days', () => {
    expect(metrics.final_equity).toBeCloseTo(100 * growth, 9);
    expect(metrics.net_profit).toBeCloseTo(100 * growth - 100, 9);
    expect(metrics.total_return).toBeCloseTo(growth - 1, 12);
    expect(metrics.cagr).toBeCloseTo(growth ** (365.25 / 30) - 1, 9);
  });

  test('have a mean of 0.5 % and deviate 1.5 % from it, over n − 1', () => {
    const deviation = 0.015 * Math.sqrt(30 / 29);
    expect(metrics.volatility).toBeCloseTo(deviation * Math.sqrt(365), 9);
    expect(metrics.sharpe).toBeCloseTo((0.005 / deviation) * Math.sqrt(365), 9);
  });

  test('count all thirty days in the downside deviation', () => {
    const downside = Math.sqrt((15 * 0.0001) / 30);
    expect(metrics.sortino).toBeCloseTo((0.005 / downside) * Math.sqrt(365), 9);
  });

  test('fall 1 % below a peak and are back two days after it', () => {
    expect(metrics.max_drawdown).toBeCloseTo(0.01, 12);
    expect(metrics.max_drawdown_duration_ms).toBe(2 * DAY_MS);
    expect(metrics.ulcer_index).toBeCloseTo(Math.sqrt((15 * 0.0001) / 30), 12);
    expect(metrics.calmar).toBeCloseTo((growth ** (365.25 / 30) - 1) / 0.01, 6);
  });

  test('have a best day of 2 % and a worst day of −1 %', () => {
    expect(metrics.best_day).toBeCloseTo(0.02, 12);
    expect(metrics.worst_day).toBeCloseTo(-0.01, 12);
  });

  test('trade 1000 against the mean equity, scaled to a year', () => {
    const meanEquity = run.equity.reduce((a, b) => a + b) / 30;
    expect(metrics.turnover).toBeCloseTo((1000 / meanEquity) * (365.25 / 30), 9);
    expect(na.turnover).toBeUndefined();
  });
});

describe('drawdown', () => {
  test('is seen inside a day that ends at its peak', () => {
    const { metrics } = measure({
      equity: new Float64Array([100, 80, 120]),
      timeframeMs: 8 * HOUR_MS,
    });
    expect(metrics.max_drawdown).toBeCloseTo(0.2, 12);
    expect(metrics.best_day).toBeCloseTo(0.2, 12);
    expect(metrics.worst_day).toBeCloseTo(0.2, 12);
  });

  test('starts from the initial equity at the open of the first bar', () => {
    const { metrics } = measure({ equity: new Float64Array([90, 95]), timeframeMs: HOUR_MS });
    expect(metrics.max_drawdown).toBeCloseTo(0.1, 12);
    expect(metrics.max_drawdown_duration_ms).toBe(2 * HOUR_MS);
  });

  test('lasts from the last bar at the peak to the first bar back at it', () => {
    const equity = new Float64Array([110, 110, 100, 105, 110, 112]);
    expect(measure({ equity }).metrics.max_drawdown_duration_ms).toBe(3 * DAY_MS);
  });

  test('that is still open counts to the last bar', () => {
    const equity = new Float64Array([110, 100, 111, 100, 101, 102, 103]);
    expect(measure({ equity }).metrics.max_drawdown_duration_ms).toBe(4 * DAY_MS);
  });

  test('in money and as a fraction may be two different falls', () => {
    // 100 → 50 is half; 1000 → 900 is a tenth, but more money.
    const { metrics } = measure({ equity: new Float64Array([50, 1000, 900, 1100]) });
    expect(metrics.max_drawdown).toBe(0.5);
    expect(metrics.recovery_factor).toBe(10);
  });

  test('of equity that only rises is 0, and ratios over it are not available', () => {
    const { metrics, na } = measure({ equity: compounded(repeated([0.01, 0.02], 15)) });
    expect([metrics.max_drawdown, metrics.max_drawdown_duration_ms, metrics.ulcer_index]).toEqual([
      0, 0, 0,
    ]);
    expect(na).toMatchObject({
      calmar: 'Equity never fell below a peak.',
      recovery_factor: 'Equity never fell below a peak.',
      sortino: 'No day lost money.',
    });
    expect(metrics.sharpe).toBeGreaterThan(0);
  });
});

describe('a UTC day', () => {
  test.each([
    ['at midnight', 0],
    ['a millisecond before midnight', 1],
  ])('holds the bar that closes %s', (_, early) => {
    const equity = new Float64Array(48).fill(100);
    equity.fill(110, 23, 47);
    equity[47] = 99;
    const times = equity.map((_value, i) => START_MS + (i + 1) * HOUR_MS - early);
    const { metrics } = measure({ equity, times, timeframeMs: HOUR_MS });
    expect(metrics.best_day).toBeCloseTo(0.1, 12);
    expect(metrics.worst_day).toBeCloseTo(-0.1, 12);
  });

  test('without a bar returns 0', () => {
    const times = new Float64Array([START_MS + DAY_MS, START_MS + 3 * DAY_MS]);
    const { metrics } = measure({ equity: new Float64Array([90, 80]), times });
    expect(metrics.best_day).toBe(0);
  });

  test('gives weekly bars the volatility of a year of 365 days', () => {
    // 10 weeks of ±7 %: 70 days, ten of which move.
    const returns = repeated([0.07, -0.07], 5);
    const { metrics } = measure({ equity: compounded(returns), timeframeMs: 7 * DAY_MS });
    // The first week closes on the first day that has a bar, so 64 calendar days are observed.
    const deviation = Math.sqrt((10 * 0.0049) / 63);
    expect(metrics.volatility).toBeCloseTo(deviation * Math.sqrt(365), 9);
  });
});

describe('below the thresholds', () => {
  test('29 days give no annualised ratio and say how many there are', () => {
    const { metrics, na } = measure({
      equity: compounded(repeated([0.02, -0.01], 15)).slice(0, 29),
    });
    const reason = 'Needs 30 days of equity, the run has 29.';
    const names = ['cagr', 'volatility', 'sharpe', 'sortino', 'calmar', 'turnover'] as const;
    for (const name of names) expect([metrics[name], na[name]]).toEqual([null, reason]);
    expect(metrics.max_drawdown).toBeCloseTo(0.01, 12);
  });

  test('one hour less than 30 days is not rounded up to 30', () => {
    const equity = new Float64Array(30 * 24 - 1).fill(100);
    expect(measure({ equity, timeframeMs: HOUR_MS }).na.cagr).toBe(
      'Needs 30 days of equity, the run has 29.9.',
    );
  });

  test('one bar has a return, a drawdown and a day', () => {
    const { metrics } = measure({ equity: new Float64Array([90]), barsInPosition: 1 });
    expect(metrics).toMatchObject({
      final_equity: 90,
      net_profit: -10,
      exposure: 1,
      max_drawdown: 0.1,
      max_drawdown_duration_ms: DAY_MS,
      ulcer_index: 0.1,
      recovery_factor: -1,
    });
    expect(metrics.total_return).toBeCloseTo(-0.1, 12);
    expect(metrics.worst_day).toBeCloseTo(-0.1, 12);
  });

  test('no bar leaves the initial equity and nothing else to say', () => {
    const { metrics, na } = measure({ length: 0 });
    expect(metrics).toMatchObject({ final_equity: 100, net_profit: 0, total_return: 0 });
    const names = ['exposure', 'cagr', 'max_drawdown', 'ulcer_index', 'best_day'] as const;
    for (const name of names) expect(na[name]).toBe('The run has no bar.');
  });
});

describe('without variance', () => {
  test('flat equity has no volatility, and no ratio over it', () => {
    const { metrics, na } = measure({ equity: new Float64Array(40).fill(100) });
    expect([metrics.cagr, metrics.volatility]).toEqual([0, 0]);
    expect(na.sharpe).toBe('The daily returns do not vary.');
    expect(na.sortino).toBe('No day lost money.');
  });

  test('the rounding of equal returns to the cash quantum is not taken for variance', () => {
    const equity = compounded(repeated([0.001], 40)).map((e) => Math.round(e * 1e8) / 1e8);
    const returns = new Set(equity.map((e, i) => e / (equity[i - 1] ?? 100) - 1));
    expect(returns.size).toBeGreaterThan(1);
    expect(measure({ equity }).na.sharpe).toBe('The daily returns do not vary.');
  });
});

describe('a bankrupt account', () => {
  const falling = [...Array.from({ length: 38 }, (_, i) => 100 - i), -10, -10];

  test('has no growth rate and no ratios, and says why', () => {
    const { metrics, na } = measure({ equity: new Float64Array(falling) });
    for (const name of ['cagr', 'volatility', 'sharpe', 'sortino', 'calmar'] as const) {
      expect(metrics[name]).toBeNull();
      expect(na[name]).toBe('Equity was at zero or below, so returns on it are not defined.');
    }
  });

  test('has lost more than all of its peak, and its worst day is the fall', () => {
    const { metrics } = measure({ equity: new Float64Array(falling) });
    expect(metrics.max_drawdown).toBeCloseTo(1.1, 12);
    expect(metrics.total_return).toBeCloseTo(-1.1, 12);
    expect(metrics.worst_day).toBeCloseTo(-10 / 63 - 1, 12);
  });

  test('stays so after equity comes back, and days that start with nothing have no return', () => {
    const { metrics, na } = measure({ equity: new Float64Array([...falling, 0, 500]) });
    expect(na.cagr).toContain('at zero or below');
    expect(metrics.best_day).toBe(0);
  });

  test('that started with nothing has no return and no drawdown', () => {
    const { na } = measure({ initialEquity: 0, equity: new Float64Array(40).fill(-1) });
    expect(na.total_return).toBe('The initial equity is not above zero.');
    expect(na.max_drawdown).toBe('The initial equity is not above zero.');
    expect(na.cagr).toContain('at zero or below');
    expect(na.turnover).toBe('The mean equity is not above zero.');
  });
});
