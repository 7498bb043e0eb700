// The metrics of closed trades. Ratios that a handful of trades would make meaningless need 30.
import { notAvailable, type Measurement, type NotAvailable } from './measurement.js';
import type { TradeStatistics } from './trade-statistics.js';

const MIN_TRADES = 30;
// The SQN stops growing with the number of trades here, after Van Tharp.
const SQN_TRADES_MAX = 100;
// Equal results differ in float64 by rounding; a deviation below this share of the mean is 0.
const RESULT_NOISE = 1e-12;

const NO_TRADE = notAvailable('The run closed no trade.');
const NO_WIN = notAvailable('No trade won.');
const NO_LOSS = notAvailable('No trade lost.');
const NO_VARIANCE = notAvailable('The results of the trades do not vary.');

export type TradeMetric =
  | 'trades'
  | 'win_rate'
  | 'profit_factor'
  | 'expectancy'
  | 'average_win'
  | 'average_loss'
  | 'payoff_ratio'
  | 'largest_win'
  | 'largest_loss'
  | 'max_consecutive_losses'
  | 'average_trade_duration_ms'
  | 'sqn'
  | 'kelly';

export function tradeMetrics(trades: TradeStatistics): Record<TradeMetric, Measurement> {
  const { count, wins, losses, winSum, lossSum, quality } = trades;
  const none = count > 0 ? undefined : NO_TRADE;
  const noWin = none ?? (wins > 0 ? undefined : NO_WIN);
  const noLoss = none ?? (losses > 0 ? undefined : NO_LOSS);
  const few = tooFew(count);
  const payoff = winSum / wins / (-lossSum / losses);
  const winRate = wins / count;
  const varies = quality.deviation > RESULT_NOISE * Math.abs(quality.mean);
  const sqn = Math.sqrt(Math.min(count, SQN_TRADES_MAX)) * (quality.mean / quality.deviation);
  return {
    trades: count,
    win_rate: none ?? winRate,
    profit_factor: noLoss ?? winSum / -lossSum,
    expectancy: none ?? trades.meanPnl,
    average_win: noWin ?? winSum / wins,
    average_loss: noLoss ?? lossSum / losses,
    payoff_ratio: noWin ?? noLoss ?? payoff,
    largest_win: noWin ?? trades.largestWin,
    largest_loss: noLoss ?? trades.largestLoss,
    max_consecutive_losses: none ?? trades.longestLosingRun,
    average_trade_duration_ms: none ?? trades.durationSumMs / count,
    sqn: few ?? (varies ? sqn : NO_VARIANCE),
    kelly: few ?? noWin ?? noLoss ?? winRate - (1 - winRate) / payoff,
  };
}

function tooFew(count: number): NotAvailable | undefined {
  if (count >= MIN_TRADES) return undefined;
  return notAvailable(`Needs ${MIN_TRADES} closed trades, the run has ${count}.`);
}
