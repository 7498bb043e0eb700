// `runner venue`: the local exchange, on loopback, until SIGINT or SIGTERM. What a client needs to
// know of it is printed on stdout once it listens.
import { SystemClock } from '../../clock/system-clock.js';
import { EXIT, RunnerError } from '../../errors.js';
import { loadBarsCsv } from '../../market-data/csv-bars.js';
import { loadFundingCsv } from '../../market-data/csv-funding.js';
import { parseSpeed } from '../../market-data/file-feed.js';
import { parseTimeframe } from '../../market-data/timeframe.js';
import { refuseInProd } from '../../safety/production.js';
import type { SymbolSetup } from '../../venue-server/exchange.js';
import { exchangeSymbol } from '../../venue-server/instrument.js';
import type { Speed } from '../../venue-server/player.js';
import { seededWalk } from '../../venue-server/seeded-walk.js';
import { type RunningVenue, startVenue } from '../../venue-server/start-venue.js';
import type { MarketBar } from '../../venue-server/venue-state.js';

export interface VenueArgs {
  readonly data?: string;
  readonly symbol?: string;
  readonly timeframe?: string;
  readonly funding?: string;
  readonly walk?: readonly string[];
  readonly history: number;
  readonly speed: string;
  readonly port: number;
  readonly cash: string;
  readonly seed: number;
  readonly tick?: string;
  readonly lot?: string;
  readonly time: 'file' | 'now';
  readonly log?: string;
  readonly json: boolean;
}

const WALK_DEFAULT = 'BTC/USDT:USDT=50000';

export async function runVenueCommand(args: VenueArgs): Promise<number> {
  refuseInProd('runner venue', process.env);
  const clock = new SystemClock();
  // Given by a caller that starts it again and wants to find the same one.
  const identityKey = process.env['RUNNER_VENUE_IDENTITY_KEY'];
  const venue = await startVenue({
    symbols: symbolsOf(args, clock.now()),
    cash: positive('--cash', args.cash),
    seed: args.seed,
    port: args.port,
    speed: speedOf(args.speed),
    clock,
    ...(args.log === undefined ? {} : { logPath: args.log }),
    ...(identityKey === undefined ? {} : { identityKey }),
  }).catch((error: unknown) => {
    throw cannotListen(args.port, error);
  });
  process.stdout.write(args.json ? json(venue, args) : text(venue, args));
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  await venue.stop();
  return EXIT.ok;
}

function symbolsOf(args: VenueArgs, nowMs: number): readonly SymbolSetup[] {
  const file = args.data === undefined ? [] : [fromFile(args, args.data, nowMs)];
  const walks = args.walk ?? (args.data === undefined ? [WALK_DEFAULT] : []);
  const timeframeMs = file[0]?.timeframeMs ?? parseTimeframe(args.timeframe ?? '1m');
  const nowOpenMs = nowMs - (nowMs % timeframeMs) - args.history * timeframeMs;
  const startMs = file[0]?.startMs ?? nowOpenMs;
  const walked = walks.map((walk, index) => walkOf(args, walk, { index, startMs, timeframeMs }));
  return [...file.map(({ setup }) => setup), ...walked];
}

function fromFile(args: VenueArgs, path: string, nowMs: number) {
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
    step: positive('--lot', args.lot ?? '0.001'),
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

function walkOf(args: VenueArgs, walk: string, place: WalkPlace): SymbolSetup {
  const [symbol = '', price = ''] = walk.split('=');
  const tick = args.tick ?? (Number(price) >= 1000 ? '0.1' : '0.0001');
  const { startMs, timeframeMs } = place;
  const seed = args.seed + place.index;
  const from = positive(`--walk ${symbol}`, price);
  return {
    symbol,
    timeframeMs,
    tick: positive('--tick', tick),
    step: positive('--lot', args.lot ?? '0.001'),
    history: args.history,
    bars: seededWalk({ seed, startMs, timeframeMs, price: from, tick }),
  };
}

function speedOf(speed: string): Speed {
  if (speed === 'step') return 'step';
  const pace = parseSpeed(speed);
  return pace === Infinity ? 'max' : pace;
}

function positive(option: string, value: string): string {
  if (/^\d+(?:\.\d+)?$/.test(value) && Number(value) > 0) return value;
  throw new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `${option} ${value} is not a positive number`,
    next: 'give it like --cash 10000, --tick 0.1 or --walk ETH/USDT:USDT=3000',
  });
}

function cannotListen(port: number, error: unknown): unknown {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  if (!isTaken) return error;
  return new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `port ${port} is taken`,
    next: 'leave --port out to get a free one',
    cause: error,
  });
}

function json(venue: RunningVenue, args: VenueArgs): string {
  const { apiKey, secret } = venue.credentials;
  const document = {
    schema: 'runner.venue/1',
    url: venue.url,
    stream_url: venue.url.replace('http', 'ws'),
    port: venue.port,
    api_key: apiKey,
    secret,
    identity_key: venue.identityKey,
    symbols: [...venue.state.instruments.keys()],
    speed: args.speed,
  };
  return `${JSON.stringify(document)}\n`;
}

function text(venue: RunningVenue, args: VenueArgs): string {
  const symbols = [...venue.state.instruments.keys()].map(exchangeSymbol).join(', ');
  const lines = [
    `local exchange   ${venue.url}  (streams: ${venue.url.replace('http', 'ws')}/ws)`,
    `symbols          ${symbols}, speed ${args.speed}`,
    `api key, secret  ${venue.credentials.apiKey}, ${venue.credentials.secret}`,
    `identity key     ${venue.identityKey}`,
    `step a bar       curl -d '{"bars":1}' ${venue.url}/admin/step`,
    `truth            curl ${venue.url}/admin/truth`,
  ];
  return `${lines.join('\n')}\n`;
}
