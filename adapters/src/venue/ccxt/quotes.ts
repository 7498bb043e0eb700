// The top of the book of each symbol, for guards against bad prices: by stream, and by REST where
// the stream has been quiet. A crossed, empty or zero book is no quote at all (W12).
import { type Decimal, ZERO, decimal } from '@strategy-runner/core';
import { accountKindOf, spot, usdm } from './binance-endpoints.js';
import { symbolOf } from './bar-stream.js';
import type { ExchangeClient, RawMessage } from './exchange-client.js';
import { type Row, rowOf, textOf } from './reading.js';
import { type StreamLog, StreamKeeper } from './stream-keeper.js';
import { prepareStreams } from './stream-socket.js';
import { wallMs } from './pause.js';

export interface BookTop {
  readonly bid: Decimal;
  readonly ask: Decimal;
  /** When it was last known to hold, wall ms. */
  readonly atMs: number;
}

export interface QuotesParts {
  readonly client: ExchangeClient;
  readonly symbols: readonly string[];
  readonly log: StreamLog;
  /** A quote older than this is asked for by REST, wall ms. */
  readonly refreshMs?: number;
}

const REFRESH_MS = 3000;
/** Times that REST may know better in a row before the stream counts as dead. */
const BEHIND_MAX = 3;

export class Quotes {
  readonly #parts: QuotesParts;
  readonly #tops = new Map<string, BookTop>();
  readonly #asking = new Set<string>();
  readonly #keeper: StreamKeeper;
  #stopListening: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #behind = 0;

  constructor(parts: QuotesParts) {
    this.#parts = parts;
    const { client, log, symbols } = parts;
    this.#keeper = new StreamKeeper({
      name: 'quotes',
      exchange: () => client.exchange,
      log,
      watch: () => client.exchange.watchBidsAsks([...symbols]),
      isOwn: ({ subscriptions }) =>
        Object.keys(subscriptions).some((name) => /bidask|bookticker/i.test(name)),
      onMessage: (tickers) => this.#takeUnified(tickers),
    });
  }

  start(): void {
    const { client, refreshMs = REFRESH_MS } = this.#parts;
    prepareStreams(client.exchange);
    this.#stopListening = client.onRaw((message) => this.#takeRaw(message));
    if (client.exchange.has['watchBidsAsks'] === true) this.#keeper.start();
    this.#timer = setInterval(() => void this.#refresh(), refreshMs / 2);
    void this.#refresh();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stopListening();
    this.#keeper.stop();
  }

  /** The last good quote, however old; null where there is none or the book is crossed. */
  quote(symbol: string): BookTop | null {
    return this.#tops.get(symbol) ?? null;
  }

  isFresh(symbol: string, maxAgeMs: number): boolean {
    const top = this.#tops.get(symbol);
    // From the future = the clock here was set back: nobody knows how old it is.
    return top !== undefined && Math.abs(wallMs() - top.atMs) <= maxAgeMs;
  }

  #takeRaw({ name, body }: RawMessage): void {
    if (name !== 'bookTicker') return;
    const { client, symbols } = this.#parts;
    const symbol = symbolOf(client.exchange, String(body['s']), symbols);
    if (symbol === undefined) return;
    this.#behind = 0;
    this.#take(symbol, String(body['b']), String(body['a']));
  }

  // Where no raw message is read: ccxt's floats will do for a guard.
  #takeUnified(tickers: unknown): void {
    const { client } = this.#parts;
    if (accountKindOf(client.id) !== 'generic') return;
    if (typeof tickers !== 'object' || tickers === null) return;
    for (const [symbol, ticker] of Object.entries(tickers)) this.#takeTicker(symbol, ticker as Row);
  }

  #takeTicker(symbol: string, { bid, ask }: Row): void {
    const { exchange } = this.#parts.client;
    if (typeof bid !== 'number' || typeof ask !== 'number') return;
    this.#take(symbol, exchange.numberToString(bid) ?? '', exchange.numberToString(ask) ?? '');
  }

  #take(symbol: string, bidText: string, askText: string): void {
    const top = topOf(bidText, askText);
    if (top === undefined) this.#tops.delete(symbol);
    else this.#tops.set(symbol, { ...top, atMs: wallMs() });
  }

  // In a quiet market nothing is sent, and the quote still holds: REST says so. Where it says
  // otherwise, and does so again, the stream is dead.
  async #refresh(): Promise<void> {
    const { symbols, refreshMs = REFRESH_MS } = this.#parts;
    for (const symbol of symbols) {
      if (this.isFresh(symbol, refreshMs) || this.#asking.has(symbol)) continue;
      this.#asking.add(symbol);
      const before = this.#tops.get(symbol);
      const isRead = await this.#ask(symbol);
      this.#asking.delete(symbol);
      const after = this.#tops.get(symbol);
      const isBehind = before?.bid !== after?.bid || before?.ask !== after?.ask;
      this.#behind = isRead && isBehind && before !== undefined ? this.#behind + 1 : this.#behind;
      if (this.#behind < BEHIND_MAX) continue;
      this.#behind = 0;
      this.#keeper.rebuild('the book moved and the stream did not say so');
    }
  }

  async #ask(symbol: string): Promise<boolean> {
    const { client } = this.#parts;
    const kind = accountKindOf(client.id);
    const id: unknown = client.exchange.markets?.[symbol]?.id;
    if (id === undefined) return false;
    const answer = await client.call<unknown>('fetchBidsAsks', (exchange) => {
      if (kind === 'usdm') return usdm(exchange).fapiPublicGetTickerBookTicker({ symbol: id });
      if (kind === 'spot') return spot(exchange).publicGetTickerBookTicker({ symbol: id });
      return exchange.fetchTicker(symbol);
    });
    if (!answer.ok) return false;
    try {
      const row = rowOf(answer.value);
      if (kind === 'generic') this.#takeTicker(symbol, row);
      else this.#take(symbol, textOf(row, 'bidPrice'), textOf(row, 'askPrice'));
      return true;
    } catch {
      return false;
    }
  }
}

/** Undefined where the two sides make no market. */
export function topOf(bidText: string, askText: string): Omit<BookTop, 'atMs'> | undefined {
  try {
    const [bid, ask] = [decimal(bidText), decimal(askText)];
    return bid > ZERO && ask > bid ? { bid, ask } : undefined;
  } catch {
    return undefined;
  }
}
