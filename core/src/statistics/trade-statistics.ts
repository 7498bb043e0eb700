// Counts and sums over closed trades in order of exit. A trade with a pnl of exactly 0 is neither a
// win nor a loss, and ends a run of losses.
import { RunningMoments } from './running-moments.js';

/** A closed trade. Money is float64 here: statistics are reported, never booked. */
export interface TradeStat {
  /** Gross − fees + funding. */
  readonly pnl: number;
  readonly grossPnl: number;
  readonly fees: number;
  readonly funding: number;
  readonly entryNotional: number;
  /** Money lost if the first stop fills at its trigger; null without a stop. */
  readonly initialRisk: number | null;
  readonly entryMs: number;
  readonly exitMs: number;
  readonly side: 'long' | 'short';
}

export interface TradeStatistics {
  readonly count: number;
  readonly wins: number;
  readonly losses: number;
  readonly winSum: number;
  /** Zero or negative. */
  readonly lossSum: number;
  readonly largestWin: number;
  /** Zero or negative. */
  readonly largestLoss: number;
  readonly longestLosingRun: number;
  readonly durationSumMs: number;
  readonly meanPnl: number;
  /** Moments of what the SQN uses: R multiples if every trade has an initial risk, else pnl. */
  readonly quality: { readonly mean: number; readonly deviation: number };
}

export function measureTrades(trades: readonly TradeStat[]): TradeStatistics {
  const pnls = new RunningMoments();
  const multiples = new RunningMoments();
  let [wins, losses, winSum, lossSum, largestWin, largestLoss] = [0, 0, 0, 0, 0, 0];
  let [losingRun, longestLosingRun, durationSumMs] = [0, 0, 0];
  for (const { pnl, initialRisk, entryMs, exitMs } of trades) {
    pnls.add(pnl);
    if (initialRisk !== null && initialRisk > 0) multiples.add(pnl / initialRisk);
    durationSumMs += exitMs - entryMs;
    losingRun = pnl < 0 ? losingRun + 1 : 0;
    longestLosingRun = Math.max(longestLosingRun, losingRun);
    if (pnl > 0) {
      wins += 1;
      winSum += pnl;
      largestWin = Math.max(largestWin, pnl);
    } else if (pnl < 0) {
      losses += 1;
      lossSum += pnl;
      largestLoss = Math.min(largestLoss, pnl);
    }
  }
  const quality = multiples.count === trades.length ? multiples : pnls;
  return {
    count: trades.length,
    wins,
    losses,
    winSum,
    lossSum,
    largestWin,
    largestLoss,
    longestLosingRun,
    durationSumMs,
    meanPnl: pnls.mean,
    quality: { mean: quality.mean, deviation: quality.sampleDeviation },
  };
}
