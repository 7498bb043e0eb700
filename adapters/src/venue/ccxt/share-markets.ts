// Gives one instance the markets that another has loaded: the same objects, so that both round by
// the same filters and a reload reaches both.
import type { Exchange } from 'ccxt';

const FIELDS = [
  'markets',
  'markets_by_id',
  'symbols',
  'ids',
  'currencies',
  'currencies_by_id',
  'codes',
  'baseCurrencies',
  'quoteCurrencies',
] as const;

export function shareMarkets(from: Exchange, to: Exchange): void {
  if (to.markets === from.markets) return;
  const [source, target] = [from, to] as unknown as readonly Record<string, unknown>[];
  for (const field of FIELDS) target![field] = source![field];
}
