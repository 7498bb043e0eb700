// The real ccxt client for spot, pointed at a local exchange of the test's own; as for futures,
// every address that it knows is checked to be loopback.
import ccxt from 'ccxt';
import type { SymbolSetup } from '../../adapters/src/venue-server/exchange.js';
import type { RunningVenue, VenueOptions } from '../../adapters/src/venue-server/start-venue.js';
import { MINUTE_MS, aVenue, barsThrough } from './ccxt-client.js';

export const SPOT = 'BTC/USDT';
export const OTHER_SPOT = 'ETH/USDT';

export type SpotClient = InstanceType<typeof ccxt.pro.binance>;
export type RawEvent = Readonly<Record<string, unknown>> & { readonly e: string };

/** Keeps every message before it is parsed. */
export class RawSpotClient extends ccxt.pro.binance {
  readonly raw: RawEvent[] = [];

  override handleMessage(socket: never, message: never): unknown {
    const event = ((message as { event?: object }).event ?? message) as Partial<RawEvent>;
    if (typeof event.e === 'string') this.raw.push(event as RawEvent);
    return super.handleMessage(socket, message);
  }

  named(name: string): readonly RawEvent[] {
    return this.raw.filter(({ e }) => e === name);
  }

  /** The order events so far, as [execution, status, cumulative quantity]. */
  executions(): readonly (readonly unknown[])[] {
    return this.named('executionReport').map(({ x, X, z }) => [x, X, z]);
  }
}

export function aSpotSymbol(
  closes: readonly string[],
  more: Partial<SymbolSetup> = {},
): SymbolSetup {
  const bars = barsThrough(closes);
  return { symbol: SPOT, timeframeMs: MINUTE_MS, liquidity: '2', bars, ...more };
}

export function aSpotVenue(options: Partial<VenueOptions> = {}): Promise<RunningVenue> {
  return aVenue({
    symbols: [aSpotSymbol(['50000', '50100', '49900', '50000', '50000'])],
    spotBase: '3',
    ...options,
  });
}

export interface SpotOptions {
  readonly timeout?: number;
  readonly apiKey?: string;
  readonly secret?: string;
}

export async function aSpotClient(venue: RunningVenue, options: SpotOptions = {}) {
  const client = new RawSpotClient({
    apiKey: options.apiKey ?? venue.credentials.apiKey,
    secret: options.secret ?? venue.credentials.secret,
    timeout: options.timeout ?? 5000,
    rateLimit: 1,
    options: {
      defaultType: 'spot',
      fetchCurrencies: false,
      fetchMargins: false,
      fetchMarkets: { types: ['spot'] },
      fetchOpenOrders: { warnWithoutSymbol: false },
    },
  });
  const { url, port } = venue;
  const api = client.urls['api'] as Record<string, unknown>;
  for (const name of Object.keys(api)) if (typeof api[name] === 'string') api[name] = `${url}/none`;
  const base = `${url}/api/v3`;
  const ws = `ws://127.0.0.1:${port}`;
  Object.assign(api, {
    public: base,
    private: base,
    ws: { spot: `${ws}/stream/ws`, 'ws-api': { spot: `${ws}/ws-api/v3` } },
  });
  for (const address of strings(api)) {
    if (!/^(?:http|ws):\/\/127\.0\.0\.1:/.test(address)) {
      throw new Error(`${address} is not loopback`);
    }
  }
  await client.loadHttpProxyAgent();
  // ccxt picks the error table by the real host's address, which a loopback address has not.
  const tables = client.exceptions as Record<string, Record<string, object>>;
  Object.assign(tables['exact']!, tables['spot']!['exact']);
  return client;
}

function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}

/** Opens the user stream and keeps it, without waiting for an order to come. */
export async function openSpotStream(client: SpotClient, isOpen: () => boolean): Promise<void> {
  void keep(client);
  const until = Date.now() + 5000;
  while (!isOpen()) {
    if (Date.now() > until) throw new Error('the user stream did not open');
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

async function keep(client: SpotClient): Promise<void> {
  try {
    for (;;) await client.watchOrders();
  } catch {
    // Closed by the test, or broken by the fault that it shows.
  }
}
