// The real ccxt client, pointed at a local exchange of the test's own. Nothing can leave the
// machine: every address that the client knows is checked to be loopback.
import ccxt, { type binanceusdm } from 'ccxt';
import type { SymbolSetup } from '../../adapters/src/venue-server/exchange.js';
import {
  type RunningVenue,
  type VenueOptions,
  startVenue,
} from '../../adapters/src/venue-server/start-venue.js';
import type { MarketBar } from '../../adapters/src/venue-server/venue-state.js';

export const SYMBOL = 'BTC/USDT:USDT';
export const OTHER_SYMBOL = 'ETH/USDT:USDT';
/** A minute shortly before a funding time. */
export const START_MS = Date.UTC(2024, 0, 1, 7, 50);

export const MINUTE_MS = 60_000;

/** Bars of one minute from closes; each opens at the close before it. */
export function barsThrough(closes: readonly string[], startMs = START_MS): readonly MarketBar[] {
  return closes.map((close, index) => {
    const open = closes[index - 1] ?? close;
    const [low, high] = Number(open) < Number(close) ? [open, close] : [close, open];
    return { openMs: startMs + index * MINUTE_MS, open, high, low, close, volume: '100' };
  });
}

export function aSymbol(closes: readonly string[], more: Partial<SymbolSetup> = {}): SymbolSetup {
  const bars = barsThrough(closes);
  return { symbol: SYMBOL, timeframeMs: MINUTE_MS, liquidity: '2', bars, ...more };
}

export function aVenue(options: Partial<VenueOptions> = {}): Promise<RunningVenue> {
  return startVenue({
    symbols: [aSymbol(['50000', '50100', '49900', '50000', '50000'])],
    cash: '100000',
    seed: 1,
    clock: { now: () => Date.now() },
    ...options,
  });
}

export type UsdmClient = InstanceType<typeof ccxt.pro.binanceusdm>;

export interface ClientOptions {
  readonly timeout?: number;
  readonly secret?: string;
  readonly apiKey?: string;
  readonly client?: typeof ccxt.pro.binanceusdm;
}

export async function aClient(venue: RunningVenue, options: ClientOptions = {}) {
  const Client = options.client ?? ccxt.pro.binanceusdm;
  const base: UsdmClient = new Client({
    apiKey: options.apiKey ?? venue.credentials.apiKey,
    secret: options.secret ?? venue.credentials.secret,
    timeout: options.timeout ?? 5000,
    rateLimit: 1,
    options: {
      fetchCurrencies: false,
      fetchOpenOrders: { warnWithoutSymbol: false },
      setMarginMode: { throwMarginModeAlreadySet: false },
    },
  });
  redirect(base.urls, venue);
  await base.loadHttpProxyAgent();
  // ccxt picks the error table by the real host's address, which a loopback address has not.
  const tables = base.exceptions as Record<string, Record<string, object>>;
  Object.assign(tables['exact']!, tables['linear']!['exact']);
  return base;
}

function redirect(urls: binanceusdm['urls'], { url, port }: RunningVenue): void {
  const api = urls['api'] as Record<string, unknown>;
  for (const name of Object.keys(api)) if (typeof api[name] === 'string') api[name] = `${url}/none`;
  Object.assign(api, {
    fapiPublic: `${url}/fapi/v1`,
    fapiPublicV2: `${url}/fapi/v2`,
    fapiPublicV3: `${url}/fapi/v3`,
    fapiPrivate: `${url}/fapi/v1`,
    fapiPrivateV2: `${url}/fapi/v2`,
    fapiPrivateV3: `${url}/fapi/v3`,
    fapiData: `${url}/futures/data`,
    ws: {
      future: `ws://127.0.0.1:${port}/ws`,
      'ws-api': { future: `ws://127.0.0.1:${port}/ws-fapi/v1` },
    },
  });
  for (const address of strings(api)) {
    if (!/^(?:http|ws):\/\/127\.0\.0\.1:/.test(address)) {
      throw new Error(`${address} is not loopback`);
    }
  }
}

function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}

/** A call to the admin port. */
export async function admin(
  venue: RunningVenue,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${venue.url}/admin/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as Record<string, unknown>;
}

/** The name of the class and the text of what a promise was rejected with. */
export async function failure(promise: Promise<unknown>): Promise<{ name: string; text: string }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return { name: error.constructor.name, text: error.message };
    throw error;
  }
  throw new Error('the call succeeded');
}
