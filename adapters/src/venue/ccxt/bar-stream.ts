// The stream messages that bars come from. Binance says itself whether a bar is closed (`x`, which
// ccxt drops, T5); elsewhere a later open time says it, and REST then gives the final figures.
import type { BarRow } from '@strategy-runner/core';
import type { Exchange } from 'ccxt';
import type { RawMessage } from './exchange-client.js';

export interface BarMessage {
  readonly symbol: string;
  readonly timeframe: string;
  readonly openMs: number;
  /** The bar, where the message proves that it is closed. */
  readonly closed: BarRow | null;
}

/** A raw `kline` message of a symbol that is traded here; undefined for any other. */
export function klineOf(
  message: RawMessage,
  symbolOf: (venueSymbol: string) => string | undefined,
): BarMessage | undefined {
  const kline = message.body['k'];
  if (message.name !== 'kline' || typeof kline !== 'object' || kline === null) return undefined;
  const fields = kline as Readonly<Record<string, unknown>>;
  const symbol = symbolOf(String(fields['s'] ?? message.body['s']));
  const openMs = Number(fields['t']);
  if (symbol === undefined || !Number.isSafeInteger(openMs)) return undefined;
  const bar = {
    openMs,
    // The venue's T is the last millisecond of the bar.
    closeMs: Number(fields['T']) + 1,
    open: Number(fields['o']),
    high: Number(fields['h']),
    low: Number(fields['l']),
    close: Number(fields['c']),
    volume: Number(fields['v']),
  };
  const closed = fields['x'] === true ? bar : null;
  return { symbol, timeframe: String(fields['i']), openMs, closed };
}

/** The newest bar of what ccxt's `watchOHLCV` answered: nothing in it is known to be closed. */
export function newestOf(symbol: string, timeframe: string, rows: unknown): BarMessage | undefined {
  if (!Array.isArray(rows)) return undefined;
  const opens = rows.map((row) => Number((row as readonly unknown[])[0])).filter(Number.isFinite);
  if (opens.length === 0) return undefined;
  return { symbol, timeframe, openMs: Math.max(...opens), closed: null };
}

/** The unified symbol of a venue's own: one name may stand for a spot and a linear market. */
export function symbolOf(
  exchange: Exchange,
  venueSymbol: string,
  wanted: readonly string[],
): string | undefined {
  return wanted.find((symbol) => exchange.markets?.[symbol]?.id === venueSymbol);
}
