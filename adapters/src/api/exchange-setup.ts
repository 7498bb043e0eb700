// Everything that a run on an exchange's own bars needs, resolved once: plugin, instrument as the
// exchange lists it, the bars that have closed so far, and for a real account its cash.
import { type BarRow, filtersOf, instrumentFrom, timeframeMsOf } from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';
import type { ExchangeClient } from '../venue/ccxt/exchange-client.js';
import { lastClosedBars } from '../venue/ccxt/history.js';
import { filtersOfSymbol } from '../venue/ccxt/instruments.js';
import { type InstrumentChoice, instrumentOf } from './instrument-rules.js';
import { pick } from './pick.js';
import type { ResolvedConfig } from './run-config.js';
import { type KnownBars, type PluginOptions, type Setup, completeSetup } from './setup.js';

export interface ExchangeSetupOptions extends PluginOptions {
  readonly client: ExchangeClient;
  readonly resolved: ResolvedConfig;
  readonly symbol: string;
  readonly timeframe: string;
  /** Cash of the account where a real one is traded; omitted = that of the config. */
  readonly cash?: string;
  /** Whether stops can rest at the exchange. */
  readonly holdsStops: boolean;
}

/** Bars beyond the warm-up, so that a restart after a short break finds its place among them. */
const SPARE_BARS = 100;

/** Errors: SYMBOL_UNKNOWN, INSTRUMENT_UNSUPPORTED, PLUGIN_*, VENUE_UNAVAILABLE (69). */
export async function setUpOnExchange(options: ExchangeSetupOptions): Promise<Setup> {
  const { client, symbol, timeframe, cash, holdsStops } = options;
  const timeframeMs = timeframeMsOf(timeframe);
  if (timeframeMs === undefined) throw noTimeframe(timeframe);
  const { config } = options.resolved;
  const { simulation } = config;
  const venueHolds = simulation.venue_holds_stops && holdsStops;
  const adjusted = {
    ...config,
    cash: cash ?? config.cash,
    simulation: { ...simulation, venue_holds_stops: venueHolds, exits_compete: holdsStops },
  };
  const barsFor = (warmupBars: number): Promise<KnownBars> =>
    barsOf(client, { symbol, timeframe, timeframeMs }, warmupBars + SPARE_BARS);
  return completeSetup(options, {
    resolved: { ...options.resolved, config: adjusted },
    timeframe,
    barsFor,
    symbol,
    choice: choiceOf(client, symbol, options.resolved),
    // What the exchange decides is no premise: a new tick or another balance does not end a
    // session.
    unpinned: cash === undefined ? ['instrument'] : ['cash', 'instrument'],
  });
}

function choiceOf(
  client: ExchangeClient,
  symbol: string,
  { config }: ResolvedConfig,
): InstrumentChoice {
  const listed = filtersOf(instrumentFrom(filtersOfSymbol(client.exchange, symbol)));
  const known = {
    tickSize: listed.tick_size,
    lotSize: listed.lot_size,
    minQuantity: listed.min_quantity!,
    minNotional: listed.min_notional!,
    ...pick('maxQuantity', listed.max_quantity),
    ...pick('maxMarketQuantity', listed.max_market_quantity),
  };
  const { market } = listed;
  const asListed = { ...config, instrument: { ...config.instrument, market: market! } };
  return instrumentOf(symbol, asListed, known);
}

interface Series {
  readonly symbol: string;
  readonly timeframe: string;
  readonly timeframeMs: number;
}

async function barsOf(client: ExchangeClient, series: Series, count: number): Promise<KnownBars> {
  const reading = await lastClosedBars(client, series, count);
  if (!reading.ok) throw unavailable(client.id, reading.detail);
  return knownBars(client.id, series, reading.value);
}

function knownBars(source: string, series: Series, rows: readonly BarRow[]): KnownBars {
  const column = (name: 'openMs' | 'open' | 'high' | 'low' | 'close' | 'volume'): Float64Array =>
    Float64Array.from(rows, (row) => row[name]);
  return {
    path: source,
    columns: {
      length: rows.length,
      openMs: column('openMs'),
      open: column('open'),
      high: column('high'),
      low: column('low'),
      close: column('close'),
      volume: column('volume'),
    },
    timeframe: series.timeframe,
    timeframeMs: series.timeframeMs,
    hash: null,
    priceDecimals: 0,
    cleanedPrices: 0,
    gaps: { count: 0, missingBars: 0 } as KnownBars['gaps'],
    rows: rows.length,
    hasVolume: true,
    synthetic: false,
    symbol: series.symbol,
    filters: {},
  };
}

export function unavailable(exchange: string, detail: string): RunnerError {
  return new RunnerError({
    code: 'VENUE_UNAVAILABLE',
    exitCode: EXIT.venueUnavailable,
    message: `${exchange} does not answer as it should`,
    why: detail,
    next: 'look at the status page of the exchange and start again; nothing was sent',
  });
}

function noTimeframe(timeframe: string): RunnerError {
  return new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `--timeframe ${timeframe} is no bar length`,
    next: 'give one such as --timeframe 1m, 5m or 1h',
  });
}
