// Closed bars by REST, oldest first: for warm-up, for what was missed, and where a stream has a
// gap. A bar that is still open is never among them (T5).
import type { BarRow } from '@strategy-runner/core';
import type { Exchange } from 'ccxt';
import { accountKindOf, spot, usdm } from './binance-endpoints.js';
import type { ExchangeClient } from './exchange-client.js';
import { type Reading, parsed, read } from './reading.js';

export interface BarsWanted {
  readonly symbol: string;
  readonly timeframe: string;
  readonly timeframeMs: number;
  /** Open time of the first bar. */
  readonly fromMs: number;
  /** Bars that open at or after this time are left out. */
  readonly untilMs?: number;
}

/** What every venue gives at once. */
const PAGE_ROWS = 1000;
const MAX_PAGES = 1000;
/** The row of a bar that has just closed may lack its last trades for a moment. */
const SETTLE_MS = 1000;

/** The closed bars from `fromMs` on. All of them, or a reading that failed. */
export async function closedBars(
  client: ExchangeClient,
  wanted: BarsWanted,
): Promise<Reading<readonly BarRow[]>> {
  const { timeframeMs, untilMs = Infinity } = wanted;
  const bars: BarRow[] = [];
  let sinceMs = wanted.fromMs;
  for (let page = 0; page < MAX_PAGES && sinceMs < untilMs; page += 1) {
    const answer = await onePage(client, wanted, sinceMs);
    if (!answer.ok) return answer;
    const news = answer.value.filter(
      ({ openMs }) => openMs >= sinceMs && openMs < untilMs && openMs > (bars.at(-1)?.openMs ?? -1),
    );
    bars.push(...news);
    // Fewer rows than asked for say nothing: a venue may cut its pages. No news is the end.
    if (news.length === 0) break;
    sinceMs = news.at(-1)!.openMs + timeframeMs;
    if (sinceMs + timeframeMs > client.clock.now()) break;
  }
  return read(bars);
}

/** The last `count` bars that have closed; fewer where the venue has no more. */
export function lastClosedBars(
  client: ExchangeClient,
  wanted: Omit<BarsWanted, 'fromMs' | 'untilMs'>,
  count: number,
): Promise<Reading<readonly BarRow[]>> {
  const { timeframeMs } = wanted;
  const currentMs = Math.floor(client.clock.now() / timeframeMs) * timeframeMs;
  return closedBars(client, { ...wanted, fromMs: currentMs - count * timeframeMs });
}

async function onePage(
  client: ExchangeClient,
  wanted: BarsWanted,
  sinceMs: number,
): Promise<Reading<readonly BarRow[]>> {
  const { timeframeMs } = wanted;
  const result = await client.call<unknown>('fetchOHLCV', (exchange) =>
    askRows(exchange, wanted, sinceMs),
  );
  const sentMs = result.ok ? result.sentMs : 0;
  const settleMs = client.clock.wallMsUntil(sentMs + 1) === Infinity ? 0 : SETTLE_MS;
  return parsed('fetchOHLCV', result, (rows) => {
    if (!Array.isArray(rows)) throw new TypeError('the answer is not a list');
    // An impossible bar counts as missing: whoever asked sees the hole.
    const bars = rows.map((row) => barFrom(row, timeframeMs)).filter(isPlausible);
    const lastOpenMs = Math.max(...bars.map(({ openMs }) => openMs));
    return bars
      .filter(({ openMs, closeMs }) => openMs < lastOpenMs || closeMs + settleMs <= sentMs)
      .sort((a, b) => a.openMs - b.openMs);
  });
}

// ccxt's own call reads an answer of another shape as no bars at all, which would end the history.
function askRows(
  exchange: Exchange,
  { symbol, timeframe }: BarsWanted,
  startTime: number,
): Promise<unknown> {
  const kind = accountKindOf(exchange.id);
  if (kind === 'generic') return exchange.fetchOHLCV(symbol, timeframe, startTime, PAGE_ROWS);
  const { id } = exchange.market(symbol) as { readonly id: string };
  const params = { symbol: id, interval: timeframe, startTime, limit: PAGE_ROWS };
  return kind === 'usdm'
    ? usdm(exchange).fapiPublicGetKlines(params)
    : spot(exchange).publicGetKlines(params);
}

/** A row as Binance and ccxt give it: time of the open, then open, high, low, close, volume. */
export function barFrom(row: unknown, timeframeMs: number): BarRow {
  if (!Array.isArray(row)) throw new TypeError('a bar of the answer is not a list');
  const at = (index: number): number => Number(row[index] ?? Number.NaN);
  return {
    openMs: at(0),
    closeMs: at(0) + timeframeMs,
    open: at(1),
    high: at(2),
    low: at(3),
    close: at(4),
    volume: at(5),
  };
}

/** A price of 0, as after a delisting, is no price (P9). */
export function isPlausible({ openMs, open, high, low, close, volume }: BarRow): boolean {
  const isFinite = [openMs, open, high, low, close, volume].every(Number.isFinite);
  const isInside = low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close);
  return isFinite && isInside && volume >= 0;
}
