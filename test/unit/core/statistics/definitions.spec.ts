// The table of metrics is the vocabulary of reports: names, order and texts are held here.
import { describe, expect, test } from 'vitest';
import { describeMetric, METRIC_NAMES } from '../../../../core/src/statistics/index.js';

describe('describeMetric', () => {
  test.each(METRIC_NAMES)('describes %s in one sentence with formula, unit and source', (name) => {
    const { definition, formula, unit, source } = describeMetric(name);
    expect(definition).toMatch(/^[A-Z][^.]*(\.\d[^.]*)*\.$/);
    expect(formula).not.toBe('');
    expect(source).not.toBe('');
    const isMs = name.endsWith('_ms');
    expect(unit === 'milliseconds').toBe(isMs);
  });

  test('lists every metric of a report once, in its order', () => {
    expect(METRIC_NAMES).toMatchInlineSnapshot(`
      [
        "final_equity",
        "net_profit",
        "total_return",
        "cagr",
        "volatility",
        "sharpe",
        "sortino",
        "calmar",
        "max_drawdown",
        "max_drawdown_duration_ms",
        "exposure",
        "trades",
        "win_rate",
        "profit_factor",
        "expectancy",
        "average_win",
        "average_loss",
        "payoff_ratio",
        "largest_win",
        "largest_loss",
        "max_consecutive_losses",
        "average_trade_duration_ms",
        "sqn",
        "kelly",
        "ulcer_index",
        "recovery_factor",
        "turnover",
        "fees",
        "funding",
        "slippage",
        "best_day",
        "worst_day",
      ]
    `);
  });
});
