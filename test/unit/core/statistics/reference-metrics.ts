// The metrics again, written from their definitions the long way: whole arrays, Date for calendar
// days, one loop per number. It shares no code with core and knows nothing of N/A.
import type { MetricName, MetricsInput } from '../../../../core/src/statistics/index.js';

const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const mean = (xs: readonly number[]): number => sum(xs) / xs.length;
const spread = (xs: readonly number[]): number => {
  const center = mean(xs);
  return Math.sqrt(sum(xs.map((x) => (x - center) ** 2)) / (xs.length - 1));
};

export function referenceMetrics(input: MetricsInput): Record<MetricName, number> {
  return { ...ofEquity(input), ...ofTrades(input), ...input.costs };
}

function dayOf(ms: number): string {
  return new Date(ms - 1).toISOString().slice(0, 10);
}

function dailyReturns(input: MetricsInput): number[] {
  const closes = new Map<string, number>();
  for (let i = 0; i < input.length; i += 1) closes.set(dayOf(input.times[i]!), input.equity[i]!);
  const lastDay = dayOf(input.times[input.length - 1]!);
  const day = new Date(`${dayOf(input.times[0]!)}T00:00:00Z`);
  const returns: number[] = [];
  let before = input.initialEquity;
  for (;;) {
    const name = day.toISOString().slice(0, 10);
    const close = closes.get(name) ?? before;
    returns.push(close / before - 1);
    before = close;
    if (name === lastDay) return returns;
    day.setUTCDate(day.getUTCDate() + 1);
  }
}

function ofEquity(input: MetricsInput) {
  const { initialEquity, length, timeframeMs } = input;
  const start = input.times[0]! - timeframeMs;
  const times = [start, ...input.times.slice(0, length)];
  const equity = [initialEquity, ...input.equity.slice(0, length)];
  const final = equity[length]!;
  const peaks = equity.map((_, t) => Math.max(...equity.slice(0, t + 1)));
  const drawdowns = equity.map((e, t) => 1 - e / peaks[t]!);
  const falls = equity.map((e, t) => peaks[t]! - e);
  const durations = equity.map((_, t) => {
    const isPeak = falls[t] === 0;
    const next = falls.findIndex((fall, s) => s > t && fall === 0);
    const end = next === -1 ? length : next;
    return isPeak && end > t && falls[t + 1]! > 0 ? times[end]! - times[t]! : 0;
  });
  const returns = dailyReturns(input);
  const days = (times[length]! - start) / 86_400_000;
  const cagr = Math.pow(final / initialEquity, 365.25 / days) - 1;
  const downside = Math.sqrt(mean(returns.map((r) => Math.min(r, 0) ** 2)));
  return {
    final_equity: final,
    net_profit: final - initialEquity,
    total_return: final / initialEquity - 1,
    cagr,
    volatility: spread(returns) * Math.sqrt(365),
    sharpe: (mean(returns) / spread(returns)) * Math.sqrt(365),
    sortino: (mean(returns) / downside) * Math.sqrt(365),
    calmar: cagr / Math.max(...drawdowns),
    max_drawdown: Math.max(...drawdowns),
    max_drawdown_duration_ms: Math.max(...durations),
    exposure: input.barsInPosition / length,
    ulcer_index: Math.sqrt(sum(drawdowns.map((d) => d ** 2)) / length),
    recovery_factor: (final - initialEquity) / Math.max(...falls),
    turnover: (input.turnover / mean(equity.slice(1))) * (365.25 / days),
    best_day: Math.max(...returns),
    worst_day: Math.min(...returns),
  };
}

function ofTrades({ trades }: MetricsInput) {
  const pnls = trades.map((trade) => trade.pnl);
  const wins = pnls.filter((pnl) => pnl > 0);
  const losses = pnls.filter((pnl) => pnl < 0);
  const winRate = wins.length / trades.length;
  const lossRate = losses.length / trades.length;
  const payoff = mean(wins) / Math.abs(mean(losses));
  const hasRisk = trades.every((trade) => trade.initialRisk !== null);
  const results = hasRisk ? trades.map((trade) => trade.pnl / (trade.initialRisk ?? 0)) : pnls;
  const runs = pnls
    .map((pnl) => (pnl < 0 ? 'L' : '-'))
    .join('')
    .split('-');
  return {
    trades: trades.length,
    win_rate: winRate,
    profit_factor: sum(wins) / Math.abs(sum(losses)),
    expectancy: winRate * mean(wins) - lossRate * Math.abs(mean(losses)),
    average_win: mean(wins),
    average_loss: mean(losses),
    payoff_ratio: payoff,
    largest_win: Math.max(...wins),
    largest_loss: Math.min(...losses),
    max_consecutive_losses: Math.max(...runs.map((run) => run.length)),
    average_trade_duration_ms: mean(trades.map((trade) => trade.exitMs - trade.entryMs)),
    sqn: (Math.sqrt(Math.min(trades.length, 100)) * mean(results)) / spread(results),
    kelly: winRate - (1 - winRate) / payoff,
  };
}
