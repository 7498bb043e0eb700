// What the public streams say about a symbol: published per tick and per public trade.
import { plain } from './amount.js';
import { klineRow, lastKline } from './klines.js';
import { nextFundingMs } from './funding.js';
import { bookTicker, dayTicker } from './routes-market.js';
import type { StreamEvent } from './stream-event.js';
import { type MarketState, type Print, marketOf } from './venue-state.js';

/** The event of a stream, such as `btcusdt@kline_1m`, at a tick of its symbol. */
export function tickEvent(
  state: MarketState,
  symbol: string,
  stream: string,
): StreamEvent | undefined {
  const [, topic = ''] = stream.split('@');
  const times = { E: state.nowMs, T: state.nowMs };
  if (topic.startsWith('kline_')) return klineEvent(state, symbol, topic.slice('kline_'.length));
  if (topic === 'bookTicker') {
    const { bidPrice, bidQty, askPrice, askQty } = bookTicker(state, symbol);
    const { updateId } = marketOf(state, symbol);
    const fields = { u: updateId, s: symbol, b: bidPrice, B: bidQty, a: askPrice, A: askQty };
    return { name: 'bookTicker', payload: { e: 'bookTicker', ...fields, ...times } };
  }
  if (topic.startsWith('markPrice')) {
    const { last, fundingRate } = marketOf(state, symbol);
    const p = plain(last);
    const fields = { s: symbol, p, i: p, P: p, r: plain(fundingRate), ...times };
    const payload = { e: 'markPriceUpdate', ...fields, T: nextFundingMs(state.nowMs) };
    return { name: 'markPrice', payload };
  }
  if (topic === 'miniTicker') return miniTickerEvent(state, symbol);
  return topic === 'ticker' ? tickerEvent(state, symbol) : undefined;
}

function klineEvent(state: MarketState, symbol: string, interval: string): StreamEvent | undefined {
  const kline = lastKline(marketOf(state, symbol), interval);
  if (kline === undefined) return undefined;
  const [t, o, h, l, c, v, T, q, n, V, Q] = klineRow(kline);
  const k = { t, T, s: symbol, i: interval, f: 1, L: 100, o, c, h, l, v, n, q, V, Q, B: '0' };
  const payload = { e: 'kline', E: state.nowMs, s: symbol, k: { ...k, x: kline.isClosed } };
  return { name: 'kline', payload };
}

function tickerEvent(state: MarketState, symbol: string): StreamEvent {
  const day = dayTicker(state, symbol);
  const payload = {
    e: '24hrTicker',
    E: state.nowMs,
    s: symbol,
    p: day['priceChange'],
    P: day['priceChangePercent'],
    w: day['weightedAvgPrice'],
    c: day['lastPrice'],
    Q: day['lastQty'],
    o: day['openPrice'],
    h: day['highPrice'],
    l: day['lowPrice'],
    v: day['volume'],
    q: day['quoteVolume'],
    O: day['openTime'],
    C: day['closeTime'],
    F: day['firstId'],
    L: day['lastId'],
    n: day['count'],
  };
  return { name: 'ticker', payload };
}

function miniTickerEvent(state: MarketState, symbol: string): StreamEvent {
  const { payload } = tickerEvent(state, symbol);
  const kept = ['E', 's', 'c', 'o', 'h', 'l', 'v', 'q'].map((key) => [key, payload[key]]);
  return { name: 'ticker', payload: { e: '24hrMiniTicker', ...Object.fromEntries(kept) } };
}

export function tradeEvent(print: Print, topic: 'trade' | 'aggTrade'): StreamEvent {
  const shared = {
    e: topic,
    E: print.timeMs,
    T: print.timeMs,
    s: print.symbol,
    p: plain(print.price),
    q: plain(print.quantity),
    m: print.isBuyerMaker,
  };
  const ids =
    topic === 'trade' ? { t: print.id, X: 'MARKET' } : { a: print.id, f: print.id, l: print.id };
  return { name: topic, payload: { ...shared, ...ids } };
}

/** What the spot form of an event leaves out. */
const NOT_IN_SPOT: Readonly<Record<string, readonly string[]>> = {
  bookTicker: ['e', 'E', 'T'],
  depthUpdate: ['T', 'pu'],
  trade: ['X'],
};

export function asSpot({ name, payload }: StreamEvent): StreamEvent {
  const left = NOT_IN_SPOT[name] ?? [];
  const kept = Object.entries(payload).filter(([key]) => !left.includes(key));
  return { name, payload: Object.fromEntries(kept) };
}
