// Metrics of closed trades against numbers worked by hand, and each reason not to give one.
import { describe, expect, test } from 'vitest';
import { computeMetrics, type TradeStat } from '../../../../core/src/statistics/index.js';
import { aRun, aTrade, HOUR_MS, repeated, START_MS, tradesOf } from './a-run.js';

const measure = (trades: readonly TradeStat[]) => computeMetrics(aRun({ trades }));

const ALWAYS_COUNTED = [
  'win_rate',
  'expectancy',
  'max_consecutive_losses',
  'average_trade_duration_ms',
] as const;
const OF_WINS = ['average_win', 'largest_win'] as const;
const OF_LOSSES = ['average_loss', 'largest_loss', 'profit_factor'] as const;

describe('eight trades', () => {
  const { metrics, na } = measure(tradesOf(30, -10, -4, 0, -6, -1, -3, 10));

  test('count a trade at zero as neither win nor loss', () => {
    expect(metrics).toMatchObject({ trades: 8, win_rate: 0.25, max_consecutive_losses: 3 });
  });

  test('win 40 and lose 24', () => {
    expect(metrics.profit_factor).toBeCloseTo(40 / 24, 12);
    expect(metrics.expectancy).toBeCloseTo(16 / 8, 12);
  });

  test('win 20 on average and lose 4.8, with losses written negative', () => {
    expect(metrics.average_win).toBe(20);
    expect(metrics.average_loss).toBeCloseTo(-4.8, 12);
    expect(metrics.payoff_ratio).toBeCloseTo(20 / 4.8, 12);
    expect([metrics.largest_win, metrics.largest_loss]).toEqual([30, -10]);
  });

  test('are too few for the ratios that need thirty', () => {
    expect([metrics.sqn, metrics.kelly]).toEqual([null, null]);
    expect(na.sqn).toBe('Needs 30 closed trades, the run has 8.');
    expect(na.kelly).toBe('Needs 30 closed trades, the run has 8.');
  });
});

describe('duration', () => {
  test('is the mean of entry to exit', () => {
    const trades = [1, 2, 6].map((hours) => aTrade({ exitMs: START_MS + hours * HOUR_MS }));
    expect(measure(trades).metrics.average_trade_duration_ms).toBe(3 * HOUR_MS);
  });
});

describe('thirty trades', () => {
  // 20 win 2 and 10 lose 1: mean 1, squared deviations 20 × 1 + 10 × 4 = 60.
  const pnls = repeated([2, 2, -1], 10);
  const deviation = Math.sqrt(60 / 29);

  test('have an SQN over pnl when no trade has an initial risk', () => {
    expect(measure(tradesOf(...pnls)).metrics.sqn).toBeCloseTo(Math.sqrt(30) / deviation, 12);
  });

  test('have an SQN over R multiples when every trade has an initial risk', () => {
    const trades = pnls.map((pnl, i) => aTrade({ pnl: pnl * (i + 1), initialRisk: i + 1 }));
    expect(measure(trades).metrics.sqn).toBeCloseTo(Math.sqrt(30) / deviation, 12);
  });

  test.each([null, 0])('have an SQN over pnl when the initial risk of one is %s', (initialRisk) => {
    const trades = pnls.map((pnl, i) =>
      aTrade({ pnl, initialRisk: i === 7 ? initialRisk : 5 + i }),
    );
    expect(measure(trades).metrics.sqn).toBeCloseTo(Math.sqrt(30) / deviation, 12);
  });

  test('bet a Kelly share of p − (1 − p) / payoff', () => {
    expect(measure(tradesOf(...pnls)).metrics.kelly).toBeCloseTo(2 / 3 - 1 / 3 / 2, 12);
  });

  test('of one equal result have no SQN', () => {
    const trades = Array.from({ length: 30 }, (_, i) =>
      aTrade({ pnl: 0.1 * (i + 1), initialRisk: 0.3 * (i + 1) }),
    );
    const { metrics, na } = measure(trades);
    expect([metrics.sqn, na.sqn]).toEqual([null, 'The results of the trades do not vary.']);
  });
});

test('the SQN stops growing at a hundred trades', () => {
  const sqn = (count: number) => {
    const deviation = Math.sqrt((2.25 * count) / (count - 1));
    return { count, expected: (Math.sqrt(Math.min(count, 100)) * 0.5) / deviation };
  };
  for (const { count, expected } of [sqn(100), sqn(400)]) {
    const trades = tradesOf(...repeated([2, -1], count / 2));
    expect(measure(trades).metrics.sqn).toBeCloseTo(expected, 12);
  }
});

describe('without trades', () => {
  test('the count is 0 and the rest says that no trade closed', () => {
    const { metrics, na } = measure([]);
    expect(metrics.trades).toBe(0);
    for (const name of [...ALWAYS_COUNTED, ...OF_WINS, ...OF_LOSSES, 'payoff_ratio'] as const) {
      expect([metrics[name], na[name]]).toEqual([null, 'The run closed no trade.']);
    }
    expect(na.sqn).toBe('Needs 30 closed trades, the run has 0.');
  });
});

describe('one-sided results', () => {
  test('all wins have no profit factor, payoff or Kelly share', () => {
    const { metrics, na } = measure(tradesOf(...repeated([1, 2, 3], 10)));
    expect(metrics).toMatchObject({
      win_rate: 1,
      average_win: 2,
      largest_win: 3,
      max_consecutive_losses: 0,
    });
    for (const name of [...OF_LOSSES, 'payoff_ratio', 'kelly'] as const) {
      expect([metrics[name], na[name]]).toEqual([null, 'No trade lost.']);
    }
    expect(metrics.sqn).toBeGreaterThan(0);
  });

  test('all losses have a profit factor of 0, and no payoff or Kelly share', () => {
    const { metrics, na } = measure(tradesOf(...repeated([-1, -2, -3], 10)));
    expect(metrics).toMatchObject({
      win_rate: 0,
      profit_factor: 0,
      average_loss: -2,
      largest_loss: -3,
      max_consecutive_losses: 30,
    });
    for (const name of [...OF_WINS, 'payoff_ratio', 'kelly'] as const) {
      expect([metrics[name], na[name]]).toEqual([null, 'No trade won.']);
    }
  });

  test('only trades at zero have neither wins nor losses to speak of', () => {
    const { metrics, na } = measure(tradesOf(0, 0));
    expect(metrics).toMatchObject({ win_rate: 0, expectancy: 0, max_consecutive_losses: 0 });
    expect([na.average_win, na.profit_factor]).toEqual(['No trade won.', 'No trade lost.']);
  });
});
