// One run through the product's own way (file, setup, engine, report), and the same run by plain
// arithmetic, in one shape, so that a spec can hold them against each other.
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '@strategy-runner/contracts';
import { format } from '@strategy-runner/core';
import { afterAll } from 'vitest';
import { type BacktestResult, backtest } from '../../adapters/src/api/backtest.js';
import { buildReport } from '../../adapters/src/report/build-report.js';
import { type PlainBacktest, text } from './independent-backtester.js';
import type { PlainBar, PlainFill, PlainTrade } from './independent-terms.js';

export function aFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'independent-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface CrossRun {
  readonly data: string;
  readonly symbol: string;
  readonly timeframe: string;
  readonly cash: string;
  readonly feeBps: string;
  readonly slippageBps: string;
  readonly tick: string;
  readonly lot: string;
  readonly set: readonly string[];
  readonly funding?: string;
}

export interface Ran {
  readonly result: BacktestResult;
  readonly report: Report;
}

export async function runCross(folder: string, given: CrossRun): Promise<Ran> {
  const configPath = join(folder, 'run.json');
  const instrument = { tick_size: given.tick, lot_size: given.lot, min_notional: '0' };
  writeFileSync(configPath, JSON.stringify({ instrument }));
  const { data, symbol, timeframe, cash, feeBps, slippageBps, set, funding } = given;
  const result = await backtest({
    cwd: folder,
    strategy: 'sma-cross',
    data,
    symbol,
    timeframe,
    cash,
    feeBps,
    slippageBps,
    set,
    configPath,
    ...(funding === undefined ? {} : { funding }),
    sessionId: 'independent',
    clock: { now: () => 0 },
  });
  return { result, report: buildReport(result, { sessionId: null, sessionDir: null }) };
}

/** The rows of a bar file, prices as they stand there; times read by Date. */
export function readBars(path: string): readonly PlainBar[] {
  const [, ...lines] = readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  return lines.map((line) => {
    const [time = '', open = '', high = '', low = '', close = ''] = line.split(',');
    return { openMs: readTime(time), open, high, low, close };
  });
}

export function readTime(cell: string): number {
  if (/^\d+$/.test(cell)) return Number(cell);
  const iso = cell.replace(' ', 'T');
  return Date.parse(/Z$|[+-]\d\d:?\d\d$/.test(iso) ? iso : `${iso}Z`);
}

export interface Outcome {
  readonly fills: readonly PlainFill[];
  readonly trades: readonly PlainTrade[];
  readonly finalEquity: string;
  readonly fees: string;
  readonly funding: string;
}

export function outcomeOf({ result, report }: Ran): Outcome {
  const fills = result.collector.rows.filter((row) => row.kind === 'fill');
  return {
    fills: fills.map(({ ts, side, price, fee }) => {
      return { timeMs: ts, side, price: format(price), fee: format(fee) };
    }),
    trades: report.trades.map((trade) => ({
      side: trade.side,
      entryMs: trade.entry_time_ms,
      entryPrice: trade.entry_price,
      exitMs: trade.exit_time_ms,
      exitPrice: trade.exit_price,
      gross: trade.gross_pnl,
      fees: trade.fees,
      funding: trade.funding,
      pnl: trade.pnl,
    })),
    finalEquity: report.final_equity,
    fees: report.costs.fees,
    funding: report.costs.funding,
  };
}

export function plainOutcome(plain: PlainBacktest): Outcome {
  return {
    fills: plain.fills,
    trades: plain.trades,
    finalEquity: text(plain.equity.at(-1)!),
    fees: text(plain.paid.fees),
    funding: text(plain.paid.funding),
  };
}
