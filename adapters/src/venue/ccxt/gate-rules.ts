// The venue's trading rules of a symbol as the client has them loaded now, read as exact text:
// Binance's filters where they are, else the unified precision and limits.
import { type Decimal, decimal, fromNumber } from '@strategy-runner/core';
import type { Market } from 'ccxt';
import type { GateRules } from './last-gate.js';

type Fields = Readonly<Record<string, unknown>>;

export function gateRulesOf(market: Market | undefined): GateRules | undefined {
  if (market === undefined) return undefined;
  const filters = filtersOf(market.info);
  const price = filters.get('PRICE_FILTER');
  const lot = filters.get('LOT_SIZE');
  const tickSize = read(price?.['tickSize']) ?? read(market.precision?.price);
  const lotSize = read(lot?.['stepSize']) ?? read(market.precision?.amount);
  if (tickSize === null || lotSize === null) return undefined;
  const { limits } = market;
  return {
    tickSize,
    lotSize,
    minQuantity: read(lot?.['minQty']) ?? read(limits?.amount?.min),
    maxQuantity: read(lot?.['maxQty']) ?? read(limits?.amount?.max),
    maxMarketQuantity: read(filters.get('MARKET_LOT_SIZE')?.['maxQty']),
    minPrice: read(price?.['minPrice']) ?? read(limits?.price?.min),
    maxPrice: read(price?.['maxPrice']) ?? read(limits?.price?.max),
  };
}

function filtersOf(info: unknown): ReadonlyMap<string, Fields> {
  const filters = (info as Fields | undefined)?.['filters'];
  if (!Array.isArray(filters)) return new Map();
  return new Map((filters as Fields[]).map((filter) => [String(filter['filterType']), filter]));
}

/** Zero means that there is no such rule. */
function read(value: unknown): Decimal | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const amount = typeof value === 'string' ? decimal(value) : fromNumber(value);
  return amount > 0n ? amount : null;
}
