// The trading rules of a symbol, from the venue's own filters where they are known: their text is
// exact, ccxt's floats are not. Linear contracts and spot only; amounts are in base units.
import type { InstrumentFilters } from '@strategy-runner/core';
import { decimal, format, multiply } from '@strategy-runner/core';
import type { Exchange } from 'ccxt';
import { EXIT, RunnerError } from '../../errors.js';
import { type Row, rowOf, textOf } from './reading.js';

/** What is used of a ccxt market. */
interface MarketShape {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly spot?: boolean;
  readonly swap?: boolean;
  readonly future?: boolean;
  readonly linear?: boolean | undefined;
  readonly active?: boolean | undefined;
  readonly contractSize?: number | undefined;
  readonly precision: { readonly amount?: number; readonly price?: number };
  readonly limits: {
    readonly amount?: { readonly min?: number | undefined; readonly max?: number | undefined };
    readonly market?: { readonly max?: number | undefined };
    readonly cost?: { readonly min?: number | undefined };
  };
  readonly info: unknown;
}

const NAMES_SHOWN = 5;

/** Errors: SYMBOL_UNKNOWN, INSTRUMENT_UNSUPPORTED. After the markets have been loaded. */
export function filtersOfSymbol(exchange: Exchange, symbol: string): InstrumentFilters {
  const market = (exchange.markets ?? {})[symbol] as MarketShape | undefined;
  if (market === undefined) throw unknownSymbol(exchange, symbol);
  const isLinear = market.spot === true || market.linear === true;
  const kind = market.spot === true ? 'spot' : market.swap === true ? 'swap' : 'future';
  if (!isLinear || (kind === 'future' && market.future !== true)) {
    throw unsupported(symbol, 'it is inverse, quanto or an option; linear contracts and spot run');
  }
  try {
    return { symbol, market: kind, contract_size: '1', ...rulesOf(exchange, market) };
  } catch (error) {
    throw unsupported(symbol, error instanceof Error ? error.message : String(error));
  }
}

type Rules = Omit<InstrumentFilters, 'symbol' | 'market' | 'contract_size'>;

function rulesOf(exchange: Exchange, market: MarketShape): Rules {
  const filters = binanceFilters(market.info);
  return filters === undefined ? unifiedRules(exchange, market) : binanceRules(filters);
}

function binanceFilters(info: unknown): ReadonlyMap<string, Row> | undefined {
  const listed = typeof info === 'object' && info !== null ? (info as Row)['filters'] : undefined;
  if (!Array.isArray(listed)) return undefined;
  return new Map(listed.map(rowOf).map((row) => [textOf(row, 'filterType'), row]));
}

function binanceRules(filters: ReadonlyMap<string, Row>): Rules {
  const price = need(filters, 'PRICE_FILTER');
  const lot = need(filters, 'LOT_SIZE');
  const market = filters.get('MARKET_LOT_SIZE');
  const notional = filters.get('MIN_NOTIONAL') ?? filters.get('NOTIONAL');
  const least = notional?.['notional'] ?? notional?.['minNotional'] ?? '0';
  // A quantity has to fit as a limit and, when it must out at once, as a market order.
  const steps = [lot, market].flatMap((row) =>
    row === undefined ? [] : [textOf(row, 'stepSize')],
  );
  const minima = [lot, market].flatMap((row) => (row === undefined ? [] : [textOf(row, 'minQty')]));
  return {
    tick_size: positive('tickSize', textOf(price, 'tickSize')),
    lot_size: positive('stepSize', largest(steps)),
    min_quantity: largest(minima),
    min_notional: plain(String(least)),
    ...limit('max_quantity', lot['maxQty']),
    ...limit('max_market_quantity', market?.['maxQty']),
  };
}

