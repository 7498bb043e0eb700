// What the local exchange plays: a file of bars, seeded walks, or both, from the same time on.
import { EXIT, RunnerError } from '../../errors.js';
import { loadBarsCsv } from '../../market-data/csv-bars.js';
import { loadFundingCsv } from '../../market-data/csv-funding.js';
import { parseTimeframe } from '../../market-data/timeframe.js';
import type { SymbolSetup } from '../../venue-server/exchange.js';
import { isSpotSymbol } from '../../venue-server/instrument.js';
import { seededWalk } from '../../venue-server/seeded-walk.js';
import type { MarketBar } from '../../venue-server/venue-state.js';

export interface SymbolArgs {
  readonly data?: string;
  readonly symbol?: string;
  readonly timeframe?: string;
  readonly funding?: string;
  readonly walk?: readonly string[];
  readonly history: number;
  readonly seed: number;
  readonly tick?: string;
  readonly lot?: string;
  readonly maxQuantity?: string;
  readonly maxMarketQuantity?: string;
  readonly time: 'file' | 'now';
}

const WALK_DEFAULT = 'BTC/USDT:USDT=50000';

export function symbolsOf(args: SymbolArgs, nowMs: number): readonly SymbolSetup[] {
  const file = args.data === undefined ? [] : [fromFile(args, args.data, nowMs)];
  const walks = args.walk ?? (args.data === undefined ? [WALK_DEFAULT] : []);
  const timeframeMs = file[0]?.timeframeMs ?? parseTimeframe(args.timeframe ?? '1m');
  const nowOpenMs = nowMs - (nowMs % timeframeMs) - args.history * timeframeMs;
  const startMs = file[0]?.startMs ?? nowOpenMs;
  const walked = walks.map((walk, index) => walkOf(args, walk, { index, startMs, timeframeMs }));
  return [...file.map(({ setup }) => setup), ...walked];
}

function fromFile(args: SymbolArgs, path: string, nowMs: number) {
  const bars = loadBarsCsv(path, args.timeframe === undefined ? {} : { timeframe: args.timeframe });
  const { columns, timeframeMs } = bars;
  const symbol = args.symbol ?? bars.symbol;
  if (symbol === undefined) {
    throw new RunnerError({
      code: 'USAGE',
      exitCode: EXIT.usage,
      message: `${path} does not say which symbol its bars are of`,
      next: 'add --symbol BTC/USDT:USDT',
    });
  }
  const history = Math.min(args.history, Math.max(1, columns.length - 1));
  const shiftMs =
    args.time === 'now' ? nowMs - (nowMs % timeframeMs) - columns.openMs[history]! : 0;
  function* played(): Generator<MarketBar, undefined> {
    for (let row = 0; row < columns.length; row++) {
      yield {
        openMs: columns.openMs[row]! + shiftMs,
        open: String(columns.open[row]),
        high: String(columns.high[row]),
        low: String(columns.low[row]),
        close: String(columns.close[row]),
        volume: String(columns.volume[row]),
      };
    }
  }
  const funding = args.funding === undefined ? undefined : fundingOf(args.funding, shiftMs);
  const tick = args.tick ?? `0.${'0'.repeat(Math.max(0, bars.priceDecimals - 1))}1`;
  const setup: SymbolSetup = {
    symbol,
    timeframeMs,
    bars: played(),
    history,
    tick: positive('--tick', tick),
    ...stepOf(args, symbol),
    ...mostOf(args),
    ...(funding === undefined ? {} : { funding }),
  };
  return { setup, timeframeMs, startMs: columns.openMs[0]! + shiftMs };
}

function fundingOf(path: string, shiftMs: number) {
  const { times, rateText } = loadFundingCsv(path);
  return rateText.map((rate, row) => ({ timeMs: times[row]! + shiftMs, rate }));
}

interface WalkPlace {
  readonly index: number;
  readonly startMs: number;
  readonly timeframeMs: number;
}

function walkOf(args: SymbolArgs, walk: string, place: WalkPlace): SymbolSetup {
  const [symbol = '', price = ''] = walk.split('=');
  const tick = args.tick ?? (Number(price) >= 1000 ? '0.1' : '0.0001');
  const { startMs, timeframeMs } = place;
  const seed = args.seed + place.index;
  const from = positive(`--walk ${symbol}`, price);
  return {
    symbol,
    timeframeMs,
    tick: positive('--tick', tick),
    ...stepOf(args, symbol),
    ...mostOf(args),
    history: args.history,
    bars: seededWalk({ seed, startMs, timeframeMs, price: from, tick }),
  };
}

/** Spot has a finer step of its own. */
function stepOf({ lot }: SymbolArgs, symbol: string): { readonly step?: string } {
  if (lot === undefined) return isSpotSymbol(symbol) ? {} : { step: '0.001' };
  return { step: positive('--lot', lot) };
}

function mostOf({ maxQuantity: most, maxMarketQuantity: atMarket }: SymbolArgs) {
  return {
    ...(most === undefined ? {} : { maxQuantity: positive('--max-quantity', most) }),
    ...(atMarket === undefined
      ? {}
      : { maxMarketQuantity: positive('--max-market-quantity', atMarket) }),
  };
}

export function positive(option: string, value: string): string {
  if (/^\d+(?:\.\d+)?$/.test(value) && Number(value) > 0) return value;
  throw new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `${option} ${value} is not a positive number`,
    next: 'give it like --cash 10000, --tick 0.1 or --walk ETH/USDT:USDT=3000',
  });
}
