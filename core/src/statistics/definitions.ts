// What each metric means, for docs and reports. This table is the list of metrics: its order is the
// order of a report, and a metric that is not described here does not type-check.

export type MetricUnit = 'money' | 'fraction' | 'ratio' | 'milliseconds' | 'count';

export interface MetricDefinition {
  /** One sentence. */
  readonly definition: string;
  readonly formula: string;
  readonly unit: MetricUnit;
  readonly source: string;
}

const IDENTITY = 'accounting identity';
const PRACTICE = 'common practice';

const DEFINITIONS = {
  final_equity: {
    definition: 'Equity at the close of the last bar, marked to market, net of fees and funding.',
    formula: 'E_N',
    unit: 'money',
    source: IDENTITY,
  },
  net_profit: {
    definition: 'What the run added to the account.',
    formula: 'E_N − E_0',
    unit: 'money',
    source: IDENTITY,
  },
  total_return: {
    definition: 'Net profit as a fraction of the initial equity.',
    formula: 'E_N / E_0 − 1',
    unit: 'fraction',
    source: IDENTITY,
  },
  cagr: {
    definition:
      'Growth per year that compounds to the total return; needs 30 days and equity above zero.',
    formula: '(E_N / E_0)^(365.25 / days) − 1',
    unit: 'fraction',
    source: PRACTICE,
  },
  volatility: {
    definition: 'Annualised sample deviation (ddof = 1) of daily UTC returns; needs 30 days.',
    formula: 'stdev(r) × √365',
    unit: 'fraction',
    source: PRACTICE,
  },
  sharpe: {
    definition:
      'Mean over sample deviation (ddof = 1) of daily UTC returns, annualised, risk-free rate 0; ' +
      'needs 30 days.',
    formula: 'mean(r) / stdev(r) × √365',
    unit: 'ratio',
    source: 'W. F. Sharpe, The Sharpe Ratio, 1994',
  },
  sortino: {
    definition:
      'Mean over downside deviation of daily UTC returns, all days counted, annualised, ' +
      'target 0; ' +
      'needs 30 days.',
    formula: 'mean(r) / √(Σ min(r, 0)² / N) × √365',
    unit: 'ratio',
    source:
      'F. A. Sortino, L. N. Price, Performance Measurement in a Downside Risk Framework, 1994',
  },
  calmar: {
    definition: 'Growth per year over the largest drawdown, over the whole run; needs 30 days.',
    formula: 'cagr / max_drawdown',
    unit: 'ratio',
    source: 'T. W. Young, Calmar Ratio: A Smoother Tool, 1991',
  },
  max_drawdown: {
    definition:
      'Largest fall from a peak of equity, seen on every bar, as a positive fraction of the peak.',
    formula: 'max_t (1 − E_t / max_{s ≤ t} E_s)',
    unit: 'fraction',
    source: PRACTICE,
  },
  max_drawdown_duration_ms: {
    definition:
      'Longest time from a peak of equity to the return to it; ' +
      'one still open counts to the last bar.',
    formula: 'max (t_recovery − t_peak)',
    unit: 'milliseconds',
    source: PRACTICE,
  },
  exposure: {
    definition: 'Share of bars at whose close a position was open.',
    formula: 'bars in position / bars',
    unit: 'fraction',
    source: PRACTICE,
  },
  trades: {
    definition: 'Closed trades.',
    formula: 'T',
    unit: 'count',
    source: IDENTITY,
  },
  win_rate: {
    definition: 'Share of trades with a pnl above zero; a trade at exactly zero is no win.',
    formula: 'wins / T',
    unit: 'fraction',
    source: PRACTICE,
  },
  profit_factor: {
    definition: 'Money won over money lost; needs a losing trade.',
    formula: 'Σ wins / |Σ losses|',
    unit: 'ratio',
    source: PRACTICE,
  },
  expectancy: {
    definition: 'Mean pnl of a trade, net of fees and funding.',
    formula: 'win rate × average win − loss rate × |average loss| = Σ pnl / T',
    unit: 'money',
    source: PRACTICE,
  },
  average_win: {
    definition: 'Mean pnl of winning trades.',
    formula: 'Σ wins / wins',
    unit: 'money',
    source: PRACTICE,
  },
  average_loss: {
    definition: 'Mean pnl of losing trades, a negative number.',
    formula: 'Σ losses / losses',
    unit: 'money',
    source: PRACTICE,
  },
  payoff_ratio: {
    definition: 'Average win over average loss; needs both.',
    formula: 'average win / |average loss|',
    unit: 'ratio',
    source: PRACTICE,
  },
  largest_win: {
    definition: 'Largest pnl of a winning trade.',
    formula: 'max wins',
    unit: 'money',
    source: PRACTICE,
  },
  largest_loss: {
    definition: 'Pnl of the worst losing trade, a negative number.',
    formula: 'min losses',
    unit: 'money',
    source: PRACTICE,
  },
  max_consecutive_losses: {
    definition:
      'Longest run of losing trades in order of exit; a trade at exactly zero ends a run.',
    formula: 'max run of pnl < 0',
    unit: 'count',
    source: PRACTICE,
  },
  average_trade_duration_ms: {
    definition: 'Mean time from entry to exit of closed trades.',
    formula: 'Σ (exit − entry) / T',
    unit: 'milliseconds',
    source: PRACTICE,
  },
  sqn: {
    definition:
      'System quality number over R multiples (pnl / initial risk) if every trade has an initial ' +
      'risk, else over pnl; needs 30 trades.',
    formula: '√min(T, 100) × mean(R) / stdev(R), ddof = 1',
    unit: 'ratio',
    source: 'V. K. Tharp, The Definitive Guide to Position Sizing, 2008',
  },
  kelly: {
    definition:
      'Share of capital per trade that maximises log growth ' +
      'if trades were independent bets of two ' +
      'outcomes; needs 30 trades.',
    formula: 'p − (1 − p) / payoff ratio, p = win rate',
    unit: 'fraction',
    source: 'J. L. Kelly, A New Interpretation of Information Rate, 1956',
  },
  ulcer_index: {
    definition: 'Root mean square of the drawdown over all bars, as a fraction.',
    formula: '√(Σ D_t² / N)',
    unit: 'fraction',
    source: "P. G. Martin, B. B. McCann, The Investor's Guide to Fidelity Funds, 1989",
  },
  recovery_factor: {
    definition: 'Net profit over the largest fall from a peak in money.',
    formula: 'net profit / max_t (max_{s ≤ t} E_s − E_t)',
    unit: 'ratio',
    source: PRACTICE,
  },
  turnover: {
    definition: 'Notional traded per year in multiples of the mean equity; needs 30 days.',
    formula: 'Σ |notional traded| / mean(E) × 365.25 / days',
    unit: 'ratio',
    source: PRACTICE,
  },
  fees: {
    definition: 'Fees paid, positive.',
    formula: 'Σ fees',
    unit: 'money',
    source: IDENTITY,
  },
  funding: {
    definition: 'Funding, positive when received.',
    formula: 'Σ funding',
    unit: 'money',
    source: IDENTITY,
  },
  slippage: {
    definition: 'Money lost between the model price and the fill price, positive.',
    formula: 'Σ slippage',
    unit: 'money',
    source: IDENTITY,
  },
  best_day: {
    definition: 'Largest daily UTC return; a day without a bar returns 0.',
    formula: 'max r',
    unit: 'fraction',
    source: PRACTICE,
  },
  worst_day: {
    definition: 'Smallest daily UTC return; a day without a bar returns 0.',
    formula: 'min r',
    unit: 'fraction',
    source: PRACTICE,
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof DEFINITIONS;

export const METRIC_NAMES = Object.keys(DEFINITIONS) as readonly MetricName[];

/** Symbols: E equity, r daily UTC return, N bars or days, T trades, D drawdown. */
export function describeMetric(name: MetricName): MetricDefinition {
  return DEFINITIONS[name];
}