function unifiedRules(exchange: Exchange, market: MarketShape): Rules {
  const size = decimal(text(exchange, market.contractSize ?? 1));
  const inBase = (contracts: number): string =>
    format(multiply(decimal(text(exchange, contracts)), size));
  const { amount, price } = market.precision;
  if (amount === undefined || price === undefined) throw new TypeError('the venue tells no tick');
  const { limits } = market;
  const minimum = limits.amount?.min;
  const most = (name: MaximumName, max: number | undefined) =>
    max === undefined || max <= 0 ? {} : { [name]: inBase(max) };
  return {
    tick_size: positive('tick', text(exchange, step(exchange, price))),
    lot_size: positive('lot', inBase(step(exchange, amount))),
    ...(minimum === undefined ? {} : { min_quantity: inBase(minimum) }),
    min_notional: text(exchange, limits.cost?.min ?? 0),
    ...most('max_quantity', limits.amount?.max),
    ...most('max_market_quantity', limits.market?.max),
  };
}

type MaximumName = 'max_quantity' | 'max_market_quantity';

/** Zero means that there is no such rule. */
function limit(name: MaximumName, value: unknown): Pick<Rules, MaximumName> {
  if (typeof value !== 'string' || decimal(value) <= 0n) return {};
  return { [name]: plain(value) };
}

/** Some venues of ccxt count decimals instead of giving the step. */
function step(exchange: Exchange, precision: number): number {
  const DECIMAL_PLACES = 2;
  return exchange.precisionMode === DECIMAL_PLACES ? Number(`1e-${precision}`) : precision;
}

function text(exchange: Exchange, value: number): string {
  return plain(exchange.numberToString(value) ?? '');
}

function need(filters: ReadonlyMap<string, Row>, name: string): Row {
  const row = filters.get(name);
  if (row === undefined) throw new TypeError(`the venue gives no ${name}`);
  return row;
}

/** `0.10000000` → `0.1`. Throws for what is no plain decimal. */
function plain(value: string): string {
  return format(decimal(value));
}

function positive(name: string, value: string): string {
  if (decimal(value) <= 0n) throw new TypeError(`${name} ${value} is not positive`);
  return plain(value);
}

function largest(values: readonly string[]): string {
  return format(values.map(decimal).reduce((a, b) => (a > b ? a : b)));
}

function unknownSymbol(exchange: Exchange, symbol: string): RunnerError {
  const names = Object.keys(exchange.markets ?? {});
  const near = nearNames(symbol, names);
  const example = `use a unified symbol of the exchange, such as ${names[0] ?? 'BTC/USDT:USDT'}`;
  return new RunnerError({
    code: 'SYMBOL_UNKNOWN',
    message: `${exchange.id} lists no ${symbol}`,
    next: near.length > 0 ? `use one of ${near.join(', ')}` : example,
    exitCode: EXIT.configuration,
    context: { symbol },
  });
}

function unsupported(symbol: string, why: string): RunnerError {
  return new RunnerError({
    code: 'INSTRUMENT_UNSUPPORTED',
    message: `${symbol} cannot be traded here`,
    why: `${why[0]?.toUpperCase() ?? ''}${why.slice(1)}`,
    next: 'choose a linear perpetual or a spot symbol',
    exitCode: EXIT.configuration,
    context: { symbol },
  });
}

/** Names that share the base, or letters and digits but for separators; the nearest first. */
export function nearNames(wanted: string, names: readonly string[]): readonly string[] {
  const base = wanted.split(/[/:_-]/)[0]?.toUpperCase() ?? '';
  const target = bare(wanted);
  const score = (name: string): number => {
    const own = bare(name);
    if (own === target || name.split(':')[0] === wanted.split(':')[0]) return 0;
    if (own.startsWith(target) || target.startsWith(own)) return 1;
    return name.toUpperCase().startsWith(`${base}/`) ? 2 : 3;
  };
  return names
    .map((name) => ({ name, far: score(name) }))
    .filter(({ far }) => far < 3)
    .sort((a, b) => a.far - b.far)
    .slice(0, NAMES_SHOWN)
    .map(({ name }) => name);
}

function bare(name: string): string {
  return name.replace(/[^a-z0-9]/gi, '').toUpperCase();
}
