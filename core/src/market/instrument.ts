// The trading rules of one instrument, pinned in the session so that live and backtest round alike.
import { ONE, type Decimal, decimal, format } from '../decimal.js';

/** Linear instruments only; inverse and quanto are refused when the session is built. */
export interface Instrument {
  readonly symbol: string;
  readonly market: 'spot' | 'swap' | 'future';
  readonly base: string;
  readonly quote: string;
  readonly settle: string;
  /** Base units per contract. */
  readonly contractSize: Decimal;
  readonly tickSize: Decimal;
  readonly lotSize: Decimal;
  readonly minQuantity: Decimal;
  /** Largest quantity of one order; null = any, as where a session of an earlier host has none. */
  readonly maxQuantity?: Decimal | null;
  /** Largest quantity of one order at market, now or behind a trigger; null = `maxQuantity`. */
  readonly maxMarketQuantity?: Decimal | null;
  readonly minNotional: Decimal;
}

/** The filters as decimal strings, as they stand in session.json and in config. */
export interface InstrumentFilters {
  readonly symbol: string;
  readonly market?: 'spot' | 'swap' | 'future';
  readonly contract_size?: string;
  readonly tick_size: string;
  readonly lot_size: string;
  readonly min_quantity?: string;
  readonly max_quantity?: string;
  readonly max_market_quantity?: string;
  readonly min_notional?: string;
}

/** Currencies of a unified symbol `BASE/QUOTE[:SETTLE]`; undefined when it is not one. */
export function parseSymbol(
  symbol: string,
): { base: string; quote: string; settle: string | undefined } | undefined {
  const match = /^([^\s/:]{1,32})\/([^\s/:]{1,32})(?::([^\s/:]{1,48}))?$/.exec(symbol);
  if (match === null) return undefined;
  const [, base = '', quote = '', settle] = match;
  return { base, quote, settle };
}

/** Throws RangeError for an inverse or malformed symbol (`INSTRUMENT_UNSUPPORTED`). */
export function instrumentFrom(filters: InstrumentFilters): Instrument {
  const names = parseSymbol(filters.symbol);
  if (names === undefined) throw new RangeError(`symbol ${filters.symbol} is not BASE/QUOTE`);
  if (names.settle !== undefined && names.settle !== names.quote) {
    throw new RangeError(`${filters.symbol} is inverse or quanto; only linear contracts run`);
  }
  const lotSize = decimal(filters.lot_size);
  const minQuantity = filters.min_quantity === undefined ? lotSize : decimal(filters.min_quantity);
  return {
    symbol: filters.symbol,
    market: filters.market ?? (names.settle === undefined ? 'spot' : 'swap'),
    base: names.base,
    quote: names.quote,
    settle: names.settle ?? names.quote,
    contractSize: filters.contract_size === undefined ? ONE : decimal(filters.contract_size),
    tickSize: decimal(filters.tick_size),
    lotSize,
    minQuantity,
    maxQuantity: most(filters.max_quantity),
    maxMarketQuantity: most(filters.max_market_quantity),
    minNotional: decimal(filters.min_notional ?? '0'),
  };
}

function most(text: string | undefined): Decimal | null {
  return text === undefined ? null : decimal(text);
}

export function filtersOf(instrument: Instrument): InstrumentFilters {
  const { maxQuantity = null, maxMarketQuantity = null } = instrument;
  return {
    symbol: instrument.symbol,
    market: instrument.market,
    contract_size: format(instrument.contractSize),
    tick_size: format(instrument.tickSize),
    lot_size: format(instrument.lotSize),
    min_quantity: format(instrument.minQuantity),
    min_notional: format(instrument.minNotional),
    ...(maxQuantity === null ? {} : { max_quantity: format(maxQuantity) }),
    ...(maxMarketQuantity === null ? {} : { max_market_quantity: format(maxMarketQuantity) }),
  };
}
