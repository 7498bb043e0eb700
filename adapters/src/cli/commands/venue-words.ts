// What `runner venue` tells about itself: addresses, made-up keys, a config file for `runner live`
// and the command that goes with it.
import { readFileSync, writeFileSync } from 'node:fs';
import { EXIT, RunnerError } from '../../errors.js';
import { writeFailed } from '../../store/store-error.js';
import type { RunningVenue } from '../../venue-server/start-venue.js';

export interface WordArgs {
  readonly speed: string;
  readonly writeConfig?: string;
}

/** How a market of the venue is reached as an account of the runner. */
interface LocalAccount {
  readonly name: string;
  readonly exchange: 'binanceusdm' | 'binance';
  readonly symbol: string;
}

export function json(venue: RunningVenue, args: WordArgs): string {
  const { apiKey, secret } = venue.credentials;
  const document = {
    schema: 'runner.venue/1',
    url: venue.url,
    stream_url: streamUrl(venue),
    port: venue.port,
    api_key: apiKey,
    secret,
    identity_key: venue.identityKey,
    symbols: [...venue.state.instruments.keys()],
    spot_symbols: [...venue.spot.instruments.keys()],
    speed: args.speed,
    accounts: accountsJson(venue),
  };
  return `${JSON.stringify(document)}\n`;
}

export function text(venue: RunningVenue, args: WordArgs): string {
  const futures = [...venue.state.instruments.keys()].join(', ') || 'none';
  const spot = [...venue.spot.instruments.keys()].join(', ') || 'none';
  const lines = [
    `local exchange   ${venue.url}  (streams: ${streamUrl(venue)}/ws)`,
    `symbols          futures ${futures}; spot ${spot}; speed ${args.speed}`,
    `api key, secret  ${venue.credentials.apiKey}, ${venue.credentials.secret}`,
    `identity key     ${venue.identityKey}`,
    `step a bar       curl -d '{"bars":1}' ${venue.url}/admin/step`,
    `truth            curl ${venue.url}/admin/truth`,
    '',
    ...liveLines(venue, args),
  ];
  return `${lines.join('\n')}\n`;
}

/** Puts the accounts into the file; whatever else it holds stays. Errors: STORE_WRITE_FAILED. */
export function writeConfig(venue: RunningVenue, path: string): void {
  const known = readConfig(path);
  const accounts = { ...known.accounts, ...accountsJson(venue) };
  const config = JSON.stringify({ ...known, accounts }, undefined, 2);
  try {
    writeFileSync(path, `${config}\n`, { mode: 0o600 });
  } catch (error) {
    throw writeFailed(path, error);
  }
}

function liveLines(venue: RunningVenue, { writeConfig }: WordArgs): readonly string[] {
  if (writeConfig === undefined) {
    return ['To trade on it: start it with --write-config venue.json, which prints the command.'];
  }
  const { apiKey, secret } = venue.credentials;
  return [
    `Accounts are in ${writeConfig}. In another terminal:`,
    '',
    `  export RUNNER_API_KEY=${apiKey} RUNNER_API_SECRET=${secret}`,
    ...accountsOf(venue).map(
      ({ name, exchange, symbol }) =>
        `  runner live --strategy breakout --exchange ${exchange} --account ${name} ` +
        `--mode live --config ${writeConfig} --symbol ${symbol} --timeframe ${timeframe(venue)}`,
    ),
  ];
}

function timeframe({ state, spot }: RunningVenue): string {
  const [market] = [...state.markets.values(), ...spot.markets.values()];
  const minutes = (market?.timeframeMs ?? 60_000) / 60_000;
  if (minutes % 1440 === 0) return `${minutes / 1440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}

function accountsJson(venue: RunningVenue): Readonly<Record<string, object>> {
  const reached = {
    rest_url: venue.url,
    stream_url: streamUrl(venue),
    identity_key: venue.identityKey,
  };
  return Object.fromEntries(
    accountsOf(venue).map(({ name, exchange }) => [name, { exchange, ...reached }]),
  );
}

function accountsOf({ state, spot }: RunningVenue): readonly LocalAccount[] {
  const [perpetual] = state.instruments.values();
  const [coin] = spot.instruments.values();
  const accounts: LocalAccount[] = [];
  if (perpetual !== undefined) {
    const { base, quote } = perpetual;
    const symbol = `${base}/${quote}:${quote}`;
    accounts.push({ name: 'local', exchange: 'binanceusdm', symbol });
  }
  if (coin !== undefined) {
    const name = accounts.length === 0 ? 'local' : 'local-spot';
    accounts.push({ name, exchange: 'binance', symbol: `${coin.base}/${coin.quote}` });
  }
  return accounts;
}

function streamUrl({ url }: RunningVenue): string {
  return url.replace('http', 'ws');
}

interface Config {
  readonly accounts?: object;
}

function readConfig(path: string): Config {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch {
    return {};
  }
  try {
    const value = JSON.parse(content) as Config | null;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below, as for any other content.
  }
  throw new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `${path} is there already and is no JSON object`,
    next: 'give --write-config another file',
  });
}
